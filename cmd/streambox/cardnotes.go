package main

import (
	"os"
	"path/filepath"

	"streambox.local/appliance/library"
)

// cardNotes is where the SD card's system leaves a file for each thing that it could
// not save or find while it started (image/card/overlay). Elsewhere it is not there.
const cardNotes = "/run/streambox-card"

// codeStateRebuilt is the problem of a memory that had to begin anew: the card's partition
// of it, or the file itself.
const codeStateRebuilt = "state_rebuilt"

// cardProblems tells on the page what happened to the card, until the next start: whoever
// asks what became of the settings finds it there, and nobody reads a log.
func cardProblems(dir string, problem func(code string, p *library.Problem)) {
	for _, known := range []struct{ note, code, text string }{
		{"rebuilt-state", codeStateRebuilt, stateRebuilt},
		{"rebuilt-library", "library_rebuilt", "The place for prepared films was damaged and begins anew: what was prepared is prepared again"},
		{"state-in-memory", "state_in_memory", "The card can no longer be written to: what is changed now is forgotten when the box is switched off. It needs another card"},
		{"settings-missing", "settings_missing", "There is no streambox.toml on the card: the box uses the settings that it came with"},
	} {
		if _, err := os.Lstat(filepath.Join(dir, known.note)); err == nil {
			problem(known.code, &library.Problem{Code: known.code, Text: known.text})
		}
	}
}

const stateRebuilt = "The box's memory was damaged and begins anew: settings and the places in films are forgotten. Prepared films are still there"
