package appliance

import "testing"

func TestDecide(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		facts    Facts
		want     State
	}{
		{"a box that has just been switched on is starting", Facts{}, Starting},
		{"listening without having looked for sticks is still starting", Facts{Listening: true}, Starting},
		{"sticks known but no phone can connect yet: starting", Facts{SticksIn: true, Sticks: 1, Titles: 3}, Starting},
		{"no stick is plugged: ready for one", Facts{Listening: true, SticksIn: true}, Ready},
		{"films are there: ready", Facts{Listening: true, SticksIn: true, Sticks: 1, Titles: 3}, Ready},
		{"a stick is being read: working", Facts{Listening: true, SticksIn: true, Sticks: 1, Working: true}, Working},
		{"converting beside playable films: working", Facts{Listening: true, SticksIn: true, Sticks: 1, Titles: 3, Working: true}, Working},
		{"a stick without a film: attention", Facts{Listening: true, SticksIn: true, Sticks: 1}, Attention},
		{"one empty stick beside a full one is no reason to look", Facts{Listening: true, SticksIn: true, Sticks: 2, Titles: 1}, Ready},
		{"a problem: attention", Facts{Listening: true, SticksIn: true, Sticks: 1, Titles: 3, Problems: 1}, Attention},
		{"a problem is not hidden by hours of work", Facts{Listening: true, SticksIn: true, Sticks: 1, Titles: 3, Problems: 1, Working: true}, Attention},
		{"a part that does not run: fault, before any problem", Facts{Listening: true, SticksIn: true, Failing: 1, Problems: 2, Working: true}, Fault},
		{"a part that fails while starting: fault", Facts{Failing: 1}, Fault},
		{"stopping comes before everything", Facts{Stopping: true, Failing: 1, Problems: 1, Working: true}, Stopping},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if got := Decide(tt.facts); got != tt.want {
				t.Errorf("Decide(%+v) = %s, want %s", tt.facts, got, tt.want)
			}
		})
	}
}
