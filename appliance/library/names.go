package library

import "regexp"

// Every name that becomes part of a path is held against one of these first;
// there is no other check to forget, and nothing is ever cleaned up instead.
var (
	idPattern            = regexp.MustCompile(`^[a-z2-7]{16}$`)
	renditionPattern     = regexp.MustCompile(`^[a-z0-9]+-[0-9a-f]{8,}$`)
	renditionNamePattern = regexp.MustCompile(`^[a-z0-9]{1,32}$`)
	segmentPattern       = regexp.MustCompile(`^seg([0-9]{5,9})\.(ts|m4s)$`)
)

// No file name longer than this exists on the file systems a box has.
const maxNameBytes = 255

// The files of a title's folder and of a rendition's folder.
const (
	titleFile     = "title.json"
	thumbnailFile = "thumbnail.jpg"
	playlistFile  = "index.m3u8"
	hashesFile    = "hashes.json"
	initFile      = "init.mp4"
	soundFile     = "sound.aac" // of converted sound (transcode/packager/sound)
	soundIndex    = "sound.json"
	partSuffix    = ".part"    // a file that its writer has not finished
	damagedSuffix = ".damaged" // a file that could not be read, kept for its owner
)

// ValidID tells whether s has the form of a title's id: 16 characters of lower-case base32.
func ValidID(s string) bool { return idPattern.MatchString(s) }

// ValidRendition tells whether s has the form of a rendition's name: "<name>-<generation>".
func ValidRendition(s string) bool {
	return len(s) <= maxNameBytes && renditionPattern.MatchString(s)
}

// validMediaFile tells whether a rendition may have a file of this name to serve.
func validMediaFile(s string) bool { return s == initFile || segmentPattern.MatchString(s) }
