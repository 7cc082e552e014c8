package joincard

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var own = Card{
	Name: "StreamBox-1A2B", Password: "streambox", Code: "WIFI:T:WPA;S:StreamBox-1A2B;P:streambox;;",
	Page: "http://10.42.0.1/", Pages: []string{"10.42.0.1", "streambox.local"},
}

// What a reader of PDF goes by: the table says where each object begins, and the stream is as long as it says.
func TestTheFileIsWhatReadersGoBy(t *testing.T) {
	for _, c := range []Card{own, {Password: "streambox", Page: "http://10.42.0.1/", Pages: []string{"10.42.0.1"}}, {Page: "http://192.168.1.5/"}} {
		b, err := c.PDF()
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.PDF()
		if err != nil || !bytes.Equal(b, again) {
			t.Error("the same card has other bytes")
		}
		found := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(b)
		if found == nil {
			t.Fatal("no end")
		}
		at, _ := strconv.Atoi(string(found[1]))
		rows := strings.Split(string(b[at:]), "\n")
		if rows[0] != "xref" || rows[1] != "0 7" {
			t.Fatalf("the table: %q", rows[:2])
		}
		for i, row := range rows[3:9] {
			offset, _ := strconv.Atoi(row[:10])
			if want := fmt.Sprintf("%d 0 obj\n", i+1); !bytes.HasPrefix(b[offset:], []byte(want)) || len(row) != 19 {
				t.Errorf("object %d is not at %d", i+1, offset)
			}
		}
		stream := regexp.MustCompile(`(?s)/Length (\d+) >>\nstream\n(.*)endstream`).FindSubmatch(b)
		if length, _ := strconv.Atoi(string(stream[1])); length != len(stream[2]) {
			t.Errorf("a stream of %d bytes says %d", len(stream[2]), length)
		}
	}
}

func TestWhatIsOnTheCard(t *testing.T) {
	b, err := own.PDF()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"StreamBox-1A2B", "streambox", "10.42.0.1", "streambox.local"} {
		if !bytes.Contains(b, []byte(letters(want))) {
			t.Errorf("%s is missing", want)
		}
	}
	if got := letters("Bü(\\)日"); got != "<42fc285c293f>" {
		t.Errorf("letters %s", got)
	}
	strange := own
	strange.Name = strings.Repeat("W", 32)
	if b, err = strange.PDF(); err != nil || bytes.Contains(b, []byte("/F2 22 Tf 274 574")) {
		t.Errorf("a long name runs off the sheet, or fails: %v", err)
	}
}
