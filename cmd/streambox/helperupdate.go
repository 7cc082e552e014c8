package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"streambox.local/appliance"
	"streambox.local/appliance/update"
	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
)

// What an image says of itself, and whose word it takes (image/card).
const (
	buildFile  = "/usr/share/streambox/update/build"
	updateKeys = "/usr/share/streambox/update-keys"
)

// updateHelperCommand is what streambox-update.service runs as root.
func (a *app) updateHelperCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "update",
		Short: "Look for updates on the sticks, or try what is ready, if the service asks for it",
		Args:  args(cobra.NoArgs, "helper update takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(a.stderr, nil))
			d := door{dir: requestDir, owners: serviceUsers(), now: time.Now, log: log}
			look, err := d.take(update.RequestUpdate, 0)
			if err != nil {
				return err
			}
			try, err := d.take(update.RequestTry, offWithin)
			if err != nil || !look && !try {
				return err
			}
			return a.withUpdateHelper(cmd.Context(), log, func(ctx context.Context, h *update.Helper) error {
				if try {
					if err := h.Try(ctx); err != nil {
						return err
					}
				}
				if look {
					return h.Update(ctx)
				}
				return nil
			})
		},
	}
}

// trialHelperCommand is what streambox-trial.service runs as root, at each start with an update
// that waits or is tried. That it fails restarts the machine, for a program that cannot even be
// started in a new system; so what it could say is no failure.
func (a *app) trialHelperCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "trial",
		Short: "Keep a new system that is well, go back from one that is not, and try one that waits",
		Args:  args(cobra.NoArgs, "helper trial takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(a.stderr, nil))
			err := a.withUpdateHelper(cmd.Context(), log, func(ctx context.Context, h *update.Helper) error { return h.Start(ctx) })
			if err != nil {
				log.Error("The update was not decided", "error", err)
			}
			return nil
		},
	}
}

// withUpdateHelper makes a helper for this machine. Where there are no slots nothing is done.
func (a *app) withUpdateHelper(ctx context.Context, log *slog.Logger, do func(context.Context, *update.Helper) error) error {
	machine := slots.Machine{Restart: restart}
	card, err := findCard(ctx, machine.Find)
	if errors.Is(err, slots.ErrNone) {
		log.Info("Updates are not on this board", "why", err)
		return nil
	}
	if err != nil {
		return err
	}
	build, err := readBuild(buildFile)
	if err != nil {
		return err
	}
	keys, err := bundle.ReadKeys(os.DirFS(updateKeys))
	if err != nil {
		return err
	}
	records, err := update.OpenRecords(ctx, update.RecordsDir)
	if err != nil {
		return err
	}
	defer records.Close()
	return do(ctx, &update.Helper{
		Slots: card, Keys: keys, Build: build, Boards: machine.Boards(), Records: records, Log: log,
		Sticks: func() ([]update.Candidate, error) { return update.Plugged(sticksDir, "/proc/self/mountinfo") },
		Tell: func(s update.Status) {
			if err := update.WriteStatus(update.StatusFile, s); err != nil {
				log.Warn("The page does not learn how the update goes", "error", err)
			}
		},
		Restart:  func(ctx context.Context) error { return restart(ctx, "") },
		Healthy:  a.healthy,
		SetAside: func() uint64 { return inodeOf(filepath.Join(serviceData, "state.db.damaged")) },
		Rest: func(ctx context.Context, worked time.Duration) error {
			rest(ctx, worked) // half of the stick and the card is for who watches
			return ctx.Err()
		},
	})
}

// findCard waits, at a start, until the card's partitions have their names: udev gives them while
// the first units run already.
func findCard(ctx context.Context, find func() (*slots.Card, error)) (*slots.Card, error) {
	const namedWithin, lookEvery = time.Minute, 200 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, namedWithin)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		card, err := find()
		if !errors.Is(err, fs.ErrNotExist) {
			return card, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick.C:
		}
	}
}

// restart restarts the machine; systemd gives the argument to the kernel, and that to the firmware.
func restart(ctx context.Context, argument string) error {
	arguments := []string{"reboot", "--no-block"}
	if argument != "" {
		arguments = append(arguments, "--reboot-argument="+argument)
	}
	_, err := runProgram(ctx, "systemctl", arguments...)
	return err
}

// readBuild reads the build number of the running image.
func readBuild(path string) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("reading which build this is: %w", err)
	}
	build, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	if err != nil || build <= 0 {
		return 0, fmt.Errorf("reading which build this is: %q is no number of one", data)
	}
	return build, nil
}

// inodeOf tells files apart that have had the same name; 0 for none.
func inodeOf(path string) uint64 {
	info, err := os.Lstat(path)
	if err != nil {
		return 0
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}

// healthy asks the service manager and the box itself: is this system well, now? The box must be
// of this program's version: the one before may still be listening.
func (a *app) healthy(ctx context.Context) error {
	state, err := runProgram(ctx, "systemctl", "show", "--property=ActiveState", "--value", "streambox.service")
	if err != nil {
		return err
	}
	if state = strings.TrimSpace(state); state != "active" {
		return fmt.Errorf("streambox.service is %s", state)
	}
	info, running, _ := appliance.RunningBox(serviceData)
	if !running || info.Version != a.build.Version {
		return fmt.Errorf("no box of version %s is running", a.build.Version)
	}
	return answersWell(ctx, info.Listen)
}

// answersWell asks for what a phone asks for first.
func answersWell(ctx context.Context, listen string) error {
	for _, path := range []string{"/healthz", "/api/v1/titles?limit=1"} {
		response, err := askPath(ctx, listen, path)
		if err != nil {
			return err
		}
		_ = response.Body.Close() // what it says was in the status
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the box answers %s to %s", response.Status, path)
		}
	}
	says, err := fetchBox(ctx, listen)
	if err == nil && (says.State == string(appliance.Starting) || says.State == string(appliance.Fault)) {
		err = fmt.Errorf("the box is in the state %s", says.State)
	}
	return err
}
