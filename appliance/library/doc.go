// Package library is the list of titles over a folder tree, and the box's small
// mutable state in one file beside it.
//
// # On the disk
//
//	<library>/<id>/title.json                  what is known of the title (Record); schema 1
//	<library>/<id>/thumbnail.jpg
//	<library>/<id>/<name>-<generation>/        one rendition, written by package publish:
//	    index.m3u8  seg00000.ts…  hashes.json  (init.mp4 and seg00000.m4s for fMP4)
//	<library>/<id>/sound-<generation>/         converted sound (transcode/packager/sound): of a film whose picture stays
//	    sound.aac  sound.json                  on its stick, or of a further track; never played by itself
//	<library>/<id>/previews/<n>-<digest>.jpg   sheets of small pictures (SetPreviews)
//	<library>/<id>/subtitles/<n>-<digest>.vtt  subtitles as WebVTT (SetSubtitles)
//	<library>/<id>/index.bin                   of a Matroska film without Cues (KeepIndex)
//	<library>/<id>/digests.bin                 SHA-256 of segments made on request (SegmentDigests)
//	<library>/<id>/title.json.damaged          set aside, for its owner to look at
//	state.db                                   StateDB: resume points, known files, counters
//
// There is no catalogue: the library is the file system. A folder copied to
// another box is there, a folder deleted is gone after the next start.
//
// # Invariants
//
//   - A URL never serves two different bytes. A rendition's generation is drawn
//     when it is begun (NewRendition) and never used again, so its segments may
//     be immutable; a picture's URL carries its digest. An old rendition of a
//     known title is ErrRenditionGone (410): the player asks anew.
//   - title.json speaks of complete renditions on this disk only. What grows, and
//     what is served from elsewhere (Attach), lives in memory; so whatever a
//     start finds that no title.json speaks of is half-written, and goes.
//   - Nothing is removed that does not look like ours: a folder goes only if its
//     name is a rendition's inside a title's, and every file in it has a name
//     that a rendition's files have.
//   - No string becomes part of a path before it has matched a pattern (names.go).
//   - One bad thing never hides the rest: damage costs its own title, with a log line.
//   - What a Title shows is derived from its Record by one pure function (view.go).
//
// # States
//
// State, Sources and progress are not kept: after Open every title is Unplugged
// and not listed until intake finds it on a stick again. A pulled stick's titles stay listed as
// Unplugged for KeepUnplugged and then leave the list. Their files stay, until
// MakeRoom needs the place, and while they do, Playable stays true, Title and
// Source go on answering: nobody who watches is cut off. With the stick they
// are back at once, as the same titles. Of titles without finished work a start
// keeps the newest 10,000.
//
// # Revisions and pages
//
// Each change of what is shown raises the revision; clients ask for what changed
// Since. A process begins at a random number, so that one of an earlier process
// is recognised (Page.Reset); all fit into JavaScript's 53 bits. Removals are
// remembered, up to a bound. Every title has a place in each order, also after
// it has left, so paging by After skips and repeats nothing else while titles
// come and go. Progress alone raises the revision at most twice a second and title.
//
// # Locks
//
// Library.mu guards everything in memory and is never held over disk I/O or a
// call out (only Update's edit runs inside it). Values that leave it are copies
// (Record) or never changed in place (Title). entry.io orders the writers of one
// title.json and is taken before mu, never inside it; a writer writes the newest
// record, so files never go back in time. Library.room lets one MakeRoom decide
// at a time. StateDB.commit orders its flushes and is taken before StateDB.mu.
//
// # Durability
//
// All files are replaced by rename: a reader and the next start see the old or
// the new one. Finished work is synced before it counts: content before the
// rename, then both folders; any later title.json of a title with finished work
// syncs its content too. What can be found out again (a probe's result, a
// thumbnail) is not synced: 10,000 syncs take minutes on an SD card. Removal is
// first written into title.json, then done; cut off in between, the next start
// does the rest.
package library
