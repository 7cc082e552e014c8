package report

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Unit is a file that makes the box a service.
type Unit struct {
	Name    string
	Local   string // path, as `service install` puts it
	Package string // path, as a package does
	Content []byte // nil: belongs to the user, may differ
}

const installUnits = "sudo streambox service install"

// units compares the installed files with those of this program.
func (d *Doctor) units() Check {
	c := Check{Name: "service", State: Absent, Detail: "not installed; " + installUnits + " makes the box start with the machine"}
	var missing, other []string
	local, packaged := 0, 0
	for _, u := range d.Units {
		content, err := os.ReadFile(u.Local)
		from := &local
		if errors.Is(err, fs.ErrNotExist) && u.Package != u.Local {
			content, err = os.ReadFile(u.Package)
			from = &packaged
		}
		switch {
		case err != nil:
			if u.Content != nil { // settings are there when somebody wrote some
				missing = append(missing, u.Name)
			}
		case u.Content == nil:
		case !bytes.Equal(content, u.Content):
			other = append(other, u.Name)
			fallthrough
		default:
			*from++
		}
	}
	if local+packaged == 0 {
		return c
	}
	c.State, c.Detail = Present, fmt.Sprintf("installed, %d files", local+packaged)
	mend := installUnits
	if packaged > local {
		c.Detail = fmt.Sprintf("installed by a package, %d files", local+packaged)
		mend = "install the package anew: sudo apt-get install --reinstall streambox"
	}
	switch {
	case len(missing) > 0:
		c.State, c.Detail, c.Mend = Broken, c.Detail+"; missing: "+strings.Join(missing, ", "), mend
	case len(other) > 0:
		c.State, c.Detail, c.Mend = Broken, c.Detail+"; of another release: "+strings.Join(other, ", "), mend
	}
	return c
}
