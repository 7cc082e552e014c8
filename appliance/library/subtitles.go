package library

import (
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

// FirstBeside is the number (SubtitleTrack.N) of the first track that comes from
// a file beside the film; lower ones are the streams inside it, as they are
// counted there. So neither moves when the other changes.
const FirstBeside = 1000

const (
	subtitlesFolder  = "subtitles"
	maxSubtitleBytes = 8 << 20
	maxSubtitles     = 2 * FirstBeside
)

var (
	subtitleDigest = regexp.MustCompile(`^[0-9a-f]{8}$`)
	subtitleName   = regexp.MustCompile(`^[0-9]{1,4}-[0-9a-f]{8}\.vtt$`)
)

// SubtitleFile is what was made of a track: a file subtitles/<n>-<digest>.vtt in
// the title's folder, or, without a digest, why nothing could be made.
type SubtitleFile struct {
	N      int     `json:"n"`
	Digest string  `json:"digest,omitempty"` // first 8 hexadecimal digits of the text's SHA-256
	Reason *Reason `json:"reason,omitempty"`
	// BeginsSeconds is which time of the film's container is 0 in the file.
	BeginsSeconds float64 `json:"beginsSeconds,omitempty"`
}

// Words is a track and its text as WebVTT; nil: Track.Reason says why there is none.
// Its times count from BeginsSeconds of the container's clock.
type Words struct {
	Track         SubtitleTrack
	WebVTT        []byte
	BeginsSeconds float64
}

func (f SubtitleFile) name() string { return subtitleFileName(f.N, f.Digest) }

func subtitleFileName(n int, digest string) string { return strconv.Itoa(n) + "-" + digest + ".vtt" }

// SetSubtitles keeps what was made of some tracks inside a film, or (beside) of
// all files beside it: then those that are not named go. The title must be known.
func (l *Library) SetSubtitles(id string, beside bool, words []Words) error {
	l.mu.RLock()
	e := l.entries[id]
	newer := e != nil && e.newer
	l.mu.RUnlock()
	if e == nil {
		return fmt.Errorf("keep subtitles: %w", ErrUnknownTitle)
	}
	if newer {
		return fmt.Errorf("keep subtitles: %w", ErrNewerRelease)
	}
	dir := filepath.Join(l.cfg.Dir, id, subtitlesFolder)
	files := make([]SubtitleFile, 0, len(words))
	for _, w := range words {
		file, err := keepSubtitle(dir, w)
		if err != nil {
			return fmt.Errorf("keep subtitles of title %s: %w", id, err)
		}
		files = append(files, file)
	}
	var left []SubtitleFile
	err := l.amend(id, func(r *Record) {
		goes := func(n int) bool {
			return beside && n >= FirstBeside || slices.ContainsFunc(files, func(f SubtitleFile) bool { return f.N == n })
		}
		r.SubtitleFiles = append(slices.DeleteFunc(r.SubtitleFiles, func(f SubtitleFile) bool { return goes(f.N) }), files...)
		if beside {
			r.Subtitles = slices.DeleteFunc(r.Subtitles, func(t SubtitleTrack) bool { return t.N >= FirstBeside })
			for _, w := range words {
				r.Subtitles = append(r.Subtitles, w.Track)
			}
		}
		left = slices.Clone(r.SubtitleFiles)
	})
	if err != nil {
		return err
	}
	return tidySubtitles(dir, left)
}

// amend is Update of a title that must be there.
func (l *Library) amend(id string, edit func(*Record)) error {
	e, err := l.change(id, false, edit)
	if err != nil {
		return err
	}
	return l.save(e, false)
}

// keepSubtitle writes a track's file, unless it is there.
func keepSubtitle(dir string, w Words) (SubtitleFile, error) {
	file := SubtitleFile{N: w.Track.N, Reason: w.Track.Reason, BeginsSeconds: w.BeginsSeconds}
	if w.WebVTT == nil {
		return file, nil
	}
	if len(w.WebVTT) > maxSubtitleBytes || file.N < 0 || file.N >= maxSubtitles {
		return file, fmt.Errorf("%d bytes for track %d are not kept", len(w.WebVTT), file.N)
	}
	sum := sha256.Sum256(w.WebVTT)
	file.Digest, file.Reason = hex.EncodeToString(sum[:])[:8], nil
	name := filepath.Join(dir, file.name())
	if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() && info.Size() == int64(len(w.WebVTT)) {
		return file, nil
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return file, err
	}
	return file, writeFile(name, w.WebVTT, false)
}

// Subtitle returns a track's WebVTT by number and digest: ErrUnknownTitle, or
// fs.ErrNotExist when the title has no such track (any more).
func (l *Library) Subtitle(id string, n int, digest string) ([]byte, error) {
	l.mu.RLock()
	e := l.entries[id]
	known := e != nil && e.rec.ID != ""
	there := known && slices.ContainsFunc(e.rec.SubtitleFiles, func(f SubtitleFile) bool {
		return f.N == n && f.Digest == digest && digest != ""
	})
	l.mu.RUnlock()
	switch {
	case !known:
		return nil, ErrUnknownTitle
	case !there || !subtitleDigest.MatchString(digest):
		return nil, fmt.Errorf("this title has no such subtitles: %w", fs.ErrNotExist)
	}
	text, err := readBounded(filepath.Join(l.cfg.Dir, id, subtitlesFolder, subtitleFileName(n, digest)), maxSubtitleBytes)
	if err != nil {
		return nil, fmt.Errorf("read subtitles: %w", err)
	}
	return text, nil
}

// withFiles is a title's tracks as they are shown: those with a file have its address.
func withFiles(id string, tracks []SubtitleTrack, files []SubtitleFile) []SubtitleTrack {
	out := orEmpty(slices.Clone(tracks))
	for i := range out {
		at := slices.IndexFunc(files, func(f SubtitleFile) bool { return f.N == out[i].N })
		switch {
		case at < 0:
		case files[at].Digest != "":
			out[i].URL, out[i].Reason = "/stream/"+id+"/"+subtitlesFolder+"/"+files[at].name(), nil
		case files[at].Reason != nil:
			out[i].Reason = files[at].Reason
		}
	}
	return out
}

// checkSubtitles makes record and files agree at a start.
func checkSubtitles(dir string, rec *Record) error {
	dir = filepath.Join(dir, subtitlesFolder)
	rec.SubtitleFiles = slices.DeleteFunc(rec.SubtitleFiles, func(f SubtitleFile) bool {
		if f.Digest == "" {
			return false
		}
		if !subtitleDigest.MatchString(f.Digest) || f.N < 0 || f.N >= maxSubtitles {
			return true
		}
		info, err := os.Lstat(filepath.Join(dir, f.name()))
		return err != nil || !info.Mode().IsRegular() || info.Size() == 0
	})
	return tidySubtitles(dir, rec.SubtitleFiles)
}

// tidySubtitles removes of a title's subtitles what is not in keep, and the
// folder when nothing is left. What does not look like ours stays.
func tidySubtitles(dir string, keep []SubtitleFile) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the folder of subtitles: %w", err)
	}
	left := 0
	for _, one := range list {
		name := one.Name()
		wanted := slices.ContainsFunc(keep, func(f SubtitleFile) bool { return f.Digest != "" && f.name() == name })
		ours := one.Type().IsRegular() && (subtitleName.MatchString(name) || subtitleLeftovers.MatchString(name))
		if wanted || !ours {
			left++
			continue
		}
		if err := remove(dir, name); err != nil {
			return fmt.Errorf("remove subtitles: %w", err)
		}
	}
	if left == 0 {
		if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the folder of subtitles: %w", err)
		}
	}
	return nil
}

// sanitiseWords drops what cannot have been written by SetSubtitles, and brings chapters into order.
func sanitiseWords(r *Record) {
	r.SubtitleFiles = slices.DeleteFunc(r.SubtitleFiles, func(f SubtitleFile) bool {
		return f.Digest != "" && !subtitleDigest.MatchString(f.Digest)
	})
	for i := range r.Chapters {
		r.Chapters[i].StartSeconds = finite(r.Chapters[i].StartSeconds, 1000*24*60*60)
	}
}
