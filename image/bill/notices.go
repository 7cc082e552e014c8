package bill

import (
	"bytes"
	"fmt"
	"strings"
)

// Notices is the text that the works' licences ask for: what is in the
// program, of whom, under which licence.
func Notices(works []Work) []byte {
	var text bytes.Buffer
	text.WriteString("Software of others that is part of StreamBox, with its licences.\n\n")
	for _, w := range works {
		fmt.Fprintf(&text, "  %s %s: %s\n", w.Title(), w.Version, w.Licence)
	}
	for _, w := range works {
		fmt.Fprintf(&text, "\n%s\n%s %s (%s)\n\n%s", strings.Repeat("=", 72), w.Title(), w.Version, w.Licence, w.Texts)
	}
	return text.Bytes()
}
