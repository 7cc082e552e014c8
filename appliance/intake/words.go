package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/subtitles"
)

// wordsState is what is still to be read of a film's subtitles. Guarded by Intake.mu.
type wordsState struct {
	queued bool
	beside bool // files beside it, or their absence, are not in the library yet
	inside bool // there are streams inside it that were never read
	wanted bool // a phone has opened it
	held   bool // reading the streams has failed by no fault of theirs; until a phone opens it
}

// wantWords queues a film whose subtitles are to be read: files beside it at
// every plug, streams inside it once. Whoever settles by which way a film is
// played calls it again: before that nobody knows when it begins. Holds mu.
func (in *Intake) wantWords(f *film) {
	rec, _ := in.cfg.Library.Record(f.id)
	if f.stage == stageHidden || f.stage == stageCopying || !in.wayKnown(f, &rec) {
		return
	}
	if f.media.Video == nil && len(rec.Media) > 0 {
		var m transcode.Media
		if json.Unmarshal(rec.Media, &m) == nil && m.Video != nil { // else of a ready-made folder
			f.media = m
		}
	}
	hadBeside := slices.ContainsFunc(rec.Subtitles, func(t library.SubtitleTrack) bool { return t.N >= library.FirstBeside })
	f.words.beside = hadBeside || len(f.besideFiles()) > 0
	f.words.inside = in.cfg.Tools != nil && unreadStreams(f, &rec)
	if in.opened(f.id) > 0 {
		f.words.wanted, f.words.held = true, false
	}
	if !f.words.queued && (f.words.beside || f.words.inside) {
		f.words.queued = true
		in.words = append(in.words, f)
		in.wakeWorkers()
	}
}

// besideFiles are those of the first copy that has some.
func (f *film) besideFiles() []beside {
	for _, p := range f.places {
		if len(p.beside) > 0 {
			return p.beside
		}
	}
	return nil
}

// unreadStreams: of some text inside nothing is known yet, or only how it stands
// beside a film that begins elsewhere.
func unreadStreams(f *film, rec *library.Record) bool {
	begins, exact := f.begins(rec)
	for n, s := range f.media.Subtitles {
		read := slices.ContainsFunc(rec.SubtitleFiles, func(file library.SubtitleFile) bool {
			return file.N == n && (!exact || sameBeginning(file.BeginsSeconds, begins))
		})
		if s.Text && !read {
			return f.places[0].form != formReady
		}
	}
	return false
}

// wordsWanted notes that a phone has opened a film. Holds mu.
func (f *film) wordsWanted() { f.words.wanted, f.words.held = true, false }

// wordsNext reads subtitles: a film's files, or the streams inside it. False:
// there is nothing that may be read now. Streams that have no index cost a walk
// through the whole film, so they are read when somebody watches it.
func (in *Intake) wordsNext(ctx context.Context) bool {
	r, wordsCtx, inside := in.startWords(ctx)
	if r == nil {
		return false
	}
	type result struct {
		words []library.Words
		err   error
	}
	got, err := attend(wordsCtx, in, r.work, func() (out result) {
		out.err = guarded(func() (err error) {
			if inside {
				out.words, err = in.wordsInside(wordsCtx, r)
			} else {
				out.words, err = in.wordsBeside(wordsCtx, r)
			}
			return err
		})
		return out
	}, nil)
	if err == nil {
		err = got.err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.endWork(r.work)
	if in.films[r.f.id] != r.f || ctx.Err() != nil {
		return true
	}
	if err == nil {
		err = in.cfg.Library.SetSubtitles(r.f.id, !inside, got.words)
	}
	switch {
	case errors.Is(context.Cause(wordsCtx), errPulled), err != nil && gaveWay(wordsCtx): // another stick has it, or later: again
	case err != nil:
		in.log.Warn("Subtitles not read", "title", r.f.id, "inside", inside, "error", err)
		if inside {
			r.f.words.held = true
		} else {
			r.f.words.beside = false // until the next plug
		}
	case in.beginsElsewhere(r): // its way has changed meanwhile: again
	case inside:
		r.f.words.inside = false
	default:
		r.f.words.beside = r.again(r.f)
	}
	if !r.f.words.beside && !r.f.words.inside {
		r.f.words.queued = false
		in.words = slices.DeleteFunc(in.words, func(o *film) bool { return o == r.f })
	}
	return true
}

// wordsWork is one piece of reading subtitles.
type wordsWork struct {
	f      *film
	work   *work
	place  *place
	files  []beside
	source transcode.Input
	media  transcode.Media
	packed *packedFilm
	begins float64 // when the film begins, by its container's clock; set by the reading
}

// again: the files beside the film are others than those that were read.
func (r *wordsWork) again(f *film) bool { return !sameBeside(r.files, f.besideFiles()) }

// startWords picks what is read next; nil: nothing.
func (in *Intake) startWords(ctx context.Context) (r *wordsWork, wordsCtx context.Context, inside bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.words = slices.DeleteFunc(in.words, func(f *film) bool { return in.films[f.id] != f })
	waits := anyAnswers(in.probes)
	var best *film
	for _, f := range in.words {
		due := f.words.beside || f.words.inside && !f.words.held && (f.words.wanted || f.media.SubtitlesIndexed())
		if !due || !f.answers() || waits && !f.words.wanted {
			continue
		}
		if rec, _ := in.cfg.Library.Record(f.id); !in.wayKnown(f, &rec) {
			continue
		}
		if best == nil || f.words.wanted && !best.words.wanted {
			best = f
		}
	}
	opened := best != nil && in.opened(best.id) > 0 // whoever wanted them may have left
	if best == nil || !opened && !in.calm() {
		return nil, nil, false
	}
	r = &wordsWork{f: best, place: best.places[0], files: best.besideFiles(), media: best.media, packed: best.packed}
	inside = !best.words.beside
	if !inside {
		for _, p := range best.places {
			if len(p.beside) > 0 {
				r.place = p
				break
			}
		}
	}
	r.source = in.input(r.place, best.id)
	wordsCtx, r.work = startWork(ctx, r.place)
	if !opened {
		in.yield.givesWay(r.work, best.id)
	}
	return r, wordsCtx, inside
}

// wordsInside reads the streams inside a film.
func (in *Intake) wordsInside(ctx context.Context, r *wordsWork) ([]library.Words, error) {
	r.begins = in.beginsAt(ctx, r)
	texts, err := in.cfg.Tools.Subtitles(ctx, transcode.SubtitleJob{
		Input: r.source, Media: r.media, StartSeconds: r.begins, Background: true,
	})
	var refusal *transcode.Refusal
	if err != nil && (!errors.As(err, &refusal) || in.judge(ctx, r.place, r.f.id, err) != faultFilm) {
		return nil, err
	}
	if err != nil {
		in.log.Info("Subtitles inside a film cannot be read", "title", r.f.id, "error", err)
	}
	var words []library.Words
	for n, s := range r.media.Subtitles {
		if !s.Text {
			continue
		}
		one := library.Words{Track: library.SubtitleTrack{N: n}, WebVTT: texts[n], BeginsSeconds: r.begins}
		switch {
		case one.WebVTT != nil:
		case refusal != nil:
			one.Track.Reason = reason(CodeSubtitleDamaged, "These subtitles cannot be read: they are damaged")
		default:
			one.Track.Reason = reason(CodeSubtitleEmpty, "There are no words in these subtitles")
		}
		words = append(words, one)
	}
	return words, nil
}

// wordsBeside reads the files beside a film; none of them is an error.
func (in *Intake) wordsBeside(ctx context.Context, r *wordsWork) ([]library.Words, error) {
	if len(r.files) == 0 {
		return nil, nil
	}
	t, err := in.openTree(r.place.stick.Stick)
	if err != nil {
		return nil, fmt.Errorf("read subtitles: %w", err)
	}
	defer t.Close()
	// Files count from the file's beginning, ours from the film's: sound may begin before the picture.
	r.begins = in.beginsAt(ctx, r)
	shift := time.Duration((r.media.StartSeconds - r.begins) * float64(time.Second))
	words := make([]library.Words, 0, len(r.files))
	for i, b := range r.files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		one := library.Words{BeginsSeconds: r.begins, Track: library.SubtitleTrack{
			N: library.FirstBeside + i, Language: b.language, Name: b.name, Kind: b.kind, Default: b.byDefault,
		}}
		one.WebVTT, one.Track.Reason = in.readBeside(t, r.f.id, b, shift)
		words = append(words, one)
	}
	return words, nil
}

// readBeside makes WebVTT of one file, or says why not.
func (in *Intake) readBeside(t tree, id string, b beside, shift time.Duration) ([]byte, *library.Reason) {
	if ofPictures(b.path) {
		return nil, reason(transcode.CodeSubtitlePictures, "These subtitles are pictures, which phones cannot show")
	}
	data, err := readSmall(t, b.path, subtitles.MaxBytes)
	if err == nil {
		text, encoding := subtitles.Decode(data, b.language)
		var cues []subtitles.Cue
		if cues, err = subtitles.Parse(text); err == nil {
			var vtt []byte
			if vtt, err = subtitles.Write(cues, shift); err == nil {
				in.log.Debug("Read subtitles", "title", id, "encoding", encoding, "cues", len(cues))
				return vtt, nil
			}
		}
	}
	in.log.Info("Subtitles beside a film cannot be read", "title", id, "error", err)
	switch {
	case errors.Is(err, subtitles.ErrNoCues):
		return nil, reason(CodeSubtitleEmpty, "There are no words in these subtitles")
	case errors.Is(err, subtitles.ErrTooLarge), errors.Is(err, errPlaylist):
		return nil, reason(CodeSubtitleTooLarge, "This file is larger than subtitles can be")
	}
	return nil, reason(CodeSubtitleDamaged, "These subtitles cannot be read: they are damaged")
}

// describeWords fills in what a page shows of subtitles and chapters.
func describeWords(r *library.Record, m transcode.Media) {
	r.Subtitles = slices.DeleteFunc(r.Subtitles, func(t library.SubtitleTrack) bool { return t.N < library.FirstBeside })
	var tracks []library.SubtitleTrack
	for n, s := range m.Subtitles[:min(len(m.Subtitles), library.FirstBeside)] {
		track := library.SubtitleTrack{N: n, Language: cleanText(s.Language, 35), Name: cleanText(s.Name, titleRunes), Kind: "full", Default: s.Default}
		switch {
		case s.Forced || saysForced(s.Name):
			track.Kind = "forced"
		case s.HearingImpaired:
			track.Kind = "sdh"
		}
		track.Reason = reason(CodeSubtitleNotYet, "These subtitles are read from the film when somebody watches it")
		if why, never := s.Unshown(); never {
			track.Reason = reasonOf(why)
		}
		tracks = append(tracks, track)
	}
	r.Subtitles = append(tracks, r.Subtitles...)
	begins := 0.0
	if m.Video != nil {
		begins = m.Video.StartSeconds
	}
	r.Chapters = nil
	for _, c := range m.Chapters {
		at := max(0, c.StartSeconds-begins)
		if m.DurationSeconds <= 0 || at < m.DurationSeconds {
			r.Chapters = append(r.Chapters, library.Chapter{StartSeconds: at, Title: chapterTitle(c.Title)})
		}
	}
}

const chapterRunes = 100

// chapterTitle is a chapter's name, of which the list shows all; a cut one says so.
func chapterTitle(s string) string {
	text := cleanText(s, chapterRunes+1)
	if short := bound(text, chapterRunes-1); bound(text, chapterRunes) != text {
		return strings.TrimRight(short, " ") + "…"
	}
	return text
}

// saysForced: many a film says it in the track's name only.
func saysForced(name string) bool { return strings.Contains(strings.ToLower(name), "forced") }
