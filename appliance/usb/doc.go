// Package usb tells which sticks are plugged.
//
//	udev ─▶ streambox-media@sda1 (root: package mount) ─┬─ mount ──▶ /proc/self/mountinfo ─┐
//	                                                    └─ note ───▶ /run/streambox/sticks ─┴─▶ Folders ─ OnChange ─▶ intake
//
// A stick is a folder with a life of its own: it appears, it can be read, and
// it goes away without asking. Folders watches two kinds of them:
//
//   - the folders named by the owner (--media DIR). Each is one stick while it
//     exists and can be read;
//   - what is mounted on the sub-folders of a parent (/media/streambox), where the
//     mount helper puts what is plugged in; and where a desktop has mounted a
//     stick before, as far as everybody may read it there.
//
// Which mounts there are is read from mountinfo, never from the parent folder:
// the first cannot hang. The kernel says when mountinfo or the folder of notes
// changes (events_linux.go), and then Folders looks, at most fifty times a
// second; once a second it looks without being told, which is all that works for
// plain folders and on other systems.
//
// A dead stick can make any system call on it hang for minutes. So each folder
// is looked at by a helper goroutine of its own, of which there is never more
// than one per mount; a look waits for those that it has just asked for a quarter of
// a second (the first one for a second), tells what has answered, and takes what
// comes later when it comes. So what hangs makes no other stick late. What
// gives no answer stays as it was for hangLimit; then it is told as silent. When
// its mount goes it is gone, whatever still hangs in it.
//
// What cannot be read is told too, with a Reason: what the helper's note says
// (package note), a mounted stick that gives errors for longer than a pull takes,
// and one that does not answer.
//
// Names. Stick.ID is made from the kernel's or the folder's name: only
// [a-zA-Z0-9_.-], at most 64 characters, unique among what is watched, and the
// same again when the folder comes back. Label and everything else that a
// stick says of itself is untrusted text. Stick.Plugged is drawn anew whenever
// what is behind an ID is another than before (it was away, or the number of the
// mount, device or inode changed between two looks), so that a quick
// pull-and-put-back is not taken for nothing having happened.
package usb
