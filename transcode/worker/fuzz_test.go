package worker

import (
	"errors"
	"testing"
)

// A message is read by the instance that holds a film, from a box that may have
// been taken over, and the other way round.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"version":1,"want":"run","program":"ffmpeg","arguments":["-i","file:/dev/fd/3"],"films":1,"progress":true}`), 4)
	f.Add([]byte(`{"version":1,"want":"layers"}`), 0)
	f.Add([]byte(`{"version":1,"want":"run","program":"/bin/sh","films":-3}`), 0)
	f.Add([]byte(`{"version":1,"is":"ended","exit":{"code":-1,"signal":9}}`), 0)
	f.Add([]byte(`{"version":1,"want":"run"}{"version":1}`), 2)
	f.Fuzz(func(t *testing.T, data []byte, descriptors int) {
		version := versionOf(data)
		var asked request
		if err := decode(data, &asked); err != nil {
			if !errors.Is(err, errMessage) {
				t.Fatal(err)
			}
		} else if asked.check(descriptors) == nil {
			want := 0
			if asked.Want == wantRun {
				want = 2 + asked.Films
				if asked.Program != "ffmpeg" && asked.Program != "ffprobe" {
					t.Errorf("%q would be started", asked.Program)
				}
			}
			if asked.Films < 0 || descriptors < want || descriptors > mostFilms+3 || version != asked.Version {
				t.Errorf("%+v with %d descriptors", asked, descriptors)
			}
		}
		var said answer
		if err := decode(data, &said); err != nil && !errors.Is(err, errMessage) {
			t.Fatal(err)
		}
	})
}
