package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
)

// digest is a SHA-256; nil where none is known.
type digest []byte

// parseHashes reads a hashes.json: ours ({"segments":[{"name","sha256"}]}), the
// same as a bare list, or name → digest. What is not understood is as good as
// missing: the digests are then computed. ok is false in that case.
func parseHashes(text []byte) (byName map[string]digest, ok bool) {
	type one struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	}
	var ours struct {
		Segments []one `json:"segments"`
	}
	var list []one
	if json.Unmarshal(text, &ours) == nil && len(ours.Segments) > 0 {
		list = ours.Segments
	} else if json.Unmarshal(text, &list) != nil {
		var plain map[string]string
		if json.Unmarshal(text, &plain) != nil {
			return nil, false
		}
		for name, sum := range plain {
			list = append(list, one{name, sum})
		}
	}
	byName = map[string]digest{}
	for _, s := range list {
		if sum, err := hex.DecodeString(s.SHA256); err == nil && len(sum) == sha256.Size {
			byName[s.Name] = sum
		}
	}
	return byName, len(byName) > 0
}

// errDamaged is a segment that is not what hashes.json says.
var errDamaged = errors.New("segment is damaged")

// hashFile reads a file to its end, and calls pass before each megabyte. expect is
// its size; another is an error.
func hashFile(ctx context.Context, t tree, name string, expect int64, pass func()) (digest, error) {
	f, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := copyContext(ctx, h, f, pass)
	if err != nil {
		return nil, fmt.Errorf("hash segment: %w", err)
	}
	if n != expect {
		return nil, fmt.Errorf("hash segment: %d bytes instead of %d: %w", n, expect, io.ErrUnexpectedEOF)
	}
	return h.Sum(nil), nil
}

// copyContext copies into a hash, looking at ctx between megabytes.
func copyContext(ctx context.Context, to hash.Hash, from io.Reader, pass func()) (int64, error) {
	var total int64
	for {
		pass()
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := io.CopyN(to, from, 1<<20)
		total += n
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// generationOf names what a ready-made folder serves: a hash of every
// segment's (our name, size, SHA-256), so that a URL with it never serves two
// different things. 8 hexadecimal digits.
func generationOf(sizes []int64, sums []digest) string {
	h := sha256.New()
	for n, sum := range sums {
		io.WriteString(h, segmentFile(n)+" "+strconv.FormatInt(sizes[n], 10)+" "+hex.EncodeToString(sum)+"\n") //nolint:errcheck,gosec // a hash takes all
	}
	return hex.EncodeToString(h.Sum(nil)[:4])
}
