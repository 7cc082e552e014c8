package library

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// maxTitleBytes bounds title.json: a day of 4-second segments takes 200 kB, the
// probe's result is bounded where it is made.
const maxTitleBytes = 8 << 20

var errDamaged = errors.New("damaged")

// loadTitle reads one title's folder and cleans it up; nil when there is nothing to keep.
func loadTitle(library, id string, log *slog.Logger) *entry {
	dir := filepath.Join(library, id)
	log = log.With("title", id)
	rec, data, err := readRecord(dir, id)
	switch {
	case errors.Is(err, ErrNewerRelease):
		log.Warn("Left alone a title of a newer release", "error", err)
		return &entry{id: id, newer: true}
	case errors.Is(err, fs.ErrNotExist):
		cleanTitle(dir, nil, log)
		if os.Remove(dir) == nil {
			log.Info("Removed a title's folder that was never finished")
		}
		return nil
	case errors.Is(err, errDamaged):
		aside := filepath.Join(dir, titleFile+damagedSuffix)
		if renameErr := os.Rename(filepath.Join(dir, titleFile), aside); renameErr != nil {
			err = errors.Join(err, renameErr)
		}
		log.Warn("Set aside a damaged title.json; the film is looked at again", "error", err)
		cleanTitle(dir, nil, log)
		return nil
	case err != nil: // the disk does not answer: nothing is removed on such grounds
		log.Error("Could not read a title", "error", err)
		return nil
	}
	e := &entry{id: id, rec: rec, onDisk: map[string]bool{}, saved: sha256.Sum256(data)}
	whole, dropped := judgeRenditions(dir, &rec)
	for _, one := range dropped {
		log.Warn("Dropped a rendition that is not whole", "rendition", one.Name, "error", one.why)
	}
	e.rec.Renditions = whole
	for _, one := range whole {
		e.onDisk[one.Name] = true
	}
	cleanTitle(dir, e.onDisk, log)
	checkThumbnail(dir, &e.rec, log)
	if err := checkSubtitles(dir, &e.rec); err != nil {
		log.Warn("Could not look after a title's subtitles", "error", err)
	}
	if err := checkPreviews(dir, &e.rec); err != nil {
		log.Warn("Could not look after a title's previews", "error", err)
	}
	return e
}

// parseTitle reads title.json; errDamaged when it cannot be what we wrote.
func parseTitle(data []byte, id string) (Record, error) {
	var head struct {
		Schema int    `json:"schema"`
		ID     string `json:"id"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Record{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if head.Schema > Schema {
		return Record{}, fmt.Errorf("%w: schema %d, this release reads up to %d", ErrNewerRelease, head.Schema, Schema)
	}
	if head.Schema < oldestSchema || head.ID != id {
		return Record{}, fmt.Errorf("%w: schema %d, id %q", errDamaged, head.Schema, head.ID)
	}
	var rec Record
	if err := json.Unmarshal(data, &rec); err != nil {
		return Record{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	rec.Schema = Schema
	sanitise(&rec)
	return rec, nil
}

// readRecord reads a title's title.json; data are its bytes.
func readRecord(dir, id string) (rec Record, data []byte, err error) {
	data, err = readBounded(filepath.Join(dir, titleFile), maxTitleBytes)
	if err == nil {
		rec, err = parseTitle(data, id)
	}
	return rec, data, err
}

// unfit is a rendition that title.json speaks of and that cannot be used.
type unfit struct {
	Rendition
	why error
}

var errNotOurs = errors.New("it cannot have been written by this program")

// judgeRenditions compares the renditions that stay with their files. Those that
// are whole are kept; the others leave the record, and their folders go with cleanTitle.
func judgeRenditions(dir string, rec *Record) (whole []Rendition, dropped []unfit) {
	seen := map[string]bool{}
	for _, one := range rec.Renditions {
		if !ValidRendition(one.Name) || seen[one.Name] {
			dropped = append(dropped, unfit{one, errNotOurs})
			continue
		}
		if !one.stays() {
			continue
		}
		if err := checkRendition(filepath.Join(dir, one.Name), one); err != nil {
			dropped = append(dropped, unfit{one, err})
			continue
		}
		seen[one.Name] = true
		whole = append(whole, one)
	}
	return whole, dropped
}

// checkThumbnail makes record and file agree on whether there is a picture.
func checkThumbnail(dir string, rec *Record, log *slog.Logger) {
	name := filepath.Join(dir, thumbnailFile)
	info, err := os.Lstat(name)
	switch {
	case err != nil || !info.Mode().IsRegular() || info.Size() == 0:
		rec.ThumbnailDigest = ""
	case !digestPattern.MatchString(rec.ThumbnailDigest):
		picture, err := readBounded(name, maxThumbnailBytes)
		if err != nil {
			log.Warn("Could not read a thumbnail", "error", err)
			rec.ThumbnailDigest = ""
			return
		}
		rec.ThumbnailDigest = thumbnailDigest(picture)
	}
}

// readBounded reads a regular file of at most limit bytes; errDamaged for any other.
func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%w: %s is no file of at most %d bytes", errDamaged, filepath.Base(name), limit)
	}
	return io.ReadAll(io.LimitReader(f, limit))
}
