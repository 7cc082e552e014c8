// Package usb tells which sticks are plugged.
//
// A stick is a folder with a life of its own: it appears, it can be read, and
// it goes away without asking. Folders watches two kinds of them by looking
// once a second:
//
//   - the folders named by the owner (--media DIR). Each is one stick while it
//     exists and can be read;
//   - the sub-folders of a parent (/media/streambox) that are mount points,
//     where the mount helper puts what is plugged in.
//
// Looking is polling on purpose: it is the one method that works for every file
// system and for folders that do not exist yet, and its price is a handful of
// system calls a second. A watcher on mountinfo can replace it behind the same
// OnChange.
//
// A dead stick can make any system call on it hang for minutes. So each folder
// is looked at by a helper goroutine of its own, of which there is never more
// than one per folder; Run itself never waits for one longer than a second. What
// gives no answer stays as it was for hangLimit and counts as pulled after it.
//
// Names. Stick.ID is made from the folder's name: only [a-zA-Z0-9_.-], at most
// 64 characters, unique among all folders that this Folders has seen, and the
// same again when the folder comes back. Label and everything else that a
// stick says of itself is untrusted text. Stick.Plugged is drawn anew whenever
// the folder behind an ID is another one than before (it was away, or device or
// inode changed between two looks), so that a quick pull-and-put-back is not
// taken for nothing having happened.
package usb
