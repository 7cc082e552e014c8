package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"streambox.local/appliance/library"
	"streambox.local/appliance/network/hotspot"
	"streambox.local/appliance/network/wifi"
)

// codeHotspotFailing is the problem of an access point that does not come up.
const codeHotspotFailing = "hotspot_failed"

// codeWiFiOffered is the problem of a network on a stick that waits for a press.
const codeWiFiOffered = "wifi_offered"

// tell makes problems and notes of where the radio is. That there is nothing else
// than the access point is no problem where nothing else was asked for.
func (r *radio) tell(s hotspot.Status) {
	r.changed() // links, so that the first phone is known to be on the access point
	for _, why := range []hotspot.Why{hotspot.Away, hotspot.Refused, hotspot.NoAddress} {
		var p *library.Problem
		if why == s.Why {
			p = r.because(why)
		}
		r.problem(string(why), p)
	}
	var failing *library.Problem
	if s.Failing {
		failing = &library.Problem{Code: codeHotspotFailing, Text: "No network gives the box an address, and its own Wi-Fi does not come up"}
	}
	r.problem(codeHotspotFailing, failing)
}

// because is the problem of a network that could not be joined.
func (r *radio) because(why hotspot.Why) *library.Problem {
	var names []string // any of them would have done
	for _, n := range r.networks() {
		names = append(names, n.Name)
	}
	name := strings.Join(slices.Compact(names), ", ")
	text := map[hotspot.Why]string{
		hotspot.Away:      "The Wi-Fi %q is not in reach",
		hotspot.Refused:   "The Wi-Fi %q does not let the box in; the password may be wrong",
		hotspot.NoAddress: "The Wi-Fi %q gives the box no address",
	}[why]
	return &library.Problem{Code: string(why), Text: fmt.Sprintf(text, name), Parameters: map[string]any{"network": name}}
}

// notes are what the page says of the network without calling it a problem.
func (r *radio) notes() []library.Reason {
	if r == nil {
		return nil
	}
	if s := r.keeper.Status(); s.Why != hotspot.NoNetwork || !s.Up {
		return nil
	}
	return []library.Reason{{Code: string(hotspot.NoNetwork), Text: "The box has a Wi-Fi of its own, since nobody told it another network and no cable gives it an address."}}
}

// showOffer makes a problem of a stick's network for as long as it waits for a press: the LED and
// the dot on every page then say "look", and there is only a minute for it.
func (r *radio) showOffer() {
	var p *library.Problem
	if n, ok := r.offer(); ok {
		p = &library.Problem{
			Code: codeWiFiOffered, Parameters: map[string]any{"network": n.Name},
			Text: fmt.Sprintf("A stick asks the box to join the Wi-Fi %q. If that is right, press the button on the box briefly within a minute of plugging it in", n.Name),
		}
	}
	r.problem(codeWiFiOffered, p)
}

// theCard stands for the card among those whose files have wrong lines; the others are sticks.
const theCard = ""

// wrongLines makes problems of what is wrong in the streambox-wifi.txt of the card or of a
// stick, and takes back those of before. Of a kind one is shown, the card's first. The lock is held.
func (r *radio) wrongLines(where string, wrong []wifi.Wrong) {
	for _, w := range wrong {
		r.log.Warn("A line of streambox-wifi.txt is not used", "line", w.Line, "what", w.Text)
	}
	if r.wrong == nil {
		r.wrong = map[string][]wifi.Wrong{}
	}
	r.wrong[where] = wrong
	shown := map[string]*library.Problem{}
	for _, place := range slices.Sorted(maps.Keys(r.wrong)) {
		for _, w := range r.wrong[place] {
			if shown[w.Code] == nil {
				shown[w.Code] = &library.Problem{Code: w.Code, Text: "streambox-wifi.txt: " + w.Text, Parameters: map[string]any{"line": w.Line}}
			}
		}
	}
	for _, code := range wifi.Codes() {
		r.problem(code, shown[code])
	}
}
