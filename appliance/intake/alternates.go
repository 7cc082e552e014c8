package intake

import (
	"slices"
	"strconv"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// alternate is a further sound track of a film that is served from its stick:
// a rendition of sound alone, beside the one with the picture.
type alternate struct {
	choice transcode.SoundChoice
	served *packedFilm
	lazy   *lazySound // makes its sound; nil: it is as it is in the film, or made already
}

// mostAlternates bounds what a title of absurdly many tracks costs, and the length
// of the menu: those beyond are not listed.
const mostAlternates = 40

// serveAlternates attaches a film's further sound tracks in place of those from
// before. They must be put into the record too (showAlternates). Holds mu.
func (in *Intake) serveAlternates(f *film, rec *library.Record) {
	in.unserveAlternates(f)
	beside, disk := packager.Choice{}, ""
	switch {
	case in.machine == nil:
		return
	case f.packed == nil:
		if disk = alongside(rec); disk == "" {
			return
		}
	case f.packed.choice.Modern:
		// Beside fragmented MP4, where the default sound lies in the same buffer, browsers cannot change to another one.
		return
	default:
		beside = f.packed.choice
	}
	for _, c := range transcode.SoundChoices(f.media, f.asServed(), *in.machine) {
		if c.Default || c.Rung == transcode.None || f.soundFailed[c.Track] == transcode.None || len(f.alternates) == mostAlternates {
			continue
		}
		choice := packager.Choice{
			Sound: c.Track, Converted: c.Rung == transcode.AudioOnly || f.soundFailed[c.Track] != "",
			SoundOnly: true, Beside: beside.Sound, BesideConverted: beside.Converted, Strict: beside.Strict, Modern: beside.Modern,
		}
		one := &alternate{choice: c}
		made := alternateSound(rec, c.Track)
		name := made
		if choice.Converted && made == "" {
			// Its bytes are drawn by chance, as those of all sound that is converted anew.
			in.soundsBegun++
			name = "sound " + in.session + " " + strconv.Itoa(in.soundsBegun)
		}
		one.served = newPackedFilm(in, f.id, choice, made, name+disk+variant(rec))
		one.served.alongside = disk
		if choice.Converted && made == "" {
			one.lazy = newLazySound(in, f, c.Track, one.served)
			one.served.lazy, one.served.await = one.lazy, one.lazy.await
		}
		f.alternates = append(f.alternates, one)
		in.cfg.Library.Attach(f.id, one.served.name, one.served)
	}
}

// unserveAlternates detaches them; what is half made of their sound goes. Holds mu.
func (in *Intake) unserveAlternates(f *film) {
	for _, one := range f.alternates {
		in.cfg.Library.Attach(f.id, one.served.name, nil)
		in.shelf.drop(one.served)
		if one.lazy != nil {
			one.lazy.close()
		}
	}
	f.alternates = nil
}

// showAlternates puts a film's sound tracks into its record, beside the
// rendition with the picture. Holds mu.
func (in *Intake) showAlternates(f *film, rec *library.Record) {
	rec.Renditions = slices.DeleteFunc(rec.Renditions, func(r library.Rendition) bool { return r.Alternate > 0 && isFromStick(r) })
	for _, one := range f.alternates {
		rec.Renditions = append(rec.Renditions, library.Rendition{
			Name: one.served.name, Complete: true, Alternate: one.choice.Track + 1,
			DurationSeconds: rec.DurationSeconds, TotalBytes: int64(rec.DurationSeconds * soundRate(f.media.Audio[one.choice.Track], one.served.choice) / 8),
		})
	}
	if f.media.Video == nil { // it was finished at an earlier time, and is not known yet
		return
	}
	rec.Audio = audioTracks(f.media, f.asServed(), in.machine)
	for i := range rec.Audio {
		a := &rec.Audio[i]
		at := slices.IndexFunc(f.alternates, func(one *alternate) bool { return one.choice.Track == a.N })
		switch {
		case at >= 0 && f.alternates[at].lazy != nil && f.alternates[at].lazy.whole() == "":
			a.Reason = reason(CodeSoundWhenChosen, "This sound is prepared when somebody chooses it, which takes a moment")
		case f.soundFailed[a.N] == transcode.None:
			a.Reason = reasonOf(transcode.SoundGone(f.media.Audio[a.N].Codec))
		}
	}
}

// soundRate is about what an alternate takes, in bits per second.
func soundRate(a transcode.Audio, choice packager.Choice) float64 {
	const converted = 160_000
	if choice.Converted || a.BitsPerSecond <= 0 {
		return converted
	}
	return float64(a.BitsPerSecond)
}

// alternateSound is the finished sound of a further track; "": none.
func alternateSound(rec *library.Record, track int) string {
	for _, r := range rec.Renditions {
		if r.Sound && r.Complete && r.Alternate == track+1 && isOfTrack(r.SoundOf, track) {
			return r.Name
		}
	}
	return ""
}

// alternateFailed is about an alternate that cannot be made as was thought: what
// was passed on as it is is converted, lost sound is made again, and what cannot be
// converted is no longer offered. The film plays on.
func (in *Intake) alternateFailed(p *packedFilm, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	f := in.films[p.id]
	if f == nil {
		return
	}
	at := slices.IndexFunc(f.alternates, func(one *alternate) bool { return one.served == p })
	if at < 0 || final(err) == nil || final(err) == packager.ErrKeyFlags { //nolint:errorlint // of our own list; the film itself begins anew for it
		return
	}
	track := f.alternates[at].choice.Track
	in.log.Warn("Sound track cannot be served as it was", "title", f.id, "track", track, "error", err)
	if f.soundFailed == nil {
		f.soundFailed = map[int]transcode.Rung{}
	}
	lost := p.sound
	if p.lazy != nil {
		lost = p.lazy.whole()
	}
	switch {
	case p.choice.Converted && final(err) == packager.ErrSound: //nolint:errorlint // of our own list
	case p.choice.Converted:
		f.soundFailed[track] = transcode.None
	default:
		f.soundFailed[track] = transcode.AudioOnly
	}
	in.cfg.Segments.Forget(p.key())
	in.update(f.id, func(rec *library.Record) {
		rec.Renditions = slices.DeleteFunc(rec.Renditions, func(r library.Rendition) bool { return lost != "" && r.Name == lost })
	})
	in.renewAlternates(f)
	if lost != "" {
		if dropped := in.cfg.Library.Drop(f.id, lost); dropped != nil {
			in.log.Warn("Sound not removed", "title", f.id, "error", dropped)
		}
	}
}

// renewAlternates attaches and shows a film's sound tracks anew. Holds mu.
func (in *Intake) renewAlternates(f *film) {
	rec, _ := in.cfg.Library.Record(f.id)
	in.serveAlternates(f, &rec)
	in.update(f.id, func(rec *library.Record) { in.showAlternates(f, rec) })
}

// audioTracks are a film's sound tracks as the API shows them, the default one
// first. machine may be nil: then the film's own word counts. It is pure.
func audioTracks(m transcode.Media, plan transcode.Plan, machine *transcode.Machine) []library.AudioTrack {
	out := make([]library.AudioTrack, 0, len(m.Audio))
	if machine == nil {
		for n, a := range m.Audio[:min(len(m.Audio), mostAlternates+1)] {
			out = append(out, audioTrack(n, a, a.Channels, a.Default))
		}
		return out
	}
	choices := transcode.SoundChoices(m, plan, *machine)
	for _, c := range choices[:min(len(choices), mostAlternates+1)] {
		one := audioTrack(c.Track, m.Audio[c.Track], c.Channels, c.Default)
		one.Reason = reasonOf(c.Reason)
		out = append(out, one)
	}
	return out
}

const languageRunes = 35 // the longest tag that RFC 5646 asks programs to take

func audioTrack(n int, a transcode.Audio, channels int, standard bool) library.AudioTrack {
	return library.AudioTrack{N: n, Language: cleanText(a.Language, languageRunes), Name: cleanText(a.Name, titleRunes), Default: standard, Channels: channels}
}
