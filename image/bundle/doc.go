// Command bundle makes the file with which a card is updated from a stick, and the keys
// that say who may.
//
//	go run ./image/bundle autoboot -slot a > autoboot.txt     the file that chooses, for a new card
//	go run ./image/bundle key -out FILE                       a key pair: FILE (0600) and FILE.pub
//	go run ./image/bundle make -key FILE -boot boot.img -root root.squashfs … -out X.streambox-update
//	go run ./image/bundle show -keys image/bundle/keys FILE   what a bundle says of itself, and whether it is believed
//
// # Keys
//
// A private key is a file outside of the tree (make update-key: ~/.config/streambox/update-key). It is
// never copied to a machine that others use: signing takes boot.img, root.squashfs, this program and the
// key, and no network. The public keys that releases are signed with lie in image/bundle/keys/*.pub and go
// into every image, as /usr/share/streambox/update-keys; a builder's own $UPDATE_KEY.pub joins them in the images
// that they build. A box believes the keys of the image that it runs.
//
//   - To replace a key: add the new one's .pub and sign with both (-key twice). Once no box runs an image
//     from before, take the old .pub away and sign with the new one.
//   - A key that was lost: boxes cannot be updated from a stick any more; their cards are flashed anew.
//   - A key that somebody else has: replace it as above, at once, and publish it. Who has it can write a
//     system for every box whose stick they hold.
//
// # The build number
//
// It only rises, since a box takes what is newer and nothing else. It is the time of the commit, in seconds
// since 1970; -build for something else.
package main
