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
//	POST /api/v1/rescan                 202, or 429 too_soon with Retry-After
//	POST /api/v1/host                   200 {"host":true}, or 403 host_only
//	GET  /stream/{id}/master.m3u8       multivariant playlist; 503 not_yet until something can be played
//	GET  /stream/{id}/{rendition}/…     index.m3u8, hashes.json, segments (seg00000.ts, seg00000.m4s, init.mp4)
//	GET  /stream/{id}/thumbnail.jpg     ?v=digest, as the library writes it
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
//   - Ids, renditions and file names of a request are held against what such
//     names can be before anything is looked up.
//   - A viewer is a random cookie of 128 bits (HttpOnly, SameSite=Lax, a year),
//     made with the page, a PUT or the WebSocket. A name is only a label.
//   - Content-Security-Policy allows nothing from outside the box.
//   - Bodies 4 KiB within 10 s; headers 16 KiB within 10 s; 2048 connections, 512
//     per address (loopback exempt). A response must go on by 1 MiB a minute; this is
//     looked at every 4 MiB.
//
// # WebSocket, protocol 1
//
// JSON texts, at most 4 KiB from the page. Types and fields that are not known
// are ignored on both sides, so that the protocol only grows.
//
//	page → server
//	{"type":"hello","protocol":1,"name":"Ada","revision":7}   first, within 10 s. name: at most 24 characters, "" or absent: a guest;
//	                                          control characters and writing directions are taken out. revision (optional):
//	                                          of the list the page has; what changed since is sent at once.
//	                                          Again at any time: only name counts; a new one is answered with hello
//	{"type":"open","title":"<id>"}            shows this title now; "": the library. Unknown ids count as ""
//
//	server → page
//	{"type":"hello","protocol":1,"build":"1.2.3","name":"Guest 12","revision":9}   revision: of the titles now. Later
//	                                          changes are pushed; a page whose list is older asks the API with since=
//	{"type":"box","box":{…}}                  GET /api/v1/box; after hello and when it changed
//	{"type":"titles","revision":9,"titles":[…],"removed":["<id>"],"reset":false}   titles in the shape of the API; they replace the
//	                                          page's. reset: load the list anew (more than 50 changed, or too long ago)
//	{"type":"bye","reason":"stopping|superseded|protocol"}   then the connection is closed
//
// Pushes to a page are at least 500 ms apart, whatever changes; when titles
// and box both wait they take turns. Ping every 20 s; closed after 30 s without
// a pong or a message. 10 messages a second, 40 at once. 16 messages wait for
// a page at most; 8 connections a viewer, 128 an address, 512 in all.
//
//	1001 going away       the box stops (bye stopping)
//	1003                  a binary message
//	1008                  against the protocol (bye protocol)
//	1009                  more than 4 KiB
//	4000 superseded       this viewer opened more than 8 (bye superseded): do not come back by yourself
//	4001 too slow         the page did not take its messages: come back and load anew
//	4002 too often        too many messages (bye protocol)
//	4003 too many         connections: come back later
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
