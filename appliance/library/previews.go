package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

const (
	previewsFolder    = "previews"
	maxSheetBytes     = 1 << 20
	maxSheets         = 8
	maxPreviewsTiles  = 4096
	maxPreviewsPixels = 4096 // of a sheet's sides: some phones decode no larger picture
)

var (
	sheetDigest    = regexp.MustCompile(`^[0-9a-f]{12}$`)
	sheetName      = regexp.MustCompile(`^[0-9]-[0-9a-f]{12}\.jpg$`)
	sheetLeftovers = leftovers(`[0-9]-[0-9a-f]{12}\.jpg`)
)

// PreviewGrid says how small pictures of a film lie on its sheets: picture i is of
// the time i·EverySeconds; from left to right, from top to bottom, then on the next sheet.
type PreviewGrid struct {
	EverySeconds float64 `json:"everySeconds"`
	Count        int     `json:"count"`
	Columns      int     `json:"columns"`
	Rows         int     `json:"rows"`
	Width        int     `json:"width"` // of one picture, in pixels
	Height       int     `json:"height"`
}

// Previews are a title's sheets: files previews/<n>-<digest>.jpg in its folder.
type Previews struct {
	PreviewGrid
	Digests []string `json:"digests"` // first 12 hexadecimal digits of each sheet's SHA-256
}

// TitlePreviews is Previews as the API shows it.
type TitlePreviews struct {
	PreviewGrid
	Sheets []string `json:"sheets"` // addresses that never change their content
}

// sound tells whether a grid can be what SetPreviews was given for so many sheets.
func (g PreviewGrid) sound(sheets int) bool {
	perSheet := g.Columns * g.Rows
	return g.EverySeconds > 0 && g.EverySeconds < 24*60*60 && g.Count > 0 && g.Count <= maxPreviewsTiles && g.Columns > 0 && g.Rows > 0 && g.Width > 0 && g.Height > 0 &&
		g.Columns*g.Width <= maxPreviewsPixels && g.Rows*g.Height <= maxPreviewsPixels &&
		sheets <= maxSheets && sheets == (g.Count+perSheet-1)/perSheet
}

func sheetFile(n int, digest string) string { return strconv.Itoa(n) + "-" + digest + ".jpg" }

func digestOfSheet(jpeg []byte) string {
	sum := sha256.Sum256(jpeg)
	return hex.EncodeToString(sum[:6])
}

// SetPreviews keeps a title's sheets (JPEGs) in the place of those it has. The title
// must be known. ErrNoRoom when the disk's reserve would go for them.
func (l *Library) SetPreviews(id string, grid PreviewGrid, sheets [][]byte) error {
	if !grid.sound(len(sheets)) {
		return fmt.Errorf("keep previews of title %s: %+v on %d sheets: out of bounds", id, grid, len(sheets))
	}
	l.mu.RLock()
	e := l.entries[id]
	newer := e != nil && e.newer
	l.mu.RUnlock()
	if e == nil {
		return fmt.Errorf("keep previews: %w", ErrUnknownTitle)
	}
	if newer {
		return fmt.Errorf("keep previews: %w", ErrNewerRelease)
	}
	if total, free, err := l.cfg.DiskSpace(l.cfg.Dir); err == nil && free < l.cfg.ReserveBytes(total)+maxSheets*maxSheetBytes {
		return fmt.Errorf("keep previews of title %s: %w", id, ErrNoRoom) // they are no reason to remove a film
	}
	dir := filepath.Join(l.cfg.Dir, id, previewsFolder)
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("keep previews: %w", err)
	}
	kept := &Previews{PreviewGrid: grid}
	for n, jpeg := range sheets {
		if !bytes.HasPrefix(jpeg, []byte{0xff, 0xd8, 0xff}) || len(jpeg) > maxSheetBytes {
			return fmt.Errorf("keep previews of title %s: %d bytes that are not a small JPEG", id, len(jpeg))
		}
		kept.Digests = append(kept.Digests, digestOfSheet(jpeg))
		if err := writeFile(filepath.Join(dir, sheetFile(n, kept.Digests[n])), jpeg, false); err != nil {
			return fmt.Errorf("keep previews: %w", err)
		}
	}
	err := l.amend(id, func(r *Record) { r.Previews = kept })
	if err != nil { // what the record speaks of stays: in memory it may be the new ones
		rec, _ := l.Record(id)
		kept = rec.Previews
	}
	return errors.Join(err, tidyPreviews(dir, kept))
}

// dropPreviews removes the sheets of titles that are not on the page: they are made
// again sooner than any film. False: there were none.
func (l *Library) dropPreviews(except string) (dropped bool) {
	l.mu.RLock()
	var ids []string
	for _, e := range l.entries {
		if !e.listed && e.rec.Previews != nil && e.id != except {
			ids = append(ids, e.id)
		}
	}
	l.mu.RUnlock()
	for _, id := range ids {
		err := l.amend(id, func(r *Record) { r.Previews = nil })
		if err == nil {
			err = tidyPreviews(filepath.Join(l.cfg.Dir, id, previewsFolder), nil)
		}
		if err != nil {
			l.cfg.Log.Warn("Previews not removed to make room", "title", id, "error", err)
			continue
		}
		dropped = true
	}
	return dropped
}

// Preview returns a title's sheet by number and digest: ErrUnknownTitle, or
// fs.ErrNotExist when the title has no such sheet (any more).
func (l *Library) Preview(id string, n int, digest string) ([]byte, error) {
	l.mu.RLock()
	e := l.entries[id]
	known := e != nil && e.rec.ID != ""
	there := known && e.rec.Previews != nil && n >= 0 && n < len(e.rec.Previews.Digests) && e.rec.Previews.Digests[n] == digest
	l.mu.RUnlock()
	switch {
	case !known:
		return nil, ErrUnknownTitle
	case !there || !sheetDigest.MatchString(digest):
		return nil, fmt.Errorf("this title has no such previews: %w", fs.ErrNotExist)
	}
	jpeg, err := readBounded(filepath.Join(l.cfg.Dir, id, previewsFolder, sheetFile(n, digest)), maxSheetBytes)
	if err != nil {
		return nil, fmt.Errorf("read previews: %w", err)
	}
	if digestOfSheet(jpeg) != digest { // its address never changes its content
		return nil, fmt.Errorf("a sheet of previews is damaged: %w", fs.ErrNotExist)
	}
	return jpeg, nil
}

// shown is how the API shows previews; nil for none.
func (p *Previews) shown(base string) *TitlePreviews {
	if p == nil {
		return nil
	}
	out := &TitlePreviews{PreviewGrid: p.PreviewGrid, Sheets: make([]string, len(p.Digests))}
	for n, digest := range p.Digests {
		out.Sheets[n] = base + previewsFolder + "/" + sheetFile(n, digest)
	}
	return out
}

func (p *Previews) clone() *Previews {
	if p == nil {
		return nil
	}
	c := *p
	c.Digests = slices.Clone(p.Digests)
	return &c
}

// checkPreviews makes record and files agree at a start: all sheets are there, or none counts.
func checkPreviews(dir string, rec *Record) error {
	dir = filepath.Join(dir, previewsFolder)
	if p := rec.Previews; p != nil {
		whole := p.sound(len(p.Digests))
		for n, digest := range p.Digests {
			if !whole || !sheetDigest.MatchString(digest) {
				whole = false
				break
			}
			info, err := os.Lstat(filepath.Join(dir, sheetFile(n, digest)))
			whole = err == nil && info.Mode().IsRegular() && info.Size() > 0
		}
		if !whole {
			rec.Previews = nil
		}
	}
	return tidyPreviews(dir, rec.Previews)
}

// tidyPreviews removes of a title's sheets what is not in keep (nil: all), and the
// folder when nothing is left. What does not look like ours stays.
func tidyPreviews(dir string, keep *Previews) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the folder of previews: %w", err)
	}
	wanted := map[string]bool{}
	if keep != nil {
		for n, digest := range keep.Digests {
			wanted[sheetFile(n, digest)] = true
		}
	}
	left := 0
	for _, one := range list {
		name := one.Name()
		if wanted[name] || !one.Type().IsRegular() || !sheetName.MatchString(name) && !sheetLeftovers.MatchString(name) {
			left++
			continue
		}
		if err := remove(dir, name); err != nil {
			return fmt.Errorf("remove previews: %w", err)
		}
	}
	if left == 0 {
		if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the folder of previews: %w", err)
		}
	}
	return nil
}
