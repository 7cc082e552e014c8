package library

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// What a writer that was cut off leaves behind, of our own names only:
// name.part, and the dotted names of renameio and os.CreateTemp.
var (
	titleLeftovers     = leftovers(`title\.json|thumbnail\.jpg|index\.bin`)
	renditionLeftovers = leftovers(`thumbnail\.jpg|index\.m3u8|hashes\.json|seg[0-9]+\.(ts|m4s)|init\.mp4|sound\.json`)
)

func leftovers(names string) *regexp.Regexp {
	return regexp.MustCompile(`^(\.(` + names + `)[-.]?[0-9]+|\.?(` + names + `)\.(part|tmp))$`)
}

var subtitleLeftovers = leftovers(`[0-9]{1,4}-[0-9a-f]{8}\.vtt`)

func titleLeftover(name string) bool { return titleLeftovers.MatchString(name) }

// leftover is something in a title's folder that no record speaks of.
type leftover struct {
	kind leftoverKind
	name string
}

type leftoverKind string

const (
	leftFile      leftoverKind = "file"
	leftRendition leftoverKind = "rendition"
	leftSubtitles leftoverKind = "folder"
	leftPreviews  leftoverKind = "previews"
)

// leftoversOf lists what of a title's folder is to go: rendition folders that are
// not in keep, and files cut off while they were written; without a record (keep
// is nil) all that is made of one. What does not look like ours is not among it:
// somebody may have put it there.
func leftoversOf(dir string, keep map[string]bool) ([]leftover, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []leftover
	for _, one := range list {
		name := one.Name()
		switch {
		case one.IsDir() && keep[name]:
		case one.IsDir() && ValidRendition(name):
			all = append(all, leftover{leftRendition, name})
		case one.Type().IsRegular() && (titleLeftover(name) || keep == nil && (name == thumbnailFile || name == digestsFile || name == indexFile)):
			all = append(all, leftover{leftFile, name})
		case one.IsDir() && keep == nil && name == subtitlesFolder:
			all = append(all, leftover{leftSubtitles, name})
		case one.IsDir() && keep == nil && name == previewsFolder:
			all = append(all, leftover{leftPreviews, name})
		}
	}
	return all, nil
}

// cleanTitle removes them, and unfinished files from the folders that are kept.
func cleanTitle(dir string, keep map[string]bool, log *slog.Logger) {
	list, err := leftoversOf(dir, keep)
	if err != nil {
		log.Warn("Could not read a title's folder", "error", err)
		return
	}
	for name := range keep {
		removeParts(filepath.Join(dir, name), log)
	}
	for _, one := range list {
		path := filepath.Join(dir, one.name)
		switch one.kind {
		case leftRendition:
			err = removeRendition(path)
		case leftSubtitles:
			err = tidySubtitles(path, nil)
		case leftPreviews:
			err = tidyPreviews(path, nil)
		case leftFile:
			err = os.Remove(path)
		}
		logRemoval(log, err, string(one.kind), one.name)
	}
}

// removeParts removes unfinished files from the folder of a finished rendition.
func removeParts(dir string, log *slog.Logger) {
	list, err := os.ReadDir(dir)
	if err != nil {
		log.Warn("Could not read a rendition's folder", "error", err)
		return
	}
	for _, one := range list {
		if one.Type().IsRegular() && renditionLeftovers.MatchString(one.Name()) {
			logRemoval(log, os.Remove(filepath.Join(dir, one.Name())), "file", one.Name())
		}
	}
}

func logRemoval(log *slog.Logger, err error, what, name string) {
	if err != nil {
		log.Warn("Could not remove what was half-written", what, name, "error", err)
		return
	}
	log.Info("Removed what was half-written or no longer known", what, name)
}

var errForeign = errors.New("the folder holds something that is not ours")

// removeRendition removes a rendition's folder with all in it. Nothing is
// removed when a single file in it is not one that a rendition has: the name
// of a folder alone ("photos-20240101") is not reason enough.
func removeRendition(dir string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a rendition's folder: %w", err)
	}
	for _, one := range list {
		if !one.Type().IsRegular() || !renditionFile(one.Name()) {
			return fmt.Errorf("%w: %q", errForeign, one.Name())
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove a rendition: %w", err)
	}
	return nil
}

func renditionFile(name string) bool {
	switch name {
	case playlistFile, hashesFile, thumbnailFile, soundFile, soundIndex:
		return true
	}
	return validMediaFile(name) || renditionLeftovers.MatchString(name)
}

// checkRendition tells what is wrong with a complete rendition's folder; nil: nothing.
func checkRendition(dir string, r Rendition) error {
	if r.isBegun() {
		return checkBegun(dir)
	}
	if !r.Sound {
		return checkFiles(dir, r.SegmentBytes)
	}
	var sum int64
	for _, name := range []string{soundFile, soundIndex} { // whoever goes on with unfinished sound looks at what is in them
		info, err := os.Lstat(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no regular file", name)
		}
		sum += info.Size()
	}
	if r.Complete && sum != r.TotalBytes || sum == 0 {
		return fmt.Errorf("its sound has %d bytes, %d are noted", sum, r.TotalBytes)
	}
	return nil
}

// checkFiles is checkRendition for one of segments.
func checkFiles(dir string, segmentBytes []int64) error {
	if len(segmentBytes) == 0 {
		return errors.New("no segments are noted")
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := make([]bool, len(segmentBytes))
	needsInit, hasInit, hasPlaylist := false, false, false
	for _, one := range list {
		name := one.Name()
		hasInit = hasInit || name == initFile
		hasPlaylist = hasPlaylist || name == playlistFile
		parts := segmentPattern.FindStringSubmatch(name)
		if parts == nil {
			continue
		}
		number, err := strconv.Atoi(parts[1])
		if err != nil || number >= len(segmentBytes) {
			continue
		}
		info, err := one.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.Size() != segmentBytes[number] {
			return fmt.Errorf("%s has %d bytes, %d are noted", name, info.Size(), segmentBytes[number])
		}
		found[number] = true
		needsInit = needsInit || strings.HasSuffix(name, ".m4s")
	}
	for number, ok := range found {
		if !ok {
			return fmt.Errorf("segment %d is missing", number)
		}
	}
	if !hasPlaylist || needsInit && !hasInit {
		return errors.New("the playlist or the init segment is missing")
	}
	return nil
}
