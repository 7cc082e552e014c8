package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/publish"
)

// spec is what the fake tools find in a fake film: its first line is one of these as JSON.
type spec struct {
	Name      string  `json:"name"`       // makes the content another one
	Seconds   float64 `json:"seconds"`    // 0: 40
	Codec     string  `json:"codec"`      // "h264" (remux) unless told otherwise
	AudioOnly bool    `json:"audioOnly"`  //
	Refuse    string  `json:"refuse"`     // Probe: a Refusal with this code
	Slow      int     `json:"slow"`       // seconds that Probe takes
	NoCut     bool    `json:"noCut"`      // Do: ErrNotSegmentable while it is not converted
	DoRefuse  string  `json:"doRefuse"`   // Do: a Refusal
	Fails     int     `json:"fails"`      // Do: so many failures first
	ProbeFail int     `json:"probeFails"` // Probe: so many failures first
	NoSpace   bool    `json:"noSpace"`    // Do: publish.ErrNoSpace half-way
	Cut       bool    `json:"cut"`        // Do: ends early without an error
	Warns     string  `json:"warns"`      // Do: codes of warnings
	Panics    string  `json:"panics"`     // "probe", "do" or "picture" panics
	Padding   int     `json:"padding"`    // bytes after the line
	Piece     int     `json:"piece"`      // Do: so many segments are a piece; 0: all
	Words     string  `json:"words"`      // codecs of subtitles inside, separated by blanks
	WordsFail int     `json:"wordsFail"`  // Subtitles: so many failures first
	Container string  `json:"container"`  // "": MP4
}

// content renders a spec as a file's content.
func content(s spec) []byte {
	line, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return append(append(line, '\n'), bytes.Repeat([]byte(s.Name+"."), s.Padding/(len(s.Name)+1))...)
}

// fakeTools plays ffmpeg: it really reads its input and really publishes segments.
type fakeTools struct {
	mu             sync.Mutex
	probed         []string
	jobs           []string // "name:rung", as they begin
	pictures       []string
	fails          map[string]int
	running        map[transcode.Rung]int
	most           map[transcode.Rung]int
	probing        int
	mostProb       int
	deaf           int // so many questions for the machine fail
	asked          int
	soundBreaksOff bool         // half-way, as of a damaged track
	onDo           func(s spec) // called when a job begins
	onSound        func(fromSeconds float64) error
	tiles          int  // small pictures made
	noTiles        bool // they fail
	onTiles        func(ctx context.Context)
}

func newFakeTools() *fakeTools {
	return &fakeTools{fails: map[string]int{}, running: map[transcode.Rung]int{}, most: map[transcode.Rung]int{}}
}

func (t *fakeTools) Machine(context.Context) (transcode.Machine, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asked++; t.asked <= t.deaf {
		return transcode.Machine{}, errors.New("ask ffmpeg: deadline exceeded")
	}
	return transcode.Machine{CPUs: 2, H264: true}, nil
}

func readSpec(in transcode.Input) (spec, int64, error) {
	files, err := in.Open()
	if err != nil {
		return spec{}, 0, err
	}
	defer closeAll(files)
	var all []byte
	for _, f := range files {
		data, err := io.ReadAll(f)
		if err != nil {
			return spec{}, 0, err
		}
		all = append(all, data...)
	}
	line, _, _ := bytes.Cut(all, []byte("\n"))
	s := spec{Seconds: 40, Codec: "h264"}
	if err := json.Unmarshal(line, &s); err != nil {
		return spec{}, 0, &transcode.Refusal{Reason: transcode.Reason{Code: transcode.CodeDamaged, Text: "This file is damaged"}, Err: err}
	}
	if s.Seconds == 0 {
		s.Seconds = 40
	}
	if s.Codec == "" {
		s.Codec = "h264"
	}
	return s, int64(len(all)), nil
}

// wait is time that a tool takes.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *fakeTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	s, size, err := readSpec(in)
	if err != nil {
		return transcode.Media{}, err
	}
	t.mu.Lock()
	t.probed = append(t.probed, s.Name)
	t.probing++
	t.mostProb = max(t.mostProb, t.probing)
	t.fails["probe "+s.Name]++
	tries := t.fails["probe "+s.Name]
	t.mu.Unlock()
	defer func() { t.mu.Lock(); t.probing--; t.mu.Unlock() }()
	if err := wait(ctx, time.Duration(s.Slow)*time.Second); err != nil {
		return transcode.Media{}, err
	}
	if s.Panics == "probe" {
		panic("as told")
	}
	if tries <= s.ProbeFail {
		return transcode.Media{}, errors.New("ffprobe was killed")
	}
	if s.Refuse != "" {
		return transcode.Media{}, &transcode.Refusal{Reason: transcode.Reason{Code: s.Refuse, Text: "This file cannot be played"}, Err: errors.New("as told")}
	}
	m := transcode.Media{Version: transcode.ProbeVersion, Container: "mov,mp4", SizeBytes: size, DurationSeconds: s.Seconds}
	m.Audio = []transcode.Audio{{Index: 1, Codec: "aac", Profile: "LC", Channels: 2, SampleRateHz: 48000, Language: "en"}}
	for i, codec := range strings.Fields(s.Words) {
		m.Subtitles = append(m.Subtitles, transcode.Subtitle{Index: 2 + i, Codec: codec, Text: codec == "subrip", Language: "de"})
	}
	if s.Container != "" {
		m.Container = s.Container
	}
	if !s.AudioOnly {
		m.Video = &transcode.Video{
			Codec: s.Codec, Profile: "High", PixelFormat: "yuv420p", BitDepth: 8, Width: 1280, Height: 720, FramesPerSecond: 25,
			FieldOrder: "progressive", SampleAspect: [2]int{1, 1}, KeyFramesRead: 3, IDRsRead: 3,
		}
	}
	return m, nil
}

// Do publishes a segment of 4 s per second.
func (t *fakeTools) Do(ctx context.Context, job transcode.Job) error {
	s, _, err := readSpec(job.Input)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.jobs = append(t.jobs, s.Name+":"+string(job.Plan.Rung))
	t.fails[s.Name]++
	tries := t.fails[s.Name]
	t.running[job.Plan.Rung]++
	t.most[job.Plan.Rung] = max(t.most[job.Plan.Rung], t.running[job.Plan.Rung])
	onDo := t.onDo
	t.mu.Unlock()
	defer func() { t.mu.Lock(); t.running[job.Plan.Rung]--; t.mu.Unlock() }()
	if onDo != nil {
		onDo(s)
	}
	if s.Panics == "do" {
		panic("as told")
	}
	count := int(s.Seconds / 4)
	begin := job.Out.Next() // a conversion goes on
	for n := begin; n < count; n++ {
		if s.Piece > 0 && n%s.Piece == 0 && n > begin && job.Yield() {
			return transcode.ErrYielded
		}
		if err = wait(ctx, time.Second); err != nil {
			return err
		}
		if _, _, err = readSpec(job.Input); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if n == count/2 {
			switch {
			case s.NoSpace && (s.Fails == 0 || tries <= s.Fails):
				return fmt.Errorf("publish: %w", publish.ErrNoSpace)
			case tries <= s.Fails:
				return fmt.Errorf("job: %w", transcode.ErrKilled)
			case s.NoCut && job.Plan.Rung != transcode.Convert:
				return fmt.Errorf("segment %d: %w", n, transcode.ErrNotSegmentable)
			case s.DoRefuse != "":
				return &transcode.Refusal{Reason: transcode.Reason{Code: s.DoRefuse, Text: "This file cannot be played"}, Err: errors.New("as told")}
			case s.Cut:
				count = 0
			}
			if count == 0 {
				break
			}
		}
		data := fmt.Appendf(nil, "%s %d", s.Name, n)
		if tries > 1 {
			data = fmt.Appendf(data, " of run %d", tries)
		}
		if err = job.Out.Add(ctx, publish.Segment{Number: n, Data: data, DurationSeconds: 4}); err != nil {
			return err
		}
		job.OnProgress(transcode.Progress{Fraction: float64(n+1) / float64(count), SecondsLeft: float64(count - n - 1)})
	}
	for code := range strings.FieldsSeq(s.Warns) {
		job.OnWarning(transcode.Reason{Code: code, Text: "something is wrong", Parameters: map[string]any{"minutes": 3}})
	}
	_, err = job.Out.Finish(ctx)
	return err
}

func (t *fakeTools) Thumbnail(_ context.Context, in transcode.Input, _ transcode.Media) ([]byte, error) {
	s, _, err := readSpec(in)
	if err != nil {
		return nil, err
	}
	if s.Panics == "picture" {
		panic("as told")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pictures = append(t.pictures, s.Name)
	return append([]byte{0xff, 0xd8, 0xff, 0xe0}, s.Name...), nil
}

// fakeMemory is what library.StateDB is, ids checked as it does.
type fakeMemory struct {
	mu     sync.Mutex
	files  map[string]string
	number uint64
}

func (m *fakeMemory) key(volume, path string, size int64, modified time.Time) string {
	return fmt.Sprint(volume, "|", path, "|", size, "|", modified.UnixNano())
}

func (m *fakeMemory) KnownFile(volume, path string, size int64, modified time.Time) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id, ok := m.files[m.key(volume, path, size, modified)]
	return id, ok
}

func (m *fakeMemory) RememberFile(volume, path string, size int64, modified time.Time, id string) error {
	if !library.ValidID(id) {
		return fmt.Errorf("%q is no id", id)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[m.key(volume, path, size, modified)] = id
	return nil
}

func (m *fakeMemory) NextNumber(string) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.number++
	return m.number, nil
}

// fakeDemand counts the phones that have a title open.
type fakeDemand struct {
	mu     sync.Mutex
	open   map[string]int
	cannot map[string]int // cannot play it as it is
}

func (d *fakeDemand) Cannot(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cannot[id]
}

func (d *fakeDemand) Opened(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open[id]
}
