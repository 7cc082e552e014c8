// Package bill says what a release is made of: its version, the software of
// others in it, under which licences, and from which sources.
//
// # Where each line comes from
//
// Never from a list that somebody keeps:
//
//   - Go modules are read from the programs themselves (what `go version -m`
//     prints), so what is listed is what was linked, in that version; the
//     licence texts from the folders of those versions.
//   - The page's packages are those of package-lock.json that are not for
//     development, with the texts from node_modules.
//   - Debian's packages of a card are read from the card's own
//     /var/lib/dpkg/status, as dpkg left it.
//
// # What is made of it
//
// Notices is the text that the licences ask for (third-party.txt, and
// /usr/share/doc/streambox/third-party.gz of the package). CycloneDX is the same for machines (a software bill of
// materials, CycloneDX 1.6 as JSON). Sources is the exact list of Debian's source packages that the GPL's
// offer is about.
//
// A licence that LicenceOf does not know is an error: somebody must have read
// it before it is passed on to others.
//
// # The same bytes
//
// All lists are sorted, and the only time in them is the commit's.
package bill
