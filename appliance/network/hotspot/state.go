package hotspot

import "time"

// Role is what the radio is to be.
type Role string

// The roles, as the helper's request names them.
const (
	Off         Role = "off"
	Client      Role = "client"
	AccessPoint Role = "accessPoint"
)

// Why says why the box is an access point: a code for which the page has words.
type Why string

// The reasons; "" while it is none.
const (
	NoNetwork Why = "hotspot_no_network" // no cable, and no Wi-Fi was told
	Away      Why = "hotspot_away"       // the network is not in the air here
	Refused   Why = "hotspot_refused"    // it is there and does not let the box in
	NoAddress Why = "hotspot_no_address" // it let the box in, and gave no address
)

// How long the machine waits.
const (
	Patience   = 60 * time.Second // without an address before there is an access point
	quietFor   = 60 * time.Second // nobody on it before it may end
	upWithin   = 20 * time.Second // an access point comes up, or another frequency is tried; the next one has twice as long
	upAtMost   = 2 * time.Minute  // a busy machine starts programs slowly, and asking again starts them anew
	tryFirst   = 5 * time.Minute  // the network is tried again
	tryAtLeast = 30 * time.Minute // and at least this often
)

// Facts are what is seen at a moment.
type Facts struct {
	Now     time.Time // monotonic
	Radio   bool      // there is one
	Cable   bool      // a network by cable has given an address
	Address bool      // the Wi-Fi network has
	Joined  bool      // the radio is in a Wi-Fi network
	InAir   bool      // one of the networks to join is in the air
	Hosting bool      // the access point is up
	Guests  int       // phones on it
	// Networks stands for what the box was told to join: another text when that changes, "" for nothing.
	Networks string
	// Frequencies are those for an access point in MHz, best first; at least one.
	Frequencies []int
}

// State is what the machine remembers. The zero value begins.
type State struct {
	Role      Role
	Why       Why  // set while Role is AccessPoint, and while the network is tried again
	Frequency int  // MHz, of an access point
	Failing   bool // no access point comes up
	Asked     int  // counts what was asked for: another number, and it is to be asked for

	since    time.Time // of the role
	apart    time.Time // since when there has been no address; zero: there is one
	asked    time.Time // when an access point was asked for last
	guests   time.Time // when somebody was last seen on it
	cabled   time.Time // since when there has been a cable with an address; zero: there is none
	tried    int       // times in a row that the network gave nothing
	at       int       // of the frequencies
	waits    int       // times in a row that no access point came up
	inAir    bool      // since the network is tried
	joined   bool
	radio    bool
	networks string
}

// Next is what follows from a look.
func (s State) Next(f Facts) State {
	if s.Role == "" {
		s.networks, s.radio, s.apart = f.Networks, f.Radio, f.Now
		if !f.Hosting {
			return s.look(f)
		}
		// Only the program was started anew: who watches is left in peace. What the reason was is not known any more.
		s.Why = NoNetwork
		if f.Networks != "" {
			s.Why, s.tried = Away, 1
		}
		return s.host(f)
	}
	if f.Networks != s.networks { // somebody said so just now
		s.networks, s.tried, s.Why = f.Networks, 0, ""
		return s.look(f)
	}
	if f.Radio && !s.radio { // what was asked for before could not be done
		s.Asked++
		s.asked = f.Now
	}
	s.radio = f.Radio
	if s.Role == AccessPoint {
		return s.hosting(f)
	}
	return s.looking(f)
}

// look begins to look for the network, or leaves the radio off where there is none to look for.
func (s State) look(f Facts) State {
	first := s.Role == ""
	s.Role, s.since, s.inAir, s.joined, s.Frequency, s.Failing = Off, f.Now, f.InAir, false, 0, false
	if s.networks != "" {
		s.Role = Client
	}
	if s.Role == Client || !first || f.Joined { // a radio that is off at the start need not be switched off
		s.Asked++
	}
	return s
}

// host begins an access point.
func (s State) host(f Facts) State {
	s.Role, s.since, s.asked, s.guests = AccessPoint, f.Now, f.Now, f.Now
	s.at, s.waits, s.cabled = 0, 0, time.Time{}
	s.Frequency = f.Frequencies[0]
	if !f.Hosting {
		s.Asked++
	}
	return s
}

func (s State) looking(f Facts) State {
	if f.Cable || f.Address { // also one that somebody else has joined
		s.apart, s.tried, s.Why = time.Time{}, 0, ""
		return s
	}
	if s.apart.IsZero() {
		s.apart, s.inAir, s.joined = f.Now, false, false
	}
	s.inAir, s.joined = s.inAir || f.InAir, s.joined || f.Joined
	if !f.Radio || f.Now.Sub(s.apart) < Patience || f.Now.Sub(s.since) < Patience {
		return s
	}
	s.tried++
	switch {
	case s.Role == Off:
		s.Why = NoNetwork
	case s.joined:
		s.Why = NoAddress
	case s.inAir:
		s.Why = Refused
	default:
		s.Why = Away
	}
	return s.host(f)
}

func (s State) hosting(f Facts) State {
	if f.Hosting {
		s.Failing, s.asked, s.waits = false, f.Now, 0
	} else if f.Radio && f.Now.Sub(s.asked) >= min(upWithin<<min(s.waits, 3), upAtMost) {
		s.waits++
		s.Failing = s.at == len(f.Frequencies)-1
		s.at = min(s.at+1, len(f.Frequencies)-1)
		s.Frequency, s.asked = f.Frequencies[s.at], f.Now
		s.Asked++
	}
	if f.Guests > 0 {
		s.guests = f.Now
	}
	switch {
	case !f.Cable:
		s.cabled = time.Time{}
	case s.cabled.IsZero():
		s.cabled = f.Now
	}
	if f.Now.Sub(s.guests) < quietFor {
		return s
	}
	byCable := !s.cabled.IsZero() && f.Now.Sub(s.cabled) >= quietFor
	if byCable || s.networks != "" && f.Now.Sub(s.since) >= s.pause() {
		s.apart = f.Now
		return s.look(f)
	}
	return s
}

// pause is how long the network is left alone: longer each time that it gave nothing.
func (s State) pause() time.Duration {
	return min(tryFirst<<min(max(s.tried-1, 0), 3), tryAtLeast)
}
