package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"streambox.local/transcode/worker"
)

// Set by -ldflags "-X main.version=… -X main.commit=… -X main.date=…".
var version, commit, date string

func main() {
	if worker.Asked(os.Args) { // at once: ffmpeg waits
		os.Exit(worker.Main(os.Args))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default comes back: a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	a := &app{
		build:  newBuild(version, commit, date),
		stdout: newTerminal(os.Stdout, os.Getenv),
		stderr: newTerminal(os.Stderr, os.Getenv),
		env:    os.Environ(),
	}
	os.Exit(a.run(ctx, os.Args[1:]))
}
