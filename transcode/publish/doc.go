// Package publish turns finished segments into a folder that can be served
// while it grows:
//
//	seg00000.ts …   the segments, named here and nowhere else
//	hashes.json     {"schema":1,"segments":[{"name","sha256","bytes"}]}
//	index.m3u8      an EVENT playlist; VOD with ENDLIST when it is finished
//
// # Order
//
// Each segment is hashed, written under a temporary name, synced and renamed;
// only when it and all before it have their names is it added to hashes.json,
// and after that to the playlist, which are replaced by a rename as well. So at
// every moment, and after a crash of the program, each listed segment is there
// with the listed size and digest, and no digest comes late. ENDLIST is written when all files,
// the folder and its parent are on the disk: a playlist with ENDLIST is whole.
//
// # Speed
//
// What takes long is waiting for the disk, so Add returns when the segment is
// under way: up to 4 segments and 32 MiB are hashed, written and synced side by
// side (a slow card writes several at once better than one after the other).
// An error of one is returned by the next Add, and by Finish.
//
// Lists are rewritten at once when a segment comes alone, and at most every
// quarter of a second when they come fast: a two-hour film that is remuxed in
// ten seconds would else rewrite its playlist 1,800 times, growing. While they
// grow they are not synced: after a power cut an unfinished rendition is either
// thrown away or continued from its segments.
//
// # The playlist
//
// A playlist's TARGETDURATION must not change while it grows and must not be
// less than any segment's rounded duration, which nobody knows beforehand. So
// while it grows it is the most that the caller says there can be (the
// segmenter's limit of 20 s unless told otherwise). This costs nothing: hls.js
// reloads by the average duration, not by this, and the start is held at 0 by
// EXT-X-START. Finish writes the true maximum, and nobody reloads after that.
package publish
