package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
)

// ErrNotWhole is a folder that cannot be gone on with: something that was listed
// is not there any more, or is something else.
var ErrNotWhole = errors.New("what was published is not all there")

const (
	maxHashesBytes  = 8 << 20  // a day of 4-second segments takes 4 MB
	maxSegmentBytes = 64 << 20 // far more than any
	// reread of the last segments are compared with their digests: a disk that
	// forgets what it had promised to keep forgets the newest.
	reread = 16
)

// Suspend ends a publisher whose rendition is to go on later: what is published
// stays, for Reopen; after a full disk, too, since what is listed is whole. It may be
// called beside Add, which fails from then on: a job that hangs in a dead stick comes
// too late to write into what another one goes on with.
func (p *Publisher) Suspend() error {
	p.mu.Lock()
	p.suspended = true
	p.mu.Unlock()
	p.end.Do(func() { close(p.ending) })
	p.work.Wait() // what is under way is published: at most maxUnderWay segments
	if err := p.fail(errSuspended); !errors.Is(err, errSuspended) && !errors.Is(err, ErrNoSpace) {
		return fmt.Errorf("suspend the rendition: %w", err)
	}
	return nil
}

var errSuspended = errors.New("the rendition was suspended")

// Reopen goes on with a folder that a publisher has left, which was told to Keep
// it. All that is listed stays as it is: viewers may have it. ErrNotWhole when it
// is not all there; then the folder is of no use and another one is to be made.
// Announce and Begin are to be told again, the same.
func Reopen(dir string) (*Publisher, error) { return reopen(dir, osDisk{}) }

func reopen(dir string, d disk) (*Publisher, error) {
	p := publisherOf(dir, d)
	p.kept = true
	err := p.load(reread)
	if err == nil {
		err = p.sweep()
	}
	if err != nil {
		return nil, fmt.Errorf("go on with a rendition: %w", err)
	}
	return p, nil
}

// Verify reads all that is listed of a folder, finished or not, and changes nothing:
// ErrNotWhole when Reopen could not go on with it, or a segment is not what was published.
func Verify(dir string) (Manifest, error) {
	p := publisherOf(dir, osDisk{})
	if err := p.load(math.MaxInt); err != nil {
		return Manifest{}, fmt.Errorf("verify a rendition: %w", err)
	}
	return p.Manifest(), nil
}

// load compares what is listed with the files, of the last ones the content too.
func (p *Publisher) load(contentOfLast int) error {
	rows, err := p.readHashes()
	if err != nil {
		return err
	}
	for number, row := range rows {
		e, err := row.entry(number)
		if err == nil {
			err = p.check(number, e, len(rows)-number <= contentOfLast)
		}
		if err != nil {
			return fmt.Errorf("segment %d: %w", number, err)
		}
		p.lists.add(e)
	}
	p.listed, p.next = p.lists.manifest, len(rows)
	return nil
}

// Segment reads one that is published.
func (p *Publisher) Segment(number int) ([]byte, error) {
	f, err := os.Open(p.path(segmentName(number)))
	if err != nil {
		return nil, fmt.Errorf("read a segment: %w", err)
	}
	defer f.Close()
	return readBounded(f, maxSegmentBytes)
}

// row is one of hashes.json.
type row struct {
	Name          string  `json:"name"`
	SHA256        string  `json:"sha256"`
	Bytes         int64   `json:"bytes"`
	Seconds       float64 `json:"seconds"`
	Discontinuity bool    `json:"discontinuity"`
}

func (p *Publisher) readHashes() ([]row, error) {
	f, err := os.Open(p.path(hashesName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: it has no %s", ErrNotWhole, hashesName)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readBounded(f, maxHashesBytes)
	if err != nil {
		return nil, err
	}
	var file struct {
		Schema   int   `json:"schema"`
		Segments []row `json:"segments"`
	}
	if err := json.Unmarshal(data, &file); err != nil || file.Schema != 1 || len(file.Segments) == 0 {
		return nil, fmt.Errorf("%w: %s is not what was written (%w)", ErrNotWhole, hashesName, errors.Join(err, ErrNothing))
	}
	return file.Segments, nil
}

func (r row) entry(number int) (entry, error) {
	sum, err := hex.DecodeString(r.SHA256)
	if err != nil || len(sum) != sha256.Size || r.Name != segmentName(number) || !(r.Seconds > 0) || math.IsInf(r.Seconds, 1) || r.Bytes <= 0 {
		return entry{}, fmt.Errorf("%w: its line in %s is not what was written", ErrNotWhole, hashesName)
	}
	return entry{digest: [sha256.Size]byte(sum), bytes: r.Bytes, seconds: r.Seconds, anew: r.Discontinuity}, nil
}

// check compares a segment with what is known of it.
func (p *Publisher) check(number int, e entry, content bool) error {
	info, err := os.Lstat(p.path(segmentName(number)))
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || info.Size() != e.bytes) {
		return fmt.Errorf("%w: it is missing, or of another size", ErrNotWhole)
	}
	if err != nil || !content {
		return err
	}
	data, err := p.Segment(number)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(data); !bytes.Equal(sum[:], e.digest[:]) {
		return fmt.Errorf("%w: it has another digest", ErrNotWhole)
	}
	return nil
}

// sweep removes what was being written, and segments that nobody has been told of.
func (p *Publisher) sweep() error {
	list, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	for _, one := range list {
		name := one.Name()
		var number int
		_, err := fmt.Sscanf(name, segmentForm, &number)
		unlisted := err == nil && name == segmentName(number) && number >= p.next
		half := strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".part")
		if !unlisted && !half {
			continue
		}
		if err := os.Remove(p.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// readBounded reads all of f, but no more than limit.
func readBounded(f *os.File, limit int64) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%w: %d bytes are no file of ours", ErrNotWhole, info.Size())
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, err
	}
	return data, nil
}
