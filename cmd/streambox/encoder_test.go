package main

import (
	"testing"

	"streambox.local/appliance/report"
	"streambox.local/transcode"
)

func TestTheEncoderAsAPartOfTheBox(t *testing.T) {
	t.Parallel()
	for name, tools := range map[string]*transcode.Tools{"without ffmpeg": nil, "before it was tried": {}} {
		if c := encoderPart(tools)(); c.Name != report.VideoEncoder || c.State != report.Absent || c.Detail == "" || c.Mend != "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if preparing(nil) != nil {
		t.Error("missing tools are taken for tools")
	}
}
