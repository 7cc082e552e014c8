package intake

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// ErrTooSoon is a rescan within 10 s of the last one, or while one runs.
var ErrTooSoon = errors.New("a rescan has just been made")

// rescanEvery bounds how often anybody may have all sticks read.
const rescanEvery = 10 * time.Second

// Tools is what intake needs of transcode; *transcode.Tools has it.
type Tools interface {
	// Machine tells what the tools can do. An error is no answer: it is asked again.
	Machine(ctx context.Context) (transcode.Machine, error)
	Probe(ctx context.Context, in transcode.Input) (transcode.Media, error)
	Do(ctx context.Context, job transcode.Job) error
	Sound(ctx context.Context, job transcode.SoundJob) (gaveUp bool, err error)
	Thumbnail(ctx context.Context, in transcode.Input, m transcode.Media) ([]byte, error)
	Subtitles(ctx context.Context, job transcode.SubtitleJob) (map[int][]byte, error)
	Tiles(ctx context.Context, stream []byte, count int, m transcode.Media) ([]*image.YCbCr, error)
}

// Demand tells how many phones wait for a title; web's presence has it. It is
// asked under Intake's lock and from inside the library's: it must answer at
// once and call back into neither (but DemandChanged, which takes no such lock).
type Demand interface {
	// Opened returns how many viewers have this title open now (each counts once, for the title opened last).
	Opened(id string) int
	// Cannot returns how many of them cannot play what the title's first rendition is.
	Cannot(id string) int
}

// Memory is the state that survives restarts; *library.StateDB has it. Besides
// identities it is given verdicts on files that are no titles, in the form of
// ids that no content has (verdicts.go).
type Memory interface {
	KnownFile(volume, path string, size int64, modified time.Time) (id string, found bool)
	RememberFile(volume, path string, size int64, modified time.Time, id string) error
	NextNumber(counter string) (uint64, error)
}

// Config is what an Intake needs.
type Config struct {
	Library *library.Library
	Memory  Memory
	Tools   Tools  // nil (the interface, not a nil pointer in it): ffmpeg is missing; titles are listed as blocked with that reason
	Demand  Demand // optional
	// ViewersLate tells whether segments come late to those who watch: no pictures are begun then; nil: they never do.
	ViewersLate func() bool
	// Segments keeps what the packager makes; nil: there is no packager, and direct titles are copied to the box's disk.
	Segments *packager.Cache
	Log      *slog.Logger
	Now      func() time.Time // optional
}

// Intake is the worker between sticks and library.
type Intake struct {
	cfg      Config
	log      *slog.Logger
	now      func() time.Time
	openTree func(usb.Stick) (tree, error) // tests put a failing device in here
	kinds    classifier
	began    time.Time

	mu            sync.Mutex // before any lock of the library, never taken inside one
	sticks        []*stick   // plugged, in the order they were told
	films         map[string]*film
	removed       map[string]*library.Reason // what was said of films that were deleted, if anything, until they are back
	probes        []*film                    // wait for a probe, in order
	checks        []*film                    // ready-made folders that wait
	thumbs        []*film                    // wait for a picture
	words         []*film                    // have subtitles that are to be read
	previews      []*film                    // were opened and have no small pictures yet
	pictured      map[string]bool
	lanes         [laneCount]map[string]*film // wait for a job
	machine       *transcode.Machine          // nil: not known yet
	machineFailed bool                        // it was asked in vain
	looked        uint64                      // how many titles were seen
	lastRescan    time.Time
	lastLook      time.Time         // at unplayable files
	lastRoom      time.Time         // at the disk, for films that wait for room
	freeAtHold    int64             // of the disk when the last film was held up
	shown         map[string]string // problems as last told
	refusals      map[string]string // title → code, of those that the log has already

	scans sync.WaitGroup // scans and second looks: what reads a stick outside of a worker

	tellMu   sync.Mutex // guards what others tell us; never held across a call
	told     []usb.Stick
	isTold   bool
	pokes    map[string]struct{}
	looks    []string          // titles that pages show, the first one last; bounded
	suspects map[*stick]*place // do they answer?

	roomMu sync.Mutex
	busy   map[string]int // titles whose job runs: they must not make room

	shelf      *shelf
	yield      yield
	soundsMade map[string]bool // renditions of sound that somebody makes; guarded by mu
	soundPiece int             // frames of a piece of sound

	session     string // another one each time: part of the names of what is drawn by chance; guarded by mu
	soundsBegun int    // so many names; guarded by mu
	soundMu     sync.Mutex
	sounds      []*lazySound // of which a piece is to be made, in order; guarded by soundMu, which is taken last

	soundsMaking atomic.Int32
	working      atomic.Bool  // for Working
	leftBehind   atomic.Int64 // goroutines in sticks that do not answer

	askMachine  chan struct{} // do not wait to ask the tools again
	needMachine chan struct{} // do not wait to ask them the first time
	wakeLoop    chan struct{}
	wakeLanes   []chan struct{} // one per worker
}

// New starts nothing.
func New(cfg Config) *Intake {
	in := &Intake{
		cfg: cfg, log: cfg.Log, now: cfg.Now, openTree: treeOpener(), kinds: newClassifier(),
		films: map[string]*film{}, pictured: map[string]bool{}, shown: map[string]string{}, refusals: map[string]string{},
		pokes: map[string]struct{}{}, suspects: map[*stick]*place{}, busy: map[string]int{}, shelf: newShelf(), soundsMade: map[string]bool{}, soundPiece: sound.PieceFrames, wakeLoop: make(chan struct{}, 1),
		askMachine: make(chan struct{}, 1), needMachine: make(chan struct{}, 1),
	}
	if in.log == nil {
		in.log = slog.New(slog.DiscardHandler)
	}
	if in.now == nil {
		in.now = time.Now
	}
	in.began = in.now()
	for l := range in.lanes {
		in.lanes[l] = map[string]*film{}
	}
	for range workerCount {
		in.wakeLanes = append(in.wakeLanes, make(chan struct{}, 1))
	}
	return in
}

// SetSticks tells which sticks are plugged (usb.Folders.OnChange); new ones are
// scanned. It only takes a note: Run does the work.
func (in *Intake) SetSticks(sticks []usb.Stick) {
	in.tellMu.Lock()
	in.told, in.isTold = append([]usb.Stick(nil), sticks...), true
	in.tellMu.Unlock()
	signal(in.wakeLoop)
}

// Rescan reads all sticks again; ErrTooSoon within 10 s of the last one, or
// while it runs.
func (in *Intake) Rescan() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	now := in.now()
	if !in.lastRescan.IsZero() && now.Sub(in.lastRescan) < rescanEvery {
		return ErrTooSoon
	}
	for _, st := range in.sticks {
		if st.rescan {
			return ErrTooSoon
		}
	}
	in.lastRescan = now
	for _, st := range in.sticks {
		if st.Reason == "" {
			st.want, st.quiet, st.rescan = true, false, true
		}
	}
	in.retryBlocked()
	signal(in.askMachine)
	signal(in.wakeLoop)
	return nil
}

// DemandChanged lets the queue look at who waits again (web calls it when a
// phone opens a title). It only takes a note and may be called under any lock.
func (in *Intake) DemandChanged(id string) {
	in.tellMu.Lock()
	in.pokes[id] = struct{}{}
	in.tellMu.Unlock()
	signal(in.wakeLoop)
}

// looksKept bounds what pages say at once that they show.
const looksKept = 1024

// Seen tells which titles without a picture a page shows just now, the first one
// first: they are examined and get their pictures before others. It only takes a note.
func (in *Intake) Seen(ids []string) {
	in.tellMu.Lock()
	defer in.tellMu.Unlock()
	for _, id := range slices.Backward(ids) {
		if len(in.looks) < looksKept {
			in.looks = append(in.looks, id)
		}
	}
	signal(in.wakeLoop)
}

// Working is true while something is scanned or converted (the box state
// "working"), as of half a second ago. It never blocks.
func (in *Intake) Working() bool { return in.working.Load() }

// isWorking finds out what Working tells. Holds mu.
func (in *Intake) isWorking() bool {
	if in.soundsMaking.Load() > 0 {
		return true
	}
	for _, st := range in.sticks {
		if (st.scanning || st.want) && !st.silent.Load() {
			return true
		}
	}
	for _, f := range in.films {
		switch f.stage {
		case stageProbing, stageChecking, stageUnplanned, stageRun:
			return true
		case stageProbe, stageCheck, stageWait:
			if !f.noRoom && f.answers() {
				return true
			}
		default:
		}
	}
	return false
}

// opened asks how many phones wait for a title.
func (in *Intake) opened(id string) int {
	if in.cfg.Demand == nil {
		return 0
	}
	return in.cfg.Demand.Opened(id)
}

// signal wakes whoever reads c, at most once for any number of signals.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// wakeWorkers lets every worker look for work.
func (in *Intake) wakeWorkers() {
	for _, c := range in.wakeLanes {
		signal(c)
	}
}
