package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"streambox.local/appliance/library"
	"streambox.local/appliance/report"
	"streambox.local/transcode/worker"
)

// sandbox is what confines ffmpeg on this machine: the layers of the worker's
// unit where there is one, else those of a child. unit tells of the unit itself.
func sandbox(ctx context.Context, socket string) (unit worker.Layer, layers []worker.Layer) {
	unit = worker.Layer{Name: "unit", State: worker.Absent, Detail: "the service is not installed or not running; films are read by confined children"}
	said, found, err := worker.UnitLayers(ctx, socket)
	switch {
	case found && err == nil:
		for _, l := range said {
			if l.Name == unit.Name {
				unit = l
			} else {
				layers = append(layers, l)
			}
		}
		return unit, layers
	case errors.Is(err, fs.ErrPermission):
		unit.Detail = "there; its socket is for the service alone (sudo streambox doctor says more)"
	case err != nil:
		unit.State, unit.Detail = worker.Broken, err.Error()
	}
	return unit, worker.Layers(ctx)
}

// sandboxChecks are doctor's rows.
func sandboxChecks() []report.Check {
	unit, layers := sandbox(context.Background(), worker.SocketPath) // bounded by itself
	checks := make([]report.Check, 0, len(layers)+1)
	for _, l := range append([]worker.Layer{unit}, layers...) {
		c := report.Check{Name: "sandbox " + l.Name, Detail: l.Detail}
		switch l.State {
		case worker.Active:
			c.State = report.Present
		case worker.Absent:
			c.State = report.Absent
		case worker.Broken:
			c.State, c.Mend = report.Broken, "journalctl -u 'streambox-worker@*' and dmesg say more; sudo streambox service install puts the service's files in order"
		}
		checks = append(checks, c)
	}
	return checks
}

// codeWorkerBroken is the problem of a worker's unit whose instances do not start.
const codeWorkerBroken = "worker_broken"

// workerProblem makes a problem of it, which the page shows: films may have to wait
// for who mends it.
func workerProblem(problem func(code string, p *library.Problem)) func(error) {
	return func(err error) {
		if err == nil {
			problem(codeWorkerBroken, nil)
			return
		}
		problem(codeWorkerBroken, &library.Problem{Code: codeWorkerBroken, Text: "The part of the box that reads films does not start: sudo streambox doctor says more"})
	}
}

// tellSandbox logs once what confines ffmpeg. A service comes with the worker's
// socket: where that is missing, something is wrong.
func tellSandbox(socket string, service bool, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		unit, layers := sandbox(ctx, socket)
		if service && unit.State == worker.Absent {
			unit.State = worker.Broken
		}
		layers = append([]worker.Layer{unit}, layers...)
		if broken := worker.Summary(layers, worker.Broken); broken != "" && ctx.Err() == nil {
			log.Error("Films are read with less protection than this machine has", "broken", broken)
		}
		log.Info("Films are read in a sandbox", "active", worker.Summary(layers, worker.Active), "notOnThisMachine", worker.Summary(layers, worker.Absent))
		<-ctx.Done()
		return nil
	}
}
