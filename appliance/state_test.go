package appliance

import "testing"

func TestDecide(t *testing.T) {
	failing, problem := []string{"mdns"}, []string{"The box is full"}
	for _, tt := range []struct {
		sentence string
		facts    Facts
		want     State
	}{
		{"a box that has just been switched on is starting", Facts{}, Starting},
		{"listening without having looked for sticks is still starting", Facts{Listening: true}, Starting},
		{"sticks known but no phone can connect yet: starting", Facts{SticksIn: true, Sticks: 1, Playable: 3}, Starting},
		{"no stick is plugged: ready for one", Facts{Listening: true, SticksIn: true}, Ready},
		{"films are there: ready", Facts{Listening: true, SticksIn: true, Sticks: 1, Playable: 3}, Ready},
		{"a stick is being read: working", Facts{Listening: true, SticksIn: true, Sticks: 1, Reading: true}, Working},
		{"the first film of a stick is converted, none can be played yet: working", Facts{Listening: true, SticksIn: true, Sticks: 1, Working: true}, Working},
		{"converting beside playable films: working", Facts{Listening: true, SticksIn: true, Sticks: 1, Playable: 3, Working: true}, Working},
		{"a stick of which nothing can be played: attention", Facts{Listening: true, SticksIn: true, Sticks: 1}, Attention},
		{"one empty stick beside a full one is no reason to look", Facts{Listening: true, SticksIn: true, Sticks: 2, Playable: 1}, Ready},
		{"a problem: attention", Facts{Listening: true, SticksIn: true, Sticks: 1, Playable: 3, Problems: problem}, Attention},
		{"a problem without any stick: attention", Facts{Listening: true, SticksIn: true, Problems: problem}, Attention},
		{"a full disk is not hidden by hours of work", Facts{Listening: true, SticksIn: true, Sticks: 1, Playable: 3, Problems: problem, Working: true}, Attention},
		{"a part that does not run: fault, before any problem", Facts{Listening: true, SticksIn: true, Failing: failing, Problems: problem, Working: true}, Fault},
		{"a part that fails while starting: fault", Facts{Failing: failing}, Fault},
		{"a port that is not the usual one is no reason to look", Facts{Listening: true, SticksIn: true, Note: "port 80 is taken"}, Ready},
		{"stopping comes before everything", Facts{Stopping: true, Failing: failing, Problems: problem, Working: true}, Stopping},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if got := Decide(tt.facts); got != tt.want {
				t.Errorf("Decide(%+v) = %s, want %s", tt.facts, got, tt.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	const url = "http://streambox.local"
	up := func(f Facts) Facts { f.Listening, f.SticksIn, f.URL = true, true, url; return f }
	for _, tt := range []struct {
		facts Facts
		want  string
	}{
		{Facts{}, "Starting"},
		{up(Facts{}), "Ready: no stick is plugged in, " + url},
		{up(Facts{Sticks: 2, Playable: 12, Viewers: 3}), "Ready: 12 films on 2 sticks, 3 phones watching, " + url},
		{up(Facts{Sticks: 1, Playable: 1, Viewers: 1}), "Ready: 1 film on 1 stick, 1 phone watching, " + url},
		{up(Facts{Sticks: 1, Reading: true, Working: true}), "Working: reading a stick, 0 films on 1 stick, " + url},
		{up(Facts{Sticks: 1, Playable: 2, Working: true}), "Working: preparing films, 2 films on 1 stick, " + url},
		{up(Facts{Sticks: 1}), "Attention: nothing on the stick can be played, " + url},
		{up(Facts{Sticks: 1, Playable: 4, Problems: []string{"The box is full: some films wait for room"}}), "Attention: The box is full: some films wait for room, 4 films on 1 stick, " + url},
		{up(Facts{Problems: []string{"One", "Two", "Three"}}), "Attention: One (and 2 more), no stick is plugged in, " + url},
		{up(Facts{Failing: []string{"mdns"}}), "Fault: mdns does not run; the log says why, no stick is plugged in, " + url},
		{up(Facts{Failing: []string{"mdns", "panel"}}), "Fault: mdns, panel do not run; the log says why, no stick is plugged in, " + url},
		{up(Facts{Note: "port 80 is taken by nginx.service"}), "Ready: no stick is plugged in, " + url + ", port 80 is taken by nginx.service"},
		{Facts{Stopping: true, Sticks: 3}, "Stopping"},
	} {
		if got := Words(tt.facts); got != tt.want {
			t.Errorf("Words(%+v) = %q\nwant %q", tt.facts, got, tt.want)
		}
	}
}
