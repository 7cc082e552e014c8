package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

// protocol is the version of the messages; it changes only when old pages
// could not go on, since unknown types and fields are ignored on both sides.
const protocol = 1

const maxNameRunes = 24

// Close codes of our own; the registered ones are used where they fit.
const (
	closeSuperseded  = 4000 // the viewer has more than maxConnsPerViewer: the oldest goes
	closeTooSlow     = 4001 // the queue to the page is full: come back and load anew
	closeTooOften    = 4002 // more messages than messagesPerSecond
	closeTooManyConn = 4003 // the box or the address has its most connections
)

// What the page may send.
type (
	clientHello struct {
		Protocol int     `json:"protocol"`
		Name     string  `json:"name"`
		Revision *uint64 `json:"revision"` // optional: of the titles it has
		P2P      bool    `json:"p2p"`      // the browser can take part in the swarm
	}
	// The rest is what package swarm describes: open, want, have, gone, offer, answer, candidate.
)

// What the server sends.
type (
	helloMessage struct {
		Type     string       `json:"type"`
		Protocol int          `json:"protocol"`
		Build    string       `json:"build"`
		Name     string       `json:"name"`
		Revision uint64       `json:"revision"` // of the titles now; later ones will be pushed
		You      swarm.PeerID `json:"you"`      // this connection, as other pages know it
		STUN     []string     `json:"stun"`     // addresses for RTCPeerConnection; empty: none
		Pulse    float64      `json:"pulse"`    // seconds after which a page has heard something
	}
	pulseMessage struct {
		Type string `json:"type"`
	}
	titlesMessage struct {
		Type     string          `json:"type"`
		Revision uint64          `json:"revision"`
		Titles   []library.Title `json:"titles"`
		Removed  []string        `json:"removed"`
		Reset    bool            `json:"reset"`
	}
	boxMessage struct {
		Type string  `json:"type"`
		Box  boxView `json:"box"`
	}
	roomMessage struct {
		Type     string `json:"type"`
		Admitted bool   `json:"admitted"` // this page may play
		Watching int    `json:"watching"`
		Places   int    `json:"places"`
	}
	byeMessage struct {
		Type   string `json:"type"`
		Reason string `json:"reason"` // stopping | superseded | protocol
	}
)

// encode makes the text of one of the messages above.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encoding a message: %v", err)) // our own types: a mistake in the program
	}
	return text
}

// displayName makes a label of what a page sent: one line, no characters that
// turn the writing direction of what follows, at most 24 characters.
func displayName(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == unicode.ReplacementChar {
			return -1
		}
		return c
	}, s)
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return strings.TrimSpace(string(runes[:min(len(runes), maxNameRunes)]))
}
