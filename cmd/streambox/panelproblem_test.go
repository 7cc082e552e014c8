package main

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"streambox.local/appliance"
	"streambox.local/appliance/panel"
	"streambox.local/appliance/panel/paneltest"
)

// Busy, forbidden or broken: the state says it, and so does the LED, until it works.
func TestAButtonThatDoesNotWorkIsSaid(t *testing.T) {
	for sentence, harm := range map[string]func(board *paneltest.Board, harmed bool){
		"busy": func(board *paneltest.Board, harmed bool) { board.Outside("BUTTON").Take(harmed) },
		"without permission": func(board *paneltest.Board, harmed bool) {
			board.Fail("BUTTON", map[bool]error{true: fs.ErrPermission}[harmed])
		},
		"broken": func(board *paneltest.Board, harmed bool) {
			board.Fail("BUTTON", map[bool]error{true: errors.New("input/output error")}[harmed])
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRestingBox(t)
				board := paneltest.NewBoard("BUTTON", "LED")
				board.Outside("BUTTON").Drive(gpio.High)
				harm(board, true)
				p := panel.New(panel.Config{
					Settings: panel.Settings{Button: "BUTTON", LED: "LED", BoardLED: "ACT"}, Board: board, State: r.ledState, Changed: r.changed(), Press: func(panel.Action) {},
				})
				r.attend = panelProblem(p.Troubled, r.library.SetProblem)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 2)
				go func() { ended <- p.Run(ctx) }()
				go func() { ended <- r.Run(ctx) }()
				r.sticksLookedFor()
				<-time.After(8 * time.Second)
				r.becomes(appliance.Ready, "Ready: no stick") // it may be a moment of the start

				<-time.After(2 * time.Second)
				r.becomes(appliance.Attention, "Attention: A part of the panel does not work (button): sudo streambox doctor says more")
				if got := r.library.Problems(); len(got) != 1 || got[0].Code != "panel_broken" || got[0].Parameters["parts"] != "button" {
					t.Errorf("the page is told %+v", got)
				}
				if got := r.ledState(); got != panel.Attention {
					t.Errorf("the LED shows %s", got)
				}
				harm(board, false)
				<-time.After(31 * time.Second)
				r.becomes(appliance.Ready, "Ready: no stick")
				cancel()
				for range 2 {
					if err := <-ended; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}
