//go:build vm

package vmtest

import (
	"strings"
	"testing"

	"streambox.local/image/boxtest"
)

// resolvedOn lets systemd-resolved speak multicast DNS, on the cable too; it is not on the machine that runs the tests,
// whose own names it would break. (Whether it answers for its own name here is not looked at.)
const resolvedOn = `set -e
	mkdir -p /run/systemd/resolved.conf.d
	printf '[Resolve]\nMulticastDNS=yes\nLLMNR=no\n' > /run/systemd/resolved.conf.d/test.conf
	systemd-sysusers
	systemctl start systemd-resolved
	address=$(grep -lix 52:54:00:12:34:57 /sys/class/net/*/address)
	resolvectl mdns "$(basename "$(dirname "$address")")" yes`

// fiveThreeFiveThree are the programs that listen where multicast DNS is spoken.
const fiveThreeFiveThree = `ss -Hlunp 'sport = :5353' | sed 's/.*(("\([^"]*\)".*/\1/' | sort -u`

// besideResolved: a machine whose own resolver speaks multicast DNS too, as Ubuntu's and Fedora's may. Each has its
// socket, and the box's name is found when resolved comes second, and when it came first.
func (s *scenario) besideResolved(t *testing.T) {
	t.Helper()
	defer func() {
		s.Sh(t, "systemctl stop systemd-resolved; rm -rf /run/systemd/resolved.conf.d")
	}()
	s.Sh(t, resolvedOn)
	both := func() {
		t.Helper()
		boxtest.Until(t, boxtest.StepWait, "both listen", func() (bool, any) {
			out := s.Sh(t, fiveThreeFiveThree)
			return strings.Contains(out, "streambox") && strings.Contains(out, "systemd-resolve"), out
		})
		s.answersByName(t)
	}
	both()
	s.Sh(t, "systemctl restart streambox")
	both()
	if b := s.Phone.Box(t); b.Name != "streambox" {
		t.Errorf("the box is called %q now", b.Name)
	}
}
