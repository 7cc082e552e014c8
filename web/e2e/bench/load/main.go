// Command load is a bounded load generator: a fixed number of readers fetch
// the paths of a list in turn from one server, as fast as they can or each at
// a given rate, for a fixed time. It prints one line of JSON: what was read,
// and what it cost the server (CPU time and memory of the processes named).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type settings struct {
	base           string
	paths          []string
	pids           []int
	readers        int
	duration       time.Duration
	bytesPerSecond int64 // of each reader; 0: as fast as it goes
}

// result is what is printed. CPU is user and system time of the processes.
type result struct {
	Requests          int64   `json:"requests"`
	Failed            int64   `json:"failed"`
	Bytes             int64   `json:"bytes"`
	Seconds           float64 `json:"seconds"`
	RequestsPerSecond float64 `json:"requestsPerSecond"`
	CPUSeconds        float64 `json:"cpuSeconds"`
	CPUSecondsPerGB   float64 `json:"cpuSecondsPerGB"`
	MaxRSSBytes       int64   `json:"maxRssBytes"` // largest sum seen while reading
	FirstError        string  `json:"firstError,omitempty"`
}

func main() {
	s, err := parse(os.Args[1:])
	if err == nil {
		var r result
		if r, err = run(context.Background(), s); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(r)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func parse(args []string) (settings, error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	var s settings
	flags.StringVar(&s.base, "base", "", "`URL` of the server, without a path")
	list := flags.String("paths", "", "`file` with one path a line")
	pids := flags.String("pids", "", "process `ids` of the server, with commas between")
	flags.IntVar(&s.readers, "readers", 8, "connections at the same time")
	flags.DurationVar(&s.duration, "duration", 5*time.Second, "how long to read")
	flags.Int64Var(&s.bytesPerSecond, "rate", 0, "bytes per second of each reader; 0: as fast as it goes")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	for id := range strings.SplitSeq(*pids, ",") {
		if id == "" {
			continue
		}
		pid, err := strconv.Atoi(id)
		if err != nil {
			return s, fmt.Errorf("process id %q: %w", id, err)
		}
		s.pids = append(s.pids, pid)
	}
	data, err := os.ReadFile(*list)
	if err != nil {
		return s, err
	}
	s.paths = strings.Fields(string(data))
	if len(s.paths) == 0 || s.base == "" || s.readers < 1 {
		return s, errors.New("a base URL, paths and readers are needed")
	}
	return s, nil
}

func run(ctx context.Context, s settings) (result, error) {
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: s.readers,
		MaxConnsPerHost:     s.readers,
		DisableCompression:  true,
	}}
	defer client.CloseIdleConnections()
	before, err := cpuSeconds(s.pids)
	if err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.duration)
	defer cancel()
	start := time.Now()
	var r result
	var next atomic.Int64
	var firstError sync.Once
	var readers sync.WaitGroup
	for range s.readers {
		readers.Go(func() {
			for ctx.Err() == nil {
				path := s.paths[int(next.Add(1)-1)%len(s.paths)]
				n, failure := fetch(ctx, client, s.base+path, s.bytesPerSecond)
				atomic.AddInt64(&r.Bytes, n)
				switch {
				case failure == nil:
					atomic.AddInt64(&r.Requests, 1)
				case ctx.Err() == nil:
					atomic.AddInt64(&r.Failed, 1)
					firstError.Do(func() { r.FirstError = failure.Error() })
					wait(ctx, 10*time.Millisecond) // a server that refuses is not hammered
				}
			}
		})
	}
	r.MaxRSSBytes = watchMemory(ctx, s.pids)
	readers.Wait()
	r.Seconds = time.Since(start).Seconds()
	after, err := cpuSeconds(s.pids)
	if err != nil {
		return result{}, err
	}
	r.CPUSeconds = after - before
	r.RequestsPerSecond = float64(r.Requests) / r.Seconds
	if r.Bytes > 0 {
		r.CPUSecondsPerGB = r.CPUSeconds / (float64(r.Bytes) / 1e9)
	}
	return r, nil
}

// fetch reads one answer to its end and returns how many bytes came.
func fetch(ctx context.Context, client *http.Client, url string, bytesPerSecond int64) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody) //nolint:gosec // the address is the caller's to choose
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request) //nolint:gosec // as above
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }() // only read from
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", url, response.Status)
	}
	const stepsPerSecond = 10
	size := int64(256 << 10)
	if bytesPerSecond > 0 {
		size = bytesPerSecond / stepsPerSecond
	}
	buffer := make([]byte, size)
	var total int64
	for {
		n, err := io.ReadFull(response.Body, buffer)
		total += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		if bytesPerSecond > 0 {
			wait(ctx, time.Second/stepsPerSecond)
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
