// Package publish turns finished segments into a folder that can be served
// while it grows:
//
//	seg00000.ts …   the segments, named here and nowhere else
//	hashes.json     {"schema":1,"segments":[{"name","sha256","bytes","seconds","discontinuity"}]}
//	index.m3u8      an EVENT playlist; with ENDLIST when it is finished
//
// # Order
//
// Each segment is hashed, written under a temporary name and renamed; only when
// it and all before it have their names is it added to hashes.json, and after
// that to the playlist, which are replaced by a rename as well. So at every
// moment, and after a crash of the program, each listed segment is there with
// the listed size and digest, and no digest comes late. ENDLIST is written when
// all files, the folder and its parent are on the disk: a playlist with ENDLIST
// is whole, also after a power cut.
//
// # Speed
//
// What takes long is the disk, and nothing waits for it before the end: an
// unfinished rendition is thrown away at the next start, so a sync of each
// segment would buy nothing. Conversions are kept (Keep): of them nothing is
// listed that is not on the disk, which costs them nothing that counts, and
// Reopen goes on where Suspend, a kill or a power cut has left them. The disk is told to begin with a segment as
// soon as it is written; Finish then syncs all of them, four at a time, and
// finds most of the work done. How much may be written ahead of a slow card is
// bounded by the kernel, which holds back who writes too much; and errors of a
// disk come, at the latest, by Finish.
//
// Add returns when the segment is under way: up to 4 segments and 32 MiB are
// hashed and written side by side. An error of one is returned by the next Add,
// and by Finish.
//
// Lists are rewritten at once when a segment comes alone, and at most every
// quarter of a second when they come fast: a two-hour film that is remuxed in
// ten seconds would else rewrite its playlist 1,800 times, growing.
//
// # The playlist
//
// Neither type nor TARGETDURATION of a playlist may change while a client may
// hold an older one, and TARGETDURATION must not be less than any segment's
// rounded duration, which nobody knows beforehand. So it is the most that the
// caller says there can be (Announce), to the end: the segmenter's limit of 20 s
// for a film that ffmpeg copies, which is finished within seconds; the longest
// segment of one whose index was read; little more than a segment for one that is converted, since a native player asks a growing
// playlist anew as seldom as this says. EXT-X-START holds
// the start at 0, or where the film is to begin (Begin).
package publish
