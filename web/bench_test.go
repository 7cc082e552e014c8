package web

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"streambox.local/web/room"
)

// The benchmark serves the same segments by this package and by a bare
// http.FileServer, each in a process of its own, so that CPU time and memory
// are those of the server alone:
//
//	go test -run '^$' -bench Segments -benchtime 3000x ./web

const (
	benchSegments     = 40
	benchSegmentBytes = 2_500_000
	benchReaders      = 16
	benchTurn         = 500
	benchEnv          = "STREAMBOX_BENCH_SERVER"
	benchProfileEnv   = "STREAMBOX_BENCH_PROFILE" // a file name: each server writes its CPU profile to it, with its kind behind
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(benchEnv); kind != "" {
		serveBench(kind)
		return
	}
	os.Exit(m.Run())
}

// serveBench is the child: it says where its segments are, and serves until its input ends.
func serveBench(kind string) {
	if name := os.Getenv(benchProfileEnv); name != "" {
		profile, err := os.Create(name + "." + kind)
		if err != nil {
			panic(err)
		}
		if err = pprof.StartCPUProfile(profile); err != nil {
			panic(err)
		}
		defer func() {
			pprof.StopCPUProfile()
			_ = profile.Close()
		}()
	}
	dir, err := os.MkdirTemp("", "streambox-bench")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if kind == "fileserver" {
		for n := range benchSegments {
			name := filepath.Join(dir, fmt.Sprintf("seg%05d.ts", n))
			if err = os.WriteFile(name, segmentData(filmID, n, benchSegmentBytes), 0o600); err != nil {
				panic(err)
			}
		}
		listener, listenErr := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if listenErr != nil {
			panic(listenErr)
		}
		server := &http.Server{Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(listener) }()
		tell("http://" + listener.Addr().String() + "/")
		return
	}
	if err = flag.Set("test.benchtime", "1x"); err != nil {
		panic(err)
	}
	testing.Benchmark(func(b *testing.B) {
		b.Helper()
		seats := room.NewHouse(room.Config{Now: time.Now, Role: "wired"})
		meter := room.NewMeter(seats)
		go func() { _ = meter.Run(b.Context()) }()
		f := start(b, func(c *Config) { c.Log, c.Room, c.Meter = nil, seats, meter })
		if kind == "swarm" {
			for n := range benchTitles {
				f.film(benchTitle(n), "bench", benchTitleSegments, 200)
			}
			tell(f.url)
			return
		}
		film := f.film(filmID, "bench", benchSegments, benchSegmentBytes)
		tell(f.url + strings.TrimSuffix(film.Playlist, "index.m3u8"))
	})
}

func tell(base string) {
	_, _ = fmt.Fprintln(os.Stdout, base)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// BenchmarkSegments lets the two take turns, so that whatever else the machine
// does meets both alike. One operation is one segment from each.
func BenchmarkSegments(b *testing.B) {
	servers := []*benchServer{startBench(b, "fileserver"), startBench(b, "streambox")}
	for _, s := range servers {
		s.read(b, benchReaders) // connections, caches
		s.seconds, s.cpu = 0, 0
	}
	b.SetBytes(2 * benchSegmentBytes)
	b.ResetTimer()
	for done, turn := 0, 0; done < b.N; turn++ {
		n := min(benchTurn, b.N-done)
		done += n
		servers[turn%2].read(b, n)
		servers[1-turn%2].read(b, n)
	}
	b.StopTimer()
	gigabytes := float64(b.N) * benchSegmentBytes / 1e9
	for _, s := range servers {
		b.ReportMetric(float64(b.N)/s.seconds, s.kind+"-req/s")
		b.ReportMetric(s.cpu/gigabytes, s.kind+"-cpu-s/GB")
		b.ReportMetric(float64(statusKB(s.child.Process.Pid, "VmHWM"))/1024, s.kind+"-peak-MB")
	}
	b.ReportMetric(servers[0].seconds/servers[1].seconds, "ratio-req/s")
	b.ReportMetric(servers[0].cpu/max(servers[1].cpu, 0.01), "ratio-GB/cpu-s")
}

// benchServer is one of the two servers, and what it has used in its turns.
type benchServer struct {
	kind, base   string
	child        *exec.Cmd
	client       *http.Client
	seconds, cpu float64
}

func startBench(b *testing.B, kind string, env ...string) *benchServer {
	b.Helper()
	// Not b.Context: it ends before the clean-up, and the child would be killed.
	child := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0])
	child.Env = append(os.Environ(), benchEnv+"="+kind, "TMPDIR="+b.TempDir())
	child.Env = append(child.Env, env...)
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err = child.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		if waitErr := child.Wait(); waitErr != nil {
			b.Error(waitErr)
		}
	})
	base, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: benchReaders, ReadBufferSize: 64 << 10}
	b.Cleanup(transport.CloseIdleConnections)
	return &benchServer{kind: kind, base: strings.TrimSpace(base), child: child, client: &http.Client{Transport: transport}}
}

func (s *benchServer) read(b *testing.B, n int) {
	b.Helper()
	cpu, begin := cpuSeconds(s.child.Process.Pid), time.Now()
	readAll(b, s.client, s.base, n)
	s.seconds += time.Since(begin).Seconds()
	s.cpu += cpuSeconds(s.child.Process.Pid) - cpu
}

// readAll fetches n segments with benchReaders connections, which stay open.
func readAll(b *testing.B, client *http.Client, base string, n int) {
	b.Helper()
	var next atomic.Int64
	var readers sync.WaitGroup
	for range benchReaders {
		readers.Go(func() {
			buffer := make([]byte, 256<<10)
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				response, err := client.Get(base + fmt.Sprintf("seg%05d.ts", i%benchSegments))
				if err != nil {
					b.Error(err)
					return
				}
				got, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{response.Body}, buffer)
				_ = response.Body.Close()
				if err != nil || got != benchSegmentBytes || response.StatusCode != http.StatusOK {
					b.Errorf("status %d, %d bytes, error %v", response.StatusCode, got, err)
					return
				}
			}
		})
	}
	readers.Wait()
}

// cpuSeconds is what a process has used, user and system; 0 where /proc is not Linux's.
func cpuSeconds(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	user, _ := strconv.ParseFloat(string(fields[11]), 64)
	system, _ := strconv.ParseFloat(string(fields[12]), 64)
	return (user + system) / 100
}

func statusKB(pid int, key string) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, key+":"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kb
		}
	}
	return 0
}
