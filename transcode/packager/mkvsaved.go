package packager

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// A Matroska file without Cues is gone through cluster by cluster, which takes a
// slow stick minutes. What was found is small (20 bytes a segment), and the same
// for the same content: Title.Saved gives it to whoever can keep it, and
// Choice-bound as it is, OpenSaved takes it instead of going through the file
// again. A wrong one costs no wrong segment that would go unnoticed: pictures
// that are not where it says are ErrDamaged, those that are none to begin with ErrKeyFlags.

// savedRow is a segment as it is kept.
type savedRow struct {
	Cluster, Start int64
	Relative       int32
}

// savedHead stands before the rows.
type savedHead struct {
	Size, Last, End int64
	Strict          bool
	Rows            uint32
}

// Saved is what OpenSaved needs to open this film, with the same Choice, without
// going through it; nil where Open is quick anyway.
func (t *Title) Saved() []byte { return t.saved }

// savedFor binds what is kept to a version and a choice.
func savedFor(asked Choice) []byte {
	sum := sha256.Sum256([]byte("clusters of " + asked.Name()))
	return sum[:]
}

func (p *mkvPlan) save(asked Choice, size, end int64) []byte {
	var body bytes.Buffer
	body.Write(savedFor(asked))
	head := savedHead{Size: size, Last: p.film.last, End: end, Strict: p.title.choice.Strict, Rows: uint32(len(p.rows))} //nolint:gosec // mostSegments
	_ = binary.Write(&body, binary.BigEndian, head)                                                                      // a Buffer takes all
	for n, row := range p.rows {
		_ = binary.Write(&body, binary.BigEndian, savedRow{row.cluster, p.starts[n], row.relative})
	}
	sum := sha256.Sum256(body.Bytes())
	return append(body.Bytes(), sum[:]...)
}

// restore takes what was kept; an error: it is of no use.
func (p *mkvPlan) restore(asked Choice, size int64, saved []byte) error {
	if len(saved) < 2*sha256.Size || len(saved) > 2*sha256.Size+mostSegments*20+64 {
		return fmt.Errorf("%w: what was kept of its index", ErrDamaged)
	}
	body, sum := saved[:len(saved)-sha256.Size], saved[len(saved)-sha256.Size:]
	if now := sha256.Sum256(body); !bytes.Equal(now[:], sum) || !bytes.HasPrefix(body, savedFor(asked)) {
		return fmt.Errorf("%w: what was kept of its index", ErrDamaged)
	}
	in := bytes.NewReader(body[sha256.Size:])
	var head savedHead
	if err := binary.Read(in, binary.BigEndian, &head); err != nil || head.Size != size || head.Rows == 0 || head.Rows > mostSegments {
		return fmt.Errorf("%w: what was kept of its index", ErrDamaged)
	}
	if in.Len() != int(head.Rows)*binary.Size(savedRow{}) {
		return fmt.Errorf("%w: what was kept of its index", ErrDamaged)
	}
	rows := make([]savedRow, head.Rows)
	if err := binary.Read(in, binary.BigEndian, rows); err != nil {
		return fmt.Errorf("%w: what was kept of its index", ErrDamaged)
	}
	for _, row := range rows {
		p.rows = append(p.rows, mkvRow{cluster: row.Cluster, relative: row.Relative})
		p.starts = append(p.starts, row.Start)
	}
	p.film.rows, p.film.starts, p.film.last = p.rows, p.starts, head.Last
	p.title.choice.Strict = head.Strict
	p.title.starts = slices.Concat(p.starts, []int64{head.End})
	p.title.saved = saved
	return nil
}
