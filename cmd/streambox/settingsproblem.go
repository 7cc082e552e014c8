package main

import (
	"path/filepath"
	"strings"

	"streambox.local/appliance/library"
)

// codeSettings is the problem of lines in the settings that are not used.
const codeSettings = "settings_wrong"

// settingsProblem tells on the page, and so by the LED, what is wrong in the settings: whoever
// wrote them on another computer never sees a log. file is theirs, of which the page names no folder.
func settingsProblem(warnings []string, file string, problem func(code string, p *library.Problem)) {
	if len(warnings) == 0 {
		return
	}
	const shown = 3 // of many lines; the log has all
	what := strings.Join(warnings[:min(len(warnings), shown)], " · ")
	what = strings.ReplaceAll(what, file, filepath.Base(file))
	problem(codeSettings, &library.Problem{
		Code: codeSettings, Text: "A setting is wrong, the others apply: " + what, Parameters: map[string]any{"what": what},
	})
}
