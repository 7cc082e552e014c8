package main

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what this program was made from.
type build struct {
	Version string
	Commit  string
	Date    string
}

// newBuild takes what the linker was given and, for what it was not (go build,
// go run), what Go noted itself.
func newBuild(version, commit, date string) build {
	b := build{Version: version, Commit: commit, Date: date}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = cmp.Or(b.Commit, s.Value)
			case "vcs.time":
				b.Date = cmp.Or(b.Date, s.Value)
			}
		}
	}
	b.Version = cmp.Or(b.Version, "development")
	b.Commit = cmp.Or(b.Commit, "unknown")
	b.Date = cmp.Or(b.Date, "unknown")
	return b
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  args(cobra.NoArgs, "version takes no arguments"),
		RunE: func(*cobra.Command, []string) error {
			a.stdout.linef("streambox %s", a.build.Version)
			a.stdout.linef("commit    %s", a.build.Commit)
			a.stdout.linef("date      %s", a.build.Date)
			a.stdout.linef("built by  %s for %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
