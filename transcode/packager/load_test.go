package packager

import (
	"bytes"
	"testing"

	"streambox.local/transcode/packager/track"
)

// A sample of no bytes lies in no stretch that is read, wherever it says it lies.
func TestEmptySamplesAreNotLookedFor(t *testing.T) {
	in := bytes.NewReader([]byte("0123456789"))
	for _, at := range []int64{0, 4, 5, 9, 1 << 40} {
		var scratch []byte
		pieces, err := load(in, []track.Sample{{Offset: 2, Size: 3}}, []track.Sample{{Offset: at}}, &scratch)
		if err != nil || len(pieces) != 2 || string(pieces[0]) != "234" || len(pieces[1]) != 0 {
			t.Errorf("an empty sample at %d: %q, %v", at, pieces, err)
		}
	}
}
