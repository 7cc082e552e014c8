// Package mp4 reads the index of MP4, M4V and QuickTime files: which tracks
// there are, and for each track one sample after the other with its place in
// the file and its times. Plain files (moov at either end) and fragmented ones
// (moof after moof), 32 and 64 bit offsets.
//
// # What stays in memory
//
// Of a track only where its tables lie: a two-hour film has 5 MB of them, and
// 30 titles may be open. A Reader goes through the tables in the file with some
// small windows; a Mark is a place in it to go on from, so that the samples of
// one segment are found without reading what lies before.
//
// # What is believed
//
// Nothing. Lengths and counts are checked against the box, the box against the
// file, before they are used; no length in a file makes this package reserve
// memory but for codec configurations (64 KiB at most) and a fragment's header
// (4 MiB at most); boxes, tracks, samples and edits are bounded in number. What
// contradicts itself is track.ErrDamaged.
//
// # Edit lists
//
// An initial empty edit (a late start) and one edit that says where the film
// begins (B pictures, priming of sound, a cut-off start) and ends are what
// cameras and programs write; they become an offset and limits in time. Any
// other list is a montage, track.ErrUnsupported: it must be converted.
//
// Why not a library: those in Go read whole tables into memory, some reserve it
// by unchecked counts, and none gives one stretch of samples without the rest.
//
// Formats: ISO/IEC 14496-12, and Apple's QuickTime File Format where it differs.
package mp4
