package clips

import (
	"bytes"
	"errors"
	"math/bits"
	"testing"
)

func TestTurnRightWritesTheMatrixOfTheFirstTrack(t *testing.T) {
	head := []byte("....tkhd")
	data := append(append([]byte{}, head...), bytes.Repeat([]byte{0}, 100)...)
	turned, err := turnRight(bytes.Clone(data))
	if err != nil {
		t.Fatal(err)
	}
	matrix := turned[len(head)+40 : len(head)+40+36]
	want := []byte{
		0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
		0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0,
	}
	if !bytes.Equal(matrix, want) {
		t.Errorf("matrix is % x", matrix)
	}
	if !bytes.Equal(turned[:len(head)+40], data[:len(head)+40]) || !bytes.Equal(turned[len(head)+76:], data[len(head)+76:]) {
		t.Error("bytes outside the matrix changed")
	}
}

func TestTurnRightWithoutATrack(t *testing.T) {
	for _, data := range []string{"", "no header here", "tkhd", "tkhd\x01" + string(make([]byte, 200))} {
		if _, err := turnRight([]byte(data)); !errors.Is(err, errNoTrackHeader) {
			t.Errorf("turnRight(%q…) = %v", data[:min(10, len(data))], err)
		}
	}
}

func TestFlipBitsDamagesALittleAndTheSameEveryTime(t *testing.T) {
	clean := make([]byte, 300<<10)
	first, _ := flipBits(bytes.Clone(clean))
	second, _ := flipBits(bytes.Clone(clean))
	if !bytes.Equal(first, second) {
		t.Error("two runs damage different places")
	}
	flipped := 0
	for _, b := range first {
		flipped += bits.OnesCount8(b)
	}
	if flipped < 30 || flipped > 200 {
		t.Errorf("%d bits flipped in 300 KiB", flipped)
	}
	if !bytes.Equal(first[:32<<10], clean[:32<<10]) || !bytes.Equal(first[len(first)-32<<10:], clean[len(clean)-32<<10:]) {
		t.Error("the index was damaged")
	}
}

func TestDistinctAppendsABox(t *testing.T) {
	data, _ := distinct("mark")([]byte("film"))
	if string(data) != "film\x00\x00\x00\x0cfreemark" {
		t.Errorf("got %q", data)
	}
}
