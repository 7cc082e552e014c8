// Package notify tells the service manager how the box is: systemd's protocol
// sd_notify(3), one datagram per message to the socket in NOTIFY_SOCKET.
//
//	READY=1      once a request of our own to the web server was answered
//	STATUS=…     the state in words, when it changes, at most once a second
//	WATCHDOG=1   as long as the box is well, three times as often as asked for
//	STOPPING=1   when the box begins to stop
//
// What "well" means is [Config.Healthy]: a real question with an end in time.
// A question that is not answered means no sign of life, once; systemd restarts
// the box when all of its time has passed without one, so that two questions in
// a row may go wrong. EXTEND_TIMEOUT is never sent: a box that needs longer than
// its unit allows for is not well. There is no RELOADING: settings are read
// at the start.
//
// A manager that does not read fills its socket, and sending waits then. Nobody
// here waits with it: a message has half a second, and while one is on its way
// the next ones are left out. The words are told when it reads again.
//
// Without NOTIFY_SOCKET, on a laptop, nothing is sent and nothing is asked:
// Run waits for its end.
package notify
