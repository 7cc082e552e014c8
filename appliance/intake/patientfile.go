package intake

import (
	"fmt"
	"os"
	"time"

	"streambox.local/appliance/library"
)

// patience is how long a phone's request waits for one read of a stick.
const patience = 10 * time.Second

// patientFile is a film's file whose reads end, though the stick may not answer
// any more: a system call on a dead stick cannot be ended, and what is shared by
// all titles (who makes segments, and how many at once) must not hang with it.
type patientFile struct {
	in        *Intake
	file      *os.File
	sizeBytes int64
}

// openPatiently opens a plugged copy of a film; a stick that does not even do
// that is left to itself.
func (in *Intake) openPatiently(id string) (*patientFile, error) {
	type opened struct {
		file *os.File
		err  error
	}
	o, err := patiently(in, func() (o opened) {
		o.file, o.err = in.openPlugged(id)
		return o
	}, func(late opened) {
		if late.err == nil {
			closeAll([]*os.File{late.file})
		}
	})
	if err == nil {
		err = o.err
	}
	if err != nil {
		return nil, err
	}
	info, err := o.file.Stat() // of an open file: the kernel knows it
	if err != nil {
		closeAll([]*os.File{o.file})
		return nil, fmt.Errorf("open film: %w", err)
	}
	return &patientFile{in: in, file: o.file, sizeBytes: info.Size()}, nil
}

// ReadAt implements io.ReaderAt. After an error b may still be written to: whoever
// called must not use it again.
func (p *patientFile) ReadAt(b []byte, at int64) (int, error) {
	type read struct {
		n   int
		err error
	}
	r, err := patiently(p.in, func() (r read) {
		r.n, r.err = p.file.ReadAt(b, at)
		return r
	}, nil)
	if err != nil {
		return 0, err
	}
	return r.n, r.err
}

// Close implements io.Closer; it does not wait for a read that was left behind.
func (p *patientFile) Close() error { return p.file.Close() }

// patiently does something that may never end, and stops waiting for it after
// some time; late is given the result should it come after all (nil: nobody minds).
func patiently[T any](in *Intake, do func() T, late func(T)) (out T, err error) {
	if in.leftBehind.Load() >= leftLimit {
		return out, fmt.Errorf("%w: %w", library.ErrNotYet, errSilent)
	}
	done := make(chan T) // without a buffer: either it is taken, or it is late
	given := make(chan struct{})
	go func() {
		result := do()
		select {
		case done <- result:
		case <-given:
			in.leftBehind.Add(-1)
			if late != nil {
				late(result)
			}
		}
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case out = <-done:
		return out, nil
	case <-timer.C:
		in.leftBehind.Add(1)
		close(given)
		return out, fmt.Errorf("%w: %w", library.ErrNotYet, errSilent)
	}
}
