// Package sshkeys reads the file with which an owner opens the box to ssh: public
// keys on the card's first partition, one a line, as ssh-keygen writes them.
//
// What it lets through is written into a file that sshd believes, so nothing
// but keys may pass: no options before a key (they run commands), no kind that sshd
// would not take anyway, no line whose two ways of saying the kind differ. A comment is
// left out. A private key in that place is told apart, since that is the mistake
// that hurts: it is on a card that lies about.
package sshkeys

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxFileBytes is more than any sensible file has.
const MaxFileBytes = 64 << 10

// minRSABits is what sshd takes (RequiredRSASize is 1024; less than 2048 is not worth a lock).
const minRSABits = 2048

// Wrong is a line that is not used, and why. Line counts from 1; 0 is the whole file.
type Wrong struct {
	Line int
	Text string // a sentence; never with what stands in the line
	// Private says that it is a private key, which must not lie on a card.
	Private bool
}

// parts is how many strings or numbers a key of a kind has (RFC 4253, 6.6; RFC 5656, 3.1; RFC 8709, 4; OpenSSH's PROTOCOL.u2f).
func parts(kind string) int {
	return map[string]int{
		"ssh-ed25519": 2, "ssh-rsa": 3, "ecdsa-sha2-nistp256": 3, "ecdsa-sha2-nistp384": 3, "ecdsa-sha2-nistp521": 3,
		"sk-ssh-ed25519@openssh.com": 3, "sk-ecdsa-sha2-nistp256@openssh.com": 4,
	}[kind]
}

// Parse returns the keys as lines for authorized_keys, without doubles.
func Parse(data []byte) (keys []string, wrong []Wrong) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > MaxFileBytes || !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, []Wrong{{Text: "The file is not plain text; save it as UTF-8."}}
	}
	seen := map[string]bool{}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case strings.Contains(line, "PRIVATE KEY"):
			return nil, []Wrong{{Line: i + 1, Private: true, Text: "That is a private key. Take it off the card, and make a new one: the public key is the file that ends in .pub."}}
		}
		key, err := parseLine(line)
		if err != nil {
			wrong = append(wrong, Wrong{Line: i + 1, Text: fmt.Sprintf("Line %d is no public key: %v.", i+1, err)})
			continue
		}
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys, wrong
}

func parseLine(line string) (string, error) {
	fields := strings.Fields(line)
	kind := fields[0]
	wanted := parts(kind)
	if wanted == 0 {
		return "", fmt.Errorf("it begins with no kind of key that the box takes, like ssh-ed25519")
	}
	const kindAndKey = 2
	if len(fields) < kindAndKey {
		return "", fmt.Errorf("only the kind of key is there")
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(fields[1])
	if err != nil {
		return "", fmt.Errorf("a part of it is missing")
	}
	var all [][]byte
	for rest := blob; len(rest) > 0; {
		const head = 4
		if len(rest) < head {
			return "", fmt.Errorf("a part of it is missing")
		}
		n := int64(binary.BigEndian.Uint32(rest))
		if n > int64(len(rest)-head) {
			return "", fmt.Errorf("a part of it is missing")
		}
		all, rest = append(all, rest[head:head+n]), rest[head+n:]
	}
	if len(all) != wanted || string(all[0]) != kind {
		return "", fmt.Errorf("it is not of the kind that it says")
	}
	if kind == "ssh-rsa" && len(bytes.TrimLeft(all[2], "\x00"))*8 < minRSABits {
		return "", fmt.Errorf("an RSA key of less than %d bits is too weak", minRSABits)
	}
	return kind + " " + base64.StdEncoding.EncodeToString(blob), nil
}
