package blklog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorded makes a recording as QEMU does: each entry's sector, then its content.
type recorded struct {
	sector  int
	entries int
	body    bytes.Buffer
}

func (r *recorded) add(first, sectors int, flags uint64, content []byte) {
	head := make([]byte, r.sector)
	binary.LittleEndian.PutUint64(head, uint64(first))
	binary.LittleEndian.PutUint64(head[8:], uint64(sectors))
	binary.LittleEndian.PutUint64(head[16:], flags)
	r.body.Write(head)
	r.body.Write(content)
	r.entries++
}

func (r *recorded) write(first int, content string) {
	r.add(first, len(content)/r.sector, 0, []byte(content))
}

func (r *recorded) flush() { r.add(0, 0, flagFlush, nil) }

// file is the recording; listed says how many entries its head tells of.
func (r *recorded) file(listed int) []byte {
	head := make([]byte, r.sector)
	binary.LittleEndian.PutUint64(head, magic)
	binary.LittleEndian.PutUint64(head[8:], version)
	binary.LittleEndian.PutUint64(head[16:], uint64(listed))
	binary.LittleEndian.PutUint32(head[24:], uint32(r.sector))
	return append(head, r.body.Bytes()...)
}

func (r *recorded) log(t *testing.T) *Log {
	t.Helper()
	data := r.file(r.entries)
	l, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func filled(c string, sectors int) string { return strings.Repeat(c, sectors*512) }

func TestARecordingIsRead(t *testing.T) {
	r := &recorded{sector: 512}
	r.write(3, filled("a", 2))
	r.add(100, 4, flagDiscard, nil) // its content is not in the recording
	r.flush()
	r.add(7, 1, flagFUA, []byte(filled("b", 1)))
	mark := make([]byte, 0)
	r.add(0, 0, flagMark, mark)
	data := r.file(r.entries)
	copy(data[len(data)-512+headerBytes:], "scanned")
	binary.LittleEndian.PutUint64(data[len(data)-512+24:], 7)
	l, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{
		{Offset: 3 * 512, Length: 1024},
		{Offset: 100 * 512, Length: 2048, Discard: true},
		{Flush: true},
		{Offset: 7 * 512, Length: 512, FUA: true},
		{Mark: "scanned"},
	}
	if len(l.Entries) != len(want) {
		t.Fatalf("%d entries: %+v", len(l.Entries), l.Entries)
	}
	for n, e := range l.Entries {
		e.at = 0
		if e != want[n] {
			t.Errorf("entry %d is %+v, want %+v", n, e, want[n])
		}
	}
	for n, content := range map[int]string{0: filled("a", 2), 1: filled("\x00", 4), 3: filled("b", 1)} {
		if got, err := io.ReadAll(l.Content(l.Entries[n])); err != nil || string(got) != content {
			t.Errorf("entry %d has the content %.10q… of %d bytes, %v", n, got, len(got), err)
		}
	}
}

// QEMU writes its list's length at each flush; what it noted later is there all the same.
func TestWhatCameAfterTheLastFlushIsFound(t *testing.T) {
	r := &recorded{sector: 4096}
	r.write(1, strings.Repeat("a", 4096))
	r.flush()
	r.write(2, strings.Repeat("b", 8192))
	data := r.file(2)
	for name, test := range map[string]struct {
		data []byte
		want int
	}{
		"whole":             {data, 3},
		"cut in an entry":   {data[:len(data)-1], 2},
		"room not used yet": {append(bytes.Clone(data), make([]byte, 3*4096)...), 3},
		"garbage behind it": {append(bytes.Clone(data), bytes.Repeat([]byte{0xff}, 4096)...), 3},
	} {
		l, err := Read(bytes.NewReader(test.data), int64(len(test.data)))
		if err != nil || len(l.Entries) != test.want {
			t.Errorf("%s: %v, %+v", name, err, l)
		}
	}
}

func TestWhatIsNoRecordingIsRefused(t *testing.T) {
	r := &recorded{sector: 512}
	r.write(0, filled("a", 1))
	r.flush()
	good := r.file(2)
	changed := func(at int, value byte) []byte {
		c := bytes.Clone(good)
		c[at] = value
		return c
	}
	for name, data := range map[string][]byte{
		"empty":                      nil,
		"another magic":              changed(0, 1),
		"another version":            changed(8, 2),
		"an odd sector":              changed(24, 3),
		"no sector":                  changed(25, 0),
		"more entries than there is": changed(16, 9),
		"far too many entries":       changed(23, 0x7f),
		"unknown flags":              changed(512+16, 0x80),
		"a write without end":        changed(512+8+7, 0x7f),
		"a write beyond its content": changed(512+8, 200),
		"it ends early":              good[:512*2],
	} {
		if _, err := Read(bytes.NewReader(data), int64(len(data))); err == nil {
			t.Errorf("%s: it was read", name)
		} else if len(data) > 0 && !errors.Is(err, ErrFormat) && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	r := &recorded{sector: 512}
	r.write(3, filled("a", 2))
	r.add(100, 4, flagDiscard, nil)
	r.flush()
	f.Add(r.file(3))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, e := range l.Entries {
			if e.Length < 0 || e.Offset < 0 || !e.Discard && e.at+e.Length > int64(len(data)) {
				t.Errorf("%+v of %d bytes", e, len(data))
			}
		}
	})
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := NewWriter(file)
	err = errors.Join(w.Wrote(1024, []byte(filled("a", 2))), w.Flushed(), w.Wrote(0, []byte(filled("b", 1))))
	if err != nil {
		t.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	l, err := Read(file, info.Size())
	if err != nil || len(l.Entries) != 3 || l.Entries[0].Offset != 1024 || l.Entries[0].Length != 1024 || !l.Entries[1].Flush || l.Entries[2].Offset != 0 {
		t.Fatalf("%+v, %v", l, err)
	}
	if got, err := io.ReadAll(l.Content(l.Entries[2])); err != nil || string(got) != filled("b", 1) {
		t.Errorf("%.10q…, %v", got, err)
	}
	if w.Wrote(7, []byte(filled("c", 1))) == nil || w.Wrote(0, []byte("c")) == nil {
		t.Error("a part of a sector was noted")
	}
}
