package main

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/update/slots"
)

func TestTheCardsPartitionsGetTheirNamesWhileTheMachineStarts(t *testing.T) {
	for _, c := range []struct {
		name string
		late int // so many looks find nothing
		err  error
		want error
	}{
		{"named already", 0, nil, nil},
		{"named after ten looks", 10, nil, nil},
		{"never named", 1 << 20, nil, fs.ErrNotExist},
		{"no slots here: nothing is waited for", 0, slots.ErrNone, slots.ErrNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, looks := time.Now(), 0
				_, err := findCard(t.Context(), func() (*slots.Card, error) {
					if looks++; looks <= c.late {
						return nil, &fs.PathError{Op: "stat", Path: "/dev/streambox/boot", Err: fs.ErrNotExist}
					}
					return &slots.Card{}, c.err
				})
				if !errors.Is(err, c.want) {
					t.Errorf("%v", err)
				}
				if c.late == 0 && time.Since(began) > 0 {
					t.Errorf("it waited for %v", time.Since(began))
				}
			})
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := findCard(ended, func() (*slots.Card, error) { return nil, fs.ErrNotExist }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
