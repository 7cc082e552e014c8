package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"streambox.local/appliance"
	"streambox.local/appliance/report"
)

// From the part that fails, through what the box says of itself, to doctor's rows
// and its exit status.
func TestDoctorNamesThePartThatFails(t *testing.T) {
	failed := make(chan struct{}, 1)
	supervisor := &appliance.Supervisor{Services: []appliance.Service{
		{Name: "library", Run: func(ctx context.Context) error { <-ctx.Done(); return nil }},
		{Name: "mdns", Run: func(context.Context) error { return errors.New("no multicast at /somewhere") }},
		{Name: "banner", Run: func(context.Context) error { return nil }},
	}}
	supervisor.OnChange = func() {
		if len(supervisor.Failing()) > 0 {
			select {
			case failed <- struct{}{}:
			default:
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- supervisor.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	<-failed
	r := newRestingBox(t)
	r.failing, r.parts = supervisor.Failing, []func() report.Check{servicesPart(supervisor.Health)}
	eventually(t, "the others have begun", func() bool {
		return strings.Contains(r.Status().HardwareDetails["parts"].Text, "running: library; done: banner")
	})
	r.look()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status := r.Status()
		_ = json.NewEncoder(w).Encode(map[string]any{"state": status.State, "hardware": status.Hardware, "hardwareDetails": status.HardwareDetails})
	})}
	go func() { _ = web.Serve(listener) }()
	defer web.Close()
	a, _, _ := testApp()
	doctor := a.doctor(settings{Data: t.TempDir(), Listen: listener.Addr().String()})
	doctor.Box = func(ctx context.Context) (report.Box, bool) {
		return askBox(ctx, appliance.BoxInfo{Listen: listener.Addr().String()}), true
	}
	rows := map[string]report.Check{}
	for _, c := range doctor.Run(t.Context()) {
		rows[c.Name] = c
	}
	const names = "failing: mdns (failures: "
	if box := rows["box"]; box.State != report.Broken || !strings.Contains(box.Detail, "state fault: "+names) {
		t.Errorf("the box is %+v", box)
	}
	if parts := rows["parts"]; parts.State != report.Broken || !strings.HasPrefix(parts.Detail, names) || parts.Mend == "" || strings.Contains(parts.Detail, "multicast") {
		t.Errorf("its parts are %+v", parts)
	}
}

func TestAServedBoxTellsOfAllItsParts(t *testing.T) {
	served := serveHere(t, nil, "--data", t.TempDir(), "--media", t.TempDir())
	eventually(t, "every part is named as running", func() bool {
		var says boxSays
		served.json("/api/v1/box", &says)
		text := says.Details[report.Services].Text
		for _, name := range []string{"panel", "library", "intake", "sticks", "http", "push", "notify"} {
			if !strings.Contains(text, name) {
				return false
			}
		}
		return says.Hardware[report.Services] == string(report.Present) && strings.Contains(text, "running: ")
	})
}
