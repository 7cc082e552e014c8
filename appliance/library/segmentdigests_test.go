package library

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
)

func TestDigestsOfSegmentsSurviveARestartAndNothingElse(t *testing.T) {
	const id, rendition = "abcdefghijklmnop", "direct-01234567"
	dir := t.TempDir()
	open := func() *Library {
		lib, err := Open(Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return lib
	}
	lib := open()
	err := lib.Update(id, true, func(r *Record) { r.Name, r.How = "film", Direct })
	if err != nil {
		t.Fatal(err)
	}
	sum := func(n int) []byte { s := sha256.Sum256([]byte{byte(n)}); return s[:] }
	d := lib.Digests(id, rendition, 10)
	for _, n := range []int{0, 3, 9} {
		d.SetDigest(n, sum(n), int64(1000+n))
	}
	d.SetDigest(10, sum(10), 5) // there is none of that number
	d.SetDigest(-1, sum(10), 5)
	known := func(d *SegmentDigests) (found []int) {
		t.Helper()
		for n := -1; n <= 10; n++ {
			got, size, ok := d.Digest(n)
			if ok && (!bytes.Equal(got, sum(n)) || size != int64(1000+n)) {
				t.Errorf("segment %d: %x of %d bytes", n, got, size)
			}
			if ok {
				found = append(found, n)
			}
		}
		return found
	}
	check := func(what string, d *SegmentDigests, want int) {
		t.Helper()
		if got := known(d); len(got) != want {
			t.Errorf("%s: segments %v are known, want %d", what, got, want)
		}
	}
	check("at once", d, 3)
	check("after a restart", open().Digests(id, rendition, 10), 3)
	check("another rendition", lib.Digests(id, "direct-76543210", 10), 0)
	check("fewer segments", lib.Digests(id, rendition, 9), 2)

	file := filepath.Join(dir, id, digestsFile)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{3 * rowBytes, 3*rowBytes + 33, 3*rowBytes + 40} {
		spoilt := bytes.Clone(data)
		spoilt[at] ^= 1
		if err := os.WriteFile(file, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		check("a row with a bit that fell over", lib.Digests(id, rendition, 10), 2)
	}
	moved := bytes.Clone(data)
	copy(moved[4*rowBytes:], data[3*rowBytes:4*rowBytes])
	if err := os.WriteFile(file, moved, 0o600); err != nil {
		t.Fatal(err)
	}
	check("a row in another's place", lib.Digests(id, rendition, 10), 3)
	if err := os.WriteFile(file, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	check("cut off", lib.Digests(id, rendition, 10), 2)
	if err := lib.Remove(id); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(file)); !os.IsNotExist(err) {
		t.Errorf("left: %v", err)
	}
	lib.Digests(id, rendition, 10).SetDigest(1, sum(1), 1001) // of a title that is gone
	if _, err := os.Stat(filepath.Dir(file)); !os.IsNotExist(err) {
		t.Errorf("it is back: %v", err)
	}
}
