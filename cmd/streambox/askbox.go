package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"streambox.local/appliance"
	"streambox.local/appliance/library"
	"streambox.local/appliance/report"
	"streambox.local/web"
)

const (
	serviceData = "/var/lib/streambox" // StateDirectory of the unit
	askBoxLimit = 3 * time.Second
	answerMax   = 4 << 20 // a box with many sticks
)

// runningBox is the box that works in the data folder. Who looks after a machine
// as its ordinary user means the service's, unless they named a folder.
func (a *app) runningBox(s settings) (appliance.BoxInfo, bool) {
	info, running, _ := appliance.RunningBox(s.Data)
	if !running && s.from["data"] == "default" {
		if service, serves, _ := appliance.RunningBox(serviceData); serves {
			return service, true
		}
	}
	return info, running
}

// runData is where the box of `make run` keeps what is its own, in the source folder.
const runData = ".cache/data"

// otherBox is a box of `make run`, where nobody named a folder and the machine has
// no other: in the folder that doctor is asked in, or in that of its program (bin/streambox).
func otherBox(s settings) *report.OtherBox {
	if s.from["data"] != "default" {
		return nil
	}
	folders := []string{runData}
	if program, err := os.Executable(); err == nil {
		folders = append(folders, filepath.Join(filepath.Dir(program), "..", runData))
	}
	for _, dir := range folders {
		if info, running, _ := appliance.RunningBox(dir); running {
			return &report.OtherBox{DataDir: dir, Listen: info.Listen}
		}
	}
	return nil
}

// boxSays is what doctor reads of GET /api/v1/box.
type boxSays struct {
	State    string
	Hardware map[string]string
	Details  map[string]web.HardwareDetail `json:"hardwareDetails"`
	Problems []library.Problem
	Sticks   []library.Stick
}

// askBox asks a box what it says of itself, on this machine.
func askBox(ctx context.Context, info appliance.BoxInfo) report.Box {
	box := report.Box{PID: info.PID, Version: info.Version, Listen: info.Listen, Note: info.Note}
	says, err := fetchBox(ctx, info.Listen)
	if err != nil {
		return box // that it does not answer is what doctor says
	}
	box.Reached, box.State = true, says.State
	for _, p := range says.Problems {
		box.Problems = append(box.Problems, p.Code)
	}
	for _, s := range says.Sticks {
		stick := report.Stick{ID: s.ID, FileSystem: s.FileSystem, State: string(s.State), SizeBytes: s.SizeBytes, Titles: s.Titles}
		if s.Reason != nil {
			stick.Reason = s.Reason.Code
		}
		box.Sticks = append(box.Sticks, stick)
	}
	for _, name := range slices.Sorted(maps.Keys(says.Hardware)) {
		box.Parts = append(box.Parts, report.Check{
			Name: name, State: report.State(says.Hardware[name]), Detail: says.Details[name].Text, Mend: says.Details[name].Mend,
		})
	}
	return box
}

// onThisMachine: the lock file is the word of whoever runs the box, and is not
// to choose where root's doctor connects to.
func onThisMachine(at netip.Addr, own []net.Addr) bool {
	at = at.Unmap().WithZone("")
	return at.IsLoopback() || at.IsUnspecified() || slices.ContainsFunc(own, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr().Unmap() == at
	})
}

// askPath asks the box on this machine for something. Who calls closes the answer.
func askPath(ctx context.Context, listen, path string) (*http.Response, error) {
	at, err := netip.ParseAddrPort(listen)
	if err != nil {
		return nil, fmt.Errorf("reading where the box listens: %w", err)
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("asking for this machine's addresses: %w", err)
	}
	if !onThisMachine(at.Addr(), own) {
		return nil, errors.New("asking the box: it is said to listen at another machine's address")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(at)+path, nil)
	if err != nil {
		return nil, fmt.Errorf("asking the box: %w", err)
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}, // no proxy of the environment lies between
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the box: %w", err)
	}
	return response, nil
}

func fetchBox(ctx context.Context, listen string) (says boxSays, err error) {
	ctx, cancel := context.WithTimeout(ctx, askBoxLimit)
	defer cancel()
	response, err := askPath(ctx, listen, "/api/v1/box")
	if err != nil {
		return says, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return says, errors.New("the box answers " + response.Status)
	}
	if err = json.NewDecoder(io.LimitReader(response.Body, answerMax)).Decode(&says); err != nil {
		return says, fmt.Errorf("reading the box's answer: %w", err)
	}
	return says, nil
}
