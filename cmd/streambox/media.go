package main

import (
	"context"
	"log/slog"
	"os/user"
	"strconv"

	"github.com/spf13/cobra"

	"streambox.local/appliance/usb/mount"
	"streambox.local/appliance/usb/note"
)

// mediaCommand is what the unit of a stick and the udev rule run as root.
func (a *app) mediaCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:    "media",
		Short:  "Mount and unmount sticks, for the units of the service",
		Hidden: true,
		Args:   args(cobra.NoArgs, "media needs mount, unmount or claim"),
		RunE:   func(*cobra.Command, []string) error { return usagef("media needs mount, unmount or claim") },
	}
	cmd.AddCommand(
		a.mediaAction("mount", "Mount a stick read-only, if it is ours, and say so in its note",
			func(ctx context.Context, h mount.Helper, device string) error { return h.Mount(ctx, device) }),
		a.mediaAction("unmount", "Take a stick's mount and note away",
			func(_ context.Context, h mount.Helper, device string) error { return h.Unmount(device) }),
		a.mediaAction("claim", "Print what udev should know of a device: nothing, or that desktops leave it alone",
			func(_ context.Context, h mount.Helper, device string) error {
				ours, err := h.IsOurs(device, mount.ParseProperties(a.env))
				if err == nil && ours {
					a.stdout.linef("UDISKS_IGNORE=1")
				}
				return err
			}),
	)
	return cmd
}

// mediaAction is a command on one device. Whatever stands in the device's place
// is checked before it is used for anything.
func (a *app) mediaAction(use, short string, do func(context.Context, mount.Helper, string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use + " DEVICE",
		Short: short,
		Args:  args(cobra.ExactArgs(1), use+" takes the kernel's name of one device, like sda1"),
		RunE: func(cmd *cobra.Command, names []string) error {
			if !note.IsDevice(names[0]) {
				return usagef("%q is no device; write the kernel's name for it, like sda1", names[0])
			}
			s, warnings, err := a.settings(cmd)
			if err != nil {
				return err
			}
			log := newLog(a.stderr, s, nil)
			if use == "mount" {
				say(log, warnings)
			}
			return do(cmd.Context(), mount.Helper{Reader: mount.Reader{Root: a.machine}, Setting: s.Sticks, Owner: stickOwner(log), Log: log}, names[0])
		},
	}
	settingFlags(cmd)
	return cmd
}

// stickOwner is who the files of sticks belong to that know no owners: the
// service's user, or root where there is none. Everybody may read them anyway.
func stickOwner(log *slog.Logger) mount.Owner {
	u, err := user.Lookup("streambox")
	if err != nil {
		log.Debug("The service's user is not there: files of sticks belong to root", "error", err)
		return mount.Owner{}
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	if uidErr != nil || gidErr != nil {
		return mount.Owner{}
	}
	return mount.Owner{UID: uid, GID: gid}
}
