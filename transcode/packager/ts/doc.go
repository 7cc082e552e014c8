// Package ts writes MPEG transport streams (ISO/IEC 13818-1), one HLS segment
// at a time. It is pure: access units go in, bytes come out, the same bytes
// every time and on every machine.
//
// # Segments that join without knowing each other
//
// Segments are made on request, in any order, but in a row they must be one
// faultless stream: continuity counters, of 4 bits, must go on. So each segment
// has a multiple of 16 packets of each elementary stream, and all of them begin
// with counter 0. What is missing to the next multiple is won by spreading the
// bytes of the last access units over more packets (the rest of each is stuffing
// in its adaptation field): no stream of our own invention, no null packets,
// which do not count. PAT and PMT have one packet in each segment: their counter
// is the segment's number.
//
// # What is in a segment
//
// PAT, PMT, then one PES packet per access unit, in the order given. The first
// packet of each access unit of the clock's stream (the first one) has a PCR,
// which runs ahead of the decoding times by a constant; IDRs carry the random
// access flag. Timestamps are written with their lowest 33 bits.
package ts
