package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// syncBuffer is a bytes.Buffer for several goroutines.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// servedBox is a box that runs inside the test.
type servedBox struct {
	t    *testing.T
	url  string
	log  *syncBuffer
	stop func() error
}

// serveHere runs serve in-process until stop, or the test's end.
func serveHere(t *testing.T, env []string, args ...string) *servedBox {
	t.Helper()
	a, _, _ := testApp(env...)
	var out, log syncBuffer
	a.stdout, a.stderr = &terminal{out: &out}, &terminal{out: &log}
	ctx, cancel := context.WithCancel(t.Context())
	status := make(chan int, 1)
	go func() {
		status <- a.run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "debug"}, args...))
	}()
	box := &servedBox{t: t, log: &log, stop: sync.OnceValue(func() error {
		cancel()
		select {
		case got := <-status:
			if got != exitOK {
				return fmt.Errorf("exit status %d:\n%s", got, log.String())
			}
			return nil
		case <-time.After(10 * time.Second):
			return fmt.Errorf("it does not stop:\n%s", log.String())
		}
	})}
	t.Cleanup(func() {
		if err := box.stop(); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the address is printed\n"+log.String(), func() bool {
		line, _, found := strings.Cut(out.String(), "\n")
		box.url = line
		return found
	})
	return box
}

// get fetches a path of the box, of which nothing but 200 is expected.
func (b *servedBox) get(path string) []byte {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		b.t.Fatalf("GET %s: %s\n%s", path, response.Status, body)
	}
	return body
}

func (b *servedBox) json(path string, into any) {
	b.t.Helper()
	if err := json.Unmarshal(b.get(path), into); err != nil {
		b.t.Fatal(err)
	}
}

// title waits for the only title to be as wanted.
func (b *servedBox) title(what string, wanted func(library.Title) bool) library.Title {
	b.t.Helper()
	var page library.Page
	eventually(b.t, what, func() bool {
		b.json("/api/v1/titles", &page)
		return len(page.Titles) == 1 && wanted(page.Titles[0])
	})
	return page.Titles[0]
}

type boxAnswer struct {
	Name, State, Version string
	URLs                 []string
	Problems             []library.Problem
	Sticks               []library.Stick
}
