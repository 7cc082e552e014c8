// Command streambox turns a stick of videos into a cinema for every phone in
// the room.
//
// # How it is put together
//
// main.go only gathers what belongs to the process (arguments, environment,
// terminal, signals) in an app; everything else takes it from there, so that
// tests run whole commands in-process. One file per command; serve.go is the
// table of contents of the box: the parts in the order in which the films pass
// through them.
//
// # Settings
//
// A setting is looked for in the flags, then in STREAMBOX_… variables of the
// environment, then in /etc/streambox/streambox.toml, and else has its default.
// The settings are one table (settings.go): key, help, how it is read, how it is
// shown; flags, variables and file all come from it. A flag that is wrong is a
// usage error. A wrong value or line in the environment or the file is named in
// the log, together with what would be right, and the rest applies: a box
// without a screen must not stay dark because of a typing error.
//
// # Exit status
//
// 0: done. 1: it did not work (of several files: at least one). 2: wrong usage.
// 130: interrupted by Ctrl-C. serve that is told to stop has done its work: 0.
// service status: 0 running, 3 stopped or failed, 4 not installed (LSB).
//
// # Output
//
// Results go to standard output, everything else to standard error. Escape
// sequences are written to terminals only, colours not where NO_COLOR is set.
// Names of files are untrusted text: control characters in them are replaced.
package main
