//go:build air

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/web/room/netnstest"
)

const (
	airFilmBits = 2e6 // bit/s
	// The link carries 9.6 films: nine fit and ten do not. Of a packet's 1,514
	// bytes on the link 1,448 are the film's.
	airLinkBits = 9.6 * airFilmBits * 1514 / 1448
)

// Stands for a Wi-Fi that carries nine phones (tc tbf instead of air): the
// tenth of ten is told so and waits, nine play without a stall, and when one of
// them leaves the tenth is let in.
func TestTheTenthPhoneWaitsWhileNinePlay(t *testing.T) {
	netnstest.Need(t, "ip", "tc")
	box, phones := netnstest.New(t), netnstest.New(t)
	netnstest.Cable(box, "air", "10.77.0.1/24", phones, "wlan0", "10.77.0.2/24")
	for n := range 10 {
		phones.Run(fmt.Sprintf("ip addr add 10.77.0.%d/24 dev wlan0", 100+n))
	}
	lossBased(t, box)
	box.Run(fmt.Sprintf("tc qdisc add dev air root tbf rate %.0fbit burst 32kb latency 200ms", airLinkBits))
	base := serveInside(t, box, airFilm(t))
	first := newAirPlayer(phones, 0, base)
	title, segments := airTitle(t, first)

	var all []*airPlayer
	var off []func()
	join := func(n int) {
		p := newAirPlayer(phones, n, base)
		p.title, p.segments = title, segments
		all = append(all, p)
		stop := p.start(t)
		t.Cleanup(stop)
		off = append(off, stop)
	}
	pass := func(d time.Duration) {
		if err := airWait(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 9 {
		join(n)
		pass(2 * time.Second) // people find a film one after the other
	}
	join(9)
	tenth := all[9]
	pass(8 * time.Second)
	told, refused, fetched, _ := tenth.seen()
	if len(told) != 1 || told[0] != (airRoom{Admitted: false, Watching: 9, Places: 9}) {
		t.Errorf("the tenth phone was told %+v", told)
	}
	if len(refused) != 1 || refused[0].Code != "air_full" || refused[0].Parameters.Watching != 9 {
		t.Errorf("the tenth phone asked for a segment and got %+v", refused)
	}
	if fetched != 0 {
		t.Errorf("the tenth phone has got %d segments", fetched)
	}
	if room := airRoomOf(t, first); room.Role != "wired" || room.Places != 9 || room.Taken != 9 || room.Waiting != 1 {
		t.Errorf("the box says of its room %+v", room)
	}
	off[3]()
	eventuallyIn(t, 40*time.Second, "the tenth phone is let in and plays when one of nine has left", func() bool {
		_, _, fetched, _ := tenth.seen()
		return fetched >= 2
	})
	for n, p := range all {
		told, refused, fetched, stalls := p.seen()
		t.Logf("%s: %d segments, told %+v", p.name, fetched, told)
		if n == 9 {
			continue
		}
		if len(refused) > 0 || fetched < 3 {
			t.Errorf("%s was refused %+v, and has %d segments", p.name, refused, fetched)
		}
		for _, stall := range stalls {
			t.Errorf("the picture stood still: %s", stall)
		}
	}
	for _, stop := range off {
		stop()
	}
}

// lossBased lets the box send as a Raspberry Pi does, whatever this machine's
// default is: TCP that takes losses as the sign of a full link.
func lossBased(t *testing.T, box *netnstest.Namespace) {
	t.Helper()
	var err error
	box.Do(func() { err = os.WriteFile("/proc/sys/net/ipv4/tcp_congestion_control", []byte("reno"), 0) })
	if err != nil {
		t.Fatal(err)
	}
}

// airFilm is a stick with one film that is ready as it stands: two minutes of
// segments that are all as long and as large.
func airFilm(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	film := filepath.Join(dir, "Film")
	if err := os.Mkdir(film, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(film, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	noise := rand.NewChaCha8([32]byte{1})
	packets := int(airFilmBits * airSegment.Seconds() / 8 / 188)
	playlist := bytes.NewBufferString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:VOD\n")
	type hash struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
		Bytes  int    `json:"bytes"`
	}
	var hashes []hash
	for n := range 30 {
		data := make([]byte, packets*188)
		_, _ = noise.Read(data) // never fails
		for at := 0; at < len(data); at += 188 {
			data[at] = 0x47
		}
		name := fmt.Sprintf("seg%05d.ts", n)
		write(name, data)
		hashes = append(hashes, hash{name, fmt.Sprintf("%x", sha256.Sum256(data)), len(data)})
		fmt.Fprintf(playlist, "#EXTINF:4.000000,\n%s\n", name)
	}
	playlist.WriteString("#EXT-X-ENDLIST\n")
	write("index.m3u8", playlist.Bytes())
	text, err := json.Marshal(map[string]any{"schema": 1, "segments": hashes})
	if err != nil {
		t.Fatal(err)
	}
	write("hashes.json", text)
	return dir
}

// serveInside runs the program as a process in the namespace, until the test's
// end, and returns its address.
func serveInside(t *testing.T, box *netnstest.Namespace, media string) (base string) {
	t.Helper()
	cmd := program(t, "serve", "--listen", "10.77.0.1:3003", "--media", media, "--data", t.TempDir(), "--log-level", "info")
	log := &syncBuffer{}
	cmd.Stderr = log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	box.Do(func() { err = cmd.Start() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if ended := cmd.Wait(); t.Failed() || !errors.Is(ended, context.Canceled) {
			t.Errorf("the box ended with %v; its log:\n%s", ended, log.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the box says no address: %v\n%s", err, log.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return regexp.MustCompile(`http://[^/\s]+`).FindString(line)
}

// airTitle waits for the film and returns its id and the addresses of its segments.
func airTitle(t *testing.T, p *airPlayer) (id string, segments []string) {
	t.Helper()
	var title library.Title
	eventuallyIn(t, 20*time.Second, "the film can be played", func() bool {
		_, body, err := p.get(t.Context(), "/api/v1/titles")
		var page library.Page
		if err != nil || json.Unmarshal(body, &page) != nil || len(page.Titles) != 1 {
			return false
		}
		title = page.Titles[0]
		return title.Playable && title.Playlist != ""
	})
	_, playlist, err := p.get(t.Context(), title.Playlist)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`(?m)^seg\d+\.ts$`).FindAllString(string(playlist), -1) {
		segments = append(segments, title.Playlist[:len(title.Playlist)-len("index.m3u8")]+name)
	}
	if len(segments) != 30 {
		t.Fatalf("%d segments in\n%s", len(segments), playlist)
	}
	return title.ID, segments
}

// boxRoom is what the box says of its room.
type boxRoom struct {
	Role                   string
	Places, Taken, Waiting int
	MbitPerSecond          float64
}

func airRoomOf(t *testing.T, p *airPlayer) boxRoom {
	t.Helper()
	_, body, err := p.get(t.Context(), "/api/v1/box")
	if err != nil {
		t.Fatal(err)
	}
	var box struct{ Room boxRoom }
	if err = json.Unmarshal(body, &box); err != nil {
		t.Fatal(err)
	}
	return box.Room
}

func eventuallyIn(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("not in %v: %s", limit, what)
		}
		if err := airWait(t.Context(), 50*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}
