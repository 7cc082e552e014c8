package boxtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Phone is a browser's share of the scenario: it calls the box by its name,
// through the forwarded port.
type Phone struct {
	client *http.Client
	base   *url.URL
}

// NewPhone is one that knows the way to the guest.
func NewPhone(t *testing.T, g *Guest) *Phone {
	t.Helper()
	forwarded, err := g.Forwarded(Within(t, StepWait), ServicePort)
	Must(t, err)
	dialer := &net.Dialer{}
	jar, err := cookiejar.New(nil)
	Must(t, err)
	return &Phone{
		base: &url.URL{Scheme: "http", Host: "streambox.local"},
		client: &http.Client{Jar: jar, Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, forwarded)
			},
		}},
	}
}

// Send asks by another method than GET, with JSON; the answer must be of the 200s.
// A phone keeps the cookie that it is given.
func (p *Phone) Send(t *testing.T, method, path, body string) {
	t.Helper()
	at, err := p.base.Parse(path)
	Must(t, err)
	request, err := http.NewRequestWithContext(Within(t, StepWait), method, at.String(), strings.NewReader(body))
	Must(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := p.client.Do(request)
	Must(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: status %d, %v: %s", method, path, response.StatusCode, err, answer)
	}
}

// Get asks for a path (or what a playlist names) and reads the whole answer.
func (p *Phone) Get(ctx context.Context, path string) (status int, body []byte, err error) {
	at, err := p.base.Parse(path)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return 0, nil, err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

// Title is what the scenario looks at of a title.
type Title struct {
	ID, Title, State, How, Playlist string
	Playable                        bool
	Reason                          json.RawMessage
}

// Box is what the scenario looks at of the box.
type Box struct {
	Name, State, Version string
	URLs                 []string
	UptimeSeconds        float64
	Sticks               []struct {
		ID, Label, FileSystem, State string
		Reason                       json.RawMessage
		Titles                       int
	}
	Problems, Notes []struct{ Code, Text string }
}

// Ask decodes what the box answers for a path.
func (p *Phone) Ask(path string, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	status, body, err := p.Get(ctx, path)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s: status %d: %s", path, status, body)
	}
	return json.Unmarshal(body, into)
}

// Titles are those on the page, by name.
func (p *Phone) Titles() (map[string]Title, error) {
	var answer struct{ Titles []Title }
	if err := p.Ask("/api/v1/titles", &answer); err != nil {
		return nil, err
	}
	byName := map[string]Title{}
	for _, one := range answer.Titles {
		byName[one.Title] = one
	}
	return byName, nil
}

// Box is what the box says of itself.
func (p *Phone) Box(t *testing.T) Box {
	t.Helper()
	var b Box
	Must(t, p.Ask("/api/v1/box", &b))
	return b
}

// UntilPlayable waits until exactly these titles are listed and can be played.
func (p *Phone) UntilPlayable(t *testing.T, names ...string) map[string]Title {
	t.Helper()
	var last map[string]Title
	Until(t, 4*StepWait, "playable: "+strings.Join(names, ", "), func() (bool, any) {
		all, err := p.Titles()
		if err != nil {
			return false, err
		}
		last = all
		playable := 0
		for _, name := range names {
			if all[name].Playable {
				playable++
			}
		}
		return playable == len(names), all
	})
	return last
}

// Segments are the addresses that a title's media playlist names. Like a player
// it asks again where the box cannot read yet: a slow stick's answer may take longer
// than a request waits.
func (p *Phone) Segments(t *testing.T, of Title) []string {
	t.Helper()
	var body []byte
	Until(t, 3*StepWait, "the playlist of "+of.Title, func() (bool, any) {
		status, answer, err := p.Get(Within(t, StepWait), of.Playlist)
		if err == nil && status == http.StatusServiceUnavailable && (strings.Contains(string(answer), `"not_yet"`) || strings.Contains(string(answer), `"cannot_read"`)) {
			return false, string(answer)
		}
		if err != nil || status != http.StatusOK || !strings.HasPrefix(string(answer), "#EXTM3U") {
			t.Fatalf("the playlist of %q: status %d, %v: %s", of.Title, status, err, answer)
		}
		body = answer
		return true, nil
	})
	list, err := url.Parse(of.Playlist)
	Must(t, err)
	var all []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			at, err := list.Parse(line)
			Must(t, err)
			all = append(all, at.String())
		}
	}
	return all
}

// Probe says which codecs are in a segment, by the host's ffprobe.
func Probe(t *testing.T, segment []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "segment.ts")
	Must(t, os.WriteFile(file, segment, 0o600))
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file).Output()
	Must(t, err)
	// Each stream is told twice, as the programme's and as the file's.
	all := strings.Fields(strings.ReplaceAll(string(out), ",", " "))
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}
