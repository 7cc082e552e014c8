package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"io/fs"
	"path"
)

// readSmall reads a file that must not be larger than limit.
func readSmall(t tree, name string, limit int64) ([]byte, error) {
	f, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: larger than %d bytes", errPlaylist, limit)
	}
	return data, nil
}

// loadReady reads a ready-made folder's playlist and looks at its segments,
// without reading them.
func loadReady(t tree, folder string) (*readyFolder, error) {
	text, err := readSmall(t, path.Join(folder, playlistName), playlistLimit)
	if err != nil {
		return nil, err
	}
	segments, err := parsePlaylist(text)
	if err != nil {
		return nil, err
	}
	r := &readyFolder{folder: folder, segments: segments, sums: make([]digest, len(segments)), playlist: writePlaylist(segments)}
	for _, s := range segments {
		info, err := t.Lstat(path.Join(folder, s.file))
		if err != nil {
			return nil, fmt.Errorf("segment of playlist: %w", err)
		}
		r.sizes = append(r.sizes, info.Size())
		r.times = append(r.times, info.ModTime())
	}
	return r, nil
}

// identify is the identity of all segments, joined. Files are opened as they
// are needed: five at most.
func (r *readyFolder) identify(t tree) (string, error) {
	parts := make([]part, len(r.segments))
	for n, s := range r.segments {
		parts[n] = part{lazyFile{t, path.Join(r.folder, s.file)}, r.sizes[n]}
	}
	return identify(parts)
}

// lazyFile opens its file for each read.
type lazyFile struct {
	t    tree
	name string
}

func (l lazyFile) ReadAt(b []byte, at int64) (int, error) {
	f, err := l.t.Open(l.name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.ReadAt(b, at)
}

// checkReady fills in the digests of a ready-made folder. kept are those of an
// earlier check of the same files (nil: there was none): then what hashes.json
// says is believed, and what had to be computed is not computed again. pass is
// called before each read of a segment.
func checkReady(ctx context.Context, t tree, r *readyFolder, kept *readyKept, pass func()) error {
	said := map[string]digest{}
	text, err := readSmall(t, path.Join(r.folder, hashesName), hashesLimit)
	switch {
	case err == nil:
		if byName, ok := parseHashes(text); ok {
			said = byName
		}
	case isDeviceError(err) && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	for n, segment := range r.segments {
		want := said[segment.file]
		if kept != nil {
			if r.sums[n] = want; want == nil {
				r.sums[n] = kept.sum(n, len(r.segments))
			}
			if r.sums[n] != nil {
				continue
			}
		}
		sum, err := hashFile(ctx, t, path.Join(r.folder, segment.file), r.sizes[n], pass)
		if err != nil {
			return err
		}
		if want != nil && !bytes.Equal(sum, want) {
			return fmt.Errorf("%w: number %d", errDamaged, n)
		}
		r.computed = r.computed || want == nil
		r.sums[n] = sum
	}
	return nil
}

// readyKept is what a title's record keeps of a ready-made folder that has no
// hashes.json, in the place of the probe: the digests that were computed.
type readyKept struct {
	SegmentSHA256 []string `json:"segmentSHA256,omitempty"`
}

func (k *readyKept) sum(n, of int) digest {
	if len(k.SegmentSHA256) != of {
		return nil
	}
	sum, err := hex.DecodeString(k.SegmentSHA256[n])
	if err != nil || len(sum) != sha256.Size {
		return nil
	}
	return sum
}

// kept is what there is to keep; nil when hashes.json says it all.
func (r *readyFolder) kept() *readyKept {
	if !r.computed {
		return nil
	}
	k := &readyKept{}
	for _, sum := range r.sums {
		k.SegmentSHA256 = append(k.SegmentSHA256, hex.EncodeToString(sum))
	}
	return k
}

// readyThumbnail returns the folder's picture if it really is one: a small JPEG
// that can be decoded. Browsers are never given a stick's file unseen.
func readyThumbnail(t tree, folder string) ([]byte, error) {
	data, err := readSmall(t, path.Join(folder, thumbnailName), thumbnailLimit)
	if err != nil {
		return nil, err
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read thumbnail: %w", err)
	}
	if size.Width < 16 || size.Height < 16 || size.Width > 2048 || size.Height > 2048 {
		return nil, errors.New("read thumbnail: size out of bounds")
	}
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read thumbnail: %w", err)
	}
	var out bytes.Buffer // what follows the picture in the file, and its metadata, stay behind
	if err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: 85}); err != nil {
		return nil, fmt.Errorf("write thumbnail: %w", err)
	}
	return out.Bytes(), nil
}
