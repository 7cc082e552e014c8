// Package systemdtest boots a machine for tests: a real systemd as PID 1 in a
// container of systemd-nspawn, with a network of its own that leads nowhere.
//
// # How it is made
//
// The machine's /usr is this computer's, read-only; everything else begins
// empty, in memory (--volatile=yes). So it has the programs that are installed
// here (ffmpeg, systemd, udev) and none of the services, users or settings, it
// needs no image, boots in half a second, and leaves nothing behind. It starts basic.target only:
// what a test needs it starts itself.
//
// A machine on which packages are to be installed is a copy of this computer
// instead, by an overlay whose upper side is in memory ([BootCopy]).
//
// It gets more capabilities than containers have, because a test that shows that
// a service cannot load a module must not pass for the reason that nobody in
// the machine could. Units that would use them on this computer's kernel are masked.
//
// It needs root and the package systemd-container; a test that calls [Boot] is
// skipped with "not run here" without them, and fails when STREAMBOX_STRICT is 1.
package systemdtest
