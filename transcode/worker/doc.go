// Package worker starts ffmpeg and ffprobe, which read strangers' films. A film
// may be made to take over what decodes it; what it then can do is what this
// package leaves it: read that film, compute, and write to three pipes.
//
// # Three launchers
//
//   - [Plain]: an ordinary child, for tests.
//   - [Child]: a child that confines itself and then becomes the program. This
//     program starts itself as "streambox helper worker run" (a stage), since what
//     confines a process must be put on between fork and exec, where Go runs no
//     code. For runs by hand, and where the unit cannot be used.
//   - [Unit]: an instance of streambox-worker@.service, started by systemd for one
//     program: a user of its own, no network, no devices but those of the video
//     encoder, no file that it could write. In it the program is a [Child] as well,
//     so all layers are there at once.
//
// Whatever launches it, a program is a process group that dies with us (or with
// its instance), gets an environment of three variables and the descriptors of
// its [Command], and is known to be gone, with all that it started, when
// Process.Wait returns.
//
// # The layers of a child
//
// Each works without the others, since no machine has them all: Raspberry Pi
// OS's kernels have no Landlock.
//
//   - A filter of system calls (seccomp): a list of those that reading, computing
//     and threads need; all others fail with EPERM, so that libraries go on, and
//     those that are newer than the list with ENOSYS, as on an older kernel. No
//     sockets at all, AF_UNIX neither: one leads to the session bus, which starts
//     programs for who asks. No new processes, no way out of the process group, no
//     open for writing, no change of names, rights or owners. Two arguments are
//     compared where it matters: kill and tgkill reach the program itself only.
//     The filter is our own hundred lines: elastic/go-seccomp-bpf lets calls of a
//     foreign architecture through to its default, needs every name to exist on
//     every architecture, and cannot answer ENOSYS.
//   - Landlock (go-landlock, best effort from version 1 on): the film, the program,
//     the system's libraries, and nothing else can be opened; executed can be only
//     the program and its loader.
//   - Limits: files of no length (RLIMIT_FSIZE 0: also a file that is open for
//     writing takes no byte), memory by the machine's, addresses, descriptors,
//     threads; no core dumps. Root keeps one capability, that of reading.
//
// A program that uses the video encoder opens devices for writing, which the list
// of calls, knowing no names, would allow for any file: mapped, shortened or being
// a process's memory it would be written in spite of the limits. So a child gets no
// encoder without Landlock; in the unit its user owns nothing. [CloseMemory] keeps
// programs of our user out of our memory.
//
// What a kernel lacks is left out; where it has Landlock or filters and does not
// put them on, nothing is started. [Layers] tries all of them and says which are
// at work, for the log and for doctor; an instance tries the unit's rules, too,
// from inside, and says which do not hold (a drop-in may have taken one away).
//
// # Protocol of the unit
//
// One connection, SOCK_SEQPACKET, is one instance; the box opens the next one
// while a program runs, so that it finds an instance that is up already. Messages are JSON of at most
// 64 KiB with a version, read strictly; see request and answer. The box sends one
// request with the descriptors (SCM_RIGHTS); the instance answers started, then
// running with the processor time each second, then ended with exit status and
// resources, and goes. The box kills by hanging up, which also happens when it
// dies. Programs are named, not given by path. Before anything is started the
// instance sees to it that pipes are pipes, films regular files open for reading
// alone, and that its user may open them again; of a film that others may not
// read the box is told, and lets a child read it if there is Landlock: else whoever
// made the stick could choose the weaker sandbox by a file's mode.
// Where instances do not start at all, the same holds, and [Unit].Broken is told.
package worker
