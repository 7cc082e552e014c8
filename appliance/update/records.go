package update

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/update/slots"
)

// RecordsDir is where the helper keeps what must outlive a start: root's own folder on the state partition.
const RecordsDir = "/state/system/update"

// The records. The unit streambox-trial.service looks for the first two.
const (
	stagedFile  = "staged.json"
	trialFile   = "trial.json"
	refusedFile = "refused.json"
	recordMax   = 1 << 20
	mostRefused = 64 // the newest
)

// attempts is how often a bundle is tried whose trial ends without a verdict.
const attempts = 2

// Staged is what the other slot holds.
type Staged struct {
	Bundle   string     `json:"bundle"` // bundle.Bundle.ID
	Build    int64      `json:"build"`
	Version  string     `json:"version"`
	Slot     slots.Slot `json:"slot"`
	Front    []byte     `json:"front"` // bundle.Bundle.Front: believed anew before it is tried
	Attempts int        `json:"attempts,omitempty"`
}

// Trial is a try that has begun.
type Trial struct {
	Staged
	SetAside uint64 `json:"setAside,omitempty"` // what Helper.SetAside said before
	Verdict  string `json:"verdict,omitempty"`  // why the new system did not find itself well
}

// refusedBundle is never tried again.
type refusedBundle struct {
	Bundle  string `json:"bundle"`
	Build   int64  `json:"build"`
	Version string `json:"version"`
	Why     string `json:"why"`
}

// envelope is a file: the schema, and what a later release may add survives where this one rewrites it.
type envelope struct {
	Schema  int             `json:"schema"`
	Staged  *Staged         `json:"staged,omitempty"`
	Trial   *Trial          `json:"trial,omitempty"`
	Refused []refusedBundle `json:"refused,omitempty"`
}

const recordSchema = 1

// Records are the helper's files. Who has them open is alone with slots and records.
type Records struct {
	dir  *os.Root
	lock *os.File
}

// lockEvery is how often a helper looks whether the other one has ended.
const lockEvery = 200 * time.Millisecond

// OpenRecords opens the folder, and makes it; it waits while another helper has it. Close it with Close.
func OpenRecords(ctx context.Context, dir string) (*Records, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for updates: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder for updates: %w", err)
	}
	lock, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the folder for updates: %w", err), root.Close())
	}
	r := &Records{root, lock}
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return r, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("locking the folder for updates: %w", err), r.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("waiting for the folder for updates: %w", context.Cause(ctx)), r.Close())
		case <-tick.C:
		}
	}
}

// Close lets the folder go.
func (r *Records) Close() error { return errors.Join(r.lock.Close(), r.dir.Close()) }

// Staged and the following return nil where there is no record, or none that can be read: a
// record is a hint, and a damaged one is as none.
func (r *Records) Staged() *Staged { return r.read(stagedFile).Staged }

// Trial is the try that has begun.
func (r *Records) Trial() *Trial { return r.read(trialFile).Trial }

// Refused says why a bundle is not tried again; "" it may be.
func (r *Records) Refused(id string) string {
	list := r.read(refusedFile).Refused
	at := slices.IndexFunc(list, func(one refusedBundle) bool { return one.Bundle == id })
	if at < 0 {
		return ""
	}
	return list[at].Why
}

// SetStaged and the following are durable when they return; nil removes.
func (r *Records) SetStaged(s *Staged) error {
	if s == nil {
		return r.remove(stagedFile)
	}
	return r.write(stagedFile, envelope{Staged: s})
}

// SetTrial begins, changes or ends a try.
func (r *Records) SetTrial(t *Trial) error {
	if t == nil {
		return r.remove(trialFile)
	}
	return r.write(trialFile, envelope{Trial: t})
}

// Refuse notes that a bundle is not tried again.
func (r *Records) Refuse(s Staged, why string) error {
	if r.Refused(s.Bundle) != "" {
		return nil
	}
	list := r.read(refusedFile).Refused
	list = append(list, refusedBundle{Bundle: s.Bundle, Build: s.Build, Version: s.Version, Why: why})
	return r.write(refusedFile, envelope{Refused: list[max(0, len(list)-mostRefused):]})
}

func (r *Records) read(name string) envelope {
	file, err := r.dir.Open(name)
	if err != nil {
		return envelope{}
	}
	defer file.Close()
	var e envelope
	data, err := io.ReadAll(io.LimitReader(file, recordMax))
	if err != nil || json.Unmarshal(data, &e) != nil || e.Schema < 1 || e.Schema > recordSchema {
		return envelope{}
	}
	return e
}

// write replaces a file: all of it or nothing, whatever happens to the power.
func (r *Records) write(name string, e envelope) error {
	e.Schema = recordSchema
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keeping how the update goes: %w", err)
	}
	err = func() error {
		file, openErr := r.dir.OpenFile(name+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if openErr != nil {
			return openErr
		}
		_, writeErr := file.Write(data)
		if writeErr = errors.Join(writeErr, file.Sync(), file.Close()); writeErr != nil {
			return writeErr
		}
		return errors.Join(r.dir.Rename(name+".part", name), r.sync())
	}()
	if err != nil {
		return fmt.Errorf("keeping how the update goes: %w", err)
	}
	return nil
}

func (r *Records) remove(name string) error {
	err := r.dir.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err = errors.Join(err, r.sync()); err != nil {
		return fmt.Errorf("keeping how the update goes: %w", err)
	}
	return nil
}

func (r *Records) sync() error {
	dir, err := r.dir.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
