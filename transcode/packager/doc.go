// Package packager makes HLS segments of a film on request, from the file on
// the stick, and writes nothing. Open reads the file's index and plans all
// segments: the whole playlist is there at once. Title.Segment then makes any
// of them, in any order.
//
// # What is decided by Open
//
// A cut is allowed only at an IDR: from a segment's start the first one that is
// shown 4 s later (a frame less is enough). No segment may be longer than 20 s
// or 16 MB, else the title is ErrNotSegmentable and must be converted.
//
// Whether a picture is an IDR stands in its bytes (NAL type 5); the container's
// key-frame flags lie about open GOPs. Reading the beginning of each would take
// a slow stick 300 reads a second, 6 s for a film. So the first one and 16 more,
// spread over the film, are read: if all are IDRs the flags are believed,
// and each segment is checked anyway when it is made (ErrKeyFlags, after which
// Open is called with Choice.Strict). If one is none, all are read before a cut:
// open GOPs are rare, and then there is no other way. For the same file the
// answer is the same every time, so the cuts are, too.
//
// # What a segment is
//
// Pictures from one cut to the next. H.264 lets no picture be shown before an
// IDR that precedes it, so this is also a stretch of time without gaps. Each
// frame of sound belongs to the segment in whose time it begins: exactly one.
// (In Matroska the place in the file has a say, too; see there.)
// Times are the container's, edit lists and priming included, moved together so
// that the film begins at 10 s of MPEG-TS's clock; nothing shifts sound against
// picture. Sound that a player of the file itself would decode but not play
// (priming) is kept for one frame: a decoder needs it to begin with. Long holes in
// the sound are filled with frames of silence, without which browsers stop there.
//
// A film cut out of a longer one without re-encoding begins within a group of
// pictures: the file says to decode but not to show what comes first. HLS has no
// word for that. Segments then begin with that group's IDR, and the playlist tells
// players to begin where the film does (EXT-X-START with PRECISE).
//
// The bytes of a segment depend on nothing but the file, the Choice and Version,
// which are therefore the rendition's name: phones exchange segments by hash.
//
// # HEVC, VP9 and AV1
//
// Such a picture is packed into fragmented MP4 (package fmp4), as it is, with AAC, Opus or converted
// sound: Choice.Modern, for devices that can play Title.Codecs. Cuts, times, silence and digests are those of
// other films; the clock is the same, too: the film begins at 10 s. A segment begins with a picture at which decoding
// may begin, read from the bytes: of HEVC that is also a CRA, for reasons that package hevc gives.
//
// # What it costs
//
// A title keeps a few dozen bytes per segment, at most 256 KB for a film of some
// hours, each title that is open; the sample tables stay in the file and are read per segment. Making a
// segment takes its size twice. Cache bounds how many are made at once and keeps
// the finished ones, for all titles together.
//
// # What is trusted
//
// No file. Parsers check every length and count before use; what contradicts
// itself is ErrDamaged. No file makes a call of Open or Segment use more than
// 64 MB, nor a loop without an end: with those that run side by side it is that
// many times as much, which Cache bounds for segments and nothing for Open.
//
// # Parts
//
//   - mp4 reads the index of MP4, M4V and MOV;
//   - mkv reads that of Matroska and WebM, and its blocks;
//   - h264, aac turn samples into what MPEG-TS holds;
//   - hevc, vp9, av1, opus read of theirs what players must know; bits reads bits;
//   - ts writes the transport stream, fmp4 fragmented MP4;
//   - track has the words that they share;
//   - sound keeps converted sound, whose frames take the place of the film's own
//     (Choice.Converted, Title.Join): a film whose sound no phone plays. The cuts
//     and so the playlist are known at once, and a segment can be made as soon as
//     its sound is there (Title.CanMake), in whatever order that comes.
//
// Further sound tracks are Titles of their own with Choice.SoundOnly, cut at the
// same places (alternate.go).
package packager
