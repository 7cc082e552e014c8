// Package clips makes the test videos: short, real files of many encodings,
// written by ffmpeg from its own test sources, so that no media is ever
// committed.
//
// # The picture tells the time
//
// Every frame carries the second it belongs to as a grid of 4 × 3 large
// blocks, each lit in its colour or dark (see Pattern). Six of them are the
// second in binary, six the second times 37 modulo 64 in binary: no two
// seconds of the first 64 look alike, and from one second to the next at
// least three blocks change. So a picture that was scaled, converted and
// encoded twice can still be compared with its source, a picture that is one
// second off fails the comparison by a wide margin, and so does one that was
// turned or mirrored. A strip of moving detail at the lower edge gives
// encoders something to do. The sound is a tone with a beep at every second.
//
// # Sets
//
// A set is a table of clips (see Sets):
//   - twelve: what people really have on sticks, one encoding each, with the
//     rung of the ladder that each must get;
//   - odd: what a stick may throw at the box: damaged, empty, disguised and
//     hostile files and file names;
//   - long: films of half an hour, for what happens meanwhile;
//   - sample: a few pleasant films for a first look at the page;
//   - big: two files of 1 GB and more, and one of 2.5 MB segments, for measurements.
//
// # Use
//
//	made, err := clips.Make(ctx, dir, "h264-aac", "hevc-10bit")
//	go run ./transcode/clips/makeclips -out DIR -set twelve
//
// makeclips also writes expect.json, so that programs in other languages know
// what to expect of each file. Files that are there already and were made by
// the same recipe are kept.
package clips
