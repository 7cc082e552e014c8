package appliance

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/foreign"
)

// infoMax bounds what is read of it.
const infoMax = 64 << 10

// lockName is the file in the data folder that a running box holds locked.
const lockName = "streambox.lock"

// BoxInfo is what a running box leaves for doctor and report. It stays after
// the box is gone, so that report finds the log of one that crashed.
type BoxInfo struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Version string    `json:"version"`
	Listen  string    `json:"listen"`         // the address it listens at, with the real port
	Note    string    `json:"note,omitempty"` // why it listens there: "port 80 is taken by nginx.service"
	LogFile string    `json:"logFile"`        // see report.LogFile
	Owner   int       `json:"-"`              // whose file this is (user number), for who believes it
}

// InUseError says that another box works in the data folder.
type InUseError struct {
	Dir string
	Box BoxInfo
}

func (e *InUseError) Error() string {
	who := "another streambox"
	if e.Box.PID > 0 {
		who += fmt.Sprintf(" (process %d)", e.Box.PID)
	}
	return who + " already works in the data folder " + e.Dir + "; stop it, or give this one a folder of its own with --data"
}

// DataLock is a data folder that is ours while the process lives: the kernel
// lets go of the lock however the process ends.
type DataLock struct{ file *os.File }

// LockData takes the data folder, which must exist; *InUseError when a box has it.
func LockData(dir string) (*DataLock, error) {
	path := filepath.Join(dir, lockName)
	// Root may serve from a folder of the service's user: no link is followed to what is then overwritten.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o644) //nolint:gosec // doctor and report of another user may read who runs
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the data folder: %w", err)
	}
	owner, err := foreign.Plain(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the lock of the data folder: %w", err), file.Close())
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		info := readInfo(file, owner)
		return nil, errors.Join(&InUseError{Dir: dir, Box: info}, file.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking the data folder: %w", err), file.Close())
	}
	return &DataLock{file: file}, nil
}

// Describe writes what others may know of this box.
func (l *DataLock) Describe(info BoxInfo) error {
	data, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("describing this box: %w", err)
	}
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("describing this box: %w", err)
	}
	if _, err := l.file.WriteAt(append(data, '\n'), 0); err != nil {
		return fmt.Errorf("describing this box: %w", err)
	}
	return nil
}

// Close lets the folder go.
func (l *DataLock) Close() error { return l.file.Close() }

// RunningBox tells what the last box in this data folder left, and whether it
// still runs. found is false where there never was one, or where its file may
// not be read. The folder may belong to another user than ours: what info says
// is that user's word.
func RunningBox(dir string) (info BoxInfo, running, found bool) {
	root, err := foreign.Folder(dir)
	if err != nil {
		return BoxInfo{}, false, false
	}
	defer root.Close()
	file, owner, err := foreign.Open(root, lockName)
	if err != nil {
		return BoxInfo{}, false, false
	}
	defer file.Close()
	running = errors.Is(unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
	return readInfo(file, owner), running, true
}

// readInfo returns nothing but the owner for a file that says nothing (yet).
func readInfo(file *os.File, owner int) BoxInfo {
	var info BoxInfo
	data, err := foreign.ReadAll(file, infoMax)
	if err != nil || json.Unmarshal(data, &info) != nil {
		return BoxInfo{Owner: owner}
	}
	info.Owner = owner
	return info
}
