package main

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the border a code needs, in modules; the standard asks for 4.
const quiet = 4

// qrLines draws text as a QR code in half blocks: two rows of modules per
// line. With colour, black and white are named outright, so that the code is
// right on dark and on light terminals; without, light modules are drawn, which
// is right on a dark one (and on a light one is a negative, which most phones
// read too).
func qrLines(text string, colour bool) ([]string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil, fmt.Errorf("making a QR code: %w", err)
	}
	light := func(x, y int) bool { return !code.Black(x, y) } // outside the code: light
	var lines []string
	for y := -quiet; y < code.Size+quiet; y += 2 {
		var line strings.Builder
		if colour {
			line.WriteString("\x1b[40;97m") // bright white on black
		}
		for x := -quiet; x < code.Size+quiet; x++ {
			bottom := light(x, y+1) && y+1 < code.Size+quiet
			switch top := light(x, y); {
			case top && bottom:
				line.WriteRune('█')
			case top:
				line.WriteRune('▀')
			case bottom:
				line.WriteRune('▄')
			default:
				line.WriteRune(' ')
			}
		}
		if colour {
			line.WriteString("\x1b[0m")
		}
		lines = append(lines, line.String())
	}
	return lines, nil
}
