// Package blklog makes power cuts of a recording: it reads what QEMU's
// blklogwrites driver has noted of a disk, says at which points the power can
// have gone, and puts the disk back as it was then.
//
// # The recording
//
// The format is that of Linux's dm-log-writes (drivers/md/dm-log-writes.c), all
// numbers little-endian: a sector with magic, version, number of entries and
// sector size; then the entries, a sector each, followed by the sectors that were
// written (a discard has none). QEMU notes a write when it is done, and rewrites
// the first sector at each flush, so entries behind the last flush are found by
// reading on. QEMU notes only flushes that reach it: the node must not be opened
// with cache=unsafe (what lies below it may).
//
// # What a power cut leaves
//
// A disk keeps what it had written when it last answered a flush, and what was
// written through (FUA). Of everything later it may have any part: all, none,
// some in another order, and of the last write some sectors only. So between two
// flushes there are as many states as subsets of the writes; Points names each
// flush, each prefix of the writes behind it, and of the other subsets those that
// find mistakes (one write missing, one alone, the last one torn, what was
// written first missing), then random ones until there are as many as wanted.
//
// That a sector is whole, old or new, is what disks promise and file systems
// build on. What a bad card does beyond that (it loses a block that nobody has
// written) is not in a recording.
//
// # Putting it back
//
// Replay goes through the points in order. It keeps one sparse file for each part
// of the disk that is looked at, which follows the flushes, and copies from it
// only what is not a hole: of a card of gigabytes some megabytes. So a point
// costs milliseconds, and whoever checks one may write into it: a journal is
// replayed there.
package blklog
