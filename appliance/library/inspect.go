package library

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Inspection is what Open would find in a library folder.
type Inspection struct {
	Titles      int     // title.json files that were read
	Newer       int     // those of a newer release, which are left alone
	Found       []Found // renditions that stay, in no order
	HalfWritten int     // files and folders that Open removes: a power cut has left them
	Damaged     []Damage
}

// Found is a rendition as title.json has it and its files are.
type Found struct {
	Title, Dir string
	Rendition  Rendition
}

// Damage is what was promised and is not there.
type Damage struct {
	Title, Rendition string // Rendition "": title.json itself
	Err              error
}

// Inspect looks at a library by Open's own rules and changes nothing. No folder
// is an empty library. Contents of segments are not read: that is for whoever wrote them.
func Inspect(dir string) (Inspection, error) {
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Inspection{}, fmt.Errorf("read the library folder: %w", err)
	}
	var found Inspection
	for _, one := range list {
		if one.IsDir() && ValidID(one.Name()) {
			found.title(filepath.Join(dir, one.Name()), one.Name())
		}
	}
	return found, nil
}

func (n *Inspection) title(dir, id string) {
	rec, _, err := readRecord(dir, id)
	var keep map[string]bool
	switch {
	case errors.Is(err, ErrNewerRelease):
		n.Newer++
		return
	case err == nil:
		n.Titles++
		keep = n.renditions(dir, &rec)
	case !errors.Is(err, fs.ErrNotExist):
		n.Damaged = append(n.Damaged, Damage{Title: id, Err: err})
	}
	left, err := leftoversOf(dir, keep)
	if err != nil {
		n.Damaged = append(n.Damaged, Damage{Title: id, Err: err})
	}
	n.HalfWritten += len(left)
}

// renditions returns the names of those that stay.
func (n *Inspection) renditions(dir string, rec *Record) map[string]bool {
	keep := map[string]bool{}
	whole, dropped := judgeRenditions(dir, rec)
	for _, one := range whole {
		keep[one.Name] = true
		n.Found = append(n.Found, Found{Title: rec.ID, Dir: filepath.Join(dir, one.Name), Rendition: one})
	}
	for _, one := range dropped {
		if one.Complete {
			n.Damaged = append(n.Damaged, Damage{Title: rec.ID, Rendition: one.Name, Err: one.why})
			continue
		}
		if _, err := os.Lstat(filepath.Join(dir, one.Name)); err != nil {
			n.HalfWritten++ // else its folder is counted
		}
	}
	return keep
}

// StateInspection is what is in a state file.
type StateInspection struct {
	ChosenName   string
	ResumePoints int
	KnownFiles   int
}

// InspectState looks at a state file by OpenStateDB's own rules and changes
// nothing: nil means that it would be opened as it is. ErrStateInUse while a box
// works with it; fs.ErrNotExist where there is none.
func InspectState(path string) (found StateInspection, err error) {
	var db *bbolt.DB
	if info, statErr := os.Stat(path); statErr == nil && info.Size() == 0 {
		err = fs.ErrNotExist // bbolt takes an empty file for a new one
	} else {
		db, err = openState(path, true)
	}
	if err != nil {
		return StateInspection{}, fmt.Errorf("open the state file: %w", err)
	}
	err = guarded(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			if b := tx.Bucket(bucketSettings); b != nil {
				found.ChosenName = string(b.Get([]byte(settingName)))
			}
			if b := tx.Bucket(bucketResume); b != nil {
				found.ResumePoints = b.Stats().KeyN
			}
			if b := tx.Bucket(bucketFiles); b != nil {
				found.KnownFiles = b.Stats().KeyN
			}
			return nil
		})
	})
	if err = errors.Join(err, guarded(db.Close)); err != nil {
		return StateInspection{}, fmt.Errorf("read the state file: %w", err)
	}
	return found, nil
}
