package panel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"periph.io/x/host/v3/gpioioctl"
)

// Machine is the machine we run on. The zero value will do.
type Machine struct {
	Memory string // folder that outlives a crash of the program; see [OpenLED]; "" none

	mu     sync.Mutex
	asked  time.Time // for the first time; zero: not yet
	read   bool      // periph has read the chips; it does so once in a process
	closed error     // why it could not read all of them
}

// linePattern is what the name of a line may be.
var linePattern = regexp.MustCompile(`^[A-Za-z0-9_.+-]{1,32}(:[0-9]{1,4})?$`)

// lastPin is the last of the GPIO lines on a Pi's header of 40 pins. What has
// higher numbers is the board's own business (Wi-Fi, the card, its LEDs).
const lastPin = 27

// ValidLine says whether a name can be that of a line.
func ValidLine(name string) bool {
	if number, isPi := piNumber(name); isPi && number > lastPin {
		return false
	}
	return linePattern.MatchString(name)
}

// piNumber is 3 of GPIO3.
func piNumber(name string) (number int, isPi bool) {
	digits, isPi := strings.CutPrefix(name, "GPIO")
	number, err := strconv.Atoi(digits)
	return number, isPi && err == nil
}

// Line finds a line: by chip and number ("gpiochip0:5"), or by its name. Nothing is claimed yet.
func (m *Machine) Line(name string) (Line, error) {
	if !ValidLine(name) {
		return nil, fmt.Errorf("%q is no name of a GPIO line", name)
	}
	if i2c, taken := busOf(name); taken {
		return nil, &TakenError{Line: name, By: i2c}
	}
	chips, closed, err := m.chips(name)
	if err != nil {
		return nil, err
	}
	var line Line
	if chip, number, given := strings.Cut(name, ":"); given {
		line, err = byNumber(chips, chip, number)
	} else {
		line, err = byName(chips, name)
	}
	if errors.Is(err, ErrAbsent) && closed != nil {
		return nil, fmt.Errorf("looking for %s: %w: %w", name, errReadOnce, closed) // it may be on one of those
	}
	return line, err
}

func byNumber(chips []*gpioioctl.GPIOChip, name, number string) (Line, error) {
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil, fmt.Errorf("%q is no number of a GPIO line", number)
	}
	for _, chip := range chips {
		if chip.Name() != name {
			continue
		}
		if n >= chip.LineCount() {
			return nil, fmt.Errorf("%s has no line %d: %w", name, n, ErrAbsent)
		}
		return chip.ByNumber(n), nil
	}
	return nil, fmt.Errorf("no chip is called %s: %w", name, ErrAbsent)
}

// byName also knows the Pi's numbers where the kernel calls the lines by what
// else they are for: SCL1 is GPIO3. Names like GPIO3 are only looked for on
// boards with a device tree: on a PC they would be something else.
func byName(chips []*gpioioctl.GPIOChip, name string) (Line, error) {
	number, isPi := piNumber(name)
	if isPi && boardModel() == "" {
		return nil, fmt.Errorf("this is no Raspberry Pi: %w", ErrAbsent)
	}
	for _, chip := range chips {
		if line := chip.ByName(name); line != nil {
			return line, nil
		}
	}
	for _, chip := range chips {
		label := chip.Label()
		header := strings.HasPrefix(label, "pinctrl-bcm") || strings.HasPrefix(label, "pinctrl-rp1")
		if isPi && header && number < chip.LineCount() {
			return chip.ByNumber(number), nil
		}
	}
	return nil, fmt.Errorf("no GPIO line is called %s: %w", name, ErrAbsent)
}

// boardModel is what the device tree calls this board; "" on a PC.
func boardModel() string {
	text, err := os.ReadFile("/sys/firmware/devicetree/base/model")
	if err != nil {
		return ""
	}
	return strings.Trim(string(text), "\x00\n ")
}

// busOf says whether a line belongs to the header's I²C bus. The kernel does not:
// it takes a pin away from its bus when it is asked for as GPIO.
func busOf(line string) (by string, taken bool) {
	if line != "GPIO2" && line != "GPIO3" {
		return "", false
	}
	if _, err := os.Stat("/sys/bus/i2c/devices/i2c-1"); err != nil {
		return "", false
	}
	return "the I²C bus; use GPIO17 (pin 11) there", true
}

// claim makes an error of periph one that can be told apart: it has the text of
// the kernel's error but not the error.
func claim(line string, err error) error {
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), syscall.EBUSY.Error()):
		return &TakenError{Line: line}
	case strings.Contains(err.Error(), syscall.EPERM.Error()), strings.Contains(err.Error(), syscall.EACCES.Error()):
		return fmt.Errorf("using %s: %w: %w", line, err, fs.ErrPermission)
	default:
		return fmt.Errorf("using %s: %w", line, err)
	}
}
