package panel

import (
	"errors"

	"periph.io/x/conn/v3/gpio"
)

// Line is one GPIO line. Close gives it back.
type Line interface {
	gpio.PinIO
	Close()
}

// Lamp is an LED that somebody else drives otherwise, such as the board's own.
type Lamp interface {
	Set(lit bool) error
	Close() error // off, and as it was before
}

// Board is where the parts are: [Machine], or paneltest.Board. Errors that wrap
// ErrAbsent mean that the board does not have the part.
type Board interface {
	Line(name string) (Line, error)
	Lamp(name string) (Lamp, error)
}

// ErrAbsent means that this board does not have what was asked for.
var ErrAbsent = errors.New("not on this board")

// TakenError means that somebody else has the line.
type TakenError struct {
	Line string
	By   string // "" unknown
}

func (e *TakenError) Error() string {
	if e.By == "" {
		return e.Line + " is in use by another program or driver"
	}
	return e.Line + " is in use by " + e.By
}
