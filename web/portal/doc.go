// Package portal hands people who join the box's own Wi-Fi over to their browser.
//
// A phone that joins a network asks a page of its maker whether there is
// internet. Here there is none, and left alone the phone would leave the network
// again, or show a warning and send everything by its mobile data. So the box answers
// these questions (package appliance/network/names leads their names here): with
// 302 to /welcome, upon which phones open a small window of their own with
// that page. It says what this network is, and offers one button. Who taps "stay
// connected" gets the answer from then on that the phone wants to see, the window goes
// away (or offers to be closed), and the phone keeps the network. The films are
// played in the real browser: the small window has no full screen, keeps nothing, and
// is thrown away.
//
// # What cannot be done
//
// Androids also ask by https, and nobody can answer that without a certificate of
// Google's: they say "limited connectivity" and want one more tap. The modern way, a
// captive portal API told by DHCP (RFC 8908), wants https with a certificate that the phone
// trusts: impossible without internet.
//
// # Only these
//
// It answers exactly the addresses in the table below, each with its own path, to
// phones on the box's own access point, which package web finds out. Everything else
// under these names is refused like any foreign name (421): the box is nobody's
// apple.com.
//
// A phone is known by its address on the access point; that is asked for by phones
// that keep no cookies. The list is bounded, and forgets in half a day.
package portal
