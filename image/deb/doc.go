// Command deb makes the Debian packages: `make deb`.
//
// # What is in one
//
// The program; all of package systemd's manifest below /usr/lib, where /etc
// overrides it (the same bytes that `streambox service install` writes);
// the manual pages and the completions of shells, which the program prints of
// itself, from the table of its settings and its commands; the settings file as
// a conffile, all of it commented out, so that sticks and pins are left alone
// until their owner says otherwise.
//
// The other files are texts in this folder: control, changelog (the one
// changelog of StreamBox), copyright, and the scripts that dpkg runs. These do what debhelper's
// would: they are short enough to be read, and a debhelper would have to be
// told everything that the manifest says already.
//
// # The same bytes
//
// The same commit gives the same packages, whoever builds them and when: times are
// the commit's (SOURCE_DATE_EPOCH), owners are root, rights do not depend on
// the umask, names are sorted, and xz works in one thread, since its blocks
// depend on their number.
package main
