package intake

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"io/fs"
	"path"
	"strings"

	"streambox.local/appliance/usb"
)

// readSmall reads a file that must not be larger than limit.
func readSmall(t tree, name string, limit int64) ([]byte, error) {
	f, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
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
	defer f.Close() //nolint:errcheck // only read
	return f.ReadAt(b, at)
}

// sumPrefix marks a remembered digest of a segment among remembered identities.
const sumPrefix = "sha256:"

// checkReady fills in the digests of a ready-made folder. checked: this content
// has been read and compared before, so what hashes.json says is believed.
// Digests that had to be computed are remembered, segment by segment: a stick
// pulled half-way is not read from its start again.
func checkReady(ctx context.Context, t tree, r *readyFolder, mem Memory, s usb.Stick, checked bool) error {
	said := map[string]digest{}
	if text, err := readSmall(t, path.Join(r.folder, hashesName), hashesLimit); err == nil {
		if byName, ok := parseHashes(text); ok {
			said = byName
		}
	} else if isDeviceError(err) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for n, segment := range r.segments {
		want := said[segment.file]
		if checked && want != nil {
			r.sums[n] = want
			continue
		}
		file := path.Join(r.folder, segment.file)
		key := "segment:" + file
		if text, ok := mem.KnownFile(s.Volume, key, r.sizes[n], r.times[n]); ok && want == nil {
			if sum, err := hex.DecodeString(strings.TrimPrefix(text, sumPrefix)); err == nil && len(sum) == 32 {
				r.sums[n] = sum
				continue
			}
		}
		sum, err := hashFile(ctx, t, file, r.sizes[n])
		if err != nil {
			return err
		}
		if want != nil && !bytes.Equal(sum, want) {
			return fmt.Errorf("%w: number %d", errDamaged, n)
		}
		r.sums[n] = sum
		if want == nil {
			if err = mem.RememberFile(s.Volume, key, r.sizes[n], r.times[n], sumPrefix+hex.EncodeToString(sum)); err != nil {
				return fmt.Errorf("remember segment: %w", err)
			}
		}
	}
	return nil
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
