package mkv

import (
	"errors"
	"fmt"
	"io"

	"streambox.local/transcode/packager/track"
)

// Place is where a block is.
type Place struct {
	Cluster  int64 // offset of its cluster in the file; 0: the first one
	Relative int64 // of its element from the beginning of the cluster's content; -1: not known
}

// Before tells whether a place comes before another; both are known.
func (p Place) Before(other Place) bool {
	return p.Cluster < other.Cluster || p.Cluster == other.Cluster && p.Relative < other.Relative
}

// Block is a block of one track: one frame, or several in a lace.
type Block struct {
	Place
	Track  uint64
	Time   int64 // in the file's units
	Key    bool
	Offset int64 // of its frames
	Size   int64 // of all of them

	lacing byte
	length int64 // BlockDuration; 0: not said
}

// Scanner gives the blocks from a place on, in the order of the file.
type Scanner struct {
	f *File
	e *elements

	at      int64 // of the next element
	cluster int64 // begins here; 0: outside of one
	body    int64 // of the cluster
	end     int64 // of the cluster
	open    bool  // its size is unknown
	time    int64
	Short   bool // the file ended within an element
}

// Windows for Scan: how much is read at once where a block's header is looked for.
const (
	BlockWindow = 512     // most blocks are larger
	PlaceWindow = 4 << 10 // a key frame and its first bytes
)

// Scan starts at a place; the zero Place is the first cluster.
func (f *File) Scan(in io.ReaderAt, from Place, window int) (*Scanner, error) {
	s := &Scanner{f: f, e: newElements(in, window), at: from.Cluster}
	if s.at == 0 {
		s.at = f.clusters
	}
	if from.Relative <= 0 {
		return s, nil
	}
	// The cluster's own time stands before its blocks.
	for s.cluster == 0 || s.time < 0 {
		if _, ok, err := s.step(); err != nil || ok {
			return nil, wrongPlace(err)
		}
	}
	if s.cluster != from.Cluster || from.Relative >= s.end-s.body {
		return nil, wrongPlace(nil)
	}
	s.at = s.body + from.Relative
	return s, nil
}

// wrongPlace is the error of a place that the file's index names wrongly.
func wrongPlace(err error) error {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, track.ErrDamaged) {
		return err // the device's
	}
	return fmt.Errorf("%w: nothing is where its index says", track.ErrDamaged)
}

// Next returns the next block; io.EOF at the end.
func (s *Scanner) Next() (Block, error) {
	for {
		block, ok, err := s.step()
		if err != nil || ok {
			return block, err
		}
	}
}

// step goes one element further.
func (s *Scanner) step() (block Block, ok bool, err error) {
	if s.cluster != 0 && s.at >= s.end {
		s.cluster = 0
	}
	if s.at >= s.f.end {
		return Block{}, false, io.EOF
	}
	end := s.f.end
	if s.cluster != 0 {
		end = s.end
	}
	one, err := s.e.next(s.at, end)
	if s.cluster == 0 || s.open && atTop(one.id) {
		return Block{}, false, s.top(one, err)
	}
	if err != nil {
		return Block{}, false, s.cutOff(err)
	}
	s.at = one.end
	switch one.id {
	case idTimestamp:
		return Block{}, false, s.clusterTime(one)
	case idSimpleBlock:
		block, err = s.block(one, true)
		return block, err == nil, err
	case idBlockGroup:
		return s.group(one)
	}
	return Block{}, false, nil
}

func (s *Scanner) clusterTime(one element) error {
	t, err := s.e.number(one)
	if err == nil && t > s.f.latest() {
		err = fmt.Errorf("%w: times beyond all measure", track.ErrDamaged)
	}
	s.time = int64(t & (1<<62 - 1))
	return err
}

// top passes over what is not a cluster, and enters one.
func (s *Scanner) top(one element, err error) error {
	if one.id == idCluster && (err == nil || errors.Is(err, errCutOff)) {
		s.cluster, s.body, s.end, s.open, s.time = one.at, one.body, one.end, one.unknown, -1
		s.at = one.body
		return nil
	}
	if err != nil {
		return s.cutOff(err)
	}
	s.cluster, s.at = 0, one.end
	return nil
}

// cutOff turns the end of a file within an element into the end.
func (s *Scanner) cutOff(err error) error {
	if errors.Is(err, errCutOff) || errors.Is(err, track.ErrDamaged) && s.at+mostHeader > s.f.size {
		s.Short = true
		return io.EOF
	}
	return err
}

// group reads a BlockGroup.
func (s *Scanner) group(group element) (block Block, ok bool, err error) {
	key, length := true, uint64(0)
	err = s.e.children(group, func(one element) (err error) {
		switch one.id {
		case idBlock:
			block, err = s.block(one, false)
			ok = err == nil
		case idReference:
			key = false
		case idDuration:
			length, err = s.e.number(one)
		}
		return err
	})
	block.Key, block.Relative = key, group.at-s.body
	block.length = int64(min(length, s.f.latest()))
	return block, ok && err == nil, err
}

func (s *Scanner) block(one element, simple bool) (Block, error) {
	head, err := s.e.view(one.body, int(min(12, one.end-one.body)))
	if err != nil {
		return Block{}, err
	}
	number, n := vint(head, false)
	if n == 0 || len(head) < n+3 || s.time < 0 {
		return Block{}, fmt.Errorf("%w: a block without a header or a time", track.ErrDamaged)
	}
	flags := head[n+2]
	return Block{
		Place: Place{Cluster: s.cluster, Relative: one.at - s.body}, Track: number,
		Time: s.time + be16(head[n:]), Key: simple && flags&0x80 != 0,
		Offset: one.body + int64(n) + 3, Size: one.end - one.body - int64(n) - 3, lacing: flags >> 1 & 3,
	}, nil
}
