// Package sound keeps the converted sound of a film beside the film: AAC-LC of
// two channels and 48 kHz, made once, joined with the film's own pictures by
// package packager whenever a segment is asked for.
//
// # On the disk
//
//	<rendition>/sound.aac    the frames in a row, each with its ADTS header: any player plays it
//	<rendition>/sound.json   Index: written last, so that a folder with it is whole
//
// A frame is 1024 samples long, 1920 ticks of MPEG-TS's clock without a rest. So
// the time of a frame is its number, and no times are stored: frame 0 is the
// encoder's priming, frame 1 begins with the film. Where a frame lies says the
// index: the offset of every 64th, from which the headers lead on.
//
// # While it is made
//
// Writer takes what ffmpeg writes, cuts it into frames, checks each header, and
// appends whole frames; what is there can be read at once by Sound. A frame never
// changes, so a segment made while the rest is still being converted has the
// same bytes as one made later.
//
// Sound of a film is made by pieces of a minute, each by a run of its own, and in
// any order (pieces.go): first what a viewer waits for. The bytes of a piece depend
// on the film alone, so it does not matter which came first, nor whether one was
// interrupted and made again. They lie in sound.aac in the order in which they
// were made; the index says where. Two neighbours were encoded by two runs from the
// same samples, and an encoder's frames overlap: at a joint, half of a frame of one
// is blended into half of a frame of the other, as everywhere else.
//
// Save syncs the frames, then the index, then the folders; Resume goes on with the
// pieces that were whole then. Create makes sound that is one piece from the
// beginning to the end, for what is only needed meanwhile.
package sound
