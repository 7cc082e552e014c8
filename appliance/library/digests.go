package library

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"sync"
)

// maxHashesBytes bounds hashes.json: a day of 4-second segments takes 3 MB.
const maxHashesBytes = 8 << 20

// digestCache holds what hashes.json says, read once per change of the file.
type digestCache struct {
	name string

	mu     sync.Mutex
	info   os.FileInfo // of the file that was read; nil: none yet
	byName map[string]digest
}

type digest struct {
	sum   [sha256.Size]byte
	known bool
	bytes int64
}

// find looks a segment up. A file that cannot be read or is not what a
// publisher writes counts as one that says nothing: digests are for passing
// segments on, playing needs none.
func (c *digestCache) find(name string) (sum []byte, sizeBytes int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refresh()
	d, ok := c.byName[name]
	if !ok {
		return nil, 0, false
	}
	if d.known {
		sum = append(sum, d.sum[:]...)
	}
	return sum, d.bytes, true
}

func (c *digestCache) refresh() {
	info, err := os.Stat(c.name)
	if err != nil {
		c.info, c.byName = nil, nil
		return
	}
	// The writer replaces the file, so that a new one is another inode even in the same tick of the clock.
	if c.info != nil && os.SameFile(info, c.info) && info.Size() == c.info.Size() && info.ModTime().Equal(c.info.ModTime()) {
		return
	}
	c.info = info
	data, err := readBounded(c.name, maxHashesBytes)
	if err != nil {
		c.byName = nil
		return
	}
	c.byName = parseHashes(data)
}

// parseHashes reads {"schema":1,"segments":[{"name","sha256","bytes"}]}; what is not valid is left out.
func parseHashes(data []byte) map[string]digest {
	var file struct {
		Schema   int `json:"schema"`
		Segments []struct {
			Name   string  `json:"name"`
			SHA256 *string `json:"sha256"`
			Bytes  int64   `json:"bytes"`
		} `json:"segments"`
	}
	if json.Unmarshal(data, &file) != nil || file.Schema != 1 {
		return nil
	}
	byName := make(map[string]digest, len(file.Segments))
	for _, one := range file.Segments {
		if !validMediaFile(one.Name) || one.Bytes < 0 {
			continue
		}
		d := digest{bytes: one.Bytes}
		if one.SHA256 != nil {
			sum, err := hex.DecodeString(*one.SHA256)
			d.known = err == nil && len(sum) == sha256.Size
			if d.known {
				copy(d.sum[:], sum)
			}
		}
		byName[one.Name] = d
	}
	return byName
}
