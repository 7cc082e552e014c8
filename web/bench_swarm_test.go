package web

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

// The benchmark holds a room of pages, each with a WebSocket of its own, and
// measures from a want leaving a page to its grant being there:
//
//	go test -run '^$' -bench Swarm -benchtime 20000x ./web
//
// The server is a process of its own with one core's worth of threads
// (GOMAXPROCS=1); the pages share the rest of the machine. One operation is one
// want; with each goes one have, so that 1,000 pages say 2,000 messages a second.
// Beside it stands what a ping of the WebSocket takes at the same time, which
// no director answers: what both have is the machine's.
const (
	benchPages         = 1000
	benchTitles        = 20
	benchTitleSegments = 120
	benchPingEvery     = 4
)

func benchTitle(n int) string { return fmt.Sprintf("%s%c%c", missingID[:14], 'a'+n/8, 'a'+n%8) }

func BenchmarkSwarm(b *testing.B) {
	server := startBench(b, "swarm", "GOMAXPROCS=1")
	response, err := server.client.Get(server.base + "/api/v1/titles")
	if err != nil {
		b.Fatal(err)
	}
	var list library.Page
	err = json.NewDecoder(response.Body).Decode(&list)
	_ = response.Body.Close()
	if err != nil || len(list.Titles) != benchTitles {
		b.Fatalf("%d titles, %v", len(list.Titles), err)
	}
	empty := statusKB(server.child.Process.Pid, "VmRSS")
	pages := make([]*benchPage, benchPages)
	for n := range pages {
		pages[n] = dialBench(b, server.base, n, list.Titles[n%benchTitles])
	}
	each := (b.N + benchPages - 1) / benchPages
	cpu, began := cpuSeconds(server.child.Process.Pid), time.Now()
	b.ResetTimer()
	var talking sync.WaitGroup
	for n, p := range pages {
		talking.Go(func() { p.talk(b, each, time.Duration(n)*time.Second/benchPages) })
	}
	talking.Wait()
	b.StopTimer()
	seconds := time.Since(began).Seconds()
	var took, pings []time.Duration
	for _, p := range pages {
		took = append(took, p.took...)
		p.mu.Lock()
		pings = append(pings, p.pings...)
		p.mu.Unlock()
	}
	b.ReportMetric(percentile(took, 50), "p50-ms")
	b.ReportMetric(percentile(took, 99), "p99-ms")
	b.ReportMetric(percentile(pings, 99), "ping-p99-ms")
	b.ReportMetric(float64(2*len(took))/seconds, "messages/s")
	b.ReportMetric((cpuSeconds(server.child.Process.Pid)-cpu)/seconds, "server-cores")
	b.ReportMetric(float64(statusKB(server.child.Process.Pid, "VmRSS")-empty)/benchPages, "server-KB/page")
}

// percentile is in milliseconds.
func percentile(took []time.Duration, percent int) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[len(took)*percent/100].Microseconds()) / 1000
}

// benchPage is a page that plays: a want and a have each second.
type benchPage struct {
	ws     *websocket.Conn
	n      int
	grants chan uint32
	took   []time.Duration

	mu    sync.Mutex
	pings []time.Duration
}

func dialBench(b *testing.B, base string, n int, title library.Title) *benchPage {
	b.Helper()
	ws, response, err := websocket.DefaultDialer.DialContext(context.Background(), "ws"+base[len("http"):]+"/ws", viewerCookie(n))
	if err != nil {
		b.Fatal(err)
	}
	_ = response.Body.Close()
	b.Cleanup(func() { _ = ws.Close() })
	p := &benchPage{ws: ws, n: n, grants: make(chan uint32, 64)}
	ws.SetPongHandler(func(sent string) error {
		if at, parseErr := time.Parse(time.RFC3339Nano, sent); parseErr == nil {
			p.mu.Lock()
			p.pings = append(p.pings, time.Since(at))
			p.mu.Unlock()
		}
		return nil
	})
	go func() {
		for {
			_, text, readErr := ws.ReadMessage()
			if readErr != nil {
				close(p.grants)
				return
			}
			var m struct {
				Type string `json:"type"`
				swarm.Grant
			}
			if json.Unmarshal(text, &m) == nil && m.Type == "grant" {
				p.grants <- m.ID
			}
		}
	}()
	p.say(b, `{"type":"hello","protocol":1,"p2p":true}`)
	p.say(b, fmt.Sprintf(`{"type":"open","title":%q,"rendition":%q,"segments":%d,"segmentSeconds":4}`,
		title.ID, path.Base(path.Dir(title.Playlist)), benchTitleSegments))
	return p
}

func (p *benchPage) say(b *testing.B, text string) {
	b.Helper()
	if err := p.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		b.Error(err)
	}
}

// talk wants each segment in its turn and then has it.
func (p *benchPage) talk(b *testing.B, times int, after time.Duration) {
	b.Helper()
	pace := time.NewTimer(after)
	defer pace.Stop()
	for i := range times {
		<-pace.C
		pace.Reset(time.Second)
		n := i % benchTitleSegments
		began := time.Now()
		p.say(b, fmt.Sprintf(`{"type":"want","id":%d,"n":%d,"in":5000,"why":"play"}`, i+1, n))
		for id := range p.grants {
			if id == uint32(i+1) {
				break
			}
		}
		p.took = append(p.took, time.Since(began))
		if i%benchPingEvery == 0 {
			_ = p.ws.WriteControl(websocket.PingMessage, []byte(time.Now().Format(time.RFC3339Nano)), time.Now().Add(time.Second))
		}
		p.say(b, fmt.Sprintf(`{"type":"have","add":[[%d,%d]],"at":%d}`, n, n, i))
	}
}
