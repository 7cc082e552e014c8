package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// The words of the pages without script that people see before they have a
// browser with the real page: they are in the program also where the client is not.
//
//go:embed client/languages/portal/*.json
var portalWords embed.FS

const portalWordsDir = "client/languages/portal"

// wordBook has the words in each language there is, and finds the reader's.
type wordBook struct {
	tags    []string // tags[0] is English
	words   []map[string]string
	matcher language.Matcher
}

// words are a page's, in one language.
type words struct {
	tag string
	all map[string]string
}

func (w words) of(key string) string { return w.all[key] }

// direction is for the attribute dir.
func (w words) direction() string {
	tag, _ := language.Parse(w.tag) // of a file of ours
	if script, _ := tag.Script(); slices.Contains([]string{"Arab", "Hebr", "Thaa", "Syrc", "Nkoo"}, script.String()) {
		return "rtl"
	}
	return "ltr"
}

func loadWords() (*wordBook, error) {
	entries, err := portalWords.ReadDir(portalWordsDir)
	if err != nil {
		return nil, fmt.Errorf("reading the pages' words: %w", err)
	}
	b := &wordBook{}
	var tags []language.Tag
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".json")
		data, err := portalWords.ReadFile(path.Join(portalWordsDir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the pages' words: %w", err)
		}
		var all map[string]string
		if err = json.Unmarshal(data, &all); err != nil {
			return nil, fmt.Errorf("reading the pages' words in %s: %w", name, err)
		}
		tag, err := language.Parse(name)
		if err != nil {
			return nil, fmt.Errorf("reading the pages' words in %s: %w", name, err)
		}
		at := len(b.tags)
		if name == "en" {
			at = 0
		}
		b.tags, b.words, tags = slices.Insert(b.tags, at, name), slices.Insert(b.words, at, all), slices.Insert(tags, at, tag)
	}
	b.matcher = language.NewMatcher(tags)
	return b, nil
}

// maxAcceptLanguage is more than any browser sends; the matcher's time grows with it.
const maxAcceptLanguage = 200

// in chooses by a browser's Accept-Language.
func (b *wordBook) in(accept string) words {
	at := 0
	if len(accept) <= maxAcceptLanguage {
		if wanted, _, err := language.ParseAcceptLanguage(accept); err == nil && len(wanted) > 0 {
			if _, i, confidence := b.matcher.Match(wanted...); confidence >= language.High {
				at = i
			}
		}
	}
	return words{b.tags[at], b.words[at]}
}
