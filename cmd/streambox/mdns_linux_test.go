package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"streambox.local/web/room/netnstest"
)

// Stands for a house with two boxes: each has a name, tells it on its page and
// in its log, answers to it, and offers its address without a name as well.
func TestBoxesAreFoundByTheirNames(t *testing.T) {
	netnstest.Need(t, "ip")
	first, second := netnstest.New(t), netnstest.New(t)
	netnstest.Cable(first, "eth0", "10.78.0.1/24", second, "eth0", "10.78.0.2/24")
	for _, n := range []*netnstest.Namespace{first, second} {
		n.Run("ip route add default dev eth0")
	}
	log := serveIn(t, first, ":80")
	eventually(t, "the first box has its name", func() bool { return strings.Contains(log.String(), "name=streambox.local") })
	serveIn(t, second, ":8080")

	var answer boxAnswer
	eventually(t, "the second box has the second name", func() bool {
		_, body := getFrom(t, first, "http://10.78.0.2:8080/api/v1/box", "")
		return json.Unmarshal(body, &answer) == nil && answer.Name == "streambox-2"
	})
	want := []string{"http://streambox-2.local:8080", "http://10.78.0.2:8080"}
	eventually(t, "its addresses are those that work, the name first", func() bool {
		_, body := getFrom(t, first, "http://10.78.0.2:8080/api/v1/box", "")
		return json.Unmarshal(body, &answer) == nil && slices.Equal(answer.URLs, want)
	})
	for host, status := range map[string]int{
		"streambox-2.local:8080": http.StatusOK, "10.78.0.2:8080": http.StatusOK, "streambox.local:8080": http.StatusMisdirectedRequest,
	} {
		if got, body := getFrom(t, first, "http://10.78.0.2:8080/api/v1/titles", host); got != status {
			t.Errorf("asked as %s it answers %d, want %d: %s", host, got, status, body)
		}
	}
	if _, page := getFrom(t, first, "http://10.78.0.2:8080/join", ""); !strings.Contains(string(page), `<p class="address">http://10.78.0.2:8080</p>`) ||
		!strings.Contains(string(page), `<p class="also">http://streambox-2.local:8080</p>`) {
		t.Errorf("the page for a projector:\n%s", page)
	}
	if _, body := getFrom(t, second, "http://10.78.0.1/api/v1/box", "streambox.local"); json.Unmarshal(body, &answer) != nil ||
		!slices.Equal(answer.URLs, []string{"http://streambox.local", "http://10.78.0.1"}) || !strings.Contains(string(body), `"mdns":"present"`) {
		t.Errorf("the first box: %s", body)
	}
}

// serveIn runs the program in a namespace until the test ends, and returns its log.
func serveIn(t *testing.T, n *netnstest.Namespace, listen string) *syncBuffer {
	t.Helper()
	cmd := program(t, "serve", "--listen", listen, "--media", t.TempDir(), "--data", t.TempDir(), "--panel", "off")
	log := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = io.Discard, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var err error
	n.Do(func() { err = cmd.Start() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if ended := cmd.Wait(); t.Failed() || !errors.Is(ended, context.Canceled) {
			t.Errorf("the box ended with %v; its log:\n%s", ended, log.String())
		}
	})
	return log
}

// getFrom asks from a namespace; status 0 when there is no answer.
func getFrom(t *testing.T, n *netnstest.Namespace, url, host string) (status int, body []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (c net.Conn, err error) {
			n.Do(func() { c, err = new(net.Dialer).DialContext(ctx, network, address) })
			return c, err
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := client.Do(request)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, []byte(fmt.Sprint(err))
	}
	return response.StatusCode, body
}
