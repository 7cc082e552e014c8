package panel_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/panel/paneltest"
)

func TestContractOnTheFake(t *testing.T) {
	for _, c := range paneltest.Contract() {
		t.Run(c.Sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				board := paneltest.NewBoard("BUTTON", "LED")
				c.Run(t, paneltest.Rig{
					Board:    board,
					Settings: panel.Settings{Button: "BUTTON", LED: "LED"},
					Hand:     paneltest.Fingers{Button: board.Outside("BUTTON"), LED: board.Outside("LED")},
				})
			})
		})
	}
}

// A hand far away is the hand itself, or says what went wrong.
func TestRemoteHand(t *testing.T) {
	board := paneltest.NewBoard("BUTTON", "LED")
	led := board.Outside("LED")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- paneltest.ServeHand(ctx, listener, paneltest.Fingers{Button: board.Outside("BUTTON"), LED: led})
	}()
	hand, err := paneltest.DialHand(ctx, listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, lit := range []bool{true, false} {
		if err := led.Out(lit == true); err != nil {
			t.Fatal(err)
		}
		if got, err := hand.Lit(); err != nil || got != lit {
			t.Errorf("lit = %v, %v; want %v", got, err, lit)
		}
	}
	for _, down := range []bool{true, false} {
		if err := hand.Press(down); err != nil {
			t.Fatal(err)
		}
		if got := bool(board.Outside("BUTTON").Read()); got == down {
			t.Errorf("pressed %v, the line is %v", down, got)
		}
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := hand.Press(true); err == nil {
		t.Error("a hand that is gone presses")
	}
}
