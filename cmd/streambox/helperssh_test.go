package main

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

// edKey is a public key's line.
func edKey() string {
	kind, blob := "ssh-ed25519", []byte{}
	for _, f := range [][]byte{[]byte(kind), make([]byte, 32)} {
		blob = append(binary.BigEndian.AppendUint32(blob, uint32(len(f))), f...)
	}
	return kind + " " + base64.StdEncoding.EncodeToString(blob)
}

func TestAKeyOnTheCardOpensTheBox(t *testing.T) {
	dir, card := t.TempDir(), t.TempDir()
	file := filepath.Join(card, "ssh-key.txt")
	const hostKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nYQ==\n-----END OPENSSH PRIVATE KEY-----\n"
	var ran []string
	h := sshHelper{
		card: card, keysDir: filepath.Join(dir, "run"), hostKey: filepath.Join(dir, "ssh_host_ed25519_key"), log: slog.New(slog.DiscardHandler),
		run: func(_ context.Context, program string, args ...string) error {
			ran = append(ran, program+" "+args[len(args)-1])
			if program == "ssh-keygen" {
				return os.WriteFile(args[len(args)-1], []byte(hostKey), 0o600)
			}
			return nil
		},
	}
	opened := func(wantErr bool) []string {
		t.Helper()
		ran = nil
		if err := h.open(t.Context()); (err != nil) != wantErr {
			t.Errorf("error %v", err)
		}
		return ran
	}
	if got := opened(false); len(got) > 0 {
		t.Errorf("without a file: %q", got)
	}
	for _, text := range []string{"hello", `command="sh" ` + edKey(), "-----BEGIN OPENSSH PRIVATE KEY-----"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := opened(true); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
	if err := os.WriteFile(file, []byte("\ufeff"+edKey()+" me@home\r\nnonsense\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := opened(false); len(got) != 2 || !strings.HasPrefix(got[0], "ssh-keygen ") || got[1] != "systemctl ssh.service" {
		t.Errorf("with a key: %q", got)
	}
	if keys, err := os.ReadFile(filepath.Join(h.keysDir, "authorized_keys")); err != nil || string(keys) != edKey()+"\n" {
		t.Errorf("keys %q, %v", keys, err)
	}
	if got := opened(false); !slices.Equal(got, []string{"systemctl ssh.service"}) {
		t.Errorf("the second time: %q", got)
	}
	for _, left := range []string{"", hostKey[:40]} { // a power cut, a worn card
		if err := os.WriteFile(h.hostKey, []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := opened(false); len(got) != 2 {
			t.Errorf("with half a key of its own: %q", got)
		}
	}
	if err := os.Rename(file, file+".txt"); err != nil {
		t.Fatal(err)
	}
	if got := opened(false); !slices.Equal(got, []string{"systemctl ssh.service"}) {
		t.Errorf("ssh-key.txt.txt: %q", got)
	}
	if err := os.Rename(file+".txt", file); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".new*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", file); err != nil {
		t.Fatal(err)
	}
	if got := opened(true); len(got) > 0 {
		t.Errorf("a link: %q", got)
	}
}

func TestAWrongKeyIsAProblemOnThePage(t *testing.T) {
	for file, want := range map[string]string{
		"": codeSSHNone, edKey() + "\n": "", edKey() + "\nhello": codeSSHLine, "-----BEGIN OPENSSH PRIVATE KEY-----": codeSSHPrivate, "\xff\x00": codeSSHNone,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "SSH-Key.txt"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		said := ""
		sshKeysProblem(dir, func(_ string, p *library.Problem) { said = p.Code })
		if said != want {
			t.Errorf("%q: %q", file, said)
		}
	}
	for _, nothing := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		sshKeysProblem(nothing, func(_ string, p *library.Problem) { t.Errorf("%s: %s", nothing, p.Text) })
	}
}
