package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhereTheDataLiesWhenNobodySays(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		root     bool
		env      []string
		want     string
	}{
		{"root's is the machine's", true, []string{"HOME=/root", "XDG_STATE_HOME=/x"}, "/var/lib/streambox"},
		{"a service's is what systemd made", false, []string{"HOME=/", "STATE_DIRECTORY=/var/lib/streambox:/var/lib/other"}, "/var/lib/streambox"},
		{"a user who says where state belongs", false, []string{"HOME=/home/ada", "XDG_STATE_HOME=/home/ada/.state"}, "/home/ada/.state/streambox"},
		{"a relative place is none", false, []string{"HOME=/home/ada", "XDG_STATE_HOME=state"}, "/home/ada/.local/share/streambox"},
		{"any other user", false, []string{"HOME=/home/ada"}, "/home/ada/.local/share/streambox"},
		{"nobody's home", false, nil, "streambox-data"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			a := &app{env: tt.env}
			if got := a.defaults(tt.root).Data; got != tt.want {
				t.Errorf("data = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestTheLogForReportLiesInMemoryWhereThereIsSuchAPlace(t *testing.T) {
	runtime := t.TempDir()
	a := &app{env: []string{"RUNTIME_DIRECTORY=" + runtime}}
	one, two := a.logPath("/data/one"), a.logPath("/data/two")
	if filepath.Dir(one) != runtime || one == two || one != a.logPath("/data/one") || !strings.HasSuffix(one, ".jsonl") {
		t.Errorf("logs at %s and %s", one, two)
	}
}

func TestMediaWarnings(t *testing.T) {
	there := t.TempDir()
	for _, tt := range []struct {
		sentence    string
		media, data string
		says        []string
	}{
		{"all well", there, t.TempDir(), nil},
		{"a folder that is not there", filepath.Join(there, "typo"), t.TempDir(), []string{"is not there (yet)"}},
		{"the data lie on the stick", there, filepath.Join(there, "data"), []string{"lies in the media folder"}},
		{"a neighbour with a longer name is no parent", there, there + "-data", nil},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			got := mediaWarnings(settings{Media: []string{tt.media}, Data: tt.data})
			if len(got) != len(tt.says) || len(got) > 0 && !strings.Contains(got[0], tt.says[0]) {
				t.Errorf("got %q, want %q", got, tt.says)
			}
		})
	}
}
