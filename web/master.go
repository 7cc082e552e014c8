package web

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

// master is /stream/{id}/master.m3u8, for native HLS, VLC and television sets.
func (s *Server) master(w http.ResponseWriter, r *http.Request) error {
	t, err := s.title(r.PathValue("id"))
	if err != nil {
		return err
	}
	if only := r.URL.Query().Get("rendition"); only != "" {
		if t, err = onlyRendition(t, only); err != nil {
			return fmt.Errorf("choosing a rendition: %w", err)
		}
	}
	if r.URL.Query().Get("for") == "all" && t.Codecs != "" && t.Playlist != "" {
		s.watches(s.whoAsks(r), t.ID, true) // before anything is there: the conversion is made for who asks
		if t, err = forAll(t); err != nil {
			return fmt.Errorf("choosing what every device plays: %w", err)
		}
	}
	name := path.Base(path.Dir(t.Playlist))
	if t.Playlist == "" || !library.ValidRendition(name) {
		if t.State == library.Unplayable {
			return &problem{status: http.StatusNotFound, code: "unplayable", text: "This title cannot be played."}
		}
		if t.State == library.Unplugged {
			return unplugged(t)
		}
		return notYet()
	}
	src, err := s.cfg.Library.Source(t.ID, name)
	if err != nil {
		return fmt.Errorf("finding a rendition: %w", err)
	}
	playlist, err := src.Playlist(r.Context())
	if err != nil {
		return streamError("reading a playlist", err)
	}
	s.watching(s.whoAsks(r), t.ID)
	entries := playlistEntries(playlist)
	words := subtitleMedia(t, filmBegins(r.Context(), src, entries))
	text := masterPlaylist(t, name, words, s.otherVariants(r.Context(), t), measure(r.Context(), src, entries))
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, r, http.StatusOK, playlistType, []byte(text))
	return nil
}

// rates are bits per second; 0 where nothing is known yet.
type rates struct{ peak, average int64 }

// measure looks at the sizes of the segments there are.
func measure(ctx context.Context, src library.Source, entries []playlistEntry) rates {
	var out rates
	var bits, seconds float64
	for _, e := range entries {
		_, size, err := src.Digest(ctx, e.name)
		if err != nil || size <= 0 || e.seconds <= 0 {
			continue
		}
		bits += 8 * float64(size)
		seconds += e.seconds
		out.peak = max(out.peak, int64(8*float64(size)/e.seconds))
	}
	if seconds > 0 {
		out.average = int64(math.Round(bits / seconds))
	}
	return out
}

// masterPlaylist puts a title's multivariant playlist together: words are the lines of its subtitles, others those of
// its further renditions.
func masterPlaylist(t library.Title, rendition, words, others string, known rates) string {
	var b strings.Builder
	sounds := soundMedia(t)
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n" + independent(t) + sounds + words + others + "#EXT-X-STREAM-INF:")
	if known.peak > 0 {
		b.WriteString("BANDWIDTH=" + strconv.FormatInt(known.peak, 10))
		b.WriteString(",AVERAGE-BANDWIDTH=" + strconv.FormatInt(known.average, 10))
	} else {
		b.WriteString("BANDWIDTH=" + strconv.FormatInt(guessedPeak(t.Height), 10))
	}
	if t.Width > 0 && t.Height > 0 {
		fmt.Fprintf(&b, ",RESOLUTION=%dx%d", t.Width, t.Height)
	}
	b.WriteString(codecsOf(t))
	if sounds != "" {
		b.WriteString(",AUDIO=" + quoted(soundGroup))
	}
	if words != "" {
		b.WriteString(",SUBTITLES=" + quoted(subtitleGroup))
	}
	b.WriteString("\n" + rendition + "/index.m3u8\n")
	return b.String()
}

// guessedPeak is what a film of that height usually needs, in bits per second.
func guessedPeak(height int) int64 {
	switch {
	case height <= 0:
		return 4_000_000
	case height <= 360:
		return 1_500_000
	case height <= 576:
		return 2_500_000
	case height <= 720:
		return 5_000_000
	default:
		return 10_000_000
	}
}

// playlistEntry is a segment of a media playlist.
type playlistEntry struct {
	name    string
	seconds float64 // EXTINF; 0: unreadable
}

// playlistEntries reads the segments of a media playlist of ours.
func playlistEntries(playlist []byte) []playlistEntry {
	var entries []playlistEntry
	var seconds float64
	for line := range strings.Lines(string(playlist)) {
		line = strings.TrimSpace(line)
		if value, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			value, _, _ = strings.Cut(value, ",")
			seconds, _ = strconv.ParseFloat(value, 64) // 0 is said to be unreadable
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		entries = append(entries, playlistEntry{name: line, seconds: seconds})
		seconds = 0
	}
	return entries
}
