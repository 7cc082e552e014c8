package intake

import (
	"path"
	"strings"
)

// kind is what a file on a stick is. All but video are counted, not listed; the
// words are those of ignoredFiles in the API.
type kind string

// The kinds.
const (
	kindVideo      kind = "video"
	kindAudio      kind = "audio"
	kindPicture    kind = "picture"
	kindDocument   kind = "document"
	kindSubtitle   kind = "subtitle"
	kindArchive    kind = "archive"
	kindApp        kind = "app"
	kindOther      kind = "other"
	kindHidden     kind = "hidden"     // hidden or ignored files and folders, a folder counts as one
	kindSymlink    kind = "symlink"    // never followed
	kindSpecial    kind = "special"    // devices, pipes, sockets: never opened
	kindSegment    kind = "segment"    // pieces of a film without their playlist
	kindShortClip  kind = "shortClip"  // under 3 s, says the probe
	kindOverLimit  kind = "overLimit"  // films above the limit of a stick
	kindUnreadable kind = "unreadable" // the stick gave an error
)

// extensions, by kind. A playlist is "other": it plays nothing by itself.
var extensions = map[kind]string{ //nolint:gochecknoglobals // a constant table
	kindVideo: "3g2 3gp 3gpp asf avi divx dv f4v flv h264 hevc m1v m2p m2t m2ts m2v m4v mkv mov mp4 mpe mpeg mpg mpv " +
		"mts mxf nut ogm ogv qt rm rmvb tod tp trp ts vob vro webm wmv wtv",
	kindAudio:    "aac ac3 aif aiff amr ape dsf dts eac3 flac m4a m4b mid midi mka mp2 mp3 mpa mpc oga ogg opus ra tta wav wma wv",
	kindPicture:  "arw avif bmp cr2 cr3 dng gif heic heif ico jfif jp2 jpe jpeg jpg jxl nef orf png psd raf rw2 svg tga tif tiff webp xcf",
	kindDocument: "csv doc docx epub htm html ini json key log md mobi nfo numbers odp ods odt pages pdf ppt pptx rtf tex txt url xls xlsx xml yaml yml",
	kindSubtitle: "ass idx mks smi srt ssa stl sub sup ttml usf vtt",
	kindArchive:  "7z bz2 cab gz img iso lz lzma rar tar tbz tgz txz xz zip zst",
	kindApp:      "apk app appimage bat bin cmd com deb dll dmg exe ipa jar msi ps1 py rpm sh sys vbs",
	kindOther:    "bup ifo m3u m3u8 pls cue db dat part crdownload torrent thm lrv tmp",
}

// classifier looks extensions up.
type classifier map[string]kind

func newClassifier() classifier {
	c := classifier{}
	for k, list := range extensions {
		for ext := range strings.FieldsSeq(list) {
			c[ext] = k
		}
	}
	return c
}

// kindOf tells a file's kind by its name; known is false for an extension that
// is in no list, or none.
func (c classifier) kindOf(name string) (k kind, known bool) {
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if k, known = c[ext]; known {
		return k, true
	}
	return kindOther, false
}

// sniffFrom is the size from which on a file that does not look like a video
// by its name gets its first bytes read. Reading a file costs a seek, which on
// a stick with 10,000 photos would add up: so the more often a kind is large
// anyway, the larger a file must be; and a scan reads at most sniffLimit files.
func sniffFrom(k kind, known bool) (size int64, sniff bool) {
	switch {
	case !known:
		return 16 << 10, true
	case k == kindPicture, k == kindAudio, k == kindArchive:
		return 64 << 20, true
	case k == kindDocument, k == kindSubtitle, k == kindApp, k == kindOther:
		return 1 << 20, true
	default:
		return 0, false
	}
}

// sniffLimit bounds the files whose first bytes one scan reads.
const sniffLimit = 1000

// ignoredFolders are what operating systems and phones leave on sticks (lower
// case); hidden ones begin with a dot and need no entry.
func ignoredFolder(name string) bool {
	if isHidden(name) {
		return true
	}
	switch strings.ToLower(name) {
	case "system volume information", "$recycle.bin", "recycler", "recycled", "lost.dir", "lost+found", "$windows.~bt", "found.000", "msdownld.tmp", "__macosx":
		return true
	}
	return false
}

// ignoredAtTop are folders that only mean something at the top of a stick.
func ignoredAtTop(name string) bool { return strings.EqualFold(name, "Android") }

// isHidden covers dot files, and with them ._ files and .Trash-1000.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// ignoredFile is a file that an operating system leaves.
func ignoredFile(name string) bool {
	if isHidden(name) {
		return true
	}
	switch strings.ToLower(name) {
	case "thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r":
		return true
	}
	return false
}
