package update

import (
	"errors"
	"io"
	"slices"
	"strings"

	"streambox.local/appliance/update/bundle"
)

// Suffix is what the name of a bundle ends with.
const Suffix = ".streambox-update"

// IsBundleName tells whether a file calls itself a bundle. Macs leave a hidden file beside each that they copy.
func IsBundleName(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), Suffix) && !strings.HasPrefix(name, ".")
}

// File is an opened file of a stick.
type File interface {
	io.ReaderAt
	io.Closer
}

// Candidate is a file on a stick that calls itself a bundle.
type Candidate struct {
	Stick string // name of the stick's folder
	File  File
	Bytes int64
}

// offer is a candidate that is believed and wanted.
type offer struct {
	Candidate
	bundle *bundle.Bundle
}

// choose returns the newest bundle that may be written, or what is to be said of those that may not.
func (h *Helper) choose(found []Candidate, box bundle.Box) (best *offer, said *Status) {
	var refusals []Status
	for _, c := range found {
		b, err := h.judge(c, box)
		var refused *bundle.Refusal
		switch {
		case errors.As(err, &refused):
			h.Log.Warn("A bundle is refused", "stick", c.Stick, "code", refused.Code, "why", err)
			refusals = append(refusals, refusal(refused, c.Stick))
		case err != nil:
			h.Log.Warn("A bundle cannot be read", "stick", c.Stick, "error", err)
		case best == nil || b.Manifest.Build > best.bundle.Manifest.Build:
			best = &offer{c, b}
		}
	}
	if best != nil || len(refusals) == 0 {
		return best, nil
	}
	// Who keeps all releases on one stick has the running one among them: the others need no words.
	same := func(s Status) bool { return s.Code == bundle.CodeSame }
	if slices.ContainsFunc(refusals, same) {
		refusals = slices.DeleteFunc(refusals, func(s Status) bool { return s.Code == bundle.CodeOlder })
	}
	first := max(0, slices.IndexFunc(refusals, func(s Status) bool { return !same(s) }))
	return nil, &refusals[first]
}

func (h *Helper) judge(c Candidate, box bundle.Box) (*bundle.Bundle, error) {
	b, err := bundle.Open(c.File, c.Bytes, h.Keys)
	if err != nil {
		return nil, err
	}
	if err := b.Manifest.Refuse(box); err != nil {
		return nil, err
	}
	if why := h.Records.Refused(b.ID); why != "" {
		return nil, &bundle.Refusal{Code: CodeFailed, Text: sentence(CodeFailed), Parameters: version(b.Manifest.Version)}
	}
	return b, nil
}

// refusal is what is said of a bundle that is not taken. That it runs already is good news.
func refusal(r *bundle.Refusal, stick string) Status {
	return Status{Code: r.Code, Text: r.Text, Parameters: r.Parameters, Problem: r.Code != bundle.CodeSame, Stick: stick}
}

func closeAll(found []Candidate) {
	for _, c := range found {
		_ = c.File.Close() // was only read
	}
}
