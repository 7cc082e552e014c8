package intake

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/transcode"
)

func TestPick(t *testing.T) {
	cases := []struct {
		name  string
		queue []waiting
		want  string
	}{
		{"nobody waits", nil, ""},
		{"first come", []waiting{{"b", 0, 0, 2}, {"a", 0, 0, 1}, {"c", 0, 0, 3}}, "a"},
		{"most phones before first come", []waiting{{"a", 0, 0, 1}, {"b", 1, 0, 2}, {"c", 5, 0, 9}}, "c"},
		{"of equally many phones the first", []waiting{{"b", 3, 0, 2}, {"a", 3, 0, 1}}, "a"},
		{"what failed lets the others go first", []waiting{{"a", 0, 2, 1}, {"b", 0, 0, 2}, {"c", 0, 1, 3}}, "b"},
		{"a lost counter still gives an order", []waiting{{"b", 0, 0, 0}, {"a", 0, 0, 0}}, "a"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 20 { // whatever order the queue is in
				rand.Shuffle(len(c.queue), func(i, j int) { c.queue[i], c.queue[j] = c.queue[j], c.queue[i] })
				got := ""
				if i := pick(c.queue); i >= 0 {
					got = c.queue[i].id
				}
				if got != c.want {
					t.Fatalf("%q, want %q", got, c.want)
				}
			}
		})
	}
}

func TestArrivalsKeepTheOrderOfScans(t *testing.T) {
	if !slices.IsSorted([]uint64{arrival(1, 0), arrival(1, 1), arrival(1, filmLimit), arrival(1, 1<<30), arrival(2, 0)}) {
		t.Error("out of order")
	}
}

func TestLook(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	old := now.Add(-time.Hour)
	cases := []struct {
		name     string
		before   glimpse
		seen     bool
		size     int64
		modified time.Time
		growing  bool
	}{
		{"new to us and old", glimpse{}, false, 1, old, false},
		{"written just now", glimpse{}, false, 1, now.Add(-4 * time.Second), true},
		{"written 5 s ago", glimpse{}, false, 1, now.Add(-5 * time.Second), false},
		{"within what FAT rounds", glimpse{}, false, 1, now.Add(2 * time.Second), true},
		{"in the future: the box's clock is wrong", glimpse{}, false, 1, now.Add(time.Hour), false},
		{"its size changed, its time did not", glimpse{size: 1, modified: old}, true, 2, old, true},
		{"its time changed", glimpse{size: 1, modified: old.Add(-1)}, true, 1, old, true},
		{"it changed 4 s ago", glimpse{1, old, now.Add(-4 * time.Second)}, true, 1, old, true},
		{"it changed 5 s ago", glimpse{1, old, now.Add(-5 * time.Second)}, true, 1, old, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			after, growing := look(c.before, c.seen, c.size, c.modified, now)
			if growing != c.growing || after.size != c.size || !after.modified.Equal(c.modified) {
				t.Errorf("growing %v, %+v", growing, after)
			}
		})
	}
}

func TestParsePlaylist(t *testing.T) {
	const end = "#EXT-X-ENDLIST\n"
	cases := []struct {
		name, text string
		want       []string
		err        error
	}{
		{"plain", "#EXTM3U\n#EXTINF:4.0,\nseg0.ts\n#EXTINF:3.5,a title\nb.TS\n" + end, []string{"seg0.ts", "b.TS"}, nil},
		{"byte order mark and CRLF", "\xef\xbb\xbf#EXTM3U\r\n#EXTINF:4,\r\na.ts\r\n#EXT-X-ENDLIST\r\n", []string{"a.ts"}, nil},
		{"unknown tags are skipped", "#EXTM3U\n#EXT-X-FUTURE:1\n# hello\n#EXTINF:4,\na.ts\n" + end, []string{"a.ts"}, nil},
		{"no end", "#EXTM3U\n#EXTINF:4,\na.ts\n", nil, errUnfinished},
		{"nothing", "", nil, errPlaylist},
		{"no segments", "#EXTM3U\n" + end, nil, errPlaylist},
		{"not a playlist", "hello\n", nil, errPlaylist},
		{"a path", "#EXTM3U\n#EXTINF:4,\nx/a.ts\n" + end, nil, errPlaylist},
		{"the folder above", "#EXTM3U\n#EXTINF:4,\n../a.ts\n" + end, nil, errPlaylist},
		{"an absolute path", "#EXTM3U\n#EXTINF:4,\n/etc/a.ts\n" + end, nil, errPlaylist},
		{"a Windows path", "#EXTM3U\n#EXTINF:4,\n..\\a.ts\n" + end, nil, errPlaylist},
		{"an address", "#EXTM3U\n#EXTINF:4,\nhttp://evil/a.ts\n" + end, nil, errPlaylist},
		{"a protocol of ffmpeg", "#EXTM3U\n#EXTINF:4,\nfile:a.ts\n" + end, nil, errPlaylist},
		{"an escaped path", "#EXTM3U\n#EXTINF:4,\n%2e%2e%2fa.ts\n" + end, nil, errPlaylist},
		{"another type", "#EXTM3U\n#EXTINF:4,\npasswd\n" + end, nil, errPlaylist},
		{"a hidden file", "#EXTM3U\n#EXTINF:4,\n.a.ts\n" + end, nil, errPlaylist},
		{"the same twice", "#EXTM3U\n#EXTINF:4,\na.ts\n#EXTINF:4,\na.ts\n" + end, nil, errPlaylist},
		{"no duration", "#EXTM3U\na.ts\n" + end, nil, errPlaylist},
		{"a duration that is none", "#EXTM3U\n#EXTINF:NaN,\na.ts\n" + end, nil, errPlaylist},
		{"a negative duration", "#EXTM3U\n#EXTINF:-4,\na.ts\n" + end, nil, errPlaylist},
		{"an endless duration", "#EXTM3U\n#EXTINF:Inf,\na.ts\n" + end, nil, errPlaylist},
		{"a duration of a day", "#EXTM3U\n#EXTINF:86400,\na.ts\n" + end, nil, errPlaylist},
		{"a key", "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:4,\na.ts\n" + end, nil, errPlaylist},
		{"a byte range", "#EXTM3U\n#EXT-X-BYTERANGE:5\n#EXTINF:4,\na.ts\n" + end, nil, errPlaylist},
		{"variants", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.ts\n" + end, nil, errPlaylist},
		{"goes on after its end", "#EXTM3U\n#EXTINF:4,\na.ts\n" + end + "#EXTINF:4,\nb.ts\n", nil, errPlaylist},
		{"a line without end", "#EXTM3U\n#" + strings.Repeat("x", 1<<17), nil, errPlaylist},
		{"more segments than there can be", "#EXTM3U\n" + manySegments(readySegmentLimit+1) + end, nil, errPlaylist},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := parsePlaylist([]byte(c.text))
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err != nil {
				return
			}
			var names []string
			for _, s := range got {
				names = append(names, s.file)
			}
			if !slices.Equal(names, c.want) {
				t.Errorf("%q", names)
			}
		})
	}
}

func manySegments(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("#EXTINF:4,\n" + segmentFile(i) + "\n")
	}
	return b.String()
}

func FuzzParsePlaylist(f *testing.F) {
	f.Add([]byte("#EXTM3U\n#EXTINF:4.0,\nseg0.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4.0,\nseg1.ts\n#EXT-X-ENDLIST\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		segments, err := parsePlaylist(text)
		if err != nil {
			return
		}
		for _, s := range segments {
			if strings.ContainsAny(s.file, "/\\:\x00\n") || !(s.seconds >= 0 && s.seconds <= segmentSecondsMax) {
				t.Fatalf("let through: %+v", s)
			}
		}
		// Our playlist of it is one that we would take, and says the same.
		again, err := parsePlaylist(writePlaylist(segments))
		if err != nil || len(again) != len(segments) {
			t.Fatalf("our own playlist: %v", err)
		}
	})
}

func TestOurPlaylist(t *testing.T) {
	got := string(writePlaylist([]readySegment{{"x.ts", 4.4, true}, {"y.ts", 3.2, false}, {"z.ts", 5.6, true}}))
	want := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n" +
		"#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:TIME-OFFSET=0\n#EXTINF:4.400000,\nseg00000.ts\n#EXTINF:3.200000,\nseg00001.ts\n" +
		"#EXT-X-DISCONTINUITY\n#EXTINF:5.600000,\nseg00002.ts\n#EXT-X-ENDLIST\n"
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestSegmentNumber(t *testing.T) {
	for _, name := range []string{"seg00003.ts", "seg0000.ts", "seg000000.ts", "seg-0001.ts", "seg+0001.ts", "../seg00000.ts", "seg00000.ts/", "SEG00000.ts", "", "seg.ts"} {
		if n, ok := segmentNumber(name, 3); ok {
			t.Errorf("%q is number %d", name, n)
		}
	}
	if n, ok := segmentNumber("seg00002.ts", 3); !ok || n != 2 {
		t.Error(n, ok)
	}
}

func TestParseHashes(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	cases := []struct {
		name, text string
		known      int
	}{
		{"ours", `{"schema":1,"segments":[{"name":"a.ts","sha256":"` + sum + `","bytes":3},{"name":"b.ts","sha256":null}]}`, 1},
		{"a list", `[{"name":"a.ts","sha256":"` + sum + `"}]`, 1},
		{"a map", `{"a.ts":"` + sum + `"}`, 1},
		{"digests that are none", `{"a.ts":"xyz","b.ts":"abcd"}`, 0},
		{"not JSON", `<html>`, 0},
		{"something else", `{"a":{"b":1}}`, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := parseHashes([]byte(c.text))
			if len(got) != c.known || ok != (c.known > 0) {
				t.Errorf("%v %v", got, ok)
			}
		})
	}
}

func TestGenerationsNameTheContent(t *testing.T) {
	sums := []digest{{1}, {2}}
	first := generationOf([]int64{1, 2}, sums)
	if len(first) != 8 || first != generationOf([]int64{1, 2}, []digest{{1}, {2}}) {
		t.Error(first)
	}
	if first == generationOf([]int64{2, 1}, sums) || first == generationOf([]int64{1, 2}, []digest{{2}, {1}}) {
		t.Error("different content, same generation")
	}
}

func TestDecideLeavesOutWhatFailed(t *testing.T) {
	direct := transcode.Media{Container: "mp4", DurationSeconds: 60, Video: &transcode.Video{
		Codec: "h264", Profile: "High", PixelFormat: "yuv420p", BitDepth: 8, Width: 1280, Height: 720, FramesPerSecond: 25,
		FieldOrder: "progressive", SampleAspect: [2]int{1, 1}, KeyFramesRead: 2, IDRsRead: 2,
	}}
	can, cannot := transcode.Machine{CPUs: 4, H264: true}, transcode.Machine{CPUs: 4}
	cases := []struct {
		name    string
		machine transcode.Machine
		failed  []string
		want    transcode.Rung
	}{
		{"nothing failed", can, nil, transcode.Direct},
		{"the copy failed", can, []string{"direct"}, transcode.Convert},
		{"the copy failed and nothing can encode", cannot, []string{"direct"}, transcode.None},
		{"all failed", can, []string{"direct", "convert"}, transcode.None},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := decide(direct, c.machine, c.failed); got.Rung != c.want || got.Reason.Code == "" {
				t.Errorf("%+v, want %s", got, c.want)
			}
		})
	}
}

func TestWhatThereIsOfAFilmIsSpoiledByTheFilmOnly(t *testing.T) {
	refused := func(code string) error {
		return fmt.Errorf("as told: %w", &transcode.Refusal{Reason: transcode.Reason{Code: code}})
	}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a film that breaks the decoder": {refused(transcode.CodeCrash), true},
		"a picture that cannot be cut":   {transcode.ErrNotSegmentable, true},
		"a machine without an encoder":   {refused(transcode.CodeNoEncoder), false},
		"a tool that was killed":         {transcode.ErrKilled, false},
	} {
		if got := spoils(c.err); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
