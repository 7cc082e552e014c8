package mdns

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A service and a `make run` on one machine: they share the name, as their
// addresses are the same, and each is a service of its own in lists.
func TestTwoBoxesOnOneMachine(t *testing.T) {
	needAvahi(t)
	t.Parallel() // mostly they wait
	here, there := room(t)
	first, second := box(t, here), box(t, here, "MDNS_TEST_PORT=3003")
	first.says("NAME streambox")
	second.says("NAME streambox")
	phone := startAvahi(t, there, "phone")
	eventually(t, "both are in the list, each with its port", func() error {
		out, err := phone.browse("_http._tcp")
		for _, port := range []string{"8080", "3003"} {
			if err == nil && !strings.Contains(out, `;StreamBox\032port\032`+port+";") || !strings.Contains(out, ";streambox.local;10.78.0.1;"+port+";") {
				err = errors.New(out)
			}
		}
		return err
	})
	eventually(t, "a one-shot query finds a service", func() error {
		answer, err := ask(there, "_streambox._tcp.local.", dns.TypePTR, time.Second)
		if err == nil && (len(answer.Answer) != 1 || !strings.HasPrefix(answer.Answer[0].(*dns.PTR).Ptr, `StreamBox\ port\ `)) {
			err = fmt.Errorf("%v", answer)
		}
		return err
	})
	second.stop()
	eventually(t, "the name is still there", func() error { return phone.resolve("streambox.local", "10.78.0.1") })
	eventually(t, "and who is left in the list", func() error {
		out, err := phone.browse("_http._tcp")
		if err == nil && (!strings.Contains(out, ";8080;") || strings.Contains(out, ";3003;")) {
			err = errors.New(out)
		}
		return err
	})
	for _, b := range []*process{first, second} {
		for _, line := range b.output() {
			if strings.Contains(line, "onflict") || strings.Contains(line, "streambox-2") {
				t.Errorf("they quarrel: %s", line)
			}
		}
	}
}
