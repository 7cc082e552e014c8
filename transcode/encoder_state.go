package transcode

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"streambox.local/transcode/worker"
)

// HardwareState is one of the three states of optional hardware.
type HardwareState string

// The states. "": nobody has asked for the machine yet.
const (
	HardwarePresent HardwareState = "present"
	HardwareAbsent  HardwareState = "notOnThisBoard"
	HardwareBroken  HardwareState = "broken"
)

// Hardware is what is known of the chip that encodes.
type Hardware struct {
	State HardwareState
	Text  string // for people: how it is treated, or what is wrong with it
	Mend  string // what a person can do about it; "": nothing
}

// Hardware is the encoder's state as of now. It does not wait.
func (t *Tools) Hardware() Hardware {
	t.hardware.mutex.Lock()
	defer t.hardware.mutex.Unlock()
	return t.hardware.state
}

func (t *Tools) setHardware(h Hardware) {
	t.hardware.mutex.Lock()
	defer t.hardware.mutex.Unlock()
	t.hardware.state = h
}

// foundV4L2 is what trying the chip has shown. It is pure.
func foundV4L2(board Board, ways V4L2Ways, err error) Hardware {
	switch {
	case err == nil && (ways.HeadersOnce || ways.RowsAsTheyAre):
		return Hardware{State: HardwarePresent, Text: "encodes 1080p30; this ffmpeg does not know the chip's ways, which is made up for"}
	case err == nil:
		return Hardware{State: HardwarePresent, Text: "encodes 1080p30"}
	case !board.hasEncoder():
		return Hardware{State: HardwareAbsent, Text: "this machine has none that ffmpeg could use; films are converted in software"}
	case errors.Is(err, worker.ErrNoDevices):
		return Hardware{
			State: HardwareBroken, Text: "not used: nothing would keep a film's reader to the chip's devices; films are converted in software",
			Mend: "install the service (sudo streambox service install), whose films are read by a user of their own, or start a kernel that has Landlock",
		}
	case strings.Contains(err.Error(), "Permission denied"), strings.Contains(err.Error(), "Could not find a valid device"):
		return Hardware{
			State: HardwareBroken, Text: "this board has one, but ffmpeg cannot open it; films are converted in software",
			Mend: "let this user open /dev/video11 (sudo usermod -aG video $USER), and see that the kernel is Raspberry Pi's own",
		}
	}
	return Hardware{State: HardwareBroken, Text: "it fails when it is tried; films are converted in software", Mend: "start the machine anew"}
}

// condemnedHardware is the state of a chip that failed.
func condemnedHardware(why string) Hardware {
	return Hardware{State: HardwareBroken, Text: why + "; films are converted in software", Mend: "start the machine anew: a reboot resets it"}
}

// condemnation is kept as encoder.json.
type condemnation struct {
	Schema int    `json:"schema"`
	BootID string `json:"bootId"`
	Why    string `json:"why"`
}

const condemnationFile = "encoder.json"

// readCondemned tells whether the chip has failed since this machine was started.
func (t *Tools) readCondemned() (why string, condemned bool) {
	if t.StateDir == "" {
		return "", false
	}
	data, err := os.ReadFile(filepath.Join(t.StateDir, condemnationFile))
	if err != nil {
		return "", false // never, or it cannot be known: it is tried
	}
	var c condemnation
	boot, err := t.bootID()
	if err != nil || json.Unmarshal(data, &c) != nil || c.BootID != boot {
		return "", false
	}
	return c.Why, true
}

func (t *Tools) writeCondemned(why string) error {
	if t.StateDir == "" {
		return errors.New("there is no folder for it")
	}
	boot, err := t.bootID()
	if err != nil {
		return err
	}
	data, err := json.Marshal(condemnation{Schema: 1, BootID: boot, Why: why})
	if err != nil {
		return fmt.Errorf("write that the encoder fails: %w", err)
	}
	if err = renameio.WriteFile(filepath.Join(t.StateDir, condemnationFile), data, 0o644, renameio.WithTempDir(t.StateDir)); err != nil {
		return fmt.Errorf("write that the encoder fails: %w", err)
	}
	return nil
}

// bootID is drawn anew at each start of the kernel.
func (t *Tools) bootID() (string, error) {
	id, err := os.ReadFile(filepath.Join(t.root(), "proc/sys/kernel/random/boot_id"))
	if err != nil {
		return "", fmt.Errorf("ask which start of the machine this is: %w", err)
	}
	return strings.TrimSpace(string(id)), nil
}
