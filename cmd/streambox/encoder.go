package main

import (
	"streambox.local/appliance/intake"
	"streambox.local/appliance/report"
	"streambox.local/transcode"
)

// preparing is what intake makes films with; a nil pointer in an interface would
// not be nil.
func preparing(tools *transcode.Tools) intake.Tools {
	if tools == nil {
		return nil
	}
	return tools
}

// encoderPart is what doctor and the page hear of the chip that encodes.
func encoderPart(tools *transcode.Tools) func() report.Check {
	return func() report.Check {
		c := report.Check{Name: report.VideoEncoder, State: report.Absent, Detail: "ffmpeg is missing"}
		if tools == nil {
			return c
		}
		h := tools.Hardware()
		c.State, c.Detail, c.Mend = report.State(h.State), h.Text, h.Mend
		if h.State == "" {
			c.State, c.Detail = report.Absent, "not tried yet: it is, before the first film is prepared"
		}
		return c
	}
}
