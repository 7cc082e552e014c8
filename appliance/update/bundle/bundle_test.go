package bundle_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"streambox.local/appliance/update/bundle"
)

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(name string) ed25519.PublicKey {
	p, _ := key(name).Public().(ed25519.PublicKey) // the type's own promise
	return p
}

// source is a small system, with the letter at 5000.
func source() (bundle.Source, []byte, []byte) {
	boot, root := bytes.Repeat([]byte("b"), 9000), bytes.Repeat([]byte("root"), 1000)
	boot = append(boot, make([]byte, 3000)...)
	copy(boot[5000-len("streambox.slot="):], "streambox.slot=a")
	return bundle.Source{
		Build: 7, Version: "1.2.3~beta", Boards: []string{"raspberrypi,4-model-b"},
		Boot: bytes.NewReader(boot), Root: bytes.NewReader(root), BootBytes: int64(len(boot)), RootBytes: int64(len(root)),
	}, boot, root
}

func made(tb testing.TB, s bundle.Source, keys ...ed25519.PrivateKey) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := bundle.Make(&out, s, keys); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatWasMadeIsRead(t *testing.T) {
	s, boot, root := source()
	data := made(t, s, key("old"), key("new"))
	if again := made(t, s, key("old"), key("new")); !bytes.Equal(data, again) {
		t.Error("the same gives other bytes")
	}
	for name, keys := range map[string]bundle.Keys{
		"who knows the old key": bundle.NewKeys(public("old"), public("third")),
		"who knows the new key": bundle.NewKeys(public("new")),
	} {
		b, err := bundle.Open(bytes.NewReader(data), int64(len(data)), keys)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		gotBoot, err1 := io.ReadAll(b.Boot())
		gotRoot, err2 := io.ReadAll(b.Root())
		if err1 != nil || err2 != nil || !bytes.Equal(gotBoot, boot[:9000]) || !bytes.Equal(gotRoot, root) {
			t.Errorf("%s: other images: %v %v", name, err1, err2)
		}
		sum := sha256.Sum256(root)
		if m := b.Manifest; m.Build != 7 || m.Version != "1.2.3~beta" || m.Boot.SlotOffset != 5000 || m.Boot.PartitionBytes != 12000 || m.Root.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %+v", name, m)
		}
		kept, err := bundle.Believe(b.Front, keys)
		if err != nil || kept.ID != b.ID {
			t.Errorf("%s: what is kept of it is not believed: %v", name, err)
		}
	}
	other := made(t, s, key("old"))
	b, err := bundle.Open(bytes.NewReader(other), int64(len(other)), bundle.NewKeys(public("old")))
	first, err2 := bundle.Open(bytes.NewReader(data), int64(len(data)), bundle.NewKeys(public("old")))
	if err != nil || err2 != nil || b.ID != first.ID {
		t.Error("it is the same bundle, whoever signed it")
	}
}

func TestAManifestOfALaterReleaseOfThisSchema(t *testing.T) {
	s, _, _ := source()
	b, err := bundle.Open(bytes.NewReader(made(t, s, key("k"))), int64(len(made(t, s, key("k")))), bundle.NewKeys(public("k")))
	if err != nil {
		t.Fatal(err)
	}
	manifest := b.Front[bytes.IndexByte(b.Front, '{'):]
	later := bytes.Replace(manifest, []byte(`"build"`), []byte(`"notes": ["new"], "build"`), 1)
	if got, err := bundle.Believe(bundle.Sign(later, []ed25519.PrivateKey{key("k")}), bundle.NewKeys(public("k"))); err != nil || got.Manifest.Build != 7 {
		t.Errorf("a field that is not known: %v", err)
	}
}

func TestBootImagesThatCannotBecomeABundle(t *testing.T) {
	for sentence, spoil := range map[string]func(boot []byte) []byte{
		"no letter": func(boot []byte) []byte { return bytes.Replace(boot, []byte("slot=a"), []byte("slot=?"), 1) },
		"no word": func(boot []byte) []byte {
			return bytes.Replace(boot, []byte("streambox.slot=a"), bytes.Repeat([]byte("x"), 16), 1)
		},
		"the word twice":          func(boot []byte) []byte { copy(boot[7000:], "streambox.slot=a"); return boot },
		"the word at the end":     func(boot []byte) []byte { return append(boot[:6000], []byte("streambox.slot=")...) },
		"the letter in the front": func(boot []byte) []byte { copy(boot, "streambox.slot=a"); return boot[:4990] },
	} {
		s, boot, _ := source()
		boot = spoil(boot)
		s.Boot, s.BootBytes = bytes.NewReader(boot), int64(len(boot))
		if err := bundle.Make(io.Discard, s, []ed25519.PrivateKey{key("k")}); err == nil {
			t.Errorf("%s: it is made", sentence)
		}
	}
}

func TestTheLetterIsFoundWhereverItStands(t *testing.T) {
	const step = 1 << 20
	for offset := step - 1; offset < step+20; offset++ {
		boot := bytes.Repeat([]byte("b"), step+9000)
		copy(boot[offset-len("streambox.slot="):], "streambox.slot=a")
		s, _, _ := source()
		s.Boot, s.BootBytes = bytes.NewReader(boot), int64(len(boot))
		data := made(t, s, key("k"))
		b, err := bundle.Open(bytes.NewReader(data), int64(len(data)), bundle.NewKeys(public("k")))
		if err != nil || b.Manifest.Boot.SlotOffset != int64(offset) || b.Manifest.Boot.Bytes != int64(len(boot)) {
			t.Fatalf("at %d: %+v %v", offset, b, err)
		}
	}
}

func TestManifestsThatMakeNoSense(t *testing.T) {
	s, _, _ := source()
	data := made(t, s, key("k"))
	b, err := bundle.Open(bytes.NewReader(data), int64(len(data)), bundle.NewKeys(public("k")))
	if err != nil {
		t.Fatal(err)
	}
	manifest := string(b.Front[bytes.IndexByte(b.Front, '{'):])
	for sentence, change := range map[string][2]string{
		"no build":                  {`"build": 7`, `"build": 0`},
		"a version with a newline":  {`1.2.3~beta`, `1.2\n3`},
		"a version like an option":  {`1.2.3~beta`, `-1`},
		"no board":                  {`"raspberrypi,4-model-b"`, ``},
		"a board with a slash":      {`raspberrypi,4-model-b`, `../../x`},
		"a boot image of a byte":    {`"bytes": 9000`, `"bytes": 1`},
		"a root of less than none":  {`"bytes": 4000`, `"bytes": -4000`},
		"a root of all there is":    {`"bytes": 4000`, `"bytes": 9223372036854775807`},
		"a letter behind the image": {`"slotOffset": 5000`, `"slotOffset": 9000`},
		"a letter in the front":     {`"slotOffset": 5000`, `"slotOffset": 100`},
		"a hash that is none":       {b.Manifest.Root.SHA256, strings.Repeat("z", 64)},
		"a number that is a text":   {`"build": 7`, `"build": "7"`},
		"another kind":              {`"kind": "streambox-update"`, `"kind": "x"`},
	} {
		changed := strings.Replace(manifest, change[0], change[1], 1)
		if changed == manifest {
			t.Fatalf("%s: nothing is changed", sentence)
		}
		var refused *bundle.Refusal
		_, err := bundle.Believe(bundle.Sign([]byte(changed), []ed25519.PrivateKey{key("k")}), bundle.NewKeys(public("k")))
		if !errors.As(err, &refused) || refused.Code != bundle.CodeNoBundle {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func TestATooLargeUpdateIsRefused(t *testing.T) {
	m := bundle.Manifest{Build: 7, Boards: []string{"x"}, Boot: bundle.Boot{PartitionBytes: 100}, Root: bundle.Part{Bytes: 200}}
	box := bundle.Box{Build: 6, Boards: []string{"y", "x"}, BootBytes: 100, RootBytes: 200}
	if err := m.Refuse(box); err != nil {
		t.Error(err)
	}
	for _, smaller := range []bundle.Box{{6, box.Boards, 99, 200}, {6, box.Boards, 100, 199}} {
		var refused *bundle.Refusal
		if err := m.Refuse(smaller); !errors.As(err, &refused) || refused.Code != bundle.CodeTooLarge {
			t.Errorf("%+v: %v", smaller, err)
		}
	}
	if err := m.Refuse(bundle.Box{Build: 6, BootBytes: 100, RootBytes: 200}); err == nil {
		t.Error("a board that says nothing of itself takes it")
	}
}

func TestKeyFiles(t *testing.T) {
	file := bundle.FormatPublic(public("k"), "of releases\nof 2026")
	got, err := bundle.ParsePublic(append(bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n")), "# remark"...))
	if err != nil || !got.Equal(public("k")) || bytes.Count(file, []byte("\n")) != 2 {
		t.Errorf("%q: %v", file, err)
	}
	secret := bundle.FormatPrivate(key("k"), "")
	if back, backErr := bundle.ParsePrivate(secret); backErr != nil || !back.Equal(key("k")) {
		t.Error(backErr)
	}
	for sentence, data := range map[string][]byte{
		"a private key where a public one is wanted": secret,
		"nothing":         nil,
		"half a key":      file[:len(file)-10],
		"two keys":        append(bytes.Clone(file), bundle.FormatPublic(public("l"), "")...),
		"a very long one": bytes.Repeat([]byte("# x\n"), 5000),
	} {
		if _, noKey := bundle.ParsePublic(data); noKey == nil {
			t.Errorf("%s is a key", sentence)
		}
	}
	keys, err := bundle.ReadKeys(fstest.MapFS{"a.pub": {Data: file}, "b.pub": {Data: bundle.FormatPublic(public("l"), "")}, "README": {Data: []byte("x")}})
	if err != nil || len(keys) != 2 {
		t.Errorf("%d keys: %v", len(keys), err)
	}
	if _, err := bundle.ReadKeys(fstest.MapFS{"a.pub": {Data: []byte("x")}}); err == nil {
		t.Error("a folder with a broken key is read")
	}
}
