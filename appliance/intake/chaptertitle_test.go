package intake

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestALongNameOfAChapterIsSeenToBeCut(t *testing.T) {
	for name, test := range map[string]struct{ title, want string }{
		"a short one is as it is":     {"Opening", "Opening"},
		"one that just fits, too":     {strings.Repeat("ä", 100), strings.Repeat("ä", 100)},
		"a longer one ends in dots":   {strings.Repeat("ä", 101), strings.Repeat("ä", 99) + "…"},
		"… without a space before it": {strings.Repeat("a", 98) + " bcd", strings.Repeat("a", 98) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := chapterTitle(test.title); got != test.want || utf8.RuneCountInString(got) > chapterRunes {
				t.Errorf("%q", got)
			}
		})
	}
}
