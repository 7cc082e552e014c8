package intake

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/transcode"
)

// stage is where a film stands inside intake. It is finer than library.State:
// "checking" is waiting for a probe, being probed, or having its hashes read.
type stage int

const (
	stageCopying stage = iota // still being written; provisional id
	stageProbe                // waits for a probe
	stageProbing
	stageCheck // a ready-made folder waits for its hashes to be read
	stageChecking
	stageWait // in the queue of its lane
	stageRun  // its job runs
	stageDone
	stageRefused   // unplayable with this content
	stageUnplanned // examined; ffmpeg is being asked what it can do
	stageBlocked   // could go on, but for a reason; see film.retryAt and film.onDemand
	stageHidden    // not listed: a short clip, or sound with a video's name
)

// lane is a queue of jobs of which one runs at a time.
type lane int

const (
	remuxLane   lane = iota // seconds of work: what only needs another container
	soundLane               // minutes: of what is packaged the sound is converted
	convertLane             // hours of work
	laneCount
)

// film is one title that is on some plugged stick. Guarded by Intake.mu.
type film struct {
	id        string
	name      string   // as shown: of the first copy, and kept when another one is left
	lost      bool     // it has had another copy
	places    []*place // never empty; the first is read, a ready-made folder before others
	stage     stage
	turn      int    // rises with each begin: work of an earlier turn no longer counts
	number    uint64 // order of arrival, for a film that is new to the queue
	looked    uint64 // rises with each page that has shown it without a picture; 0: none has
	media     transcode.Media
	plan      transcode.Plan
	otherwise *transcode.Plan // for devices that do not play it as planned; nil: all do
	// converting: plan is otherwise, for which it waits or runs; asIs is what it is served by,
	// and fault what is wrong with that (nil: nothing is known).
	converting bool
	asIs       transcode.Plan
	fault      *library.Reason
	lane       lane
	hidden     kind      // stageHidden: what it is counted as
	attempts   int       // of reading it, that failed
	failures   int       // of probes and jobs in a row, by no fault of the film's
	unplanned  bool      // it waits, checking or blocked, for what ffmpeg can do
	hurried    bool      // a phone has cut a wait short; none has run out since
	retryAt    time.Time // stageBlocked: when it is tried again by itself; zero: not
	onDemand   bool      // stageBlocked: tried when a phone opens it
	atLeast    int64     // bytes that a job is known to need, since one came to the reserve
	noRoom     bool      // stageWait: passed over until there may be room
	served     *readyFolder
	servedBy   *place      // whose folder served is
	packed     *packedFilm // its segments are made on request
	// Its further sound tracks, and those that did not work as planned: None, not at
	// all; AudioOnly, not without being converted.
	alternates  []*alternate
	soundFailed map[int]transcode.Rung

	words      wordsState // its subtitles
	previewed  bool       // its small pictures are there, or were tried
	previewing bool       // they are being made
}

// place is one copy of a film on one stick. Guarded by Intake.mu but for verified.
type place struct {
	entry
	stick    *stick
	film     *film
	verified atomic.Bool // its identity was made of its content since the stick was plugged
	works    map[*work]struct{}
}

// work is something that reads from a place now.
type work struct {
	cancel context.CancelCauseFunc
	place  *place
}

// stick is a plugged stick. Guarded by Intake.mu but for what is atomic.
type stick struct {
	usb.Stick           // as it was plugged; never changes
	info      usb.Stick // as it was told last
	gone      bool
	scanning  bool
	scanned   bool               // at least once, to the end or to an error
	cancel    context.CancelFunc // of the scan
	want      bool               // a scan is due
	quiet     bool               // the scan that is due is only a second look at growing files
	rescan    bool               // the running scan belongs to a Rescan
	silent    atomic.Bool        // it does not answer
	asking    atomic.Bool        // it is asked whether it answers
	beat      atomic.Int64       // when it last answered, in Intake.since time
	left      atomic.Int64       // reads for phones that were left behind in it
	awaited   atomic.Bool        // a phone's request waits for it that is slow to answer
	counts    map[kind]int
	overLimit bool
	ignored   bool
	partial   bool
	broken    bool // could not be read at all
	places    map[string]*place
	changes   int // rises with each place that comes, goes or is another one than it was
	glimpses  map[string]glimpse
	relookAt  time.Time
	missedAt  time.Time   // a phone missed a file on it: see missed
	looking   atomic.Bool // its unplayable files are being looked at
}

// putLast lets the other copies of a film be tried before p.
func (f *film) putLast(p *place) {
	f.places = slices.DeleteFunc(f.places, func(o *place) bool { return o == p })
	f.places = append(f.places, p)
}

// The causes for which work is called off.
var (
	errPulled    = errors.New("stick was pulled")
	errNoSpace   = errors.New("reserve is reached")
	errChanged   = errors.New("file is not what it was")
	errUnhealthy = errors.New("file cannot be read now")
)

// stateShown is what the API calls a stage.
func (f *film) stateShown() library.State {
	switch f.stage {
	case stageCopying:
		return library.Copying
	case stageWait:
		if f.noRoom {
			return library.Blocked
		}
		return library.Queued
	case stageRun:
		return library.Converting
	case stageDone:
		return library.Ready
	case stageRefused:
		return library.Unplayable
	case stageBlocked:
		return library.Blocked
	default:
		return library.Checking
	}
}
