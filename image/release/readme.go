package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// noCard is said by a release without the card image, on the screen and in README.txt.
const noCard = "This release has NO CARD IMAGE: it was made with IMAGE=0."

// readme says what each file is.
func readme(version, commit string, items []item, card bool, tools []string) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "StreamBox %s (commit %s)\n\n", version, commit)
	if !card {
		fmt.Fprintf(&text, "%s\n\n", noCard)
	}
	for _, i := range items {
		fmt.Fprintf(&text, "%s\n    %s\n", i.name, i.about)
	}
	text.WriteString("SHA256SUMS\n    of all files: sha256sum --check SHA256SUMS\n")
	text.WriteString("\nThe same commit and the same tools give the same bytes: make release. This was built with\n")
	for _, tool := range tools {
		fmt.Fprintf(&text, "  %s\n", tool)
	}
	return text.Bytes()
}

// madeWith are the machine's tools whose versions can show in the bytes.
func madeWith(ctx context.Context) ([]string, error) {
	var said []string
	for _, ask := range [][]string{
		{"go", "env", "GOVERSION"},
		{"node", "--version"},
		{"dpkg-deb", "--version"},
		{"xz", "--version"},
	} {
		out, err := exec.CommandContext(ctx, ask[0], ask[1:]...).Output()
		if err != nil {
			return nil, fmt.Errorf("asking %s for its version: %w", ask[0], err)
		}
		first, _, _ := strings.Cut(string(out), "\n")
		if ask[0] == "node" {
			first = "Node.js " + first
		}
		said = append(said, strings.TrimSpace(first))
	}
	return said, nil
}
