// Package appliance is the box as a whole: what keeps its parts running, which
// state it shows, which addresses phones reach it at, and whose turn it is to
// use the data folder.
//
// # Parts and their supervision
//
// A box is a flat list of [Service]s. Each is one blocking function, Run(ctx)
// error, that owns its goroutines and returns when they are gone. The
// [Supervisor] starts them in the order of the list (the way of the data) and
// stops them in the opposite order, so that a part outlives those that use it.
// The contract is the one of thejerf/suture, without its trees, tokens and
// event hooks, for which a box with ten parts has no use:
//
//   - Run returned an error, or panicked: the failure is logged with its cause
//     and the part runs again after a wait that doubles from half a second to
//     30 seconds. A part that ran well for a minute starts again at half a second.
//   - Run returned nil although nobody stopped it: the part is done, and stays so.
//   - A Critical part that fails ends the box: systemd, or the person who
//     started it, learns of it by the exit status. Only what makes the box
//     useless when it is gone is critical (library, memory, web).
//   - ctx ended: the parts are stopped, the last of the list first. A part that
//     does not return in time is named in the log and left behind, and those
//     whose turn did not come are told all at once; the process ends within
//     five seconds whatever a part does.
//
// [Supervisor.Alive] asks the loop that does this for an answer: package notify
// tells systemd that the box lives only if it gets one.
//
// # State
//
// [Decide] turns what is known of the box into the one word that the page's
// dot, the LED and the API show, and [Words] into the line that systemctl status
// shows. Both are pure: no part ever sets the state.
//
// # The data folder
//
// [LockData] keeps two boxes from working in one data folder, and leaves there
// what doctor and report must know of a running box ([RunningBox]).
package appliance
