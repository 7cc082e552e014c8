// Package mkv reads Matroska and WebM: the tracks, where key frames are, and
// the blocks of a stretch of the file with their places and times.
//
// # What is read when
//
// Open reads the headers in front of the first cluster. KeyFrames reads the Cues,
// the file's own index of key frames; a file without them (a recording that was
// interrupted, a stream that was saved) is gone through cluster by cluster, of
// which only the beginnings are read. A Scanner gives the blocks from a Place on.
// Nothing of the file is kept but what describes the tracks.
//
// # What is believed
//
// Nothing: sizes are checked against what an element lies in, elements are
// bounded in number, and no size makes this package reserve memory but that of
// codec configurations (64 KiB at most). A file that is cut off ends with its
// last whole block.
//
// # What Matroska does not tell
//
// Only when a picture is shown, not when it is decoded: that is up to the
// caller. Times are rounded, usually to milliseconds.
//
// Why not a library: those in Go reserve memory by unchecked sizes, and read a
// file from its beginning to its end, or element by element into memory.
//
// Formats: RFC 8794 (EBML), RFC 9559 (Matroska).
package mkv
