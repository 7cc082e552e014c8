//go:build vm

package vmtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// phone is a browser's share of the scenario: it calls the box by its name,
// through the forwarded port.
type phone struct {
	client *http.Client
	base   *url.URL
}

func newPhone(t *testing.T, g *guest) *phone {
	t.Helper()
	forwarded, err := g.Forwarded(within(t, stepWait), servicePort)
	must(t, err)
	dialer := &net.Dialer{}
	return &phone{
		base: &url.URL{Scheme: "http", Host: "streambox.local"},
		client: &http.Client{Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, forwarded)
			},
		}},
	}
}

// get asks for a path (or what a playlist names) and reads the whole answer.
func (p *phone) get(ctx context.Context, path string) (status int, body []byte, err error) {
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

// title is what the scenario looks at of a title.
type title struct {
	ID, Title, State, How, Playlist string
	Playable                        bool
	Reason                          json.RawMessage
}

// box is what the scenario looks at of the box.
type box struct {
	Name, State, Version string
	URLs                 []string
	UptimeSeconds        float64
	Sticks               []struct {
		ID, Label, FileSystem, State string
		Reason                       json.RawMessage
		Titles                       int
	}
	Problems []struct{ Code, Text string }
}

func (p *phone) ask(path string, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	status, body, err := p.get(ctx, path)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s: status %d: %s", path, status, body)
	}
	return json.Unmarshal(body, into)
}

func (p *phone) titles() (map[string]title, error) {
	var answer struct{ Titles []title }
	if err := p.ask("/api/v1/titles", &answer); err != nil {
		return nil, err
	}
	byName := map[string]title{}
	for _, one := range answer.Titles {
		byName[one.Title] = one
	}
	return byName, nil
}

func (p *phone) box(t *testing.T) box {
	t.Helper()
	var b box
	must(t, p.ask("/api/v1/box", &b))
	return b
}

// untilPlayable waits until exactly these titles are listed and can be played.
func (p *phone) untilPlayable(t *testing.T, names ...string) map[string]title {
	t.Helper()
	var last map[string]title
	until(t, 4*stepWait, "playable: "+strings.Join(names, ", "), func() (bool, any) {
		all, err := p.titles()
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

// segments are the addresses that a title's media playlist names.
func (p *phone) segments(t *testing.T, of title) []string {
	t.Helper()
	status, body, err := p.get(within(t, 2*stepWait), of.Playlist)
	if err != nil || status != http.StatusOK || !strings.HasPrefix(string(body), "#EXTM3U") {
		t.Fatalf("the playlist of %q: status %d, %v: %s", of.Title, status, err, body)
	}
	list, err := url.Parse(of.Playlist)
	must(t, err)
	var all []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			at, err := list.Parse(line)
			must(t, err)
			all = append(all, at.String())
		}
	}
	return all
}
