package bundle_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"testing"

	"streambox.local/appliance/update/bundle"
)

// FuzzOpen: whatever stands on a stick is read, or refused with a code, and never more of it than it
// has. The second half of the input is signed before it is read, so that the manifest's reader meets everything too.
func FuzzOpen(f *testing.F) {
	s, _, _ := source()
	whole := made(f, s, key("k"))
	f.Add(whole, false)
	f.Add(whole[:20], false)
	f.Add(whole[24+72:24+72+400], true)
	f.Add([]byte(`{"schema":1,"kind":"streambox-update","build":1,"version":"1","boards":["x"],"boot":{"bytes":4096},"root":{}}`), true)
	f.Add([]byte(`{"schema":9,"kind":"streambox-update"}`), true)
	f.Fuzz(func(t *testing.T, data []byte, sign bool) {
		keys := bundle.NewKeys(public("k"))
		if sign {
			data = append(bundle.Sign(data, []ed25519.PrivateKey{key("other"), key("k")}), data...)
		}
		b, err := bundle.Open(bytes.NewReader(data), int64(len(data)), keys)
		var refused *bundle.Refusal
		if err != nil {
			if !errors.As(err, &refused) || refused.Code == "" || refused.Text == "" {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		boot, bootErr := io.Copy(io.Discard, b.Boot())
		root, rootErr := io.Copy(io.Discard, b.Root())
		if bootErr != nil || rootErr != nil || boot != b.Manifest.Boot.Bytes || root != b.Manifest.Root.Bytes || int64(len(b.Front))+boot+root != int64(len(data)) {
			t.Fatalf("%d + %d + %d of %d: %v %v", len(b.Front), boot, root, len(data), bootErr, rootErr)
		}
		if _, err := bundle.Believe(b.Front, keys); err != nil {
			t.Fatal(err)
		}
	})
}
