package report

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// namesMax bounds how many files of the sticks are looked at for their names.
const namesMax = 20_000

// Names turns what is known to be a name into something that is none.
type Names struct{ words map[string]string }

// AddFolder adds the names of all files and folders below dir, and dir itself.
func (n *Names) AddFolder(dir, instead string) {
	n.add(dir, instead)
	if absolute, err := filepath.Abs(dir); err == nil {
		n.add(absolute, instead)
	}
	seen := 0
	_ = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if seen++; seen > namesMax {
			return fs.SkipAll
		}
		if err != nil || p == dir {
			return nil //nolint:nilerr // what cannot be read has no name to hide
		}
		number := "file-" + strconv.Itoa(seen)
		n.add(e.Name(), number)
		n.add(strings.TrimSuffix(e.Name(), path.Ext(e.Name())), number)
		return nil
	})
}

// AddWord hides one word, for instance the user's home folder.
func (n *Names) AddWord(word, instead string) { n.add(word, instead) }

// add takes no word under 4 bytes: it would hit everywhere in the text. The
// log is cleaned of such names where it is written.
func (n *Names) add(name, instead string) {
	if len(name) < 4 {
		return
	}
	if _, known := n.words[name]; !known {
		n.words[name] = instead
	}
	for _, quoted := range []string{strconv.Quote(name), jsonText(name)} {
		if inner := strings.Trim(quoted, `"`); inner != name && len(inner) >= 4 {
			n.words[inner] = instead
		}
	}
}

func jsonText(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(data)
}

var oneWord = regexp.MustCompile(`[\pL\pN_]+`)

// wordLength is from which length on a name is replaced inside words too.
const wordLength = 8

// hider returns what replaces all names in a text, the longest first. Short
// ones only count as whole words: a film called "film" must not make the log
// unreadable.
func (n *Names) hider() func(string) string {
	if n == nil {
		return func(s string) string { return s }
	}
	words := slices.SortedFunc(maps.Keys(n.words), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var pairs []string
	for _, w := range words {
		if len(w) >= wordLength || oneWord.FindString(w) != w {
			pairs = append(pairs, w, n.words[w])
		}
	}
	long := strings.NewReplacer(pairs...)
	return func(text string) string {
		return oneWord.ReplaceAllStringFunc(long.Replace(text), func(word string) string {
			if instead, known := n.words[word]; known {
				return instead
			}
			return word
		})
	}
}
