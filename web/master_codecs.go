package web

import (
	"context"
	"path"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

// convertedCodecs is what is converted, at most: H.264 High of level 4.2 and AAC-LC.
const convertedCodecs = "avc1.64002a,mp4a.40.2"

// onlyRendition is a title with one of its renditions alone, as ?rendition= of a
// multivariant playlist asks for it: by the page, which has chosen already. A
// player that changes from one to another would leave those it shares with.
func onlyRendition(t library.Title, name string) (library.Title, error) {
	if t.Playlist != "" && path.Base(path.Dir(t.Playlist)) == name {
		t.Renditions = nil
		return t, nil
	}
	for _, one := range t.Renditions {
		if one.Playlist != "" && path.Base(path.Dir(one.Playlist)) == name {
			t.Playlist, t.Codecs, t.Renditions = one.Playlist, one.Codecs, nil
			t.Audio = nil // the further sound tracks lie beside the first rendition
			return t, nil
		}
	}
	return t, library.ErrRenditionGone
}

// everyDevice is what the address of a multivariant playlist ends in for players
// that cannot tell us what they play.
const everyDevice = "?for=all"

// forAll is a title with what every device plays alone, or as it is where it
// cannot be converted.
func forAll(t library.Title) (library.Title, error) {
	for _, one := range t.Renditions {
		switch {
		case one.Codecs != "":
		case one.Playlist != "":
			return onlyRendition(t, path.Base(path.Dir(one.Playlist)))
		case one.State == library.Unplayable:
			t.Renditions = nil
			return t, nil
		}
	}
	return t, notYet()
}

// codecsOf is the CODECS attribute of a title's first rendition; "" where every
// phone plays it: a wrong value keeps players from a film that they could play, a
// missing one does not.
func codecsOf(t library.Title) string {
	if t.Codecs == "" {
		return ""
	}
	return ",CODECS=" + quoted(t.Codecs)
}

// otherVariants are the lines of a title's further renditions, for players that
// choose by CODECS. They stand before the first one: a player that knows
// nothing of codecs takes what comes first. They have no groups of sound and subtitles:
// these go with the first rendition's times and cuts.
func (s *Server) otherVariants(ctx context.Context, t library.Title) string {
	var b strings.Builder
	for _, one := range t.Renditions {
		if one.Playlist == t.Playlist || one.Playlist == "" {
			continue
		}
		name := path.Base(path.Dir(one.Playlist))
		src, err := s.cfg.Library.Source(t.ID, name)
		if err != nil {
			continue // it has gone in this moment
		}
		playlist, err := src.Playlist(ctx)
		if err != nil {
			continue
		}
		known := measure(ctx, src, playlistEntries(playlist))
		codecs := one.Codecs
		if codecs == "" {
			codecs = convertedCodecs
			if len(t.Audio) == 0 {
				codecs, _, _ = strings.Cut(codecs, ",")
			}
		}
		if known.peak <= 0 {
			known.peak = guessedPeak(min(t.Height, mostConverted))
		}
		b.WriteString("#EXT-X-STREAM-INF:BANDWIDTH=" + strconv.FormatInt(known.peak, 10))
		if known.average > 0 {
			b.WriteString(",AVERAGE-BANDWIDTH=" + strconv.FormatInt(known.average, 10))
		}
		b.WriteString(",CODECS=" + quoted(codecs) + "\n" + name + "/index.m3u8\n")
	}
	return b.String()
}

// mostConverted is the height of the largest picture that is made.
const mostConverted = 1080

// independent is the tag of a multivariant playlist all of whose segments can be
// decoded alone. Those of HEVC may begin with pictures that belong to the one before.
func independent(t library.Title) string {
	if strings.HasPrefix(t.Codecs, "hvc1.") || strings.HasPrefix(t.Codecs, "hev1.") {
		return ""
	}
	return "#EXT-X-INDEPENDENT-SEGMENTS\n"
}
