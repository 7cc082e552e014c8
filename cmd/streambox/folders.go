package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
)

// below is where sticks are looked for when no folder is given.
func below(s settings) string {
	if len(s.Media) > 0 {
		return ""
	}
	return sticksDir
}

// codeMediaMissing is the problem of a folder of --media that has never been there.
const codeMediaMissing = "media_missing"

// missingFolders makes a problem of folders that were named and are not there:
// what stands in the log only is not seen by who mistyped it. One that was there
// once has been pulled, which is no problem.
type missingFolders struct {
	given   []string
	problem func(code string, p *library.Problem)

	mu   sync.Mutex
	seen map[string]bool
}

// look takes what is plugged now.
func (m *missingFolders) look(plugged []usb.Stick) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[string]bool{}
	}
	for _, s := range plugged {
		m.seen[s.Root] = true
	}
	missing := slices.DeleteFunc(slices.Clone(m.given), func(dir string) bool { return m.seen[dir] })
	if len(missing) == 0 {
		m.problem(codeMediaMissing, nil)
		return
	}
	// Without its path: viewers read it. The log has that.
	name := filepath.Base(missing[0])
	m.problem(codeMediaMissing, &library.Problem{
		Code: codeMediaMissing, Text: fmt.Sprintf("The folder %q, which the box was told to read, is not there", name),
		Parameters: map[string]any{"folder": name},
	})
}
