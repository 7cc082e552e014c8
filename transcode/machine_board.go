package transcode

import (
	"os"
	"path/filepath"
	"strings"
)

// Board is what this machine is, as far as that decides how it converts.
type Board string

// The boards. What is no Raspberry Pi is a computer.
const (
	Computer Board = ""
	PiZero   Board = "piZero" // Zero, 1: one core of ARMv6
	Pi3      Board = "pi3"    // 2, 3, Zero 2: four small cores, 512 MB to 1 GB
	Pi4      Board = "pi4"    // 4, 400, CM4
	Pi5      Board = "pi5"    // 5, 500, CM5: strong cores, no H.264 encoder at all
)

// boards by what their model begins with, longer names first. The models are
// those of the device trees: "Raspberry Pi Zero 2 W Rev 1.0".
var boards = []struct {
	model string
	board Board
}{
	{"Raspberry Pi Compute Module 5", Pi5},
	{"Raspberry Pi Compute Module 4", Pi4},
	{"Raspberry Pi Compute Module 3", Pi3},
	{"Raspberry Pi Compute Module", PiZero},
	{"Raspberry Pi Zero 2", Pi3},
	{"Raspberry Pi Zero", PiZero},
	{"Raspberry Pi Model", PiZero}, // the first one had no number
	{"Raspberry Pi 500", Pi5},
	{"Raspberry Pi 5", Pi5},
	{"Raspberry Pi 4", Pi4}, // 400 too
	{"Raspberry Pi 3", Pi3},
	{"Raspberry Pi 2", Pi3},
	{"Raspberry Pi ", Pi5}, // one that is not out yet is hardly slower
}

// boardOf knows a board by its model. It is pure.
func boardOf(model string) Board {
	for _, b := range boards {
		if strings.HasPrefix(model, b.model) {
			return b.board
		}
	}
	return Computer
}

// board reads the device tree below root ("/").
func readBoard(root string) Board {
	model, err := os.ReadFile(filepath.Join(root, "proc/device-tree/model"))
	if err != nil {
		return Computer // it has none: a PC
	}
	return boardOf(strings.TrimRight(string(model), "\x00\n"))
}

// hasEncoder: these have the chip, whether or not it can be used.
func (b Board) hasEncoder() bool { return b == PiZero || b == Pi3 || b == Pi4 }

// decodesHEVC: these have a decoder for it, of which only a patched ffmpeg knows.
func (b Board) decodesHEVC() bool { return b == Pi4 || b == Pi5 }

// software is how a board encodes without a chip: faster than the film is
// watched, if that can be.
func (m Machine) software() (preset string, shortSide int) {
	switch m.Board {
	case PiZero, Pi3:
		return "superfast", 720 // 1080p is three times too much for them
	case Pi4:
		return "superfast", defaultHeight
	case Pi5:
		return "veryfast", defaultHeight // 1.5 to 2 times as fast as it is watched
	case Computer:
	}
	if m.CPUs <= 4 { // a box of some other make, or a machine with other work to do
		return "superfast", defaultHeight
	}
	return "veryfast", defaultHeight
}
