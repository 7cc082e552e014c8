// Package updatetest plays the firmware of a machine with two slots, makes cards for it out of
// files, and holds all implementations of update.Slots to one contract.
//
// The fakes are of the machine: autoboot.txt is read here by a reader of its own, from the
// sector where the card's maker put it, and "try once" is a flag in memory that the next
// start takes, as on a board. What is tested runs as it is.
package updatetest
