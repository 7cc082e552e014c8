package mdns

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// heard tells for each second whether it was taken for part of a flood.
func heard(perSecond ...int) (loud []int) {
	var l loudness
	for second, packets := range perSecond {
		for i := range packets {
			now := midnight.Add(time.Duration(second)*time.Second + time.Duration(i)*time.Second/time.Duration(packets))
			if l.count(now) && !slices.Contains(loud, second) {
				loud = append(loud, second)
			}
		}
	}
	return loud
}

func TestWhatIsAFlood(t *testing.T) {
	for _, tt := range []struct {
		sentence  string
		perSecond []int
		want      []int // seconds
	}{
		{"forty phones that start at once", []int{400, 400, 400, 400, 400}, nil},
		{"a second of noise", []int{10, 5000, 10, 10}, nil},
		{"noise now and then", []int{5000, 10, 5000, 0, 5000, 10}, nil},
		{"who does not stop", []int{10_000, 10_000, 10_000, 10_000}, []int{2, 3}},
		{"who stops at last", []int{10_000, 10_000, 10_000, 10, 10}, []int{2, 3}},
		{"a quiet second between", []int{10_000, 10_000, 0, 10_000, 10_000}, nil},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if got := heard(tt.perSecond...); !slices.Equal(got, tt.want) {
				t.Errorf("seconds %v, want %v", got, tt.want)
			}
		})
	}
}

func TestInAFloodTheServicesRestAndTheNameStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		n := a.join(1, nil, on(1, "lan", "192.168.0.1/24"))
		pass(t, 10*time.Second)
		for range 60 {
			n.loud.set(time.Now())
			pass(t, time.Second)
		}
		if got := n.told(); len(got) != 2 || got[1].label != "" {
			t.Errorf("in the flood: %+v", got)
		}
		if state, _ := n.r.Health(); state != Present || n.r.Name() != "streambox" {
			t.Errorf("the name: %s %q", state, n.r.Name())
		}
		pass(t, calmAfter-5*time.Second)
		if got := n.told(); len(got) != 2 {
			t.Errorf("when it has just gone: %+v", got)
		}
		pass(t, 15*time.Second)
		if got := n.told(); len(got) != 3 || got[2].label != "streambox" {
			t.Errorf("when it is calm again: %+v", got)
		}
		if got := strings.Count(n.log.String(), "flood"); got != 1 {
			t.Errorf("said %d times\n%s", got, n.log)
		}
	})
}
