// Package swarm is the director: it knows every playhead and every inventory,
// and says from whom a page takes a segment, so that each segment leaves the box
// once for each group that plays the same rendition of the same title.
//
// It is pure. Messages and the time go in, messages come out; it starts nothing,
// asks no clock, draws from a source it is given, and never ranges over a map
// where the order could matter. The same inputs at the same times get the same
// outputs, from the beginning or from any Snapshot: a Trace of a room can be run
// again at a desk (Replay, command lines).
//
// # What it decides
//
// A page says: I want segment n, needed in so many milliseconds. decide answers
//
//	peers  somebody it knows holds n and has an upload to spare: the connected
//	       first, then those nobody complained of, then the least busy, equals
//	       shuffled. If none of them can, one it does not know yet is introduced.
//	wait   somebody else fetches n from the box ("leased"); or all who hold it are
//	       busy or still connecting; or the viewer has two leases already; or another
//	       page in step has fetched less and is given 0.7 s to take its turn.
//	http   take it from the box: with a lease, so that others wait for it, or
//	       without one when the time is too short for anything else.
//
// There is one exception to "too short for anything else": when the box is so
// crowded that a segment takes longer than it plays ("crowded": measured time of
// one alone, times the fetches that run), going there too is no rescue and makes
// everybody later. Then a late want waits as well, for a peer or for the one fetch
// that runs, but no longer than the box would have taken; and a lease that ends
// in a crowd is not held against its page. Without this, thirty phones that press
// play at once on 25 Mbit/s never come out of their first stall (estimate.go).
//
// A wait always ends unasked, by the holder's have, by the lease's end, or by the
// clock, and never so late that the segment could not come from the box in time:
// whoever takes leases and delivers nothing costs the others no stall. A lease
// lasts twice what a segment from the box takes at the moment (running mean, held
// to what most viewers measure: estimate.go), at least 1.5 s and at most 15 s.
//
// It also decides who knows whom (introduce.go: a newcomer calls four pages that
// hold what it needs next; nobody has more than twelve), who keeps what for
// latecomers (retention.go), and when sharing is off (policy.go).
//
// # What it never does
//
// It never sees a segment's bytes and never trusts what a page says of another
// one by itself. A report of a failed delivery counts once for each cookie, only
// about a pair that was introduced and a segment for which that peer was named,
// not when the accused had said before that it dropped it or had its hands full
// (one that answers "busy" is only left in peace for a moment),
// and a cookie's word counts against two others at a time: three who lie can harm
// two. Reports within 5 s that nothing came are one: a phone that stands still for a
// moment lets down all who wait for it at once. Three reports, or two leases that expire, or six given back in a row, make
// a cookie HTTP-only for five minutes ("penalty"); so do two connections that
// fail although both sides signalled, if no other one works ("failing"). A lease
// fulfilled late is no failure: when the air is full, everybody is late.
// Who gave a wrong segment is never named again to the cookie that got it, nor
// introduced to it, under whatever name and in whatever tab (viewer.go). A new cookie
// is a new unknown; what it can cost is the next paragraph's.
//
// A page that comes and says at once what it holds is named only for wants that
// leave 5 s to find out otherwise, until it has given something or got something.
//
// What a page wants first is not made to wait for a better plan: which segments
// to fetch ahead, and when, is the page's business (its scheduler); from whom is
// decided here.
//
// # Retention
//
// Pages in step hold nearly the same, and what a latecomer needs is soon in no
// cache. While most of a group lies within one cache's length, each is assigned
// the segments with n mod Of = Is to keep. Of is a power of two that the pages
// can fill, and no greater than the film needs: with C bytes of cache, b bits a
// second and W = 8C/b seconds in a cache, Of·W ≥ its length suffices. When Of
// doubles, a page keeps half of what it kept; when somebody comes or goes, at
// most one other page gets another part. Staggered groups drop what most others
// hold: for that, pages are told the copies of each segment (0…15, changes only,
// at most every 2 s) and the playheads of the others.
//
// # Limits
//
// 16 wants and 12 introductions for each page; 2 leases for each viewer of a film, in
// however many tabs; 100,000 segments, one
// bit each; 5 peers in a grant; 4 uploads of a page at once. A page that takes
// all it can costs less than 50 KB (TestBoundedMemory), an ordinary one 2 KB. One message
// of 1,000 viewers takes some microseconds (BenchmarkDirector). A cookie without a
// page is remembered for 5 minutes if it gave something, was reported, accused, or
// let a lease or a connection fail, and of those the last 1,000; any other is
// forgotten with its last page.
// A page that says nothing for 30 s is not counted on; its inventory is kept, as
// nothing can have been lost on an ordered connection, and with its next message
// it is back. What is against the protocol is a ProtocolError: web closes that
// connection. What is only late (a have after a title was closed, a candidate of
// an introduction that has ended) is ignored.
//
// Numbers: 30 s, 5 minutes, 5 peers, 2 leases, 1.5–15 s and 4 uploads are the
// protocol's; the others are in limits.go, chosen so that a wait is over well
// before the 4 s of a segment are, and checked by the simulation in web/client/sim,
// which runs this director against the page's real scheduler.
package swarm
