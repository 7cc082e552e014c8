package library

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestUnknownFieldsSurvive(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	r := finish(t, l, id, "one", "two")
	fields := readTitle(t, l, id)
	fields["reviews"] = []any{1.5, "x"}
	fields["renditions"].([]any)[0].(map[string]any)["codec"] = "av1"
	data, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	put(t, l.cfg.Dir+"/"+id+"/"+titleFile, string(data))

	l = open(t, Config{Dir: l.cfg.Dir})
	update(t, l, id, func(r *Record) { // an edit may make the record anew
		*r = Record{Name: "Other", How: r.How, Renditions: r.Renditions, ThumbnailDigest: r.ThumbnailDigest}
	})
	got := readTitle(t, l, id)
	fields["title"] = "Other"
	if !reflect.DeepEqual(got, fields) {
		t.Errorf("%v\nnot\n%v", got, fields)
	}
	if _, err := l.Source(id, r.Name); err != nil {
		t.Error(err)
	}
}

func TestKeptRecord(t *testing.T) {
	r := Record{
		Schema: 1, ID: testID(1), Name: "A", State: Ready, Progress: 0.5, SecondsLeft: 3, Sources: []Place{{Stick: "sda1"}},
		Renditions: []Rendition{{Name: "video-00000001"}, {Name: "video-00000002", Complete: true}, {Name: "video-00000003", Complete: true}},
	}
	data, err := r.kept(map[string]bool{"video-00000001": true, "video-00000002": true})
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, absent := range []string{"00000001", "00000003", "sda1", "rogress", "tate", "econdsLeft", "unknown"} {
		if strings.Contains(text, absent) {
			t.Errorf("%q is kept: %s", absent, text)
		}
	}
	if !strings.Contains(text, `"video-00000002"`) || !strings.HasSuffix(text, "}\n") {
		t.Errorf("what is complete and on the disk is not kept: %s", text)
	}
}

func TestClonesShareNothing(t *testing.T) {
	full := func() Record {
		reason := &Reason{Code: "a", Parameters: map[string]any{"x": 1}}
		return Record{
			Reason: reason, Audio: []AudioTrack{{N: 1}}, Subtitles: []SubtitleTrack{{N: 1, Reason: &Reason{Code: "s"}}},
			Renditions: []Rendition{{SegmentBytes: []int64{1}}}, Media: json.RawMessage(`{}`), Failed: []string{"audio"},
			Sources: []Place{{Stick: "sda1"}}, Previews: &Previews{Digests: []string{"a"}},
		}
	}
	r := full()
	c := r.clone()
	c.Reason.Parameters["x"] = 2
	c.Reason.Code = "b"
	c.Audio[0].N, c.Subtitles[0].N, c.Subtitles[0].Reason.Code = 2, 2, "t"
	c.Renditions[0].SegmentBytes[0], c.Media[0], c.Failed[0], c.Sources[0].Stick = 2, '[', "direct", "sdb1"
	c.Previews.Count, c.Previews.Digests[0] = 1, "b"
	if !reflect.DeepEqual(r, full()) {
		t.Errorf("a change of the copy changed the original: %+v", r)
	}
}

func TestEachFieldOfARecordIsCloned(t *testing.T) {
	// A new field that points somewhere must be added to clone; this list is the reminder.
	cloned := []string{"Reason", "Audio", "Subtitles", "Renditions", "Media", "Failed", "Sources", "unknown", "NotForOthers", "SubtitleFiles", "Chapters", "BeginsSeconds", "Unconvertible", "Previews"}
	for field := range reflect.TypeFor[Record]().Fields() {
		switch field.Type.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer:
			found := false
			for _, name := range cloned {
				found = found || name == field.Name
			}
			if !found {
				t.Errorf("is %s copied by clone?", field.Name)
			}
		default:
		}
	}
}
