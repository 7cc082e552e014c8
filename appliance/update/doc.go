// Package update brings a new system onto the card from a stick, and goes back to the
// old one when the new one is not well.
//
//	stick ─ *.streambox-update ─▶ Watch (the program) ─ request "update" ─▶ Helper.Update (root): read it all once,
//	        then write the other slot, read it back ─▶ staged.json
//	next start, or request "tryboot" after 10 min without viewers ─▶ Helper.Try: check the slot again ─▶ trial.json ─▶ restart once
//	start ─▶ Helper.Start: on trial? well for 10 s within 120 s ─▶ Commit;  else restart ─▶ the old slot ─▶ refused.json
//
// What a bundle is, and who is believed: package bundle. What a slot is: package slots.
//
// # What is decided, and when
//
// The stick is read twice. First it is hashed to its end and nothing is written: a
// bundle that is cut short, changed or not for us costs the card nothing, and the
// system in the other slot, a way back, stays. Then it is read again and written; a
// stick is hostile and may show other bytes the second time, so what is written is hashed
// again, and what the card keeps is read back and hashed a third time. Memory: a
// block of 1 MiB. The other slot cannot be started meanwhile: the first sectors of its
// boot partition are zeros, and come last. So for a power cut, and a stick that is
// pulled, at any moment:
//
//   - before the first zero: nothing has happened.
//   - until the first sectors are there: the other slot is nothing. The next plug begins anew.
//   - after that, before staged.json: it could be started and is not. The next plug begins anew.
//   - from staged.json on: it is tried. Before that it is hashed once more and its
//     manifest's signature is checked again: staged.json is a hint, the signature is what counts.
//
// # The trial
//
// The firmware starts the other slot once, without being told so on the card. The new
// system is well when systemd says that streambox.service is ready, the box answers over HTTP
// with its own version and lists its films, and the state file was not set aside, all that
// for 10 s without a break, within 120 s. Then it overwrites autoboot.txt, the one
// write that decides. If not, it writes why into trial.json and restarts: without being
// asked for a try, the firmware starts the old system, which moves the bundle to refused.json
// and does not try it again. A trial that ended without a word was a crash, a hang, or somebody
// who pulled the plug: it gets one more, and then no other.
//
// What the new system cannot do itself, others do: a kernel that panics restarts after 10 s,
// a program that cannot even be started fails its unit, which restarts the machine (streambox-trial.service).
//
// # Two sides
//
// [Helper] runs as root, by streambox-update.service and streambox-trial.service, which take no
// argument. [Watch] is a part of the program, which has no rights: it sees that a
// stick has a bundle, knows when nobody watches, asks by leaving an empty file, and shows what the helper
// says in [StatusFile]. What it asks for can be asked for by anybody who has taken the
// program over: they get an update that is signed and newer, or a restart.
//
// # The state that a release leaves behind
//
// When the old system comes back it must find its way in what the new one has written. So a schema (library.Schema,
// the state file's, the records' here) may rise only when the release before already reads the new one, and fields
// that a release does not know survive its writing. `make test-previous` lets the programs of two releases take turns on one state.
package update
