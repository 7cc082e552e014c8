package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// usbController is the id of the controller that arguments adds.
const usbController = "usb"

// Stick is a USB mass storage device.
type Stick struct {
	ID    string // of our own, [a-z0-9]
	Image string // path of a raw image; what the guest writes to it is kept
	// Serial is the device's serial number; "" is the ID.
	Serial string
	// BytesPerSecond limits reads and writes together; 0 as fast as it goes.
	BytesPerSecond int64
}

var stickID = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)

// Plug puts a stick in. It returns when QEMU has it; the guest sees it some
// tenths of a second later.
func (m *Machine) Plug(ctx context.Context, s Stick) error {
	if err := m.plug(ctx, s); err != nil {
		return fmt.Errorf("plugging the stick %q: %w", s.ID, err)
	}
	return nil
}

func (m *Machine) plug(ctx context.Context, s Stick) error {
	if !stickID.MatchString(s.ID) {
		return errors.New("its id is not [a-z][a-z0-9]*")
	}
	node := map[string]any{"driver": "raw", "file": map[string]any{"driver": "file", "filename": s.Image}}
	if s.BytesPerSecond > 0 {
		if err := m.QMP.Execute(ctx, "object-add", map[string]any{
			"qom-type": "throttle-group", "id": s.ID + "-limit", "limits": map[string]any{"bps-total": s.BytesPerSecond},
		}, nil); err != nil {
			return err
		}
		node = map[string]any{"driver": "throttle", "throttle-group": s.ID + "-limit", "file": node}
	}
	node["node-name"] = s.ID
	if err := m.QMP.Execute(ctx, "blockdev-add", node, nil); err != nil {
		return errors.Join(err, m.forgetStick(ctx, s.ID, false))
	}
	serial := s.Serial
	if serial == "" {
		serial = s.ID
	}
	err := m.QMP.Execute(ctx, "device_add", map[string]any{
		"driver": "usb-storage", "id": s.ID, "drive": s.ID, "serial": serial, "removable": true,
	}, nil)
	if err != nil {
		return errors.Join(err, m.forgetStick(ctx, s.ID, true))
	}
	return nil
}

// Pull takes a stick out without asking the guest, and returns when it is gone
// from the machine. Reads in flight fail in the guest.
func (m *Machine) Pull(ctx context.Context, id string) error {
	gone := m.QMP.Subscribe("DEVICE_DELETED")
	defer gone.Close()
	if err := m.QMP.Execute(ctx, "device_del", map[string]any{"id": id}, nil); err != nil {
		return fmt.Errorf("pulling the stick %q: %w", id, err)
	}
	_, err := gone.Wait(ctx, func(data json.RawMessage) bool {
		var of struct {
			Device string `json:"device"`
		}
		return json.Unmarshal(data, &of) == nil && of.Device == id
	})
	if err == nil {
		err = m.forgetStick(ctx, id, true)
	}
	if err != nil {
		return fmt.Errorf("pulling the stick %q: %w", id, err)
	}
	return nil
}

// forgetStick removes what stands behind the device, so that the id is free again.
func (m *Machine) forgetStick(ctx context.Context, id string, node bool) error {
	if node {
		if err := m.QMP.Execute(ctx, "blockdev-del", map[string]any{"node-name": id}, nil); err != nil {
			return err
		}
	}
	err := m.QMP.Execute(ctx, "object-del", map[string]any{"id": id + "-limit"}, nil)
	if errors.Is(err, ErrQMP) {
		return nil // it had no limit
	}
	return err
}
