package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"streambox.local/appliance/library"
	"streambox.local/appliance/report"
	"streambox.local/transcode/packager/sound"
	"streambox.local/transcode/publish"
)

// stateFigures is what a script can compare of a state folder.
type stateFigures struct {
	ChosenName   string `json:"chosenName"`
	ResumePoints int    `json:"resumePoints"`
	KnownFiles   int    `json:"knownFiles"`
	Titles       int    `json:"titles"`
	Finished     int    `json:"finished"` // renditions
	Begun        int    `json:"begun"`    // conversions that will be gone on with
	Segments     int    `json:"segments"` // of both, each read and compared with its digest
	HalfWritten  int    `json:"halfWritten"`
}

// checkState looks at the state of a box that is not running, by the rules that
// the box itself starts with, and changes nothing.
func (a *app) checkState(cmd *cobra.Command) ([]report.Check, stateFigures, error) {
	s, warnings, err := a.settings(cmd)
	if err != nil {
		return nil, stateFigures{}, err
	}
	var figures stateFigures
	return append([]report.Check{
		settingsCheck(warnings),
		stateFileCheck(filepath.Join(s.Data, "state.db"), &figures),
	}, libraryChecks(cmd.Context(), filepath.Join(s.Data, "library"), &figures)...), figures, nil
}

func settingsCheck(warnings []string) report.Check {
	if len(warnings) == 0 {
		return report.Check{Name: "settings", State: report.Present, Detail: "every line can be used"}
	}
	return report.Check{
		Name: "settings", State: report.Broken, Detail: strings.Join(warnings, "; "),
		Mend: "put the line right; until then its default is used",
	}
}

func stateFileCheck(path string, figures *stateFigures) report.Check {
	c := report.Check{Name: "state file", State: report.Present}
	found, err := library.InspectState(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.State, c.Detail = report.Absent, "there is none yet"
	case errors.Is(err, library.ErrStateInUse):
		c.State, c.Detail = report.Broken, "a box is running with it"
		c.Mend = "stop the box first (sudo streambox service stop); while it runs, its state is in its memory"
	case err != nil:
		c.State, c.Detail = report.Broken, err.Error()
		c.Mend = "nothing to do: the next start sets it aside and makes a new one; films are kept, the name and resume points are lost"
	default:
		figures.ChosenName, figures.ResumePoints, figures.KnownFiles = found.ChosenName, found.ResumePoints, found.KnownFiles
		c.Detail = fmt.Sprintf("whole: resume points %d, known files %d", found.ResumePoints, found.KnownFiles)
	}
	return c
}

func libraryChecks(ctx context.Context, dir string, figures *stateFigures) []report.Check {
	found, err := library.Inspect(dir)
	if err != nil {
		return []report.Check{{Name: "library", State: report.Broken, Detail: err.Error(), Mend: "let this user read the data folder, or name another with --data"}}
	}
	figures.Titles, figures.HalfWritten = found.Titles, found.HalfWritten
	titles := report.Check{Name: "titles", State: report.Present, Detail: fmt.Sprintf("%d read, %d of a newer release", found.Titles, found.Newer)}
	renditions := report.Check{Name: "renditions", State: report.Present}
	for _, d := range found.Damaged {
		if d.Rendition == "" {
			broken(&titles, d.Title, d.Err, "nothing to do: the next start sets the file aside and looks at the film anew")
		} else {
			broken(&renditions, d.Title+"/"+d.Rendition, d.Err, convertAgain)
		}
	}
	for _, one := range found.Found {
		if ctx.Err() != nil {
			break
		}
		segments, err := contents(one)
		name := one.Title + "/" + one.Rendition.Name
		switch {
		case err == nil && one.Rendition.Complete:
			figures.Finished++
		case err == nil:
			figures.Begun++
		case one.Rendition.Complete:
			broken(&renditions, name, err, convertAgain)
		default: // whoever goes on with it finds this too, and begins anew
			figures.HalfWritten++
		}
		figures.Segments += segments
	}
	if renditions.State == report.Present {
		renditions.Detail = fmt.Sprintf("%d finished, %d to go on with, %d segments as they were published", figures.Finished, figures.Begun, figures.Segments)
	}
	return []report.Check{titles, renditions, {
		Name: "half-written", State: report.Present,
		Detail: fmt.Sprintf("%d files and folders that the next start removes", figures.HalfWritten),
	}}
}

const convertAgain = "nothing to do: the next start removes it, and the film is prepared again"

// broken notes what is wrong; of many the first is named.
func broken(c *report.Check, name string, err error, mend string) {
	if c.State == report.Broken {
		c.Detail += ", " + name
		return
	}
	c.State, c.Detail, c.Mend = report.Broken, fmt.Sprintf("%s: %v", name, err), mend
}

// contents reads all that is listed of a rendition, as whoever goes on with it does.
func contents(one library.Found) (segments int, err error) {
	if !one.Rendition.Sound {
		m, verifyErr := publish.Verify(one.Dir)
		return len(m.SegmentBytes), verifyErr
	}
	s, err := sound.Open(one.Dir)
	if err != nil {
		return 0, err
	}
	if _, complete := s.Made(); one.Rendition.Complete && !complete {
		return 0, errors.New("there are holes in its sound")
	}
	return 0, nil
}
