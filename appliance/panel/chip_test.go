//go:build chip

package panel_test

import (
	"context"
	"os"
	"testing"
	"time"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/panel/paneltest"
)

// The same on a real chip; paneltest's page says what it needs.
func TestContractOnAChip(t *testing.T) {
	button, led, address := os.Getenv("STREAMBOX_PANEL_BUTTON"), os.Getenv("STREAMBOX_PANEL_LED"), os.Getenv("STREAMBOX_PANEL_HAND")
	if address == "" {
		t.Fatal("STREAMBOX_PANEL_HAND names nobody with a finger at the chip")
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
