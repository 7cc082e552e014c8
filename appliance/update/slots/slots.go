package slots

import (
	"errors"
	"fmt"
	"io"
)

// Slot is 'a' or 'b'.
type Slot byte

// The slots.
const (
	A Slot = 'a'
	B Slot = 'b'
)

// Other is the other one.
func (s Slot) Other() Slot {
	if s == A {
		return B
	}
	return A
}

func (s Slot) String() string { return string(rune(s)) }

// index is 0 or 1.
func (s Slot) index() int { return int(s - A) }

// MarshalText and UnmarshalText are the letter.
func (s Slot) MarshalText() ([]byte, error) { return []byte{byte(s)}, nil }

// UnmarshalText reads the letter.
func (s *Slot) UnmarshalText(text []byte) error {
	if string(text) != "a" && string(text) != "b" {
		return fmt.Errorf("%q is no slot", text)
	}
	*s = Slot(text[0])
	return nil
}

// State is which slot runs, and which one the machine starts without being asked for another.
type State struct{ Running, Chosen Slot }

// OnTrial tells that the running system was asked for once.
func (s State) OnTrial() bool { return s.Running != s.Chosen }

// Part is one of a slot's two partitions.
type Part int

// The parts.
const (
	Boot Part = iota // kernel, initrd and what the firmware reads
	Root             // the root file system
)

// Volume is one partition of the slot that does not run.
type Volume interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	SizeBytes() (int64, error)
	Sync() error   // all that was written is on the medium
	Forget() error // Sync, and what is read from here on is read from the medium
}

// ErrCannotTry is ErrNone of a card whose kernel cannot ask this board's firmware for a try, as Debian's cannot.
var ErrCannotTry = fmt.Errorf("%w: its kernel cannot try one (Debian's cannot on a board, that of Raspberry Pi OS can)", ErrNone)

// TryArgument is what a reboot is asked with so that the other slot is started once.
const TryArgument = "0 tryboot"

// ErrNone means that this machine has no slots. It is no failure.
var ErrNone = errors.New("this machine does not start from two slots")

// ErrOnTrial means that the running system is being tried: until that is decided, the other slot is the one to come back to.
var ErrOnTrial = errors.New("the running system is on trial; the other one must stay")
