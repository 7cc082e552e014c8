// Package hevc reads of HEVC what it takes to pass it on in MP4: what a stream
// asks of a decoder (the hvcC record, and its name for browsers), and where
// decoding may begin. Samples are passed on byte by byte.
//
// # Where decoding may begin
//
// At an IRAP picture: IDR, BLA or CRA. Most films of x265 have an IDR only at
// their beginning and then CRAs, whose leading pictures (RASL) refer to what lies
// before: they are decoded when one plays through, and a decoder that begins at
// the CRA has to leave them out (H.265, 8.1.3). All of them are shown before the
// CRA (8.3.1), so in the segment's own time nothing is missing. That is the
// difference to the recovery points of H.264, of which no decoder need know what
// to leave out.
//
// Syntax and numbers are those of ITU-T H.265 (7.3, 7.4.2.2) and ISO/IEC 14496-15 (8.3.3).
package hevc
