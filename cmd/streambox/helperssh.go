package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"streambox.local/appliance/network/sshkeys"
)

// Where the card keeps what ssh needs (image/card/overlay/etc/ssh).
const (
	sshKeysDir  = "/run/streambox-ssh"
	sshHostKey  = "/state/system/ssh/ssh_host_ed25519_key"
	sshKeysName = "authorized_keys"
)

// sshHelperCommand is what streambox-ssh.service runs as root.
func (a *app) sshHelperCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ssh",
		Short: "Let the owner of the key on the card in by ssh",
		Args:  args(cobra.NoArgs, "helper ssh takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(a.stderr, nil))
			h := sshHelper{card: bootDir, keysDir: sshKeysDir, hostKey: sshHostKey, log: log, run: func(ctx context.Context, program string, args ...string) error {
				_, err := runProgram(ctx, program, args...)
				return err
			}}
			return h.open(cmd.Context())
		},
	}
}

// sshHelper opens the box to who has written a key on the card: whoever can do that
// has the card in the hand, and could write anything else on it.
type sshHelper struct {
	card, keysDir, hostKey string
	run                    func(ctx context.Context, program string, args ...string) error
	log                    *slog.Logger
}

// open starts sshd with the keys of the card; without a good one it stays closed.
func (h sshHelper) open(ctx context.Context) error {
	data, err := topFile(h.card, isSSHKeys, sshkeys.MaxFileBytes)
	if errors.Is(err, errNoTopFile) || errors.Is(err, fs.ErrNotExist) {
		h.log.Info("There is no key on the card: ssh stays off")
		return nil
	}
	if err != nil {
		return err
	}
	keys, wrong := sshkeys.Parse(data)
	for _, w := range wrong {
		h.log.Warn("A line of ssh-key.txt is not used", "line", w.Line, "what", w.Text)
	}
	if len(keys) == 0 {
		return errors.New("there is no good key in ssh-key.txt: ssh stays off")
	}
	if err = os.MkdirAll(h.keysDir, 0o755); err != nil { //nolint:gosec // G301: public keys; sshd reads them as their user
		return fmt.Errorf("making the folder of the keys: %w", err)
	}
	if err = renameio.WriteFile(filepath.Join(h.keysDir, sshKeysName), []byte(strings.Join(keys, "\n")+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	// The box's own key is made at the first use: a card that everybody can download must not hold one.
	if !isHostKey(h.hostKey) {
		if err = h.makeHostKey(ctx); err != nil {
			return err
		}
	}
	h.log.Warn("The box can be reached by ssh with the keys on the card", "keys", len(keys))
	return h.run(ctx, "systemctl", "--no-block", "start", "ssh.service")
}

// makeHostKey makes it aside: a cut must not leave half a key.
func (h sshHelper) makeHostKey(ctx context.Context) error {
	aside, err := os.MkdirTemp(filepath.Dir(h.hostKey), ".new")
	if err != nil {
		return fmt.Errorf("making a place for the box's key: %w", err)
	}
	defer os.RemoveAll(aside)
	made := filepath.Join(aside, "key")
	if err = h.run(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "streambox", "-f", made); err != nil {
		return err
	}
	key, err := os.ReadFile(made)
	if err != nil {
		return fmt.Errorf("reading the box's new key: %w", err)
	}
	if err = renameio.WriteFile(h.hostKey, key, 0o600); err != nil { // synced before it has its name
		return fmt.Errorf("keeping the box's key: %w", err)
	}
	return syncFolder(filepath.Dir(h.hostKey))
}

// isHostKey says whether a file looks like a whole private key of OpenSSH: what a power cut or a worn card
// has left instead must not shut the owner out for ever.
func isHostKey(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > sshkeys.MaxFileBytes {
		return false
	}
	key, err := os.ReadFile(path)
	block, _ := pem.Decode(key)
	return err == nil && block != nil && block.Type == "OPENSSH PRIVATE KEY"
}
