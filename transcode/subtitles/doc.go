// Package subtitles reads text subtitles as people have them and writes them as
// WebVTT, the one form that browsers show.
//
//	bytes ─ Decode ─▶ text ─ Parse ─▶ cues ─ Write ─▶ WebVTT
//	Matroska of subtitle tracks alone ─ ReadMatroska ─▶ cues
//
// SubRip, WebVTT and Sub Station Alpha (.ass, .ssa) are read. What a file is
// called says little, so the form is told by what is in it. Of damaged files the
// good cues are used: half the words are better than none.
//
// # Encodings
//
// A byte order mark decides; else NULs tell UTF-16; else what is valid as UTF-8
// is UTF-8. For the rest the language, where the file's name has one, leaves two
// or three encodings to choose from, and gogs/chardet (a port of ICU's detector)
// says which; without a language its word alone counts. Its results are put into
// an order of our own: it asks its recognizers side by side, and equals would
// come out differently each time.
//
// # What is kept of styling
//
// Italics, bold, underline and line breaks; of places the row (top, middle,
// bottom) and the side. Colours, fonts, karaoke and drawings are left out:
// phones have a look of their own for subtitles that their owners chose.
//
// # Strangers' text
//
// All text is escaped; only the tags that this package writes itself are markup.
// Control characters go, so a cue cannot end early or begin another one. Input,
// cues, a cue's text and output are bounded, and nothing is allocated by a number
// that a file names.
//
// # Why not a library
//
// asticode/go-astisub was read: one bad line or one byte that is no UTF-8 costs
// the whole file there, lines end at 64 KB, and it brings a transport stream
// library along. The three forms are small.
package subtitles
