// Package web serves the page, the API, HLS and the WebSocket. It knows the
// library and nothing else of the box: whatever it needs beyond (the box's
// state, resume points, a rescan) comes in as a Config.
//
// # Routes
//
//	GET  /                              the browser app, with 50 titles inside for browsers without script (?page=id: those after id)
//	GET  /watch/{id}                    the same app; status 404 when the title is not here
//	GET  /assets/{hash}/…               the app's files; hash is of the whole tree
//	GET  /join  /qr.svg?for=url         a page for the projector, and its code
//	GET  /titles.m3u                    all that can be played, absolute addresses by the Host asked for
//	GET  /api/v1/titles                 ?since= &after= &limit=1…200 &folder= &q= &sort=folder|title|added|duration
//	GET  /api/v1/titles/{id}
//	GET, PUT /api/v1/resume/{id}        {"seconds":12.5}; 0 when nothing is known; PUT answers 204
//	GET  /api/v1/box
//	GET  /api/v1/swarm, /api/v1/swarm/trace   404 without Config.Debug
//	POST /api/v1/rescan                 202, or 429 too_soon with Retry-After
//	POST /api/v1/host                   200 {"host":true}, or 403 host_only; see "Who is host"
//	PUT  /api/v1/settings               {"name":"cinema"}, of the host: 200 with the name as the box has it now, 400 wrong_name
//	POST /api/v1/poweroff               of the host: 202, or 503 no_poweroff where the box cannot switch itself off
//	GET  /stream/{id}/master.m3u8       multivariant playlist (?rendition=: of one alone, 410 when that is gone); 503 not_yet until something can be played, 503 unplugged without its stick
//	                                    ?for=all: what every device plays, alone: who asks counts as one who cannot play the title's codecs; 503 not_yet until some is converted
//	                                    EXT-X-MEDIA for the further sound tracks, of which a title's "audio" tells: "playlist" is that of sound alone,
//	                                    "reason" why there is none or, beside one, why not at once; the default one, first, is in the title's "playlist"
//	GET  /stream/{id}/{rendition}/…     index.m3u8, hashes.json, segments (seg00000.ts, seg00000.m4s, init.mp4); 503 not_yet of what is still to be made,
//	                                    cannot_read of what a stick does not give now, unplugged once it is known that it was pulled
//	GET  /stream/{id}/thumbnail.jpg     ?v=digest, as the library writes it
//	GET  /stream/{id}/previews/{n}-{digest}.jpg   sheets of small pictures, as the title's previews say
//	GET  /ws                            WebSocket
//	GET  /healthz                       the box's state; 503 for fault and stopping
//	GET  /metrics                       Prometheus text
//
// HEAD works wherever GET does. Errors below /api/, /stream/ and of /ws are
// {"error","code","parameters"}, elsewhere a page. Sentences have no paths;
// the log has the cause, once a minute per title with the number left unsaid. A segment that is still to come is 503 with
// Retry-After and not 404, because hls.js never repeats after a 4xx; a
// rendition that was replaced is 410, and the player loads the master playlist.
//
// # What may be kept
//
//	segments                            a year, immutable, strong ETag (half the SHA-256, or rendition-name-size)
//	/assets/{hash}/…                    a year, immutable
//	thumbnail with its own ?v=          a year, immutable; else no-cache with ETag
//	titles, one title, hashes, pages.css  no-cache with weak ETag: 304 while nothing changed
//	the page                            private, no-cache
//	all else                            no-store: playlists, box, errors …
//
// While the clock is not set there is no Date header: browsers do not reuse
// even immutable answers whose date is decades ago. No answer has
// Last-Modified or Expires, for the same reason.
//
// Texts from 1400 bytes on are compressed for who takes gzip, the app's files
// once. Segments never are; they go from file to socket by sendfile(2), which
// is why nothing may come between an *os.File and net/http but [recorder].
//
// # Who may ask
//
//   - Host must name this box: loopback, the address the connection came to,
//     localhost, a name without a dot, <mDNS name>.local, the machine's host name
//     (bare, .local, in a search domain), or the setting hosts. Else 421. This is
//     what stops DNS rebinding.
//   - Origin of everything but GET and HEAD, and of the WebSocket, must be that
//     Host; absent is allowed (curl). Sec-Fetch-Site must not be cross-site or
//     same-site. Else 403 wrong_origin.
//   - Behind a proxy of Config.Proxies (the setting trusted-proxies), and only there, who asks is
//     whom X-Forwarded-For names or, without it, Forwarded (RFC 7239): from the right, the
//     first that is no proxy of ours. Limits, room and log then see the phone. X-Forwarded-Host
//     (or host=) must name this box as well as Host, and is what Origin is compared with;
//     X-Forwarded-Proto says how addresses begin. The proxy has to set what of these it does
//     not want its clients to write.
//   - Ids, renditions and file names of a request are held against what such
//     names can be before anything is looked up.
//   - A viewer is a random cookie of 128 bits (HttpOnly, SameSite=Lax, a year),
//     made with the page, a PUT or the WebSocket. A name is only a label.
//   - Content-Security-Policy allows nothing from outside the box.
//   - Bodies 4 KiB within 10 s; headers 16 KiB within 10 s; 2048 connections, 512
//     per address (loopback exempt). A response must go on by 1 MiB a minute; this is
//     looked at every 4 MiB.
//
// # Who is host
//
// What changes the box needs a hand on it. A short press of the button opens 60 s (on the
// monotonic clock) in which one page may become host; the first that asks is, and the time is over.
// It stays host until another page becomes it after another press, the settings are forgotten, or
// the box starts anew. Identity is the cookie. GET /api/v1/box says "host":{"open","you",
// "powerOff"}, the last where the box can be switched off from the page; what is pushed to all pages has only open. The pages of who was host until then are told so at once:
// "you":false,"lost":true.
//
// # WebSocket, protocol 1
//
// JSON texts, at most 16 KiB from the page. Types and fields that are not known
// are ignored on both sides, so that the protocol only grows. A field that is
// known and out of its bounds is against the protocol. n is the number of a
// segment, from 0, in the playlist: at most 99,999. A span is [first,last]. A peer
// is 1–8 letters a–z and digits. Seconds are of the film, 0…1,000,000.
//
//	page → server
//	{"type":"hello","protocol":1,"name":"Ada","revision":7,"p2p":true}   first, within 10 s. name: at most 24 characters, "" or
//	                                          absent: a guest; control characters and writing directions are taken out. revision
//	                                          (optional): of the list the page has; what changed since is sent at once. p2p: this
//	                                          browser has DataChannels. Again at any time: only name counts; a new one is answered with hello
//	{"type":"open","title":"<id>","rendition":"video-…","segments":30,"segmentSeconds":4,"have":[[0,9]],"at":12.5,"budget":64000000}
//	                                          shows this title now; "": the library. Unknown ids count as "". Without rendition (or one that
//	                                          is gone) it plays without the swarm. segments: in the playlist now, of which the box makes sure, here
//	                                          and in have: more is against the protocol; have: all the page holds;
//	                                          at: playhead; budget: bytes of its cache. cannot: true from a page that cannot play what the title's
//	                                          codecs say: it is then converted for it. Answered with config and room
//	{"type":"look","titles":["<id>"]}         titles without a picture that are on the screen, at most 64: their pictures are made first
//	{"type":"want","id":17,"n":12,"in":3500,"not":["k3f9x2ab"],"why":"play"}   from whom? in: ms until it is needed, 0…600,000; not: who
//	                                          failed to deliver it to this page, at most 8; why: at most 16 letters. Answered with grant
//	{"type":"have","add":[[10,10]],"drop":[[0,0]],"at":40,"up":1,"p2p":123456,"rejected":0,"stalls":0,"segments":31}
//	                                          what changed, at least every 10 s. up: uploads running; p2p: bytes from peers, rejected:
//	                                          segments that were not what the box promised (both since this WebSocket began); stalls:
//	                                          since open; these three only grow. segments: the playlist has grown
//	{"type":"gone","peer":"k3f9x2ab","session":5,"n":12,"why":"ice"}   a connection (n absent) or a delivery failed: ice | timeout |
//	                                          bad | refused | busy | closed | idle; busy: all its slots are taken, which blames nobody;
//	                                          without peer: this page no longer fetches n
//	{"type":"offer","to":"k3f9x2ab","session":5,"sdp":"v=0…"}   and "answer": to a page this one is introduced to. At most 8 KiB
//	                                          of printable ASCII and line ends
//	{"type":"candidate","to":"k3f9x2ab","session":5,"candidate":"candidate:…","mid":"0","mline":0}   "": the last. One line of at most
//	                                          512 bytes; mid: at most 16; mline: 0…31
//
//	server → page
//	{"type":"hello","protocol":1,"build":"1.2.3","name":"Guest 12","revision":9,"you":"a1b2c3d4","stun":["stun:192.168.1.5:3478"],"pulse":20}
//	                                          revision: of the titles now. Later changes are pushed; a page whose list is older asks the API with
//	                                          since=. you: this connection, as other pages know it. stun: for RTCPeerConnection; may be empty.
//	                                          pulse: seconds; a page that has heard nothing for one and a half of them has lost the box
//	{"type":"pulse"}                          every so many seconds, whatever else is said: pages do not see pings
//	{"type":"box","box":{…}}                  GET /api/v1/box; after hello and when it changed
//	{"type":"titles","revision":9,"titles":[…],"removed":["<id>"],"reset":false}   titles in the shape of the API; they replace the
//	                                          page's. reset: load the list anew (more than 50 changed, or too long ago)
//	{"type":"room","admitted":true,"watching":9,"places":9}   after open, and when it changes. Not admitted: the air is full; this
//	                                          viewer's segments are 503 air_full until the next such message. places 0: no end is known
//	                                          Who is put back, or has no place yet, gets a config without rendition and is out of its group: it says
//	                                          nothing of segments then. Let in, it gets its config, and tells by have all that it holds and its segments
//	{"type":"config","title":"<id>","rendition":"video-…","tag":"0123456789abcdef","on":true,"why":"shared","lookAheadSeconds":30,
//	 "keep":{"mode":"assigned","of":4,"is":2},"uploads":4}   how this page takes part, after open and when it changes. tag: of title and
//	                                          rendition on DataChannels; on false: no wants, plain HTTP, but the inventory is told; why: shared | alone |
//	                                          off | accessPoint | failing | penalty | cannot; keep: assigned (n % of == is) or rarest
//	{"type":"grant","id":17,"n":12,"how":"peers","peers":["k3f9x2ab"],"ms":2000,"sha256":"…","bytes":1300000,"why":"…"}   http: fetch it, the lease
//	                                          lasts ms; peers: from one of these (at most 5, best first); wait: the next grant comes unasked,
//	                                          after ms ask again. At most 16 wants of a page are remembered: the oldest makes room
//	{"type":"peers","peers":[{"id":"k3f9x2ab","name":"Ada","session":5,"call":true}],"copies":[[0,9,3]],"heads":[12.5]}   everybody this page is
//	                                          introduced to, whole: who is not in it has gone; absent: as before. call: this page makes the offer.
//	                                          copies: [first, last, how many others have it], what changed, at most 512 runs; heads: where others are
//	{"type":"offer"|"answer"|"candidate","from":"k3f9x2ab","session":5,…}   from a page this one is introduced to. A candidate whose
//	                                          address is an mDNS name comes a second time with the address that its page's WebSocket
//	                                          comes from, if that is IPv4 or a unique local address
//	{"type":"bye","reason":"stopping|superseded|protocol"}   then the connection is closed
//
// Pushes of titles and box to a page are at least 500 ms apart, whatever changes; when
// both wait they take turns. Ping every 20 s; closed after 30 s without
// a pong or a message. 40 messages a second, 160 at once. 128 messages wait for
// a page at most; 8 connections a viewer, 128 an address (loopback exempt), 1200 in all.
//
//	1001 going away       the box stops (bye stopping)
//	1003                  a binary message
//	1008                  against the protocol (bye protocol)
//	1009                  more than 16 KiB
//	4000 superseded       this viewer opened more than 8 (bye superseded): do not come back by yourself
//	4001 too slow         the page did not take its messages: come back and load anew
//	4002 too often        too many messages (bye protocol)
//	4003 too many         connections: come back later
//
// # The swarm
//
// Package swarm decides who takes which segment from whom; here its messages are
// checked, brought and counted. The director is asked under one mutex, and
// nothing under it waits: the SHA-256 that goes with a want is looked up before,
// by at most three goroutines for each rendition, so that a stick that hangs holds up
// neither the director nor another title. A segment that nobody has had yet is
// made for it. If the digest is not there within a quarter of the time that the page
// has (100 ms…1 s), the want is told without one, and the segment comes by HTTP.
// A page speaks for its own connection only; whatever it says of others (to, not,
// gone) counts as far as the director has introduced the two. p2pBytes is what
// pages tell, as far as they were sent to peers for it, and of each cookie at most twice
// as fast as the film plays, beyond the first 30 s of it.
//
// A page's link is the one that has the address at which its WebSocket reached the box
// (Config.Link): its kind decides, with p2p = auto, whether the page shares (why accessPoint: not;
// two pages share only where both links allow it), and its name in which room of room.House it has its
// place. In GET /api/v1/box, room.role is the box's main one; the room's numbers sum up the links that are in use,
// and places is absent as soon as one of these has no known end.
//
// With Config.Debug, GET /api/v1/swarm shows what the director knows of
// every page, and GET /api/v1/swarm/trace what it was told and said, the last 5,000
// calls and some more as JSON lines: {"t","snapshot"} is its state before the next line,
// {"t","in","out"} a call. Both name viewers, which is why they are 404 otherwise.
//
// # The room
//
// Package room decides how many phones the box can feed. A page is told after
// open and whenever it is let in; the segments of who is not in are 503
// air_full with Retry-After, by cookie or, without one, by address. For who is in,
// that is a look into a map. Stalls that pages tell of, and the share of bytes
// that went from phone to phone in the last 30 s, are what the room hears from here;
// the rest it measures itself at the connections that carry segments.
//
// # Who watches what
//
// [Presence] counts each viewer once, for the title opened last of those still
// open in some tab. A connection that is lost counts for 5 s more, so that a
// reload changes nothing. Players without a WebSocket (VLC, television sets)
// count for 30 s after each request, by cookie or address; not if a page of
// the same cookie or, without one, of the same address is connected.
//
// # Lifecycle
//
// [New] starts nothing. [Server.Run] pushes; at its end it says bye to all
// pages and returns when their connections are gone. HTTP is served by
// whoever owns the listener, best with [Server.HTTPServer].
package web
