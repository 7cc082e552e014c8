//go:build vm

package vmtest

import (
	"strings"
	"testing"

	"streambox.local/image/boxtest"
)

// armSuite is package worker's tests as a program of 32-bit ARM, which this machine's
// kernel also runs: the box's program on a Pi of 32 bits.
const armSuite = "worker-arm.test"

// ofGroups lifts the limits that hold without control groups, and runs a script in place
// of a film's reader, with all the rest of the unit as it is.
const ofGroups = `mkdir -p /run/systemd/system/streambox-worker@.service.d /usr/lib/streambox-test
	printf '%s\n' '[Service]' Type=oneshot RuntimeMaxSec=infinity StandardInput=null LogLevelMax=info \
		LimitNPROC=infinity LimitDATA=infinity LimitAS=infinity OOMPolicy=stop ExecStart= 'ExecStart=/bin/sh /usr/lib/streambox-test/inside' \
		>/run/systemd/system/streambox-worker@.service.d/limits.conf
	systemctl daemon-reload
	systemctl start streambox-worker@limits.service; echo "exit status $?"
	journalctl --quiet --output=cat --lines=15 _SYSTEMD_UNIT=streambox-worker@limits.service + UNIT=streambox-worker@limits.service
	rm -r /run/systemd/system/streambox-worker@.service.d /usr/lib/streambox-test
	systemctl daemon-reload
	journalctl --quiet --boot --dmesg --output=cat | grep 'Memory cgroup out of memory' | tail -n 1`

// workersLimits: what only a kernel with control groups can show. The unit's group
// counts threads and memory and holds what runs in it, also without the limits that
// hold everywhere; and a kernel takes the list of calls for 32-bit ARM, and refuses
// by it.
func (s *scenario) workersLimits(t *testing.T) {
	t.Helper()
	s.Sh(t, mountPayload)
	if says := s.Sh(t, `streambox doctor | grep '^ *sandbox unit' || true`); !strings.Contains(says, "by systemd's rules") ||
		!strings.Contains(says, "at most 512 threads") || !strings.Contains(says, "bytes of memory") || strings.Contains(says, "no limit of") {
		t.Errorf("doctor says %s", says)
	}
	for _, c := range []struct {
		sentence, script string
		began            string // what is said when it begins
		want             []string
	}{
		// A shell that may not fork ends.
		{"600 processes", `echo begun; n=0; while [ $n -lt 600 ]; do sleep 60 & n=$((n + 1)); done; echo reached`, "begun", []string{"Cannot fork", "exit status 1"}},
		// tail keeps the last line, and this one has no end.
		{"more memory than there is for it", `echo begun; head -c 4G /dev/zero | tail | wc -c; echo reached`, "begun", []string{"oom-kill", "exit status 1", "Memory cgroup out of memory"}},
	} {
		out := s.Sh(t, "mkdir -p /usr/lib/streambox-test; cat >/usr/lib/streambox-test/inside <<'INSIDE'\n"+c.script+"\nINSIDE\n"+ofGroups)
		if !strings.Contains(out, c.began) || strings.Contains(out, "reached") {
			t.Errorf("%s: the group lets it:\n%s", c.sentence, out)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is not said:\n%s", c.sentence, want, out)
			}
		}
	}
	out, err := s.Shell.Run(boxtest.Within(t, 2*boxtest.StepWait), "cd /tmp && /mnt/"+armSuite+" -test.v -test.run '^(TestLayersAreTold|TestTheListOfCalls|TestWhatFFmpegOfThisArchitectureCalls)$' 2>&1")
	if err != nil || !strings.Contains(out, "--- PASS: TestLayersAreTold") || !strings.Contains(out, "--- PASS: TestTheListOfCalls") {
		t.Errorf("as 32-bit ARM: %v\n%s", err, out)
	}
}
