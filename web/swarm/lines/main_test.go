package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const batches = `{"t":0,"in":[{"peer":"a","do":"join","m":{"p2p":true,"viewer":"A"}},{"peer":"a","do":"open","m":{"title":"t","rendition":"r","segments":9}}]}
{"t":10.5,"in":[{"peer":"b","do":"join","m":{"p2p":true,"viewer":"B"}},{"peer":"b","do":"open","m":{"title":"t","rendition":"r","segments":9}},{"do":"snapshot"}]}
{"t":20,"in":[{"peer":"a","do":"want","m":{"id":1,"n":3,"in":9000},"segment":{"sha256":"x","bytes":5}},{"peer":"b","do":"want","m":{"id":1,"n":99}},{"do":"dance"}]}
{"t":30,"in":[{"do":"tick"},{"do":"stats"},{"do":"views"}]}
`

func drive(t *testing.T, in string, args ...string) []answer {
	t.Helper()
	var out bytes.Buffer
	if err := run(args, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var answers []answer
	for line := range strings.Lines(out.String()) {
		var a struct {
			answer
			Out []json.RawMessage `json:"out"`
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a.answer)
	}
	return answers
}

func TestOneLineOutForEachLineIn(t *testing.T) {
	got := drive(t, batches)
	if len(got) != 4 {
		t.Fatalf("%d answers", len(got))
	}
	if len(got[1].Snapshot) == 0 || got[3].Stats == nil || len(got[3].Views) != 1 {
		t.Errorf("snapshot, stats or views are missing: %+v", got)
	}
	if e := got[2].Errors; len(e) != 2 || e[0].I != 1 || e[0].Peer != "b" || e[1].I != 2 {
		t.Errorf("errors %+v", e)
	}
	if got[2].Next != 1000 {
		t.Errorf("next is %v", got[2].Next)
	}
}

func TestATraceAndASnapshotGoOnTheSameWay(t *testing.T) {
	folder := t.TempDir()
	trace, snapshot := filepath.Join(folder, "trace"), filepath.Join(folder, "snapshot")
	whole := drive(t, batches, "-trace", trace)
	if err := os.WriteFile(snapshot, whole[1].Snapshot, 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(batches, "\n")
	rest := drive(t, strings.Join(lines[2:], ""), "-snapshot", snapshot)
	a, _ := json.Marshal(whole[2:])
	b, _ := json.Marshal(rest)
	if !bytes.Equal(a, b) {
		t.Errorf("from the snapshot\n%s\nwithout\n%s", b, a)
	}

	var out bytes.Buffer
	if err := run([]string{"-replay", trace}, nil, &out); err != nil || !strings.HasPrefix(out.String(), "7 inputs") {
		t.Errorf("replayed %q, %v", out.String(), err)
	}
	raw, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(trace, bytes.Replace(raw, []byte(`"why":"alone"`), []byte(`"why":"other"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-replay", trace}, nil, &out); !errors.Is(err, errDiffers) {
		t.Errorf("a changed trace: %v", err)
	}
}
