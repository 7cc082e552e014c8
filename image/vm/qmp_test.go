package vm

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestQMPAnswersGoToWhomAsked(t *testing.T) {
	ours, theirs := net.Pipe()
	q := NewQMP(ours)
	go fakeQMP(theirs, func(_ string, arguments json.RawMessage) (any, string, []Event) {
		var a struct{ Text string }
		if json.Unmarshal(arguments, &a) != nil {
			return nil, "no text", nil
		}
		return "heard " + a.Text, "", nil
	})
	run(t, q.Run)
	var all sync.WaitGroup
	for _, text := range []string{"a", "b", "c", "d"} {
		all.Go(func() {
			var got string
			if err := q.Execute(t.Context(), "say", map[string]any{"text": text}, &got); err != nil || got != "heard "+text {
				t.Errorf("say %s: %q, %v", text, got, err)
			}
		})
	}
	all.Wait()
}

func TestQMPRefusalIsAnErrorWithQEMUsWords(t *testing.T) {
	ours, theirs := net.Pipe()
	q := NewQMP(ours)
	go fakeQMP(theirs, func(string, json.RawMessage) (any, string, []Event) { return nil, "Device 'x' not found", nil })
	run(t, q.Run)
	err := q.Execute(t.Context(), "device_del", nil, nil)
	if !errors.Is(err, ErrQMP) || !strings.Contains(err.Error(), "device_del") || !strings.Contains(err.Error(), "Device 'x' not found") {
		t.Errorf("got %v", err)
	}
}

func TestQMPWaitIsBounded(t *testing.T) {
	ours, theirs := net.Pipe()
	q := NewQMP(ours)
	go fakeQMP(theirs, func(command string, _ json.RawMessage) (any, string, []Event) {
		if command == "hang" {
			return nil, "", nil // no answer
		}
		return "fine", "", nil
	})
	run(t, q.Run)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := q.Execute(ctx, "hang", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := q.Execute(t.Context(), "other", nil, nil); err != nil {
		t.Errorf("after a command without an answer: %v", err)
	}
}

func TestQMPEndsForEverybodyWhenQEMUEnds(t *testing.T) {
	ours, theirs := net.Pipe()
	q := NewQMP(ours)
	go fakeQMP(theirs, func(string, json.RawMessage) (any, string, []Event) {
		_ = theirs.Close()
		return nil, "", nil
	})
	run(t, q.Run)
	events := q.Subscribe("SHUTDOWN")
	defer events.Close()
	if err := q.Execute(t.Context(), "quit", nil, nil); !errors.Is(err, ErrEnded) {
		t.Errorf("the command in flight: %v", err)
	}
	if _, err := events.Wait(t.Context(), nil); !errors.Is(err, ErrEnded) {
		t.Errorf("who waits for an event: %v", err)
	}
	if err := q.Execute(t.Context(), "cont", nil, nil); !errors.Is(err, ErrEnded) {
		t.Errorf("a command after the end: %v", err)
	}
}

func TestQMPSomethingElseAtTheOtherEnd(t *testing.T) {
	ours, theirs := net.Pipe()
	q := NewQMP(ours)
	go func() {
		_, _ = theirs.Write([]byte("HTTP/1.1 400 Bad Request\r\n"))
		_ = theirs.Close()
	}()
	if err := q.Run(t.Context()); err == nil {
		t.Error("a greeting that is no QMP was accepted")
	}
}

func TestPullWaitsForItsOwnStick(t *testing.T) {
	ours, theirs := net.Pipe()
	m := &Machine{QMP: NewQMP(ours)}
	var mu sync.Mutex
	var said []string
	go fakeQMP(theirs, func(command string, arguments json.RawMessage) (any, string, []Event) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, command)
		if command == "device_del" {
			return map[string]any{}, "", []Event{
				{Name: "DEVICE_DELETED", Data: json.RawMessage(`{"path":"/machine/peripheral/other"}`)},
				{Name: "DEVICE_DELETED", Data: json.RawMessage(`{"device":"other"}`)},
				{Name: "DEVICE_DELETED", Data: json.RawMessage(`{"device":"one"}`)},
			}
		}
		if command == "object-del" {
			return nil, "object 'one-limit' not found", nil
		}
		_ = arguments
		return map[string]any{}, "", nil
	})
	run(t, m.QMP.Run)
	if err := m.Plug(t.Context(), Stick{ID: "one", Image: "/image"}); err != nil {
		t.Fatal(err)
	}
	if err := m.Pull(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(said, " "); got != "blockdev-add device_add device_del blockdev-del object-del" {
		t.Errorf("said to QEMU: %s", got)
	}
}

func TestPlugCleansUpWhatItCouldNotFinish(t *testing.T) {
	ours, theirs := net.Pipe()
	m := &Machine{QMP: NewQMP(ours)}
	var mu sync.Mutex
	var said []string
	go fakeQMP(theirs, func(command string, _ json.RawMessage) (any, string, []Event) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, command)
		if command == "device_add" {
			return nil, "No 'usb-bus' bus found", nil
		}
		return map[string]any{}, "", nil
	})
	run(t, m.QMP.Run)
	err := m.Plug(t.Context(), Stick{ID: "slow", Image: "/image", BytesPerSecond: 1000})
	if !errors.Is(err, ErrQMP) || !strings.Contains(err.Error(), `the stick "slow"`) {
		t.Errorf("got %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(said, " "); got != "object-add blockdev-add device_add blockdev-del object-del" {
		t.Errorf("said to QEMU: %s", got)
	}
	if err := m.Plug(t.Context(), Stick{ID: "../x"}); err == nil {
		t.Error("an id with a slash was accepted")
	}
}
