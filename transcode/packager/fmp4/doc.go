// Package fmp4 writes fragmented MP4 for HLS and Media Source Extensions, as CMAF
// has it (ISO/IEC 23000-19): an init segment for each rendition, and one fragment
// for each segment. It is pure: samples go in, bytes come out, the same bytes
// every time and on every machine. Pictures and sound of a segment lie in one
// fragment, each in a row; their times begin with a tfdt, so that segments can be
// made and played in any order, and go on in the lengths of samples.
//
// Samples are passed on as they are: what was a sample in MP4 or a frame in
// Matroska is one here.
//
// Why not a library: Eyevinn/mp4ff, the best of those in Go, links its decoders of
// all boxes (0.7 MB) to write the twenty that are needed here, and copies samples
// once more; bluenviron/mediacommon, as mediamtx uses it, knows tracks of live
// streams: it makes hvcC and av1C anew from parameter sets and knows no colours.
// Boxes: ISO/IEC 14496-12, 14496-14, 14496-15.
package fmp4
