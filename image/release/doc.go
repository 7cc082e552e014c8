// Command release puts together what is given to others: `make release`.
//
// # What is in one
//
// A folder dist/streambox-<version>: the programs and Debian packages of all architectures;
// the card image when it was made, with its bill of materials and the list of its
// sources (the GPL's offer); the licences of others' software, the bill of
// materials of the program, and SHA256SUMS over all of it. README.txt says what each file is, what it was built with, and,
// when there is no card image, that there is none.
//
// Nothing is built here: `make` has done that. What is checked: that nothing
// was changed since the commit, that a tag is the version at the head of the changelog, and
// that the programs are of this commit.
//
// # The same bytes
//
// The same commit gives the same folder, byte by byte, wherever it is built, with
// the same tools: the exact Go of go.mod, esbuild and the page's packages by the lock; Node.js, dpkg-deb
// and xz are the machine's, so README.txt names them. Times are the commit's.
// `make test-release` builds two clones and compares.
//
// The folder appears by a rename when all of it is there.
package main
