package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// What README tells people to write into the settings of their web server is
// run as it stands there, but for ports, folders and names.
func TestTheProxiesOfREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, proxy := range []struct {
		program, debian, language string
		start                     func(t *testing.T, snippet, address string) *exec.Cmd
	}{
		{"nginx", "nginx-light", "nginx", startNginx},
		{"caddy", "caddy", "caddyfile", startCaddy},
	} {
		t.Run(proxy.program, func(t *testing.T) {
			needProxy(t, proxy.program, proxy.debian)
			snippet := regexp.MustCompile("(?s)```" + proxy.language + "\n(.*?)```").FindSubmatch(readme)
			if snippet == nil {
				t.Fatalf("README has no snippet for %s", proxy.program)
			}
			// 127.0.0.1 is the proxy; the phone is another address.
			box := serveHere(t, []string{"STREAMBOX_TRUSTED_PROXIES=127.0.0.1", "STREAMBOX_HOSTS=cinema.example.org", "STREAMBOX_MDNS=off"},
				"--data", t.TempDir(), "--media", t.TempDir())
			address := freeAddress(t)
			text := strings.ReplaceAll(string(snippet[1]), "127.0.0.1:3003", strings.TrimPrefix(box.url, "http://"))
			cmd := proxy.start(t, text, address)
			output := new(syncBuffer)
			cmd.Stdout, cmd.Stderr = output, output
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				if t.Failed() {
					t.Logf("%s said:\n%s", proxy.program, output)
				}
			})
			phone := proxiedPhone{address: address, from: "127.0.0.9"}
			phone.waitFor(t)
			phone.check(t, box)
		})
	}
}

func needProxy(t *testing.T, program, debian string) {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: starts a web server, which -short leaves out")
	}
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin") // where Debian has nginx, and not every user looks
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatalf("%s is missing", program)
	}
	t.Skipf("not run here: %s is missing (apt-get install %s)", program, debian)
}

func startNginx(t *testing.T, snippet, address string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	site := strings.ReplaceAll(snippet, "listen 80;", "listen "+address+";")
	config := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log stderr;\nevents {}\nhttp {\naccess_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; "+
		"fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n%[2]s\n}\n", dir, site)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), "nginx", "-e", "stderr", "-c", file, "-p", dir)
}

func startCaddy(t *testing.T, snippet, address string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	_, port, _ := net.SplitHostPort(address)
	config := "{\n\tadmin off\n\tauto_https off\n\thttp_port " + port + "\n}\n" + snippet
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "caddy", "run", "--adapter", "caddyfile", "--config", file)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return cmd
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// proxiedPhone reaches the box through a proxy only.
type proxiedPhone struct{ address, from string }

func (p proxiedPhone) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(p.from)}}
	return dialer.DialContext(ctx, "tcp", p.address)
}

func (p proxiedPhone) get(t *testing.T, url string, header ...string) (status int, body string, err error) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: p.dial, DisableKeepAlives: true}, Timeout: 10 * time.Second}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("asking: %w", err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(content), err
}

func (p proxiedPhone) waitFor(t *testing.T) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		_, _, err := p.get(t, "http://streambox.local/healthz")
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("the proxy does not answer: %v", err)
		case <-tick.C:
		}
	}
}

func (p proxiedPhone) check(t *testing.T, box *servedBox) {
	t.Helper()
	for _, site := range []string{"http://streambox.local", "http://cinema.example.org"} {
		if status, body, err := p.get(t, site+"/api/v1/box", "X-Forwarded-For", "203.0.113.7"); err != nil || status != http.StatusOK {
			t.Errorf("%s: status %d, %v: %s", site, status, err, body)
		}
	}
	if log := box.log.String(); !strings.Contains(log, "remote="+p.from) && !strings.Contains(log, "remote=\""+p.from) {
		t.Errorf("the box does not know who asks:\n%s", log)
	} else if strings.Contains(log, "203.0.113.7") {
		t.Errorf("a phone can say that it is another one:\n%s", log)
	}

	where, _ := url.Parse("ws://streambox.local/ws") // a constant
	dialer := websocket.Dialer{NetDialContext: p.dial, HandshakeTimeout: 10 * time.Second}
	ws, answer, err := dialer.DialContext(t.Context(), where.String(), http.Header{"Origin": {"http://streambox.local"}})
	if err != nil {
		t.Fatalf("the WebSocket does not come through: %v %+v", err, answer)
	}
	defer ws.Close()
	defer answer.Body.Close()
	if err = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","protocol":1,"name":"Ada"}`)); err != nil {
		t.Error(err)
	}
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, message, err := ws.ReadMessage()
	if err != nil || !strings.Contains(string(message), `"hello"`) {
		t.Errorf("the first message is %s, %v", message, err)
	}
	_, refused, err := dialer.DialContext(t.Context(), where.String(), http.Header{"Origin": {"http://evil.example"}}) //nolint:bodyclose // of a refused WebSocket the package has closed it
	if err == nil || refused == nil || refused.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another site may open the WebSocket: %v", err)
	}
}
