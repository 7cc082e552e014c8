package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// A converted film has its default sound in its segments. Its other tracks are
// alternates too, once the conversion is finished: all of them converted from the
// stick when somebody listens, cut where the film's own segments are, by whose
// clock they go. What is copied to the disk as it is keeps its default track only:
// nothing says exactly when its sound began.

// alongside is the finished conversion that a film is played from; "": it is not
// played from one.
func alongside(rec *library.Record) string {
	for i := range rec.Renditions {
		r := &rec.Renditions[i]
		if r.Complete && !r.Sound && r.Alternate == 0 && !isFromStick(*r) && rec.How == library.Convert {
			return r.Name
		}
	}
	return ""
}

// serveAlongside serves the further tracks of a film that is converted. Holds mu.
func (in *Intake) serveAlongside(f *film) {
	rec, _ := in.cfg.Library.Record(f.id)
	if in.machine == nil || f.stage != stageDone || f.packed != nil || f.served != nil || alongside(&rec) == "" || len(f.alternates) > 0 {
		return
	}
	var m transcode.Media
	if json.Unmarshal(rec.Media, &m) != nil || m.Video == nil || len(m.Audio) < 2 {
		return
	}
	if f.media = m; f.plan.Rung != transcode.Convert { // it was finished at an earlier time
		f.plan = transcode.Plan{Rung: transcode.Convert}
	}
	in.renewAlternates(f)
}

// headBytes is how much of a film's first segment is read: sound begins long before its end.
const headBytes = 4 << 20

// readAlongside makes the title of an alternate beside a finished conversion.
func (p *packedFilm) readAlongside(ctx context.Context) (*packager.Title, error) {
	rec, _ := p.in.cfg.Library.Record(p.id)
	var m transcode.Media
	if err := json.Unmarshal(rec.Media, &m); err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	source, err := p.in.cfg.Library.Source(p.id, p.alongside)
	if err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	list, err := source.Playlist(ctx)
	if err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	seconds, first := lengths(list)
	segment, err := source.Segment(ctx, first)
	if err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	defer func() { _ = segment.Close() }() // was only read
	head, err := io.ReadAll(io.LimitReader(segment, headBytes))
	if err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	title, err := packager.Alongside(p.choice.Sound, int64(math.Round(m.StartSeconds*ticksPerSecond)), true, head, seconds)
	if err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	return title, nil
}

// alongsideList is the playlist of an alternate: that of the rendition beside it.
// Its segments have the same names and lengths, and whatever else it says of them is true of both.
func (p *packedFilm) alongsideList(ctx context.Context) ([]byte, error) {
	source, err := p.in.cfg.Library.Source(p.id, p.alongside)
	if err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	list, err := source.Playlist(ctx)
	if err != nil {
		return nil, fmt.Errorf("read alongside: %w", err)
	}
	return list, nil
}

// lengths are those of a playlist's segments, and the first one's name.
func lengths(playlist []byte) (seconds []float64, first string) {
	for line := range strings.Lines(string(playlist)) {
		line = strings.TrimSpace(line)
		if value, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			value, _, _ = strings.Cut(value, ",")
			length, err := strconv.ParseFloat(value, 64)
			if err != nil {
				length = 0 // which no segment may have
			}
			seconds = append(seconds, length)
		} else if first == "" && line != "" && line[0] != '#' {
			first = path.Base(line)
		}
	}
	return seconds, first
}
