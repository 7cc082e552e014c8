// Package segmenter cuts an MPEG transport stream into HLS segments. It is
// pure: bytes go in by Write, segments come out by a function; no files, no
// processes, no clock.
//
// # What goes in
//
// What ffmpeg's muxer writes (-f mpegts pipe:1): one programme, one H.264
// stream, any number of others, PAT, PMT and SDT repeated. The input may be
// split anywhere. It is trusted in nothing: tables are taken only when their
// CRC and all their lengths are right, and no length in the stream makes the
// segmenter reserve memory.
//
// # Where it cuts
//
// Only at an IDR, which is known by its bytes (NAL type 5), not by a flag of a
// container: key-frame flags also mark recovery points of open GOPs, and what
// is cut there cannot be decoded alone. From a segment's start the first IDR
// that is shown TargetSeconds later begins the next segment. "Later" allows one
// frame of tolerance: an encoder told to force an IDR every 4 s puts it on the
// first frame at or after each multiple of 4 s, and with 23.976 frames a second
// the distance of two such frames is now and then a frame short of 4 s. Without
// the tolerance every tenth segment would be twice as long.
//
// The cut lies at the TS packet in which the IDR's PES packet begins. This is
// right for the sound as well: ffmpeg writes each PES packet whole before it
// begins the next one (only tables stand in between), so at that place no
// packet of another stream is open. And were one open, its rest would be at
// the beginning of the next segment, where a player that plays on needs it and
// one that begins there skips it, as after every seek in a broadcast.
// H.264 lets no picture that follows an IDR in the stream be shown before it,
// so the time between two IDRs is the exact length of the segment. Sound
// interleaved around the cut may overlap it by some tenths of a second, which
// players handle (the timestamps go on through all segments).
//
// # What comes out
//
// PAT and PMT first (the content of ffmpeg's, once per segment, with our own
// continuity counters, which go on over segments), then the packets as they
// came, byte for byte. ffmpeg's own PAT, PMT, SDT and null packets are dropped.
// As all other packets pass in order, their counters join over the segments
// too: the segments in a row are one faultless stream.
//
// Video before the first IDR cannot be decoded and is dropped; sound before it
// is kept, so the first segment may begin with sound. Sound that goes on for
// more than MaxSeconds after the last picture is cut off there, for it would
// make the last segment grow without end.
//
// # What it costs
//
// A packet that begins nothing costs a look at its header and its share of one
// copy. At most one segment is held here; those given to emit belong to the
// receiver, who may give their memory back by Release.
package segmenter
