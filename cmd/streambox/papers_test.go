package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Whoever follows the papers finds what they name: commands, flags, targets of make, files.
func TestThePapersNameWhatThereIs(t *testing.T) {
	const root = "../.."
	papers := []string{"README.md"}
	for _, pattern := range []string{".github/*.md", ".github/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) < 2 {
			t.Fatalf("%s: %v %v", pattern, found, err)
		}
		for _, name := range found {
			rel, err := filepath.Rel(root, name)
			if err != nil {
				t.Fatal(err)
			}
			papers = append(papers, rel)
		}
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	a, _, _ := testApp()
	program := a.root()
	program.InitDefaultCompletionCmd()
	commands, files := 0, 0
	for _, paper := range papers {
		text, err := os.ReadFile(filepath.Join(root, paper))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range commandsOf(string(text)) {
			commands++
			switch words := strings.Fields(line); words[0] {
			case "make":
				for _, target := range targetsOf(words[1:]) {
					if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(makefile) {
						t.Errorf("%s: %q: there is no target %s", paper, line, target)
					}
				}
			case "streambox":
				if wrong := wrongIn(program, words[1:]); wrong != "" {
					t.Errorf("%s: %q: %s", paper, line, wrong)
				}
			}
		}
		for _, name := range filesOf(string(text)) {
			files++
			_, beside := os.Stat(filepath.Join(root, filepath.Dir(paper), name))
			if _, err := os.Stat(filepath.Join(root, name)); err != nil && beside != nil {
				t.Errorf("%s: %s is not there", paper, name)
			}
		}
	}
	if commands < 40 || files < 20 {
		t.Errorf("%d commands and %d files were found: the papers are read wrongly", commands, files)
	}
}

// commandsOf are the calls of make and streambox in a text, in `spans` and blocks.
func commandsOf(text string) []string {
	var found []string
	for _, span := range regexp.MustCompile("(?m)^[a-z].*$|`[^`\n]+`").FindAllString(blocks(text), -1) {
		span, _, _ = strings.Cut(strings.Trim(span, "`"), "#")
		span = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(span), "sudo "), "bin/")
		if regexp.MustCompile(`^(make|streambox) [a-z]`).MatchString(span) {
			found = append(found, span)
		}
	}
	return found
}

// blocks leaves of a text its `spans` and what stands between fences.
func blocks(text string) string {
	var kept []string
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			_, part, _ = strings.Cut(part, "\n") // its language
			kept = append(kept, part)
			continue
		}
		kept = append(kept, regexp.MustCompile("`[^`\n]+`").FindAllString(part, -1)...)
	}
	return strings.Join(kept, "\n")
}

func targetsOf(words []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return strings.ContainsAny(w, "=…/") || strings.HasPrefix(w, "-") })
}

// wrongIn says what of a call there is not; "": nothing.
func wrongIn(root *cobra.Command, words []string) string {
	cmd, rest, err := root.Find(words)
	if err != nil || cmd == root && words[0] != "help" {
		return "there is no such command"
	}
	for _, word := range rest {
		name, isFlag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
			return "it has no flag --" + name
		}
	}
	return ""
}

// filesOf are links to files, and `paths/like.this`.
func filesOf(text string) []string {
	var found []string
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(text, -1) {
		found = append(found, link[1])
	}
	for _, span := range regexp.MustCompile("`((?:appliance|cmd|image|systemd|transcode|web)/[A-Za-z0-9_./-]+)`").FindAllStringSubmatch(text, -1) {
		found = append(found, span[1])
	}
	return found
}
