package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"streambox.local/transcode"
)

// progress shows how far a file is: on a terminal as one line that is drawn
// again, else as a line at every tenth.
type progress struct {
	out   *terminal
	label string

	mu    sync.Mutex
	drawn bool
	tenth int
}

func newProgress(out *terminal, file string, number, of int) *progress {
	label := printable(filepath.Base(file))
	if of > 1 {
		label = fmt.Sprintf("%d/%d %s", number, of, label)
	}
	return &progress{out: out, label: label}
}

// update may be called from another goroutine.
func (p *progress) update(now transcode.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out.isTTY {
		p.drawn = true
		_, _ = fmt.Fprintf(p.out, "\r%s\x1b[K", barLine(p.label, now, p.out.columns()-1))
		return
	}
	if tenth := int(now.Fraction * 10); tenth > p.tenth && tenth < 10 {
		p.tenth = tenth
		p.out.linef("%s: %d %%%s", p.label, tenth*10, timeLeft(now))
	}
}

// clear leaves an empty line for what is said next.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}

// barLine is "label [####----]  42 %, 1 min 20 s left", never wider than columns.
func barLine(label string, now transcode.Progress, columns int) string {
	fraction := min(max(now.Fraction, 0), 1)
	tail := fmt.Sprintf(" %3.0f %%%s", fraction*100, timeLeft(now))
	if now.Fraction == 0 && now.Speed > 0 {
		tail = fmt.Sprintf(" %.1f× playing speed", now.Speed) // the length is unknown
	}
	room := columns - width(tail)
	bar := min(30, columns/3) // the same for the whole film, however long the tail
	switch {
	case room < 8:
		return fit(strings.TrimSpace(tail), columns)
	case room < bar+11:
		return fit(label, room) + tail
	}
	label = fit(label, room-bar-3)
	full := int(fraction * float64(bar))
	return label + " [" + strings.Repeat("#", full) + strings.Repeat("-", bar-full) + "]" + tail
}

func timeLeft(now transcode.Progress) string {
	if now.SecondsLeft <= 0 {
		return ""
	}
	return ", " + inWords(time.Duration(now.SecondsLeft*float64(time.Second))) + " left"
}

// inWords is a length of time in its two largest units.
func inWords(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	default:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	}
}
