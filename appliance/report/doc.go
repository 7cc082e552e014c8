// Package report tells how a box is: what doctor checks, and the support file
// a person can send to somebody who helps.
//
// # Checks
//
// A [Check] is one thing with one of three states: present, not on this board
// (or: not now, and nothing is wrong with that), broken. A broken one carries a
// sentence that mends it. [Doctor] makes them all; it changes nothing on the
// machine but a file in the data folder that is gone a moment later. What only
// a running box knows (button, LEDs, its name on the network, signs of life, sticks) it
// says itself: cmd asks it on this machine and hands the answer in as a [Box]. Codes
// and kernel names are taken over, labels are not: checks go into support files.
//
// # The log that report reads
//
// The console log goes where it always goes (the terminal, the journal). Beside
// it, serve writes the same records to a [LogFile]: two JSON-lines files of at
// most half a megabyte each, below /run or the user's runtime folder. Those are
// in memory, so a box with a read-only SD card writes nothing to it, and they
// outlive a crash, which a buffer inside the process would not. Only where a
// machine has no such folder they lie in the data folder.
//
// # Names
//
// What people watch is nobody's business. The records are cleaned before they
// are written ([NewHandler]), not when the support file is made: a text that
// may be the name of a film becomes "name-" and four bytes of a hash keyed with
// a random number of this run, so that the same name can be followed through
// the log and not be guessed from outside. Ids of titles stay. When the file is
// made, everything that is known to be a name ([Names]) is taken out once more.
package report
