// Package room decides how many phones the box can feed, and who waits.
//
// A link that carries nine films and is asked for ten carries none: TCP shares
// fairly, and all ten stall. So viewer ten is told "The air is full: 9 phones are
// watching" and is let in when there is room; nobody who plays loses anything.
// A wrong refusal is as bad: without evidence of a limit there is none.
//
// # A room for each link
//
// A box may have a cable and Wi-Fi, or two radios. What one link carries says nothing
// of another, so the [House] has a [Room] for each link that phones come over, told by
// the address of the box that their connection has (appliance/network), and the
// Meter samples each link by itself. Several access points behind one cable are one link:
// there the least squares of capacity tell what is shared. Who comes over two links is two
// viewers. Below, "the link" is the room's.
//
// # What is measured
//
// The [Meter] asks the kernel (TCP_INFO), five times a second while segments
// flow, how many bytes each phone has acknowledged and whether its connection had
// more to send than the network took for the whole fifth. Not what was written:
// sendfile returns when the bytes are in a socket buffer. Not one connection's
// delivery rate: it says what a phone could get alone. A connection that waits
// for its reader (a full receive window) or for the stick (nothing unsent) is no
// sign of a full link.
//
// While at least two viewers, and a quarter of all, are held back by the network
// at the same time, the link is saturated, and what all phones together
// acknowledge is its capacity: on the air that is the true one of these phones
// where they are now, slow ones and retransmissions included. A single phone held
// back proves nothing, it may be far from the access point; a quarter of the
// room is not far by chance. The first fifth of each saturated time is left out
// (TCP is still opening up), 2 s of it count as measured. Of two averages, over
// the last 8 s and 40 s of saturated time, the lower one counts: a link that
// gets worse is believed at once, a good moment lets nobody in.
//
//	demand   = Σ mean bit rate of each admitted viewer × (1 − share that peers spare the box)
//	admitted = demand with the newcomer ≤ 0.97 × capacity
//
// Demand that was carried for 20 s without late segments is admitted up to 1.03 ×
// capacity, so that the place of who leaves is taken. The two first viewers
// are always admitted.
//
// # How a limit goes away
//
//   - Saturated time at a higher rate raises the averages.
//   - Over 20 s without late segments in which the link had pauses, bytes ÷ busy time
//     is a capacity that the link surely has, even with one phone at a time: a link
//     that is fast again is no longer saturated, and shows it so.
//   - Ten minutes without saturated time, and nothing is known any more.
//
// # Without measurement
//
// Pages tell of late segments. When two viewers, and a quarter of all, had one
// within 15 s (a viewer's first ten seconds do not count), the bottleneck may be
// the stick or the processor, which no socket shows: then what leaves the box
// is the capacity, and nobody is let in for 15 s. Until anything is measured a
// wired box and a Wi-Fi client have no limit; an access point has 8 places, which
// is what the firmware of a stock Pi's radio takes (design decision 11; iiab#3934).
//
// # Who has a place
//
// A viewer is a cookie or, without one, an address; a player without a cookie at an
// address from which a page is open is that page's. A place is kept while a page
// shows the title, 8 s after it was left (a reload), and 30 s after the last
// segment of a player without page. Who waits is let in strictly in order of
// arrival, one every 3 s at most, when room has lasted for 3 s. Newcomers do not
// overtake.
//
// On an access point one address has half of the places at most (share.go), so that
// eight cookies of one phone do not take all; who waits for that reason alone holds up
// nobody. Behind a proxy the address is the phone's if the proxy is trusted (trusted-proxies);
// on other links a router may hide a whole room, and addresses do not count.
//
// When ten phones come at once nothing is measured yet, and all are let in. If the
// measurement then says nine, the last one is put back, within its first 8 s
// only, and only if it came before anything was measured: it has hardly
// begun to play, and else all ten would stall.
//
// # Nobody fills up while others starve
//
// Players fill 30 s of buffer as fast as they can, and TCP gives a phone that has 25 s
// as much as one that has nothing: on a nearly full link those who come last
// stall again and again although there is enough for all (seen with nine test
// players on a link for nine: the first four full, the last five at a stand). So while
// the link is full and more than 40 % of its limit is in use, who has more than
// 6 s ahead is paced to real time, more than 12 s to 0.8 of it, more than 20 s to
// half (SO_MAX_PACING_RATE). What is ahead is counted in segments asked for in order, 4 s
// each, less the time since: too little rather than too much; a seek, a late segment, a
// page that takes segments from peers counts as nothing ahead, and is not paced.
// A pace lasts a minute at most, then there are 5 s without: what the link carries
// can only be seen while all take what they can.
//
// # Time
//
// [Room] has no goroutine: Tick is called once a second, the clock is injected.
// [Meter.Run] is the only effect.
package room
