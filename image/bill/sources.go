package bill

import (
	"bytes"
	"fmt"
)

// offer stands above the list of sources.
const offer = `The sources of the Debian packages on this card, in exactly the versions that
it was built from. Much of it is under the GNU GPL or LGPL; the licence of each
package is on the card, in /usr/share/doc/<package>/copyright.

All of it is in Debian's archive. On a Debian machine with deb-src in its
sources of packages:

  apt-get source --download-only <name>=<version>

What the archive has replaced since by something newer is in Debian's archive
of all versions (package devscripts: debsnap <name> <version>). Whoever has this
card may also ask its makers for a copy of any of them, for three years from its
release and for no more than the cost of sending it: by an issue in the
repository where the release was published.

StreamBox itself, and what is in its program: LICENSE.txt and third-party.txt.

`

// Sources is the list that goes with a card, with the offer that the GPL asks for.
func Sources(packages []Package) []byte {
	var text bytes.Buffer
	text.WriteString(offer)
	for _, s := range SourcesOf(packages) {
		fmt.Fprintf(&text, "%s %s\n", s.Name, s.Version)
	}
	return text.Bytes()
}
