package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"streambox.local/systemd"
)

// What `service status` ends with besides 0, as the Linux Standard Base has it for every init script.
const (
	exitNotRunning   = 3
	exitNotInstalled = 4
)

// unitState is what systemd says of the unit.
type unitState struct {
	load, active, sub, text, since, enabled, result string
}

// state asks systemctl: the library's Status calls a unit that is just stopping "not installed".
func (h *serviceHost) state(ctx context.Context) (unitState, error) {
	out, err := h.run(ctx, "systemctl", "show", systemd.MainUnit,
		"--property=LoadState,ActiveState,SubState,StatusText,ActiveEnterTimestamp,UnitFileState,Result")
	if err != nil {
		return unitState{}, fmt.Errorf("asking systemd: %w", err)
	}
	values := map[string]string{}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\n"), "=")
		values[key] = value
	}
	return unitState{
		load: values["LoadState"], active: values["ActiveState"], sub: values["SubState"], text: values["StatusText"],
		since: values["ActiveEnterTimestamp"], enabled: values["UnitFileState"], result: values["Result"],
	}, nil
}

// active is whether there is a process to stop or to restart.
func (h *serviceHost) active(ctx context.Context) bool {
	s, err := h.state(ctx)
	return err == nil && s.load == "loaded" && s.active != "inactive" && s.active != "failed"
}

var errNotInstalled = errors.New("StreamBox is not installed as a service; sudo streambox service install does it")

// known fails unless there is a unit, ours or a package's.
func (h *serviceHost) known(ctx context.Context) error {
	s, err := h.state(ctx)
	if err == nil && s.load != "loaded" {
		return errNotInstalled
	}
	return err
}

// lastWordsRunes is as much of a line of the log as a sentence takes.
const lastWordsRunes = 300

// lastWords is the last line that the program, not systemd, has lately written
// to the journal, to be put into a sentence; "" where there is none.
func (h *serviceHost) lastWords(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := h.run(ctx, "journalctl", "_SYSTEMD_UNIT="+systemd.MainUnit, "--since=-2min", "--lines=1", "--output=cat", "--no-pager", "--quiet")
	line := []rune(printable(strings.TrimSpace(out)))
	if err != nil || len(line) == 0 {
		return ""
	}
	if len(line) > lastWordsRunes {
		line = append(line[:lastWordsRunes], '…')
	}
	return " (" + string(line) + ")"
}

func (h *serviceHost) start(ctx context.Context) error {
	if err := h.known(ctx); err != nil {
		return err
	}
	if err := h.control.Start(); err != nil {
		return fmt.Errorf("the service does not start%s; journalctl -u streambox says more: %w", h.lastWords(ctx), err)
	}
	return h.status(ctx)
}

func (h *serviceHost) stop(ctx context.Context) error {
	if err := h.known(ctx); err != nil {
		return err
	}
	if err := h.control.Stop(); err != nil {
		return fmt.Errorf("the service does not stop; journalctl -u streambox says why: %w", err)
	}
	h.say("StreamBox is stopped.")
	return nil
}

func (h *serviceHost) restart(ctx context.Context) error {
	if err := h.known(ctx); err != nil {
		return err
	}
	if err := h.control.Restart(); err != nil {
		return fmt.Errorf("the service does not start again%s; journalctl -u streambox says more: %w", h.lastWords(ctx), err)
	}
	// What the settings say of sticks is asked when one is plugged: those that are in are asked for again.
	_, _ = h.run(ctx, "systemctl", "try-restart", "streambox-media@*.service")
	return h.status(ctx)
}

// status says how the service is, in words and by its exit status.
func (h *serviceHost) status(ctx context.Context) error {
	if !h.has("/run/systemd/system") {
		h.say("This machine does not run systemd, so there is no service.")
		return statusError(exitNotInstalled)
	}
	s, err := h.state(ctx)
	if err != nil {
		return err
	}
	text, code := describeUnit(s)
	h.say("%s", printable(text))
	if code != exitOK {
		return statusError(code)
	}
	return nil
}

// describeUnit is the sentence and the exit status for a state of the unit.
func describeUnit(s unitState) (text string, code int) {
	if s.load != "loaded" {
		return "StreamBox is not installed as a service.", exitNotInstalled
	}
	boot := "starts with this machine"
	if s.enabled != "enabled" {
		boot = "does not start with this machine"
	}
	switch s.active {
	case "active", "reloading":
		text = "StreamBox is running"
		if s.since != "" {
			text += " since " + s.since
		}
		if s.text != "" {
			text += ": " + s.text
		}
		return text + " (" + boot + ")", exitOK
	case "activating":
		if s.sub == "auto-restart" {
			return "StreamBox has failed (" + s.result + ") and will be started again; journalctl -u streambox says why", exitNotRunning
		}
		return "StreamBox is starting (" + boot + ")", exitOK
	case "deactivating":
		return "StreamBox is stopping (" + boot + ")", exitNotRunning
	case "failed":
		return "StreamBox has failed (" + s.result + "); journalctl -u streambox says why", exitNotRunning
	default:
		return "StreamBox is stopped (" + boot + ")", exitNotRunning
	}
}
