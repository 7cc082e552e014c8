// Package intake turns plugged sticks into playable titles: scan, identify,
// probe, plan, queue, convert.
//
// # The way of a film
//
//	walk ─▶ identify ─▶ probe ─▶ plan ─┬─ direct ─▶ its index is read ───┐
//	            │                      ├─ audio ──▶ sound lane ──────────┤
//	            │                      ├─ convert ▶ convert lane ────────┴▶ ready
//	            │                      └─ none ──────────▶ unplayable, with the plan's reason
//	            └─▶ folders that are ready as they stand: hashes checked, then served from the stick
//
// A walk (walk.go) lists a stick's films in natural order and counts the rest by
// kind. What it may not show, it does not even look into (decision 14). Each
// film gets the identity of its content (identity.go, decision 1), by which the
// library knows it: the same film on two sticks is one title with two places, and
// a stick that comes back brings the same titles. Empty files, which have no content,
// are a title each. Identities are remembered
// by (volume, path, size, time), so a known stick is listed without reading its
// films; what was remembered is checked when a film is first opened.
//
// A film in HEVC, VP9 or AV1 is direct for devices that play it, and converted for the
// others, when one of them has opened it and not before (modern.go).
//
// # Further sound tracks
//
// A film that is served from its stick or finished as a conversion has its other
// sound tracks beside it, as renditions of sound alone (alternates.go). What plays
// as it is costs nothing; the rest is converted piece by piece where somebody
// listens (lazysound.go), before any other sound. A track that fails is offered no
// longer, and the film plays on.
//
// # Who does what
//
// One loop (run.go) applies what it is told and looks at the clock; each scan is
// a goroutine of its own, so that a stick which does not answer holds nobody
// up; workers take what waits: two probe, one checks ready-made folders, one
// makes thumbnails of what pages show, and of the rest when nothing waits for a
// probe, and each of the lanes runs one job at a time. The order of a lane is decided by a pure function
// (queue.go): most waiting phones first, then what has failed least, then first
// come. A running job is not displaced.
//
// A film that somebody opens goes before all that nobody waits for (yield.go,
// decision 47): probes, indexes, pictures and subtitles of other films are called
// off and done later, our own reads stop in between, and a worker that has nothing
// else to do examines it and reads its index. When it is seen, the rest goes on.
// Then small pictures of all its length are made (previews.go), of key frames alone.
//
// All of it shares the films and sticks of state.go under one mutex. It is
// held for the library's Update, so that what is shown never falls behind what
// is decided, but never while a stick or a tool is waited for. Work in progress
// holds the film's turn (film.turn): when the film was begun anew meanwhile, its
// result no longer counts. Whoever shows the box asks Working, which waits for
// nobody. What panics holds up one film, not the box.
//
// What ffmpeg can do is asked when Run begins, and again until it answers
// (machine.go): an error is no answer. Films are examined meanwhile and wait for
// their plan, with a sentence.
//
// # Sticks go away
//
// Pulling a stick cancels all that reads from it. To ffmpeg a vanishing stick
// looks like a damaged film, a second before anybody knows better; so before a
// film is condemned its file is opened and compared once more (judge in
// check.go), and only a film whose file is healthy is to blame itself. A job
// that was called off leaves nothing behind but what a conversion or converted
// sound can be gone on with; what was finished stays. If
// another stick has the film, the work begins again from there.
//
// A dying stick may not even give errors: a read hangs, and no signal ends it.
// So whoever reads from a stick is attended (attend.go). When its stick has said
// nothing for 2 s it is asked for a page that no cache has; when it owes that
// answer for 10 s it is silent: what hangs in it is left behind, counted and
// bounded, and the workers go on with other sticks. Its films are blocked with
// that reason, or read from another stick, until it answers.
//
// # What a file name may do
//
// Nothing. Everything is opened below the stick's top (openat2, else os.Root), must be a regular file when it
// is looked at and still the same when it is open (tree.go); symlinks are
// counted, not followed. Names become text for people (names.go) and nothing
// else: the tools get open files, and addresses are made of identities.
//
// # Subtitles
//
// A walk also finds the files that belong to a film by their names (beside.go);
// one worker makes WebVTT of them, at every plug, and of the text streams inside
// a film, once (words.go): those that have an index when nothing waits for a
// probe, the others, for which the whole file is gone through, when a phone opens
// the film. A stick that goes meanwhile is no verdict on them, as on films. Files
// beside a copy go with it when it is deleted or becomes another film; those of a
// stick that was pulled stay for the copies that are left.
//
// # Failing
//
// A refusal (transcode.Refusal) is a verdict on the content: unplayable, with
// its reason. So is transcode.ErrNotSegmentable, for one rung: it is remembered
// in the record, and what could not be copied is converted.
//
// All other failures say nothing about the film: a tool was killed for want of
// memory or stalled, the box's disk gave an error. Nothing of them is kept. The
// film is blocked and tried again after 10 s, 1 min, 10 min, then hourly
// (mishaps.go), behind those that have not failed; a rescan tries at once, and
// so does a phone that opens it, but it cannot cut two waits in a row. A film that makes ffmpeg stall
// each time thus costs the others little.
//
// No room is neither: the title is blocked with a sentence and is tried again
// when a phone opens it or room has come; what was converted of it by then stays,
// unless a film that a phone waits for needs the place. What made room for another
// waits to be opened, so that two films cannot push each other out for ever.
//
// A file that is deleted from a plugged stick takes its title off the list. What was
// made of the film is kept, unlisted, for another copy of it. Nobody need ask for a
// rescan: a file that a phone asks for and that is not there has its stick looked at
// again (missed.go).
//
// A film with a fault that is published all the same (it ends early, it has no
// sound) is ready, and its record's reason says so from then on.
package intake
