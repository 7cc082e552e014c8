package clips

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Expect is what must be found out about a clip.
type Expect struct {
	// Rung is how a box must treat the file: "direct", "audio", "convert" or
	// "none" (listed, with a reason). "" leaves it open: any state that is
	// clear will do, and so will being counted as what is not a film.
	Rung string `json:"rung"`
	// Modern: devices that play its codecs get the picture as it is, the others by Rung.
	Modern          bool    `json:"modern,omitempty"`
	DurationSeconds float64 `json:"durationSeconds"` // 0: not known
	Width           int     `json:"width"`           // as shown: after rotation and sample aspect
	Height          int     `json:"height"`
	HDR             bool    `json:"hdr,omitempty"`     // colours cannot be compared, only light and dark
	Pattern         bool    `json:"pattern,omitempty"` // the frames carry the second (see Pattern)
}

// Clip is one test video: how to make it and what to expect of it.
type Clip struct {
	Name     string // the word to ask for it by
	FileName string // may hold slashes: folders are made; hostile on purpose in the odd set
	Expect   Expect

	args   []string                     // ffmpeg's inputs and output options; nil: no ffmpeg
	plain  []string                     // the same without a drawn title, for an ffmpeg without fonts
	format string                       // ffmpeg's name of the container
	pipe   bool                         // written through a pipe: nothing can be patched in at the end
	repeat int                          // the encoded part is joined to itself so many times more
	base   string                       // another clip, whose bytes are taken instead of running ffmpeg
	finish func([]byte) ([]byte, error) // changes the finished bytes; nil: not at all
	how    string                       // what finish does: part of the recipe
}

// recipe is a digest of everything that decides the bytes of the clip, so
// that a file made by an older table is made anew.
func (c Clip) recipe() string {
	all := slices.Concat(c.args, c.plain, []string{c.format, c.base, c.how, fmt.Sprint(c.pipe, c.repeat)})
	if base, found := find(c.base); found {
		all = append(all, base.recipe())
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// find looks a clip of the usual length up in all sets.
func find(name string) (Clip, bool) {
	for _, set := range SetNames() {
		for _, c := range Set(set, 0) {
			if c.Name == name && name != "" {
				return c, true
			}
		}
	}
	return Clip{}, false
}
