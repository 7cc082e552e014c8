package main

import (
	"strings"

	"streambox.local/appliance/library"
	"streambox.local/appliance/panel"
)

// codePanelBroken is the problem of a button or an LED that the settings ask for,
// that is there, and that does not work.
const codePanelBroken = "panel_broken"

// panelProblem makes a problem of it, so that the page says it, and of the LEDs the one that works. A part that
// this board does not have is none: most machines have no panel. What is wrong holds paths: doctor says that.
func panelProblem(troubled func() []panel.Part, problem func(code string, p *library.Problem)) func() {
	return func() {
		var names []string
		for _, part := range troubled() {
			names = append(names, part.Name)
		}
		if len(names) == 0 {
			problem(codePanelBroken, nil)
			return
		}
		parts := strings.Join(names, ", ")
		problem(codePanelBroken, &library.Problem{
			Code: codePanelBroken, Text: "A part of the panel does not work (" + parts + "): sudo streambox doctor says more", Parameters: map[string]any{"parts": parts},
		})
	}
}
