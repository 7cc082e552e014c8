package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// requestDir is the door of the program, which has no rights, to the helpers,
// which do one thing each: a file here is a request, its name says of what.
const requestDir = "/run/streambox/request"

// requestPoweroff is the file that streambox-poweroff.path waits for.
const requestPoweroff = "poweroff"

// request asks a helper. Where there is none (a run by hand) the folder is missing.
func request(dir, what string) error {
	err := os.WriteFile(filepath.Join(dir, what), nil, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("asking for %s: only the service can (streambox service install)", what)
	}
	if err != nil {
		return fmt.Errorf("asking for %s: %w", what, err)
	}
	return nil
}

// withdraw takes a request back that nobody has answered, so that nobody does
// later. Who may not look into the folder has asked for nothing.
func withdraw(dir, what string) error {
	err := os.Remove(filepath.Join(dir, what))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("taking the request for %s back: %w", what, err)
	}
	return nil
}

// helperCommand is the other side of the door, run by systemd as root.
func (a *app) helperCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:    "helper",
		Short:  "What the units of the service run as root",
		Hidden: true,
		Args:   args(cobra.NoArgs, "helper needs the name of one"),
		RunE:   func(*cobra.Command, []string) error { return usagef("helper needs the name of one") },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "poweroff",
		Short: "Switch this machine off if the service asks for it",
		Args:  args(cobra.NoArgs, "helper poweroff takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(a.stderr, nil))
			h := poweroffHelper{door: door{dir: requestDir, owners: serviceUsers(), now: time.Now, log: log}, off: func(ctx context.Context) error {
				_, err := runProgram(ctx, "systemctl", "poweroff", "--no-block")
				return err
			}}
			return h.answer(cmd.Context())
		},
	})
	cmd.AddCommand(a.networkHelperCommand(), a.sshHelperCommand())
	cmd.AddCommand(a.updateHelperCommand(), a.trialHelperCommand())
	return cmd
}

// serviceUsers are those whose requests count: root and the service's user.
func serviceUsers() []uint32 {
	users := []uint32{0}
	if u, err := user.Lookup("streambox"); err == nil {
		if id, err := strconv.ParseUint(u.Uid, 10, 32); err == nil {
			users = append(users, uint32(id))
		}
	}
	return users
}

// door is where requests come in.
type door struct {
	dir    string
	owners []uint32
	now    func() time.Time
	log    *slog.Logger
}

// take takes a request away, whatever it is: what stays would be answered for ever. Only an
// empty file of the service's own counts, so that a link or a folder that somebody slipped in
// does nothing; and only one that is no older than within (0: however old), since who asked has
// given up on an older one and may be watching a film.
func (d door) take(what string, within time.Duration) (honest bool, err error) {
	dir, err := os.OpenRoot(d.dir)
	if err != nil {
		return false, fmt.Errorf("looking for a request: %w", err)
	}
	defer dir.Close()
	info, err := dir.Lstat(what)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for a request: %w", err)
	}
	if err := dir.RemoveAll(what); err != nil {
		return false, fmt.Errorf("removing the request: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.Mode().IsRegular() || info.Size() != 0 || !slices.Contains(d.owners, stat.Uid) {
		return false, fmt.Errorf("the request for %s is none: it must be an empty file of the service's user; nothing is done", what)
	}
	if age := d.now().Sub(info.ModTime()); within > 0 && age.Abs() > within {
		d.log.Warn("The request is not of now; nothing is done", "request", what, "age", age)
		return false, nil
	}
	return true, nil
}

// poweroffHelper switches off when there is an honest request.
type poweroffHelper struct {
	door

	off func(context.Context) error
}

func (h poweroffHelper) answer(ctx context.Context) error {
	asked, err := h.take(requestPoweroff, offWithin)
	if err != nil {
		return err
	}
	if !asked {
		h.log.Info("Nobody asks for switching off")
		return nil
	}
	h.log.Info("Switching this machine off, as StreamBox asked for")
	if err := h.off(ctx); err != nil {
		return fmt.Errorf("switching off: %w", err)
	}
	return nil
}
