package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"streambox.local/appliance"
	"streambox.local/appliance/report"
	"streambox.local/transcode"
	"streambox.local/transcode/worker"
	"streambox.local/web"
)

// workplace is the data folder, ours alone, and the log that report reads.
type workplace struct {
	lock    *appliance.DataLock
	log     *report.LogFile // nil: nowhere to write it
	logPath string
}

// occupy makes and takes the data folder.
func (a *app) occupy(s settings) (workplace, error) {
	for _, dir := range s.Media {
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return workplace{}, usagef("--media %s is not a folder; give the folder that holds the films", dir)
		}
	}
	data := s.Data
	if err := os.MkdirAll(data, 0o750); err != nil {
		return workplace{}, fmt.Errorf("the data folder %s cannot be made: %s; choose another with --data", data, cause(err))
	}
	lock, err := appliance.LockData(data)
	if err != nil {
		if inUse, ok := errors.AsType[*appliance.InUseError](err); ok {
			return workplace{}, inUse
		}
		if errors.Is(err, fs.ErrPermission) {
			return workplace{}, fmt.Errorf("the data folder %s cannot be written by this user; choose another with --data", data)
		}
		return workplace{}, err
	}
	// Where the films of a folder are served that the data folder lies in, what
	// was made from them must not be found there as films.
	if err = os.WriteFile(filepath.Join(data, ".streambox-ignore"), nil, 0o600); err != nil {
		return workplace{}, errors.Join(fmt.Errorf("preparing the data folder: %w", err), lock.Close())
	}
	p := workplace{lock: lock, logPath: a.logPath(data)}
	report.PruneLogs(filepath.Dir(p.logPath), 7)
	if p.log, err = report.OpenLogFile(p.logPath); err != nil {
		a.stderr.linef("streambox: report will have no log lines: %v", err)
	}
	return p, nil
}

// boxInfo is what doctor and report may know of this box.
func (a *app) boxInfo(started time.Time, at socket, p workplace) appliance.BoxInfo {
	info := appliance.BoxInfo{PID: os.Getpid(), Started: started.UTC(), Version: a.build.Version, Listen: at.at.String(), Note: at.note}
	if p.log != nil {
		info.LogFile = p.logPath
	}
	return info
}

func (p workplace) leave() {
	if p.log != nil {
		_ = p.log.Close() // every line was written when it was logged
	}
	_ = p.lock.Close() // the kernel takes the lock back in any case
}

// say logs what was wrong in the settings.
func say(log *slog.Logger, warnings []string) {
	for _, w := range warnings {
		log.Warn("A setting is wrong", "what", w)
	}
}

// memoryLimit is what the collector tries to stay below: it may let the heap double
// before, which with segments of 30 films in memory was 200 MB. They hold no pointers
// and cost it next to nothing to pass over. A small heap never comes near it.
const memoryLimit = 128 << 20

// boundMemory sets the limit. Who sets GOMEMLIMIT knows better.
func boundMemory(getenv func(string) string) {
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// findTools looks for ffmpeg. A box without it still serves what is finished;
// intake makes a problem of it that the page shows, and asks ffmpeg itself what
// it can do, until it answers.
func findTools(data string, broken func(error), log *slog.Logger) *transcode.Tools {
	tools, err := transcode.FindTools(log)
	if err != nil {
		log.Error("Films cannot be prepared: ffmpeg is missing", "error", err)
		return nil
	}
	if err = worker.CloseMemory(); err != nil {
		log.Warn("Who reads films could look into the box's memory", "error", err)
	}
	tools.Launcher = worker.Choose(worker.SocketPath, log)
	if unit, ok := tools.Launcher.(*worker.Unit); ok {
		unit.Broken = broken
	}
	tools.StateDir = data
	return tools
}

func lanAddresses() ([]netip.Addr, error) {
	links, err := appliance.Links()
	return appliance.LAN(links), err
}

// client is the page: built in, or a developer's folder.
func client(dir string, log *slog.Logger) (fs.FS, error) {
	if dir != "" {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, usagef("--client %s: %s", dir, cause(err))
		}
		return root.FS(), nil
	}
	assets, ok := web.Assets()
	if !ok {
		log.Warn("This program was built without the page; make build includes it")
	}
	return assets, nil
}
