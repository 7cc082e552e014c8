package library

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	stateMode     = 0o600           // viewers' places are nobody else's business
	lockWait      = time.Second     // a service that restarts may still be closing
	maxCheckBytes = int64(64) << 20 // above this a start would take long; the bounds keep the file below
)

// OpenStateDB opens or makes the file; a damaged one is set aside as
// <path>.damaged and made anew, which damaged tells, beside a nil error. So is
// one of a newer release. ErrStateInUse when another process holds it.
func OpenStateDB(path string, now func() time.Time) (db *StateDB, damaged bool, err error) {
	if now == nil {
		now = time.Now
	}
	if err = os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return nil, false, fmt.Errorf("make the folder of the state file: %w", err)
	}
	file, err := openOrMake(path)
	if errors.Is(err, errStateDamaged) {
		damaged = true
		if err = os.Rename(path, path+damagedSuffix); err != nil {
			return nil, true, fmt.Errorf("set aside the damaged state file: %w", err)
		}
		file, err = openOrMake(path)
	}
	if err != nil {
		return nil, damaged, fmt.Errorf("open the state file: %w", err)
	}
	s := &StateDB{
		db: file, now: now, wake: make(chan struct{}, 1),
		pending: newBatch(), counters: map[string]*reserved{},
	}
	if err := s.view(s.countUses); err != nil {
		return nil, damaged, errors.Join(err, file.Close())
	}
	return s, damaged, nil
}

// openOrMake makes a new file under another name first: one whose making was cut
// off by the power would have its size and not its content, and be taken for damaged.
func openOrMake(path string) (*bbolt.DB, error) {
	if info, err := os.Lstat(path); err == nil && info.Size() > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return openState(path, false)
	}
	made := path + partSuffix
	if err := os.Remove(made); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	db, err := openState(made, false)
	if err == nil {
		err = db.Close() // all of it is on the disk: each of its commits was synced
	}
	if err == nil {
		err = os.Rename(made, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, fmt.Errorf("make a new one: %w", err)
	}
	return openState(path, false)
}

// openState opens and checks the file; errStateDamaged for what bbolt cannot have
// left so. readOnly changes nothing in it: buckets may be missing then.
func openState(path string, readOnly bool) (*bbolt.DB, error) {
	var db *bbolt.DB
	var opened *os.File
	err := guarded(func() (err error) {
		db, err = bbolt.Open(path, stateMode, &bbolt.Options{
			Timeout:      lockWait,
			ReadOnly:     readOnly,
			FreelistType: bbolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (file *os.File, err error) {
				opened, err = os.OpenFile(name, flag, mode)
				return opened, err
			},
		})
		return err
	})
	var errno syscall.Errno
	var pathError *fs.PathError
	switch {
	case err == nil:
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, ErrStateInUse
	case errors.As(err, &pathError), errors.As(err, &errno): // the disk's fault, not the content's
		return nil, err
	default: // bbolt's own judgement, or its panic, after which the file is still open
		if opened != nil {
			_ = opened.Close()
		}
		return nil, fmt.Errorf("%w: %w", errStateDamaged, err)
	}
	err = guarded(func() error { return checkState(path, db) })
	if err == nil && !readOnly {
		err = guarded(func() error { return furnish(db) })
	}
	if err != nil {
		return nil, errors.Join(err, guarded(db.Close))
	}
	return db, nil
}

// checkState looks at every page once, then at the schema.
func checkState(path string, db *bbolt.DB) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: it has %d bytes of %d", errStateDamaged, info.Size(), tx.Size())
		}
		var first error
		if info.Size() > maxCheckBytes {
			return checkSchema(tx)
		}
		for err := range tx.Check() { // to its end: the check holds the transaction until then
			if first == nil {
				first = fmt.Errorf("%w: %w", errStateDamaged, err)
			}
		}
		if first != nil {
			return first
		}
		return checkSchema(tx)
	})
}

// checkSchema refuses a file of another release; one without a schema has just been made.
func checkSchema(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return nil
	}
	if schema := meta.Get([]byte("schema")); schema != nil && string(schema) != strconv.Itoa(stateSchema) {
		return fmt.Errorf("%w: its schema is %q, this release reads %d", errStateDamaged, schema, stateSchema)
	}
	return nil
}

// furnish makes what is missing.
func furnish(db *bbolt.DB) error {
	if furnished(db) {
		return nil // an Update that changes nothing would still write and sync, at every start
	}
	return db.Update(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return fmt.Errorf("make a bucket: %w", err)
			}
		}
		return tx.Bucket(bucketMeta).Put([]byte("schema"), []byte(strconv.Itoa(stateSchema)))
	})
}

// furnished tells whether all is there that a file of this release has.
func furnished(db *bbolt.DB) bool {
	all := true
	err := db.View(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			all = all && tx.Bucket(name) != nil
		}
		meta := tx.Bucket(bucketMeta)
		all = all && meta != nil && string(meta.Get([]byte("schema"))) == strconv.Itoa(stateSchema)
		return nil
	})
	return err == nil && all
}
