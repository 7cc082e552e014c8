// Package panel is the box's hand and voice where there is no screen: one
// button and one LED, on a Raspberry Pi's header or anywhere else.
//
// # What is decided, and what is done
//
// Three things are decided purely, from values to values, with the time as an
// argument: [Debounce] says what a contact that bounces means, [Gestures] what
// a hand wants that presses and lets go, [Show] when the LED is lit and when
// that changes next. [Panel] does it: it owns the devices, carries what they
// say to the decisions, and what was decided to the LED and to Config.Press.
//
//	line ─ level ─▶ Debounce ─ edge ─▶ Gestures ─┬─ actions ─▶ Config.Press
//	                                             └─ phase ─┐
//	Config.State ─ state ────────────────────────────────▶ Show ─ lit ─▶ LED, board's LED
//
// # The button
//
// Between the pin and ground, with the pin's own pull-up. What is meant shows
// when it is let go:
//
//	shorter than 1 s   read the sticks again, and let a page become host for a minute
//	1 s to 3 s         nothing: whoever hesitates has changed their mind
//	3 s to 8 s         shut down (the LED goes fast at 3 s: let go now)
//	8 s to 10 s        nothing
//	10 s to 30 s       arms "forget settings" (the LED flickers); another short press that
//	                   begins within 5 s confirms it, anything else leaves all as it was
//	longer than 30 s   nothing: something lies on it. A warning, and the LED goes on with the state
//
// Whatever is down when the panel begins to look (a button held while the box
// is switched on, a short circuit) means nothing until it is let go.
//
// The LED answers a press at once: it changes to what it was not.
//
// # The LED
//
// The same rhythm as the dot on the page (base.css), so that who has learnt one
// knows the other; see [Show].
//
// # Devices
//
// [Machine] finds lines with periph's gpioioctl, the kernel's own GPIO interface. It
// never maps memory, works on every Pi, and the kernel refuses a line that
// somebody else holds. LEDs of the board are files below /sys/class/leds. Each
// part is present, not on this board, or broken; a broken one is tried again,
// less and less often, and said once; what stays broken for 10 s is told to who
// asks ([Panel.Troubled]), so that the page and the LED that works say so. What gpioioctl asks of its users:
//
//   - WaitForEdge(-1) returns at once, 0 waits for ever, and Halt is lost when
//     nobody waits: so it is asked for 250 ms at a time, and the level is read every
//     time, whatever it answers.
//   - On a line that is dead it returns false at once, and Read says low: answers
//     that come much too soon, several in a row, are a broken line, and a level that
//     changes without an edge is believed at the second look.
//   - The kernel keeps 16 edges: after each one we rest and throw the others
//     away, so that a contact that buzzes at 1 kHz costs 200 looks a second.
//   - Its errors are texts, no numbers (see claim).
//   - It reads the chips once in a process, and leaves out what it may not open
//     then. So it is let look only when all of them can be opened, or, for a line
//     that names its chip, when that one can and 10 s are over.
//
// GPIO2 and GPIO3 belong to the I²C bus where /sys/bus/i2c/devices/i2c-1 exists: the kernel
// would hand them out all the same, and the bus would be gone. They are left alone.
//
// # On a terminal
//
// [Terminal] is a panel for who has no Pi: the LED is a character, the button is
// the key b. A terminal tells of keys only that they came, so a key that repeats is
// a button that is held.
package panel
