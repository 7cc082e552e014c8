package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"streambox.local/appliance"
)

// The service's user owns the data folder, and with it the lock file that says
// where the log lies. `sudo streambox report` once put any file that it named
// into the support file, and waited at a FIFO without end.
func TestReportReadsNoFileThatTheServiceNames(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not run here: giving files away takes root (sudo)")
	}
	const service = 12345
	t.Setenv("PATH", t.TempDir())
	elsewhere := t.TempDir()
	secret, fifo, own := filepath.Join(elsewhere, "secret"), filepath.Join(elsewhere, "fifo"), filepath.Join(elsewhere, "own")
	for name, owner := range map[string]int{secret: 0, own: service} {
		if err := os.WriteFile(name, []byte("root:$6$hidden\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Lchown(name, owner, -1); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	text := func(t *testing.T, data string) string {
		t.Helper()
		a, stdout, stderr := testApp()
		if status := a.run(t.Context(), []string{"report", "--data", data, "--out", "-"}); status != exitOK {
			t.Fatalf("exit status %d: %s", status, stderr)
		}
		return stdout.String()
	}
	lock := func(t *testing.T, data, logFile string) {
		t.Helper()
		content, err := json.Marshal(appliance.BoxInfo{PID: 1, LogFile: logFile})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(data, "streambox.lock")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Lchown(path, service, -1); err != nil {
			t.Fatal(err)
		}
	}
	for what, named := range map[string]string{"a file of root's": secret, "a FIFO": fifo, "a device": "/dev/zero", "a file of its own": own} {
		t.Run(what, func(t *testing.T) {
			data := t.TempDir()
			lock(t, data, named)
			if got := text(t, data); strings.Contains(got, "hidden") || !strings.Contains(got, "it was not read") {
				t.Errorf("the support file:\n%s", got)
			}
		})
	}
	t.Run("a link at the place of the log", func(t *testing.T) {
		data := t.TempDir()
		a, _, _ := testApp()
		place := filepath.Join(data, filepath.Base(a.logPath(data)))
		if err := os.Symlink(secret, place); err != nil {
			t.Fatal(err)
		}
		lock(t, data, place)
		if got := text(t, data); strings.Contains(got, "hidden") || !strings.Contains(got, "could not be read") {
			t.Errorf("the support file:\n%s", got)
		}
	})
	t.Run("the service's true log is read", func(t *testing.T) {
		data := t.TempDir()
		a, _, _ := testApp()
		place := filepath.Join(data, filepath.Base(a.logPath(data)))
		if err := os.WriteFile(place, []byte("{\"msg\":\"All is well\"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Lchown(place, service, -1); err != nil {
			t.Fatal(err)
		}
		lock(t, data, place)
		if got := text(t, data); !strings.Contains(got, "All is well") {
			t.Errorf("the support file:\n%s", got)
		}
	})
}

func TestDoctorAsksThisMachineOnly(t *testing.T) {
	own := []net.Addr{&net.IPNet{IP: net.IPv4(192, 168, 7, 1), Mask: net.CIDRMask(24, 32)}, &net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)}}
	for at, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "0.0.0.0": true, "::": true, "192.168.7.1": true, "::ffff:192.168.7.1": true, "fe80::1%eth0": true,
		"192.168.7.2": false, "169.254.169.254": false, "2001:db8::1": false, "fe80::2%eth0": false,
	} {
		if got := onThisMachine(netip.MustParseAddr(at), own); got != want {
			t.Errorf("%s is on this machine: %v", at, got)
		}
	}
	if _, err := fetchBox(t.Context(), "192.0.2.1:80"); err == nil || !strings.Contains(err.Error(), "another machine") {
		t.Errorf("a box said to be elsewhere: %v", err)
	}
}

func TestDoctorIsNotSentOn(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked = true
		_, _ = w.Write([]byte(`{"state":"ready"}`))
	}))
	defer other.Close()
	box := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer box.Close()
	if says, err := fetchBox(t.Context(), strings.TrimPrefix(box.URL, "http://")); err == nil || asked {
		t.Errorf("it was sent on: %+v, %v", says, err)
	}
}

func TestDoctorReadsNoEndlessAnswer(t *testing.T) {
	box := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"state":"`))
		for chunk := []byte(strings.Repeat("x", 1<<20)); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer box.Close()
	if _, err := fetchBox(t.Context(), strings.TrimPrefix(box.URL, "http://")); err == nil {
		t.Error("an answer without end was read")
	}
}

func TestWhereRootBelievesALogToLie(t *testing.T) {
	a, _, _ := testApp()
	const data, stranger = "/var/lib/streambox", 1 << 30
	name := filepath.Base(a.logPath(data))
	for place, want := range map[string]bool{
		"/run/streambox/log/" + name:             true,
		"/run/user/1073741824/streambox/" + name: true,
		data + "/" + name:                        true,
		"/run/user/0/streambox/" + name:          false,
		"/run/streambox/log/" + name + "/../x":   false,
		"/run/streambox/log/other":               false,
		"/var/lib/streambox/../../../etc/shadow": false,
		"/etc/shadow":                            false,
		"":                                       false,
	} {
		if got := a.isLogPlace(appliance.BoxInfo{Owner: stranger, LogFile: place}, data); got != want {
			t.Errorf("%s: %v", place, got)
		}
	}
	if !a.isLogPlace(appliance.BoxInfo{Owner: os.Geteuid(), LogFile: "/anywhere"}, data) {
		t.Error("our own lock file is not believed")
	}
}

// The service's box has other defaults than a run by hand, and its settings may be wrong.
func TestTheSupportFileHasTheRealPortAndWhatIsWrongWithTheSettings(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	data, config := t.TempDir(), filepath.Join(t.TempDir(), "streambox.toml")
	if err := os.WriteFile(config, []byte("log-level = \"loud\"\nsticks = 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lock, err := appliance.LockData(data)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := lock.Describe(appliance.BoxInfo{PID: 1, Listen: "[::]:80"}); err != nil {
		t.Fatal(err)
	}
	a, stdout, stderr := testApp()
	if status := a.run(t.Context(), []string{"report", "--config", config, "--data", data, "--out", "-"}); status != exitOK {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	for _, want := range []string{
		"[::]:80 ", "(the box that runs)", "Not used: line 1 of " + config + " is not used: log-level",
		"Not used: line 2 of " + config + " is not used: sticks: takes a text, not the number 3",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the support file lacks %q:\n%s", want, stdout)
		}
	}
}
