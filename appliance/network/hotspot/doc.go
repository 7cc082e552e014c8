// Package hotspot keeps the box reachable: it decides whether the box's radio
// joins a network or is one.
//
// # The rule
//
// A box that nobody can reach is a brick with a lamp. So when no network, by cable
// or by Wi-Fi, has given an address for [Patience] (60 s: no cable, a wrong password,
// a network that is not here today), the box becomes an access point of its own, and
// its page says why. The network that it was told to join is tried again when nobody
// is on the access point: after 5 minutes, then 10, 20, and every 30. Whoever watches is
// never thrown out for that.
//
//	off ────────────┐ 60 s without an address
//	  (nothing told)├──────────────────────▶ access point
//	client ─────────┘ ◀──────────────────────  nobody on it, and it is time to try again, or a cable has an address
//
// A network that somebody has just told the box (a hand was on it) is tried at once.
// A cable that comes later ends the access point when nobody has been on it for a
// minute, and not before the cable's address has lasted as long.
//
// # Why it did not work
//
// Told apart by what can be seen without rights: was the network's name in the air at
// all ([Away]); did the radio get as far as joining it ([Refused], most likely the password;
// [NoAddress], its router gave none).
//
// # 5 GHz
//
// Tried first where the radio has it and the country is known; where no access
// point is up within 20 s, for whatever reason of driver, firmware or law, the next
// frequency is tried, and the last one again with more and more patience. So nothing here must know all boards and countries. 5 GHz is
// channel 36 and 2.4 GHz the middle channel 6: the ones that every phone may use.
//
// # Pure and not
//
// [State.Next] is the machine: a value in, a value out, with the clock in the
// facts. [Keeper.Run] looks, lets it decide, and asks for what it wants; what is
// asked for is done by root (package setup), and seen when it is there.
package hotspot
