package intake

import (
	"fmt"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// Codes of the reasons and problems that intake gives; those of a plan or a
// refusal come from transcode.
const (
	CodeCopying          = "copying"
	CodeFileRemoved      = "file_removed" // its stick is here
	CodeFFmpegMissing    = "ffmpeg_missing"
	CodeNoRoom           = "no_room"              // missingBytes
	CodeNotKept          = library.ReasonMadeRoom // opened, it is prepared again
	CodeConversionFailed = "conversion_failed"    // by no fault of the film's: tried again
	CodeExamineFailed    = "examine_failed"       // likewise
	CodeFileUnreadable   = "file_unreadable"
	CodeSoundWhenChosen  = "sound_when_chosen" // of a sound track

	CodeSubtitleNotYet   = "subtitle_not_yet" // of a subtitle track, as the following
	CodeSubtitleEmpty    = "subtitle_empty"
	CodeSubtitleDamaged  = "subtitle_damaged"
	CodeSubtitleTooLarge = "subtitle_too_large"

	CodeFolderPlaylist   = "folder_playlist" // of a ready-made folder
	CodeFolderUnfinished = "folder_unfinished"
	CodeFolderIncomplete = "folder_incomplete"
	CodeFolderDamaged    = "folder_damaged"

	CodeStickUnreadable = "stick_unreadable" // label
	CodeStickPartly     = "stick_partly"     // label, files
	CodeStickSilent     = "stick_silent"     // label
	CodeStickIgnored    = "stick_ignored"    // label
	CodeTooManyFilms    = "too_many_films"   // label, limit, more

	// Sticks that are not read at all; all with label.
	CodeStickApple             = "stick_apple"
	CodeStickBitLocker         = "stick_bitlocker"
	CodeStickEncrypted         = "stick_encrypted"
	CodeStickDamaged           = "stick_damaged"
	CodeStickNoFileSystem      = "stick_no_file_system"
	CodeStickUnknownFileSystem = "stick_unknown_file_system"
	CodeStickInUse             = "stick_in_use"
	CodeStickTurnedOff         = "stick_turned_off"
	CodeStickTooMany           = "stick_too_many_partitions"
)

// reason makes a Reason; the text is English, without paths.
func reason(code, text string) *library.Reason { return &library.Reason{Code: code, Text: text} }

func ffmpegMissing() *library.Reason {
	return reason(CodeFFmpegMissing, "The box cannot prepare films: the program ffmpeg is missing (on Debian: sudo apt-get install ffmpeg)")
}

// machineUnknown is shown with the code of a film that could not be examined:
// another try helps.
func machineUnknown() *library.Reason {
	return reason(CodeExamineFailed, "The box could not find out yet what its program ffmpeg can do; it asks again by itself")
}

func noRoom(missing int64) *library.Reason {
	r := reason(CodeNoRoom, fmt.Sprintf("The box is full: %s are missing for this film", byteText(missing)))
	r.Parameters = map[string]any{"missingBytes": missing}
	return r
}

func tooManyFilms(label string, more int) *library.Reason {
	r := reason(CodeTooManyFilms, fmt.Sprintf("The stick %q has more than %d films; %d are not listed", label, filmLimit, more))
	r.Parameters = map[string]any{"label": label, "limit": filmLimit, "more": more}
	return r
}

// aboutStick is a reason that names a stick by its label.
func aboutStick(code, format, label string) *library.Reason {
	r := reason(code, fmt.Sprintf(format, label))
	r.Parameters = map[string]any{"label": label}
	return r
}

// reasonOf turns a plan's or refusal's reason into the library's.
func reasonOf(r transcode.Reason) *library.Reason {
	if r.Code == "" {
		return nil
	}
	return &library.Reason{Code: r.Code, Text: r.Text, Parameters: r.Parameters}
}

// byteText is a size for people: "3.1 GB".
func byteText(n int64) string {
	const k = 1000
	switch {
	case n < k*k:
		return fmt.Sprintf("%d kB", (n+k-1)/k)
	case n < k*k*k:
		return fmt.Sprintf("%.1f MB", float64(n)/(k*k))
	default:
		return fmt.Sprintf("%.1f GB", float64(n)/(k*k*k))
	}
}
