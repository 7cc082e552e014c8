package swarm

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// traced is a room whose director keeps a trace of at least 100 inputs, after three hundred.
func traced(t *testing.T) *Director {
	t.Helper()
	d := New(Options{Policy: Policy{Mode: "on"}, Random: rand.NewPCG(5, 5), Trace: NewTrace(100)})
	for _, id := range []PeerID{"a", "b", "c"} {
		d.Join(0, id, Member{P2P: true, Viewer: string(id)})
		if _, err := d.Open(0, id, film); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 100 {
		now := time.Duration(n) * 333 * time.Millisecond / 7
		for _, id := range []PeerID{"a", "b"} {
			if _, err := d.Want(now, id, Want{ID: uint32(n), N: n, In: 20_000}, Segment{digest, 1 << 20}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Have(now, "a", Have{Add: []Span{{n, n}}}); err != nil {
			t.Fatal(err)
		}
		d.Tick(now)
	}
	return d
}

func TestATraceRunsAgainFromWhereItBegins(t *testing.T) {
	raw := traced(t).trace.Bytes()
	if !bytes.HasPrefix(raw, []byte(`{"t":`)) || !bytes.Contains(raw[:200], []byte(`"snapshot":{"schema":1`)) {
		t.Errorf("begins with %.100s", raw)
	}
	n, first, err := Replay(bytes.NewReader(raw))
	if err != nil || first != nil {
		t.Fatalf("%v, %v", first, err)
	}
	if n < 100 || n > 125 {
		t.Errorf("%d inputs were kept", n)
	}
}

func TestTheFirstDecisionThatDiffersIsNamed(t *testing.T) {
	raw := string(traced(t).trace.Bytes())
	before, after, _ := strings.Cut(raw, `"how":"wait"`)
	changed := before + `"how":"http"` + after
	_, first, err := Replay(strings.NewReader(changed))
	if err != nil {
		t.Fatal(err)
	}
	line := 1 + strings.Count(before, "\n")
	if first == nil || first.Line != line || !strings.Contains(first.Input, `"do":"want"`) ||
		!strings.Contains(first.Recorded, `"how":"http"`) || !strings.Contains(first.Replayed, `"how":"wait"`) {
		t.Errorf("line %d was changed, found %v", line, first)
	}
}

func TestATraceThatIsNoneIsRefused(t *testing.T) {
	for _, bad := range []string{
		`{"t":1,"in":{"do":"tick"},"out":[],"next":-1}`,
		`{"t":1,"snapshot":{"schema":99}}`,
		`{"t":1,"snapshot":{"schema":1,"random":"","pages":[null]}}`,
		`{"t":1,"snapshot":{"schema":1,"random":"cGNnOv1Z7oaeyum4XFO59zZFRCo=","pages":[null]}}`,
		`{"t":1,"snapshot":{"schema":1,"random":"cGNnOv1Z7oaeyum4XFO59zZFRCo=","pages":[{"id":"a"}]}}`,
		`{"t":1,"snapshot":{"schema":1,"random":"cGNnOv1Z7oaeyum4XFO59zZFRCo=","pairs":[{"caller":"a"}]}}`,
		`not JSON`,
	} {
		if _, _, err := Replay(strings.NewReader(bad)); err == nil {
			t.Errorf("%s was replayed", bad)
		}
	}
}

func TestAFloodOfLongMessagesDoesNotMakeTheTraceLong(t *testing.T) {
	d := New(Options{Random: rand.NewPCG(5, 5), Trace: NewTrace(5000)})
	d.Join(0, "a", Member{})
	for range 5000 {
		if _, err := d.Signal(0, "a", "offer", Signal{To: "x", SDP: strings.Repeat("v", maxSDP)}); err != nil {
			t.Fatal(err)
		}
	}
	if size := len(d.trace.Bytes()); size > traceParts*(tracePartBytes+2*maxSDP) {
		t.Errorf("the trace takes %d bytes", size)
	}
}

// testdata/box-role.trace is of a release that knew one role for the whole box: cable, its own
// Wi-Fi, another's, off.
func TestATraceOfAnOlderReleaseRunsAgain(t *testing.T) {
	raw, err := os.ReadFile("testdata/box-role.trace")
	if err != nil {
		t.Fatal(err)
	}
	n, first, err := Replay(bytes.NewReader(raw))
	if err != nil || first != nil || n < 30 {
		t.Errorf("%d inputs: %v, %v", n, err, first)
	}
	if !bytes.Contains(raw, []byte(`"role":"accessPoint"`)) || !bytes.Contains(raw, []byte(`"why":"accessPoint"`)) {
		t.Error("the box's own Wi-Fi is not in it")
	}
}
