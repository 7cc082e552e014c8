package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"streambox.local/appliance"
	"streambox.local/appliance/report"
)

func (a *app) reportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write a support file to send to somebody who helps",
		Long: "The support file is a text: what doctor finds, the settings, the titles as ids, and the last 2,000 lines\n" +
			"of the log. Names of films and folders are left out. Read it before you send it.",
		Args: args(cobra.NoArgs, "report takes no arguments; name the file with --out"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, wrong, err := a.settings(cmd)
			if err != nil {
				return err
			}
			return a.report(cmd.Context(), s, wrong, out)
		},
	}
	settingFlags(cmd, "media", "data", "listen", "reserve")
	cmd.Flags().StringVarP(&out, "out", "o", "", "`FILE` to write, - for standard output (default streambox-report-<time>.txt)")
	_ = cmd.MarkFlagFilename("out", "txt") // the flag is there: made just above
	return cmd
}

// report writes the file; wrong are the settings that are not used.
func (a *app) report(ctx context.Context, s settings, wrong []string, out string) error {
	support := a.support(ctx, s)
	support.Wrong = wrong
	if out == "-" {
		return support.Write(a.stdout)
	}
	name := cmp.Or(out, "streambox-report-"+support.Made.Format("20060102-150405")+".txt")
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if out == "" {
		flags |= os.O_EXCL // a name nobody chose replaces nothing
	}
	file, err := os.OpenFile(name, flags, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s cannot be written here; choose a place with --out", name)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %s", name, cause(err))
	}
	if err := errors.Join(support.Write(file), file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	a.stdout.linef("%s", printable(name))
	return nil
}

func (a *app) support(ctx context.Context, s settings) report.Support {
	titles, names := report.ReadLibrary(s.Data)
	support := report.Support{
		Version: a.build.Version, Made: time.Now().UTC(), System: system(), Titles: titles, Names: names,
		Checks: a.doctor(s).Run(ctx),
	}
	for i, dir := range s.Media {
		names.AddFolder(dir, fmt.Sprintf("<media folder %d>", i+1))
	}
	if len(s.Media) == 0 {
		names.AddFolder(sticksDir, sticksDir)
	}
	if home := a.getenv("HOME"); home != "" && home != "/" && home != "/root" {
		names.AddWord(home, "~")
	}
	box, running := a.runningBox(s)
	for _, row := range table() {
		value, from := row.show(s), s.from[row.key]
		switch {
		case row.key == "media":
			value = fmt.Sprintf("%d folders", len(s.Media))
		case row.key == "listen" && running && from == "default":
			value, from = box.Listen, "the box that runs" // a service has other defaults than a run by hand
		}
		support.Settings = append(support.Settings, report.Setting{Key: row.key, Value: value, From: from})
	}
	support.Log, support.LogFrom = a.lastLog(s.Data)
	return support
}

// lastLog reads the log of the box that works, or last worked, in the data folder.
func (a *app) lastLog(data string) (lines []string, why string) {
	info, _, found := appliance.RunningBox(data)
	path, owners := a.logPath(data), []int{os.Geteuid()}
	if found {
		owners = append(owners, info.Owner)
	}
	if found && info.LogFile != "" && info.LogFile != path {
		if !a.isLogPlace(info, data) {
			return nil, "The log is said to lie where no box of that user keeps one, so it was not read."
		}
		path, owners = info.LogFile, []int{info.Owner}
	}
	lines, err := report.ReadLog(path, owners...)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, "The log may not be read by this user; run report as the user of the box, or as root."
	case err != nil:
		return nil, "The log could not be read: " + report.CleanText(err.Error())
	case len(lines) == 0:
		return nil, "There is no log: no box has run with this data folder since this machine was switched on."
	}
	return lines, ""
}

// isLogPlace tells whether a box of the lock file's owner keeps the log of this
// data folder where the lock file says. What we own ourselves we may as well
// believe; root must not be sent about by a user's word.
func (a *app) isLogPlace(info appliance.BoxInfo, data string) bool {
	name := filepath.Base(a.logPath(data))
	return info.Owner == os.Geteuid() || slices.Contains([]string{
		filepath.Join("/run/streambox/log", name), // RuntimeDirectory of the unit
		filepath.Join("/run/user", strconv.Itoa(info.Owner), "streambox", name),
		filepath.Join(data, name),
	}, info.LogFile)
}

// system is the kernel, the architecture and, on a Pi, which one it is.
func system() string {
	text := runtime.GOOS + "/" + runtime.GOARCH + fmt.Sprintf(", %d CPUs", runtime.NumCPU())
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		text += ", kernel " + unix.ByteSliceToString(u.Release[:])
	}
	if model, err := readSmall("/proc/device-tree/model"); err == nil {
		text += ", " + strings.Trim(model, "\x00\n ")
	}
	return text
}

func readSmall(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, 4<<10))
	return string(data), err
}
