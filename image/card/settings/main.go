// Command settings writes what the card's first partition holds beside the boards' first stage: the settings of a box
// that is only a StreamBox, which slot to start, and what to do with all of it.
//
//	settings FOLDER PACKAGE     PACKAGE is the name of the package that the card is made of
//
// These are the only files of the card that its owner ever touches; updates leave them alone.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"streambox.local/appliance/update/slots"
	"streambox.local/systemd"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 { //nolint:mnd // the two above
		return errors.New("settings FOLDER PACKAGE")
	}
	for name, content := range files(args[1]) {
		if err := os.WriteFile(filepath.Join(args[0], name), content, 0o644); err != nil { //nolint:gosec // nothing secret
			return fmt.Errorf("writing the first partition's files: %w", err)
		}
	}
	return nil
}

// files are those of the first partition, by name.
func files(debianPackage string) map[string][]byte {
	all := map[string][]byte{
		slots.AutobootName: slots.Autoboot(slots.A),
		"README.txt":       crlf(readme + "\nMade of " + debianPackage + ".\n"),
	}
	for _, f := range systemd.Manifest() {
		if f.Kind == systemd.Settings {
			all[f.Name] = crlf(string(f.CardContent()))
		}
	}
	return all
}

// crlf ends lines as old editors of Windows want it; the program takes both.
func crlf(text string) []byte { return []byte(strings.ReplaceAll(text, "\n", "\r\n")) }

const readme = `StreamBox

The files here may be edited on any computer. Everything else of this card belongs to the box.

streambox.toml     Settings. Each line says what it does; take the # away to change one.
streambox-wifi.txt Your Wi-Fi, if you write this file: network=NAME, password=PASSWORD, country=DE, each in a line.
ssh-key.txt        Public keys of who may come in by ssh, if you write this file.
autoboot.txt       Which of its two systems the box starts. Leave it alone: updates write it.
bootcode.bin       What a Raspberry Pi Zero 2 or 3 reads first. Leave it alone.

A file that is missing or wrong does no harm: the box then takes what it came with, and its page says so.
`
