/*
 * An ffmpeg with the device, for where a script cannot be: what confines ffmpeg lets it run
 * the program that it was told, and that one's loader, and no shell. So this one is started
 * in ffmpeg's place and starts the loader, which preloads the device and reads ffmpeg.
 * LOADER, DEVICE, FFMPEG and TOLD ("NAME=value", each with a comma) are of whoever compiles it.
 */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *told[] = { TOLD NULL };
    char **args = calloc(argc + 4, sizeof *args);
    int n = 0;
    if (!args) return 126;
    for (char **one = told; *one; one++) putenv(*one);
    args[n++] = LOADER;
    args[n++] = "--preload";
    args[n++] = DEVICE;
    args[n++] = FFMPEG;
    for (int i = 1; i < argc; i++) args[n++] = argv[i];
    execv(LOADER, args);
    return 127;
}
