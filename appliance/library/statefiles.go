package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"
)

// Bounds of the known files: the sticks used last.
const (
	maxVolumes        = 64
	maxFilesPerVolume = 25_000
	maxFiles          = 200_000
)

type (
	volumeKey [16]byte
	fileKey   [32]byte // volumeKey, then 16 bytes of the path's SHA-256
)

// knownFile is what a file was when its id was computed.
type knownFile struct {
	size     int64
	modified int64 // Unix nanoseconds
	id       string
}

const knownFileBytes = 16 + 16

func newFileKey(volume, path string) (k fileKey) {
	v, p := sha256.Sum256([]byte(volume)), sha256.Sum256([]byte(path))
	copy(k[:16], v[:])
	copy(k[16:], p[:])
	return k
}

func (k fileKey) volume() volumeKey { return volumeKey(k[:16]) }

func (f knownFile) bytes() []byte {
	b := make([]byte, 0, knownFileBytes)
	b = binary.BigEndian.AppendUint64(b, uint64(f.size))     //nolint:gosec // G115: back the same way
	b = binary.BigEndian.AppendUint64(b, uint64(f.modified)) //nolint:gosec // G115: back the same way
	return append(b, f.id...)
}

func parseKnownFile(b []byte) (f knownFile, ok bool) {
	if len(b) != knownFileBytes {
		return knownFile{}, false
	}
	return knownFile{
		size:     int64(binary.BigEndian.Uint64(b)),     //nolint:gosec // G115: back the same way
		modified: int64(binary.BigEndian.Uint64(b[8:])), //nolint:gosec // G115: back the same way
		id:       string(b[16:]),
	}, true
}

// volume is what is kept of a stick beside its files.
type volume struct {
	used  uint64 // number of the last use
	files uint32
}

func (v volume) bytes() []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, v.used), v.files)
}

func parseVolume(b []byte) (v volume) {
	if len(b) == 12 {
		v = volume{used: binary.BigEndian.Uint64(b), files: binary.BigEndian.Uint32(b[8:])}
	}
	return v
}

// KnownFile returns the title id of a file that has not changed since
// RememberFile. volume is text that tells sticks apart (a UUID), path is
// slash-separated; both are stored hashed.
func (s *StateDB) KnownFile(volume, path string, size int64, modified time.Time) (id string, found bool) {
	key := newFileKey(volume, path)
	s.mu.Lock()
	f, found := s.pending.files[key]
	if !found {
		f, found = s.writing.files[key]
	}
	if s.recent != key.volume() {
		s.use(key.volume())
	}
	s.mu.Unlock()
	if !found {
		err := s.view(func(tx *bbolt.Tx) error {
			f, found = parseKnownFile(tx.Bucket(bucketFiles).Get(key[:]))
			return nil
		})
		if err != nil {
			s.logged("Could not look up a known file", err)
			return "", false // it is read again: slower, and right
		}
	}
	if !found || f.size != size || f.modified != modified.UnixNano() {
		return "", false
	}
	return f.id, true
}

// RememberFile notes the title id of a file as it is now. The volumes longest
// unused are forgotten when there are more than 64, or more than 200,000 files
// in all; a volume that has collected more than 25,000 files begins anew.
func (s *StateDB) RememberFile(volume, path string, size int64, modified time.Time, id string) error {
	if !ValidID(id) {
		return fmt.Errorf("remember a file: %q is no id of a title", id)
	}
	key := newFileKey(volume, path)
	return s.add(func(b *batch) {
		b.files[key] = knownFile{size: size, modified: modified.UnixNano(), id: id}
		s.use(key.volume())
		s.flushWithin(filesEvery)
	})
}

// use notes that a volume is the one used last. The lock is held.
func (s *StateDB) use(v volumeKey) {
	if _, noted := s.pending.volumes[v]; noted && s.recent == v {
		return
	}
	s.uses++
	s.recent = v
	s.pending.volumes[v] = s.uses // written with the next file; alone it is not worth a commit
}

// countUses goes on counting where the last process ended.
func (s *StateDB) countUses(tx *bbolt.Tx) error {
	return tx.Bucket(bucketVolumes).ForEach(func(_, value []byte) error {
		s.uses = max(s.uses, parseVolume(value).used)
		return nil
	})
}

func writeFiles(tx *bbolt.Tx, files map[fileKey]knownFile, used map[volumeKey]uint64) error {
	all, volumes := tx.Bucket(bucketFiles), tx.Bucket(bucketVolumes)
	changed := map[volumeKey]volume{}
	for v, number := range used {
		info := parseVolume(volumes.Get(v[:]))
		info.used = max(info.used, number)
		changed[v] = info
	}
	for key, f := range files {
		info := changed[key.volume()]
		if all.Get(key[:]) == nil {
			if info.files >= maxFilesPerVolume {
				if err := forgetFiles(all, key.volume()); err != nil {
					return err
				}
				info.files = 0
			}
			info.files++
			changed[key.volume()] = info
		}
		if err := all.Put(key[:], f.bytes()); err != nil {
			return err
		}
	}
	for v, info := range changed {
		if info.files == 0 {
			continue // only looked at
		}
		if err := volumes.Put(v[:], info.bytes()); err != nil {
			return err
		}
	}
	return boundVolumes(all, volumes)
}

// boundVolumes forgets the volumes longest unused.
func boundVolumes(files, volumes *bbolt.Bucket) error {
	for {
		count, total := 0, 0
		var oldest volumeKey
		lowest := uint64(math.MaxUint64)
		err := volumes.ForEach(func(key, value []byte) error {
			v := parseVolume(value)
			count++
			total += int(v.files)
			if v.used < lowest && len(key) == len(oldest) {
				lowest, oldest = v.used, volumeKey(key)
			}
			return nil
		})
		if err != nil || count <= maxVolumes && total <= maxFiles || count <= 1 {
			return err
		}
		if err := forgetFiles(files, oldest); err != nil {
			return err
		}
		if err := volumes.Delete(oldest[:]); err != nil {
			return err
		}
	}
}

func forgetFiles(files *bbolt.Bucket, v volumeKey) error {
	var keys [][]byte
	c := files.Cursor()
	for key, _ := c.Seek(v[:]); bytes.HasPrefix(key, v[:]); key, _ = c.Next() {
		keys = append(keys, bytes.Clone(key))
	}
	for _, key := range keys {
		if err := files.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
