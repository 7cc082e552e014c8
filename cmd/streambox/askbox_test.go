package main

import (
	"os"
	"path/filepath"
	"testing"

	"streambox.local/appliance"
)

// Where `make run` was called, doctor finds its box; what somebody has named is what they mean.
func TestTheBoxOfMakeRunIsFound(t *testing.T) {
	sources := t.TempDir()
	t.Chdir(sources)
	data := filepath.Join(sources, runData)
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	byDefault, named := settings{from: map[string]string{"data": "default"}}, settings{from: map[string]string{"data": "--data"}}
	if got := otherBox(byDefault); got != nil {
		t.Errorf("before it was started: %+v", got)
	}
	lock, err := appliance.LockData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Describe(appliance.BoxInfo{Listen: "127.0.0.1:3003"}); err != nil {
		t.Fatal(err)
	}
	if got := otherBox(byDefault); got == nil || got.DataDir != runData || got.Listen != "127.0.0.1:3003" {
		t.Errorf("while it runs: %+v", got)
	}
	if got := otherBox(named); got != nil {
		t.Errorf("another folder is named: %+v", got)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if got := otherBox(byDefault); got != nil {
		t.Errorf("after it has ended: %+v", got)
	}
}
