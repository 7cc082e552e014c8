package update

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"streambox.local/appliance/usb"
)

// How the program follows updates.
const (
	idleBefore = 10 * time.Minute // nobody has a title open for so long before an update is tried
	lookEvery  = 2 * time.Second
)

// WatchConfig is what a Watch needs.
type WatchConfig struct {
	Here    bool                                // this machine has slots
	Status  string                              // StatusFile
	Viewers func() int                          // who have a title open
	Ask     func(request string) error          // leaves a request for the helper
	Show    func(now Status)                    // what is to be shown has changed; called from Run; zero: nothing
	Bundles func(stick usb.Stick) (bool, error) // does it have any? optional
	Log     *slog.Logger
}

// Watch is the program's side. Make one with NewWatch.
type Watch struct {
	cfg  WatchConfig
	news chan struct{}

	mu      sync.Mutex
	plugged map[string]uint64 // the sticks' folders, and which plugging of each
	said    bool              // that this machine takes no updates
}

// NewWatch starts nothing.
func NewWatch(cfg WatchConfig) *Watch {
	if cfg.Bundles == nil {
		cfg.Bundles = hasBundle
	}
	return &Watch{cfg: cfg, news: make(chan struct{}, 1), plugged: map[string]uint64{}}
}

// SetSticks is told what is plugged. It never blocks: a stick may not answer, so each new one is
// looked at by a goroutine of its own, which ends when the stick answers or goes.
func (w *Watch) SetSticks(sticks []usb.Stick) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := map[string]uint64{}
	for _, stick := range sticks {
		if stick.Root == "" {
			continue
		}
		now[folderOf(stick)] = stick.Plugged
		if was, known := w.plugged[folderOf(stick)]; !known || was != stick.Plugged {
			go w.look(stick)
		}
	}
	w.plugged = now
	w.wake()
}

// folderOf is the stick's name as the helper knows it.
func folderOf(stick usb.Stick) string { return filepath.Base(stick.Root) }

// look asks the helper when a stick has a bundle.
func (w *Watch) look(stick usb.Stick) {
	has, err := w.cfg.Bundles(stick)
	if err != nil {
		w.cfg.Log.Debug("A stick was not looked through for updates", "stick", stick.ID, "error", err)
	}
	if !has {
		return
	}
	if !w.cfg.Here {
		w.mu.Lock()
		said := w.said
		w.said = true
		w.mu.Unlock()
		if !said {
			w.cfg.Log.Info("There is an update on a stick: not on this board, which does not start from a StreamBox card with two slots")
		}
		return
	}
	w.cfg.Log.Info("There is an update on a stick", "stick", stick.ID)
	if err := w.cfg.Ask(RequestUpdate); err != nil {
		w.cfg.Log.Warn("Nobody looks at the update", "error", err)
	}
}

func (w *Watch) wake() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// Run shows what the helper says, and asks for the try when nobody has watched for a while.
func (w *Watch) Run(ctx context.Context) error {
	if !w.cfg.Here {
		return nil
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var shown Status
	var read statusFile
	idle := idleSince{at: time.Now()}
	for {
		now := w.current(read.look(w.cfg.Status, w.cfg.Log))
		if !reflect.DeepEqual(now, shown) {
			shown = now
			w.cfg.Show(now)
		}
		if idle.due(time.Now(), w.cfg.Viewers(), now.Code == CodeWaiting || now.Waiting != "") {
			w.cfg.Log.Info("Nobody has watched for a while: the update is tried")
			if err := w.cfg.Ask(RequestTry); err != nil {
				w.cfg.Log.Warn("Nobody tries the update", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-w.news:
		}
	}
}

// current leaves out what is about a stick that has gone.
func (w *Watch) current(s Status) Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, here := w.plugged[s.Stick]; s.Stick != "" && !here {
		if s.Waiting != "" {
			return status(CodeWaiting, "", version(s.Waiting))
		}
		return Status{}
	}
	return s
}

// idleSince decides when nobody has watched for long enough, and says so again when nothing came of it.
type idleSince struct{ at time.Time }

func (i *idleSince) due(now time.Time, viewers int, waiting bool) bool {
	if viewers > 0 {
		i.at = now
	}
	if !waiting || now.Sub(i.at) < idleBefore {
		return false
	}
	i.at = now
	return true
}

// statusFile reads the helper's word when it has changed.
type statusFile struct {
	info os.FileInfo
	last Status
}

func (f *statusFile) look(path string, log *slog.Logger) Status {
	info, err := os.Stat(path)
	if err != nil {
		f.info, f.last = nil, Status{}
		return f.last
	}
	if f.info != nil && os.SameFile(f.info, info) && f.info.ModTime().Equal(info.ModTime()) {
		return f.last
	}
	s, err := ReadStatus(path)
	if err != nil {
		log.Warn("What the update's helper says cannot be read", "error", err)
	}
	f.info, f.last = info, s
	return s
}
