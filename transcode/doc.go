// Package transcode turns a video file into HLS segments:
//
//	probe → plan → args → run → segmenter → publish
//
// Probe asks ffprobe (twice at most) and looks at the first bytes itself; it
// yields a Media, plain data. Decide looks at a Media and a Machine and yields
// a Plan: which rung of the ladder, and why, in a sentence for people. It is
// pure, as are the argument lists made from the two, in which every flag stands
// beside its reason. Do runs ffmpeg by that list, cuts what it writes into
// segments and publishes each as soon as it is whole, so that a film can be
// watched while the rest of it is still being converted.
//
// # Strangers' files
//
// What is on a stick was made by strangers. No name of a file is ever an
// argument: files are opened by us (regular files only, symlinks refused) and
// ffmpeg is given their descriptors (file:/dev/fd/3). It may open nothing else:
// the protocols are limited to file and concat, and the demuxers to a list of
// containers of films, so that a playlist dressed as a film cannot make it read
// other files or the network. ffmpeg needs no right to write either: it writes
// one MPEG-TS stream to a pipe, and we cut it.
//
// Every run is started by Tools.Launcher (package worker), which takes from it
// what a film that took it over could use: network, files, processes, rights.
//
// Every run is a process group of its own that dies with us, is limited in
// what it may print, and is killed as a whole when it is cancelled or when it
// stalls: a stalled encoder ignores SIGTERM, so SIGKILL is used at once; as
// ffmpeg owns no files there is nothing it could leave tidy.
//
// # What may fail, and how it is told apart
//
//   - *Refusal: the file's fault. Trying again is of no use until it changes.
//   - ErrNotSegmentable: the remux cannot be cut; Reclassify puts the title on
//     the convert rung.
//   - publish.ErrNoSpace, ErrStalled, ErrKilled, ErrNoMemory, ErrInputGone and
//     all others: the machine's fault, worth another try.
//
// A film that ends early because the file is damaged is published as far as it
// goes and the caller is told by Job.OnWarning: nine tenths of a film are
// better than an error.
//
// # Conversions are made of pieces
//
// A conversion is a row of runs of ffmpeg (do_pieces.go, do_piece.go), each of a
// piece of the film that is counted in pictures and in frames of sound (piece.go):
// so each run makes what one run of the whole film would have made there. What is
// published is never made again, since viewers have it; Do goes on behind it,
// whatever Out was left by, and with another encoder when one fails.
//
// # The chip of a Raspberry Pi
//
// Machine finds encoders by encoding (machine_encoder.go): ffmpeg lists the chip's
// on every machine, and which node is an encoder only using it tells. A clip's bytes
// then tell Debian's build from Raspberry Pi OS's (V4L2Ways): one writes its headers
// once and hands rows over as they are, which is made up for by the segmenter and by
// sizes that come through (args_v4l2.go). A chip fails without a word as often as with
// one: a run that ended is judged by hardwareFault, also one that ended well; the rest
// of its piece is made by the next encoder, and the chip is not used again until the
// machine is started anew. What may have been the film's fault is made by software
// once, which tells. Package v4l2sim lets an unmodified ffmpeg meet all of that in tests.
//
// Conversions give way: they are nice, and rest (pace.go) while segments come late or
// the board is hot, by not being read.
//
// Direct titles are packaged on request from the stick and do not pass Do, but for
// "streambox convert"; of audio titles Sound converts the sound alone.
package transcode
