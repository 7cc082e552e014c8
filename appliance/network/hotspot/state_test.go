package hotspot

import (
	"math/rand/v2"
	"testing"
	"time"
)

// clock runs the machine second by second.
type clock struct {
	t     *testing.T
	now   time.Time
	state State
	facts Facts
}

func begin(t *testing.T, f Facts) *clock {
	t.Helper()
	f.Radio = true
	if f.Frequencies == nil {
		f.Frequencies = []int{2437}
	}
	c := &clock{t: t, now: time.Unix(1000, 0), facts: f}
	c.look()
	return c
}

func (c *clock) look() {
	c.facts.Now = c.now
	c.state = c.state.Next(c.facts)
}

// pass lets time go by; a role that was asked for is there after three seconds.
func (c *clock) pass(d time.Duration) *clock {
	c.t.Helper()
	for range int(d / time.Second) {
		c.now = c.now.Add(time.Second)
		c.look()
		if up := c.now.Sub(c.state.since) >= 3*time.Second; c.state.Role != AccessPoint {
			c.facts.Hosting, c.facts.Guests = false, 0
		} else if up && !c.facts.Hosting {
			c.facts.Hosting = true
			c.facts.Address, c.facts.Joined, c.facts.InAir = false, false, false
		}
	}
	return c
}

func (c *clock) is(role Role, why Why) *clock {
	c.t.Helper()
	if c.state.Role != role || c.state.Why != why {
		c.t.Errorf("%s because %q, want %s because %q", c.state.Role, c.state.Why, role, why)
	}
	return c
}

// until lets time go by until the role is another; it returns how long the last one lasted.
func (c *clock) until(role Role) time.Duration {
	c.t.Helper()
	began := c.state.since
	for range 2 * 3600 {
		if c.state.Role == role {
			return c.state.since.Sub(began)
		}
		c.pass(time.Second)
	}
	c.t.Fatalf("never %s", role)
	return 0
}

func TestABoxThatNobodyReachesBecomesAnAccessPoint(t *testing.T) {
	t.Run("nothing told, no cable", func(t *testing.T) {
		begin(t, Facts{}).is(Off, "").pass(59*time.Second).is(Off, "").pass(time.Second).is(AccessPoint, NoNetwork)
	})
	t.Run("a cable from the beginning", func(t *testing.T) {
		begin(t, Facts{Cable: true}).pass(time.Hour).is(Off, "")
	})
	t.Run("a cable after 50 s", func(t *testing.T) {
		c := begin(t, Facts{}).pass(50 * time.Second)
		c.facts.Cable = true
		c.pass(time.Hour).is(Off, "")
	})
	t.Run("the network is not here", func(t *testing.T) {
		begin(t, Facts{Networks: "a"}).is(Client, "").pass(59*time.Second).is(Client, "").pass(time.Second).is(AccessPoint, Away)
	})
	t.Run("the password is wrong", func(t *testing.T) {
		c := begin(t, Facts{Networks: "a", InAir: true}).pass(30 * time.Second)
		c.facts.InAir = false // a look now and then misses it
		c.pass(30*time.Second).is(AccessPoint, Refused)
	})
	t.Run("its router gives no address", func(t *testing.T) {
		begin(t, Facts{Networks: "a", InAir: true, Joined: true}).pass(60*time.Second).is(AccessPoint, NoAddress)
	})
	t.Run("it works", func(t *testing.T) {
		begin(t, Facts{Networks: "a", InAir: true, Joined: true, Address: true}).pass(24*time.Hour).is(Client, "")
	})
	t.Run("it worked, and the router is switched off at night", func(t *testing.T) {
		c := begin(t, Facts{Networks: "a", InAir: true, Joined: true, Address: true}).pass(time.Hour)
		c.facts.InAir, c.facts.Joined, c.facts.Address = false, false, false
		c.pass(61*time.Second).is(AccessPoint, Away)
	})
	t.Run("the cable is pulled", func(t *testing.T) {
		c := begin(t, Facts{Cable: true}).pass(time.Hour)
		c.facts.Cable = false
		c.pass(59*time.Second).is(Off, "").pass(2*time.Second).is(AccessPoint, NoNetwork)
	})
	t.Run("there is no radio", func(t *testing.T) {
		c := begin(t, Facts{})
		c.facts.Radio = false
		c.pass(time.Hour).is(Off, "")
		asked := c.state.Asked
		c.facts.Radio = true // a dongle
		c.pass(3*time.Second).is(AccessPoint, NoNetwork)
		if c.state.Asked == asked {
			t.Error("nothing is asked for")
		}
	})
}

func TestTheNetworkIsTriedAgainWhenNobodyIsThere(t *testing.T) {
	c := begin(t, Facts{Networks: "a"}).pass(61*time.Second).is(AccessPoint, Away)
	c.facts.Guests = 1
	c.pass(time.Hour).is(AccessPoint, Away)
	c.facts.Guests = 0
	c.pass(50*time.Second).is(AccessPoint, Away).pass(15*time.Second).is(Client, Away)
	c.until(AccessPoint)
	for _, pause := range []int{10, 20, 30, 30} {
		if lasted := c.until(Client); lasted.Minutes() != float64(pause) {
			t.Errorf("tried again after %v, want %d min", lasted, pause)
		}
		if lasted := c.until(AccessPoint); lasted != Patience {
			t.Errorf("tried for %v", lasted)
		}
		c.is(AccessPoint, Away)
	}
	c.until(Client)
	c.facts.InAir, c.facts.Joined, c.facts.Address = true, true, true
	c.pass(time.Hour).is(Client, "")
}

func TestWhatIsToldIsTriedAtOnce(t *testing.T) {
	c := begin(t, Facts{Networks: "a"}).pass(time.Hour)
	c.pass(61 * time.Second)
	for c.state.Role != AccessPoint {
		c.pass(time.Second)
	}
	c.facts.Guests, c.facts.Networks = 3, "b"
	c.pass(time.Second).is(Client, "").pass(61*time.Second).is(AccessPoint, Away)
	c.facts.Networks = ""
	c.pass(time.Second).is(Off, "")
}

func TestACableEndsTheAccessPointWhenNobodyIsThere(t *testing.T) {
	c := begin(t, Facts{}).pass(10 * time.Minute)
	c.facts.Guests, c.facts.Cable = 2, true
	c.pass(time.Hour).is(AccessPoint, NoNetwork)
	c.facts.Guests = 0
	c.pass(59*time.Second).is(AccessPoint, NoNetwork).pass(2*time.Second).is(Off, "")
	if c.pass(time.Hour); c.state.Why != "" {
		t.Errorf("with a cable it is still said why: %s", c.state.Why)
	}
	flaky := begin(t, Facts{}).pass(10 * time.Minute)
	for i := range 100 {
		flaky.facts.Cable = i%2 == 0
		flaky.pass(40 * time.Second)
	}
	flaky.is(AccessPoint, NoNetwork)
}

func TestAProgramStartedAnewLeavesTheGuestsInPeace(t *testing.T) {
	c := begin(t, Facts{Hosting: true, Guests: 4, Networks: "a"}).is(AccessPoint, Away)
	if c.state.Asked != 0 {
		t.Error("something is asked for")
	}
	c.pass(time.Hour).is(AccessPoint, Away)
}

func TestFiveGHzWhereItComesUp(t *testing.T) {
	both := []int{5180, 2437}
	c := begin(t, Facts{Frequencies: both}).pass(62 * time.Second)
	if c.pass(time.Hour); c.state.Frequency != 5180 || c.state.Failing {
		t.Errorf("%d MHz, failing %v", c.state.Frequency, c.state.Failing)
	}
	c = begin(t, Facts{Frequencies: both}).pass(60 * time.Second)
	asked := c.state.Asked
	for i := range 300 { // no driver lets it
		c.now = c.now.Add(time.Second)
		c.look()
		want := 5180
		if i >= 19 {
			want = 2437
		}
		if c.state.Frequency != want {
			t.Fatalf("after %d s: %d MHz", i+1, c.state.Frequency)
		}
	}
	if !c.state.Failing || c.state.Asked-asked != 4 { // after 20, 40, 80 and 120 s
		t.Errorf("failing %v, asked %d times", c.state.Failing, c.state.Asked-asked)
	}
	if c.pass(10 * time.Second); c.state.Failing {
		t.Error("it is up, and still said to fail")
	}
}

func TestTheFrequencies(t *testing.T) {
	for _, tt := range []struct {
		band    string
		five    bool
		country string
		first   int
	}{
		{"auto", true, "DE", 5180}, {"auto", true, "", 2437}, {"auto", false, "DE", 2437}, {"2.4", true, "DE", 2437}, {"auto", false, "", 2437},
	} {
		got := Frequencies(tt.band, tt.five, tt.country)
		if got[0] != tt.first || got[len(got)-1] != 2437 {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

// Whatever happens in the room: a box with a radio and without an address is an
// access point, or tries its network and has done so for no longer than it may.
func TestItIsAlwaysReachable(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 6))
		flip := func(b *bool, one int) {
			if random.IntN(one) == 0 {
				*b = !*b
			}
		}
		c := begin(t, Facts{Networks: []string{"", "a"}[random.IntN(2)], Frequencies: []int{5180, 2437}})
		unreachable, thrownOut := time.Duration(0), false
		for range 3 * 3600 {
			client := c.state.Role == Client
			flip(&c.facts.Cable, 900)
			flip(&c.facts.InAir, 300)
			if flip(&c.facts.Joined, 200); !client {
				c.facts.Joined = false
			}
			if flip(&c.facts.Address, 400); !client {
				c.facts.Address = false
			}
			if c.facts.Hosting && random.IntN(120) == 0 {
				c.facts.Guests = random.IntN(3)
			}
			before := c.facts.Guests > 0 && c.state.Role == AccessPoint
			c.pass(time.Second)
			thrownOut = thrownOut || before && c.state.Role != AccessPoint
			if c.facts.Cable || c.facts.Address || c.state.Role == AccessPoint {
				unreachable = 0
			} else if unreachable += time.Second; unreachable > Patience+time.Second {
				t.Fatalf("seed %d: nobody reaches it for %v: %+v", seed, unreachable, c.state)
			}
		}
		if thrownOut {
			t.Errorf("seed %d: somebody lost the network", seed)
		}
	}
}
