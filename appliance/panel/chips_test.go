package panel

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"
)

// periph looks at the chips once: what decides is whether it may look yet.
func TestWhenTheChipsAreRead(t *testing.T) {
	forbidden := &fs.PathError{Op: "open", Path: "/dev/gpiochip", Err: syscall.EACCES}
	gone := &fs.PathError{Op: "open", Path: "/dev/gpiochip", Err: syscall.ENODEV}
	type chips = map[string]error
	for _, tt := range []struct {
		sentence string
		opens    chips
		line     string
		pc       bool
		settling bool
		want     error // nil: now
	}{
		{"no chip", nil, "GPIO3", false, true, ErrAbsent},
		{"no chip, and one is named", nil, "gpiochip0:3", false, false, ErrAbsent},
		{"all are open", chips{"gpiochip0": nil, "gpiochip1": nil}, "GPIO3", false, true, nil},
		{"udev has handed over the first one only", chips{"gpiochip0": nil, "gpiochip1": forbidden}, "GPIO3", false, true, fs.ErrPermission},
		{"udev has handed over the second one only", chips{"gpiochip0": forbidden, "gpiochip1": nil}, "GPIO3", false, true, fs.ErrPermission},
		{"and never hands over the other one", chips{"gpiochip0": forbidden, "gpiochip1": nil}, "GPIO3", false, false, fs.ErrPermission},
		{"the chip of the line is open, the other not yet", chips{"gpiochip0": forbidden, "gpiochip1": nil}, "gpiochip1:3", false, true, fs.ErrPermission},
		{"the chip of the line is open, the other never is", chips{"gpiochip0": forbidden, "gpiochip1": nil}, "gpiochip1:3", false, false, nil},
		{"the chip of the line is the one that never is", chips{"gpiochip0": forbidden, "gpiochip1": nil}, "gpiochip0:3", false, false, fs.ErrPermission},
		{"the chip of the line is not there, and may be the forbidden one", chips{"gpiochip0": forbidden}, "gpiochip4:3", false, false, fs.ErrPermission},
		{"a chip that is broken holds nobody up", chips{"gpiochip0": nil, "gpiochip1": gone}, "GPIO3", false, true, nil},
		{"all chips are broken", chips{"gpiochip0": gone, "gpiochip1": gone}, "GPIO3", false, true, syscall.ENODEV},
		{"the chip of the line is broken", chips{"gpiochip0": gone}, "gpiochip0:3", false, false, syscall.ENODEV},
		{"a laptop's chips are nobody's business", chips{"gpiochip0": forbidden}, "GPIO3", true, true, ErrAbsent},
		{"unless somebody names one", chips{"gpiochip0": forbidden}, "gpiochip0:3", true, true, fs.ErrPermission},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			err := chipsSeen{pc: tt.pc, opens: tt.opens}.mayRead(tt.line, tt.settling)
			if tt.want == nil && err != nil || !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if err != nil && errors.Is(err, ErrAbsent) != (tt.want == ErrAbsent) { //nolint:errorlint // of the table itself
				t.Errorf("%v says that the board does not have it", err)
			}
		})
	}
}

func TestWhatIsReadOnceIsMendedByANewStart(t *testing.T) {
	if p := failed("button", errReadOnce); p.Condition != Broken || p.Mend != "start the box anew: sudo streambox service restart" {
		t.Errorf("%+v", p)
	}
}
