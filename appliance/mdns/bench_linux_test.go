package mdns

import (
	"testing"
	"time"

	"github.com/miekg/dns"
)

// BenchmarkNameResolvable measures how long after its start a box is found by
// its name from another machine, by a one-shot query asked every 10 ms. Stands
// for "name resolvable ≤ 2 s". Run it with
//
//	go test -run '^$' -bench NameResolvable -benchtime 5x ./appliance/mdns
//
// as root; it prints seconds/name, the mean.
func BenchmarkNameResolvable(b *testing.B) {
	needPackets(b)
	here, there := room(b)
	var total, longest time.Duration
	for b.Loop() {
		began := time.Now()
		p := box(b, here)
		for {
			if _, err := ask(there, "streambox.local.", dns.TypeA, 10*time.Millisecond); err == nil {
				break
			}
			if time.Since(began) > 20*time.Second {
				b.Fatal("the name is not found")
			}
		}
		took := time.Since(began)
		total += took
		longest = max(longest, took)
		p.stop()
	}
	b.ReportMetric(total.Seconds()/float64(b.N), "seconds/name")
	b.ReportMetric(longest.Seconds(), "seconds/longest")
	b.ReportMetric(0, "ns/op") // includes stopping
}
