// Command bareserver is the least that a service can be: a web server that tells
// systemd when it answers. `make bench` compares the box's start with its.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/coreos/go-systemd/v22/daemon"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends with the process
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() {
		failed <- http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { //nolint:gosec // asked by itself only
			_, _ = w.Write([]byte("ready\n"))
		}))
	}()
	response, err := http.Get("http://" + listener.Addr().String()) //nolint:noctx // as above
	if err != nil {
		return err
	}
	if err = response.Body.Close(); err != nil {
		return err
	}
	if _, err = daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		return err
	}
	return <-failed
}
