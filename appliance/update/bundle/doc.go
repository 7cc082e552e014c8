// Package bundle is the file in which an update of the SD card's system comes:
// how it is made, how it is read, and who is believed.
//
// # The file
//
// All integers are big-endian; nothing is compressed (root.squashfs is already, and
// what a box unpacks must be as large as it is said to be).
//
//	 0   "streambox-update"                     16 bytes
//	16   length of the manifest                 uint32, at most 64 KiB
//	20   number of signatures                   uint32, 1 … 8
//	24   signatures: 8 bytes of the key's id, 64 bytes of Ed25519, each
//	     the manifest, JSON
//	     the boot partition's image             manifest.boot.bytes
//	     the root file system                   manifest.root.bytes
//
// and nothing behind. The signature is over the manifest's bytes, which name the
// SHA-256 of both images: so what is signed is the whole file. No X.509: a box has no
// clock that could tell whether a certificate is still valid, and needs no names.
//
// # Who is believed
//
// A signature by any of the keys that came with the running image. While a key is
// replaced, releases are signed with the old one and the new one, and carry the new one's
// public part; afterwards with the new one alone. Nothing of a file is parsed before
// a signature over it was found good, but the 24 bytes in front and the signatures themselves.
//
// # What is refused
//
// [Refusal] says why, with a code for which the page has words. A manifest of a later
// schema is refused, unknown fields of ours are not. The build number only rises
// ([Manifest.Refuse]): an old bundle with a good signature is the way back to an old hole.
//
// # One image for both slots
//
// Boot partitions of both slots hold the same bytes but for one letter, which tells the
// kernel's command line from which slot it was started. A bundle has it as 'a' at
// boot.slotOffset; whoever writes the other slot writes 'b' there.
package bundle
