package library

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestNaturalOrder(t *testing.T) {
	for name, sorted := range map[string][]string{
		"numbers by their value":           {"Episode 1", "Episode 2", "Episode 9", "Episode 10", "Episode 100"},
		"numbers inside words":             {"s1e2", "s1e10", "s2e1", "s10e1"},
		"leading zeros do not count":       {"Part 01", "Part 2", "Part 003"},
		"numbers longer than any integer":  {"99999999999999999999999", "100000000000000000000000"},
		"case does not matter":             {"alpha", "Beta", "gamma"},
		"accents do not matter":            {"Ecole 1", "École 2", "ecole 3", "Être"},
		"letters without a normal form":    {"Łódź", "Madrid", "Ørsted", "Paris", "Straße", "Stratford"},
		"numbers before letters":           {"2001", "Alien"},
		"a space is less than a letter":    {"Film 2", "Filma"},
		"separators are one":               {"The_Film.1", "The Film 2", "The-Film 3"},
		"Cyrillic":                         {"Анна 2", "анна 10", "Борис"},
		"full-width digits are digits":     {"話２", "話10"},
		"an empty name is the first":       {"", "0", "a"},
		"a name that is no UTF-8 has some": {"a", "b\xff\xfe", "c"},
	} {
		t.Run(name, func(t *testing.T) {
			got := slices.Clone(sorted)
			rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
			slices.SortFunc(got, func(a, b string) int { return strings.Compare(naturalKey(a), naturalKey(b)) })
			if !slices.Equal(got, sorted) {
				t.Errorf("%q, not %q", got, sorted)
			}
		})
	}
}

func TestFolderOrder(t *testing.T) {
	sorted := []string{"", "Shows", "Shows/Season 2", "Shows/Season 2/Extras", "Shows/Season 10", "Shows 2", "Trips"}
	for i := range sorted[1:] {
		a, b := folderKey(sorted[i])+naturalKey("zzz"), folderKey(sorted[i+1])+naturalKey("aaa")
		if a >= b {
			t.Errorf("%q does not come before %q", sorted[i], sorted[i+1])
		}
	}
	if folderKey("École") != folderKey("ecole") {
		t.Error("case and accents of a folder matter")
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Amélie_(2001).mkv": "amelie 2001 mkv",
		"STRAẞE Straße":     "strasse strasse",
		"  a -- b  ":        "a b",
		"Ｆｉｌｍ":              "film",
		"ЁЛКИ":              "елки",
		"हिन्दी":            "हिन्दी", // vowel signs stay
		"":                  "",
		"🎬 film":            "film",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, not %q", in, got, want)
		}
	}
}

func TestSearchWords(t *testing.T) {
	text := fold("Spider-Man: Far from Home") + "\n" + fold("Kino/Été 2019")
	for query, want := range map[string]bool{
		"":                        true,
		"   ":                     true,
		"spider":                  true,
		"HOME spider":             true,
		"spider-man":              true,
		"ete kino":                true,
		"2019":                    true,
		"pider":                   true,
		"spider bat":              false,
		"homekino":                false, // title and folder are two texts
		"':/*%_":                  true,  // nothing but punctuation asks for nothing
		strings.Repeat("é", 5000): false,
	} {
		if got := containsAll(text, searchWords(query)); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func FuzzNaturalKey(f *testing.F) {
	f.Add("Episode 2", "Episode 10")
	f.Fuzz(func(t *testing.T, a, b string) {
		if fold(a) == fold(b) && naturalKey(a) != naturalKey(b) {
			t.Errorf("%q and %q read the same and sort differently", a, b)
		}
		if fold(fold(a)) != fold(a) {
			t.Errorf("folding %q twice is not folding it once", a)
		}
	})
}
