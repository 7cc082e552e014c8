package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"

	"streambox.local/appliance/library"
	"streambox.local/appliance/network/sshkeys"
)

// errNoSSHKeys says that nobody put a key there.
var errNoSSHKeys = errors.New("no ssh-key.txt")

// isSSHKeys says whether a name is the file's, and what computers that hide the ends of names make of it.
func isSSHKeys(name string) bool {
	return regexp.MustCompile(`(?i)^ssh-key(\.txt){0,2}$`).MatchString(name)
}

// sshKeysOf reads the file of keys in a folder.
func sshKeysOf(dir string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	defer root.Close()
	names, err := topNames(root)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	for _, name := range names {
		if isSSHKeys(name) {
			return plainFileIn(root, name, sshkeys.MaxFileBytes)
		}
	}
	return nil, errNoSSHKeys
}

// codeSSHKey is the problem of a key on the card that does not open the box.
const codeSSHKey = "ssh_key"

// sshKeysProblem tells on the page that a line of the card's ssh-key.txt is no key: the helper that opens
// the box (helperssh.go) can tell it only to the log, which nobody reads who cannot get in.
func sshKeysProblem(dir string, problem func(code string, p *library.Problem)) {
	data, err := sshKeysOf(dir)
	if errors.Is(err, errNoSSHKeys) || errors.Is(err, fs.ErrNotExist) {
		return
	}
	text := "It cannot be read."
	if err == nil {
		keys, wrong := sshkeys.Parse(data)
		switch {
		case len(wrong) > 0:
			text = wrong[0].Text
		case len(keys) == 0:
			text = "There is no key in it."
		default:
			return
		}
	}
	problem(codeSSHKey, &library.Problem{Code: codeSSHKey, Text: "ssh-key.txt on the card: " + text})
}
