package report

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheChipThatEncodes(t *testing.T) {
	tried := func(d *Doctor, err error) *bool {
		was, asked := d.ToolOutput, false
		d.ToolOutput = func(ctx context.Context, path string, args ...string) ([]byte, error) {
			if slices.Contains(args, "h264_v4l2m2m") {
				asked = true
				return nil, err
			}
			out, wasErr := was(ctx, path, args...)
			return append(out, " V..... h264_v4l2m2m  V4L2\n"...), wasErr
		}
		return &asked
	}
	for _, tt := range []struct {
		sentence string
		model    string
		fails    error
		box      []Check
		state    State
		says     string
		tried    bool
	}{
		{"a PC", "", nil, nil, Absent, "has none", false},
		{"a Pi 5", "Raspberry Pi 5 Model B Rev 1.0\x00", nil, nil, Absent, "has none", false},
		{"a Pi 4 whose chip encodes", "Raspberry Pi 4 Model B Rev 1.4\x00", nil, nil, Present, "encodes", true},
		{"a Zero 2 whose chip does not", "Raspberry Pi Zero 2 W Rev 1.0\x00", errors.New("exit status 1"), nil, Broken, "video11", true},
		{
			"a running box whose chip failed in mid-film", "Raspberry Pi 4 Model B Rev 1.4\x00", nil,
			[]Check{{Name: VideoEncoder, State: Broken, Detail: "it stopped in the middle of a film", Mend: "start the machine anew"}},
			Broken, "stopped", false,
		},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			d := wellBox(t)
			asked := tried(&d, tt.fails)
			d.Box = func(context.Context) (Box, bool) {
				return Box{Reached: true, Listen: ":3003", Parts: tt.box}, tt.box != nil
			}
			if tt.model != "" {
				path := filepath.Join(d.Hardware, "proc/device-tree/model")
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(tt.model), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			checks := d.Run(t.Context())
			c := find(t, checks, "encoder h264_v4l2m2m")
			if c.State != tt.state || !strings.Contains(c.Detail+" "+c.Mend, tt.says) || *asked != tt.tried {
				t.Errorf("%+v, tried: %t", c, *asked)
			}
			if slices.ContainsFunc(checks, func(c Check) bool { return c.Name == VideoEncoder }) {
				t.Error("it is told twice")
			}
		})
	}
}
