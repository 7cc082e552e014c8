package panel_test

import (
	"context"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/panel/paneltest"
)

// BenchmarkPress is in real time: from the button going down to the LED, and from its being let go to the rescan.
// Bounds: 100 ms and 200 ms.
func BenchmarkPress(b *testing.B) {
	board := paneltest.NewBoard("BUTTON", "LED")
	button, led := board.Outside("BUTTON"), board.Outside("LED")
	button.Drive(gpio.High)
	rescans := make(chan time.Time, 1)
	p := panel.New(panel.Config{
		Settings: panel.Settings{Button: "BUTTON", LED: "LED"}, Board: board,
		State: func() panel.State { return panel.Ready },
		Press: func(a panel.Action) {
			if a == panel.Rescan {
				rescans <- time.Now()
			}
		},
	})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	<-time.After(300 * time.Millisecond)
	var toLED, toRescan time.Duration
	for b.Loop() {
		pressed := time.Now()
		button.Drive(gpio.Low)
		for led.Level() == gpio.High {
			<-time.After(time.Millisecond)
		}
		toLED = max(toLED, time.Since(pressed))
		letGo := time.Now()
		button.Drive(gpio.High)
		toRescan = max(toRescan, (<-rescans).Sub(letGo))
		for led.Level() == gpio.Low {
			<-time.After(time.Millisecond)
		}
	}
	b.ReportMetric(float64(toLED)/1e6, "msToLEDAtMost")
	b.ReportMetric(float64(toRescan)/1e6, "msToRescanAtMost")
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
