// Package h264 turns H.264 as it lies in MP4 and Matroska (NAL units with
// lengths before them, parameter sets aside in an avcC record) into what
// MPEG-TS holds (start codes, parameter sets before every IDR, an access unit
// delimiter in front of every picture). NAL units are passed on as slices of
// the caller's memory: pictures are not copied here.
//
// What is changed on the way, and why:
//   - SPS and PPS of the record stand before each IDR that does not bring its
//     own, so that each segment can be decoded alone.
//   - The shape of a pixel, where only the container tells it, is written into
//     the SPS: MPEG-TS has no field for it.
//   - Recovery-point messages are taken out of the SEI units. In an open GOP a
//     browser would take such a picture for a key frame after a seek, start
//     decoding there, and fail at pictures that refer to what lies before it.
//   - Delimiters are made anew, so that there is exactly one per picture;
//     filler data, end-of-stream marks and units of length 0 are left out.
//
// Syntax and numbers are those of ITU-T H.264 (clauses 7.3, 7.4, Annex B, D, E)
// and of ISO/IEC 14496-15 (5.3.3) for the record.
package h264
