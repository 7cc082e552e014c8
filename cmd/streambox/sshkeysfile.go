package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"streambox.local/appliance/library"
	"streambox.local/appliance/network/sshkeys"
)

// isSSHKeys says whether a name is the file's, and what computers that hide the ends of names make of it.
func isSSHKeys(name string) bool {
	return regexp.MustCompile(`(?i)^ssh-key(\.txt){0,2}$`).MatchString(name)
}

// The problems of a key on the card that does not open the box.
const (
	codeSSHPrivate = "ssh_private_key" // the key that must stay at home
	codeSSHLine    = "ssh_key_line"    // a line that is no public key
	codeSSHNone    = "ssh_key_none"    // no key at all
)

// sshKeysProblem tells on the page what is wrong in the card's ssh-key.txt: the helper that opens
// the box (helperssh.go) can tell it only to the log, which nobody reads who cannot get in.
func sshKeysProblem(dir string, problem func(code string, p *library.Problem)) {
	data, err := topFile(dir, isSSHKeys, sshkeys.MaxFileBytes)
	if errors.Is(err, errNoTopFile) || errors.Is(err, fs.ErrNotExist) {
		return
	}
	var keys []string
	var wrong []sshkeys.Wrong
	if err == nil {
		keys, wrong = sshkeys.Parse(data)
	}
	var p library.Problem
	switch {
	case len(wrong) > 0 && wrong[0].Private:
		p = library.Problem{Code: codeSSHPrivate, Text: "ssh-key.txt on the card holds a private key. Take it off the card and make a new pair: the public key is the file whose name ends in .pub"}
	case len(wrong) > 0 && wrong[0].Line > 0:
		p = library.Problem{Code: codeSSHLine, Parameters: map[string]any{"line": wrong[0].Line}, Text: fmt.Sprintf("Line %d of ssh-key.txt on the card is no public key, and is not used", wrong[0].Line)}
	case len(keys) == 0:
		p = library.Problem{Code: codeSSHNone, Text: "ssh-key.txt on the card holds no public key that can be read: ssh stays off"}
	default:
		return
	}
	problem(p.Code, &p)
}
