package bill_test

import (
	"testing"
	"time"

	"streambox.local/image/bill"
)

func TestVersions(t *testing.T) {
	const log = "streambox (1.2.3) unstable; urgency=medium\n\n  * x\n"
	at := time.Date(2026, 11, 23, 4, 5, 6, 0, time.FixedZone("", 3600))
	for _, tt := range []struct{ sentence, changelog, described, commit, want string }{
		{"a release", log, "v1.2.3", "0123456789ab", "1.2.3"},
		{"before it", log, "v1.2.2-7-g0123456", "0123456789ab", "1.2.3~20261123030506.0123456789ab"},
		{"without any tag", log, "0123456", "0123456789ab", "1.2.3~20261123030506.0123456789ab"},
		{"with changes that are in no commit", log, "v1.2.3-dirty", "0123456789ab", "1.2.3~20261123030506.0123456789ab.dirty"},
		{"outside of a repository", log, "unknown", "unknown", ""},
		{"a tag that the changelog does not lead to", log, "v1.2.2", "0123456789ab", ""},
		{"a changelog of something else", "nginx (1.2)\n", "v1.2.3", "0123456789ab", ""},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			got, err := bill.Version(tt.changelog, tt.described, tt.commit, at)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}
