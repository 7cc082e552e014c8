package transcode

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
)

// reportEvery: progress is for people; four times a second is plenty.
const reportEvery = 250 * time.Millisecond

// meter reads ffmpeg's -progress: blocks of key=value that end with progress=….
type meter struct {
	duration float64        // of the film in seconds, 0: unknown
	report   func(Progress) // may be nil
	life     *liveness
	now      func() time.Time
	reported time.Time
	pictures func(int) // instead of report: told how many pictures are made
}

func (m *meter) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	var at, speed float64
	var mark, lastMark string
	made := 0
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		value = strings.TrimSpace(value)
		switch key {
		case "frame":
			mark += key + value
			made, _ = strconv.Atoi(value)
		case "total_size":
			mark += key + value
		case "out_time_us":
			mark += key + value
			at = seconds(value) / 1e6 // "N/A" before the first picture
		case "speed":
			speed = seconds(strings.TrimSuffix(value, "x"))
		case "progress":
			if mark != lastMark {
				m.life.sign()
			}
			mark, lastMark = "", mark
			if m.pictures != nil {
				m.pictures(made)
			}
			m.tell(at, speed)
		}
	}
}

func (m *meter) tell(at, speed float64) {
	now := m.now()
	if m.report == nil || now.Sub(m.reported) < reportEvery {
		return
	}
	m.reported = now
	m.report(progressAt(at, at, speed, m.duration))
}

// What must be made of a film before the time that is left is told: the first
// seconds are the program's start, a title in black and white, a disk that wakes.
const (
	foreseeableSeconds = 60
	foreseeableShare   = 0.05
)

// Foreseeable tells whether enough of a film was made in one go, in seconds of the
// film, to say how long the rest will take. filmSeconds is its whole length.
func Foreseeable(madeSeconds, filmSeconds float64) bool {
	return madeSeconds > 0 && madeSeconds >= min(foreseeableSeconds, foreseeableShare*filmSeconds)
}

// progressAt is what is told about a film of so many seconds, of which made were
// made since it was begun or gone on with.
func progressAt(at, made, speed, duration float64) Progress {
	p := Progress{Speed: max(0, speed)}
	if duration <= 0 {
		return p
	}
	p.Fraction = min(1, max(0, at/duration))
	if speed > 0 && Foreseeable(made, duration) {
		p.SecondsLeft = max(0, duration-at) / speed
	}
	return p
}
