package main

import (
	"fmt"
	"strings"

	"streambox.local/appliance"
	"streambox.local/appliance/report"
)

// servicesPart is every part of the program by name, for doctor: which run, which
// are done with what they had to do, and which fail.
func servicesPart(health func() []appliance.Health) func() report.Check {
	return func() report.Check {
		var run, done, fail []string
		for _, h := range health() {
			switch h.Condition {
			case appliance.Failing:
				fail = append(fail, fmt.Sprintf("%s (failures: %d)", h.Name, h.Failures))
			case appliance.Ended:
				done = append(done, h.Name)
			case appliance.Running:
				run = append(run, h.Name)
			case appliance.Waiting: // for its first start, which is a moment away
			}
		}
		c := report.Check{Name: report.Services, State: report.Present}
		var says []string
		for _, kind := range []struct {
			what  string
			names []string
		}{{"failing", fail}, {"running", run}, {"done", done}} {
			if len(kind.names) > 0 {
				says = append(says, kind.what+": "+strings.Join(kind.names, ", "))
			}
		}
		c.Detail = strings.Join(says, "; ")
		if len(fail) > 0 {
			c.State = report.Broken
			c.Mend = "it is started again by itself; the log says why: sudo streambox report"
		}
		return c
	}
}
