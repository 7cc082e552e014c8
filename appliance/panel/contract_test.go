package panel_test

import (
	"context"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

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

// The same on a real chip; paneltest's page says what it needs.
func TestContractOnAChip(t *testing.T) {
	button, led, address := os.Getenv("STREAMBOX_PANEL_BUTTON"), os.Getenv("STREAMBOX_PANEL_LED"), os.Getenv("STREAMBOX_PANEL_HAND")
	if address == "" {
		t.Skip("not run here: STREAMBOX_PANEL_HAND names nobody with a finger at a real GPIO chip (make vm-test runs it in a virtual machine)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	hand, err := paneltest.DialHand(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hand.Close() })
	for _, c := range paneltest.Contract() {
		t.Run(c.Sentence, func(t *testing.T) {
			// A hand at the other end of a network, on a busy host, bounces slower than a contact does.
			settings := panel.Settings{Button: button, LED: led, Debounce: 80 * time.Millisecond}
			c.Run(t, paneltest.Rig{Board: &panel.Machine{}, Settings: settings, Hand: hand})
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
