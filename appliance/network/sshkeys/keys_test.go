package sshkeys

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// line makes a key's line of its parts (RFC 4253, 6.6).
func line(kind string, fields ...[]byte) string {
	var blob []byte
	for _, f := range append([][]byte{[]byte(kind)}, fields...) {
		blob = append(binary.BigEndian.AppendUint32(blob, uint32(len(f))), f...)
	}
	return kind + " " + base64.StdEncoding.EncodeToString(blob)
}

func ed(tb testing.TB) string {
	tb.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return line("ssh-ed25519", public)
}

func TestKeysAreTakenAndNothingElse(t *testing.T) {
	anna, ben := ed(t), ed(t)
	weak, strong := line("ssh-rsa", []byte{1, 0, 1}, make([]byte, 128)), line("ssh-rsa", []byte{1, 0, 1}, append([]byte{0, 0xc1}, make([]byte, 255)...))
	for _, tt := range []struct {
		name, file string
		want       []string
		wrong      []int
	}{
		{"one", anna + "\n", []string{anna}, nil},
		{"from Windows, with comments", "\ufeff# mine\r\n" + anna + " anna@laptop\r\n\r\n" + ben + "\r\n", []string{anna, ben}, nil},
		{"twice", anna + "\n" + anna + " again", []string{anna}, nil},
		{"a strong RSA key", strong, []string{strong}, nil},
		{"nothing", "\n", nil, nil},
		{"a weak RSA key", weak, nil, []int{1}},
		{"options", `command="sh" ` + anna + "\n" + ben, []string{ben}, []int{1}},
		{"a forced environment", `environment="LD_PRELOAD=/x" ` + anna, nil, []int{1}},
		{"half a key", anna[:len(anna)-8], nil, []int{1}},
		{"another kind inside", strings.Replace(anna, "ssh-ed25519 ", "ssh-rsa ", 1), nil, []int{1}},
		{"a certificate authority", "cert-authority " + anna, nil, []int{1}},
		{"DSA", line("ssh-dss", []byte("p"), []byte("q"), []byte("g"), []byte("y")), nil, []int{1}},
		{"only a kind", "ssh-ed25519", nil, []int{1}},
		{"a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\n" + anna, nil, []int{1}},
		{"no text", anna + "\x00", nil, []int{0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, wrong := Parse([]byte(tt.file))
			var lines []int
			for _, w := range wrong {
				lines = append(lines, w.Line)
			}
			if !slices.Equal(got, tt.want) || !slices.Equal(lines, tt.wrong) {
				t.Errorf("%q, wrong lines %v, want %q, %v", got, wrong, tt.want, tt.wrong)
			}
		})
	}
}

// What ssh-keygen makes is what people have.
func TestKeysOfSSHKeygen(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts ssh-keygen, which -short leaves out")
	}
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("not run here: ssh-keygen is missing (apt-get install openssh-client)")
	}
	for _, kind := range [][]string{{"ed25519"}, {"ecdsa", "-b", "521"}, {"rsa", "-b", "2048"}} {
		file := filepath.Join(t.TempDir(), "key")
		args := append([]string{"-q", "-N", "", "-C", "a comment", "-f", file, "-t"}, kind...)
		if out, err := exec.CommandContext(t.Context(), "ssh-keygen", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		public, err := exec.CommandContext(t.Context(), "cat", file+".pub").Output()
		if err != nil {
			t.Fatal(err)
		}
		if keys, wrong := Parse(public); len(keys) != 1 || len(wrong) > 0 || !strings.HasPrefix(string(public), keys[0]+" ") {
			t.Errorf("%s: %q, %v", kind, keys, wrong)
		}
	}
}

// FuzzParse: what comes out is a kind and a key, and comes out again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(ed(f) + " comment\n"))
	f.Add([]byte(`command="x" ssh-ed25519 AAAA`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, _ := Parse(data)
		for _, k := range keys {
			again, wrong := Parse([]byte(k))
			if len(again) != 1 || again[0] != k || len(wrong) > 0 || strings.Count(k, " ") != 1 || strings.ContainsAny(k, "\n\r\"") {
				t.Errorf("%q", k)
			}
		}
	})
}
