package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// sources is where settings come from. Pure data, so that load is pure.
type sources struct {
	flags    map[string][]string // only those that were given
	env      []string            // KEY=value
	file     []byte              // the settings file, nil: none
	fileName string              // for sentences
	defaults settings
}

// load puts the layers on top of each other. What is wrong in the file or the
// environment comes back as sentences, and the rest applies; a wrong flag is an error.
func load(src sources) (settings, []string, error) {
	l := loader{settings: src.defaults, rows: map[string]setting{}}
	l.settings.from = map[string]string{}
	for _, row := range table() {
		l.rows[row.key] = row
		l.settings.from[row.key] = "default"
	}
	l.file(src.file, src.fileName)
	l.environment(src.env)
	for _, key := range slices.Sorted(maps.Keys(src.flags)) {
		if err := l.apply(key, "flag", src.flags[key]); err != nil {
			return l.settings, l.warnings, usagef("--%s: %w", key, err)
		}
	}
	return l.settings, l.warnings, nil
}

type loader struct {
	settings settings
	rows     map[string]setting
	warnings []string
}

func (l *loader) apply(key, from string, values []string) error {
	if err := l.rows[key].set(&l.settings, values); err != nil {
		return err
	}
	l.settings.from[key] = from
	return nil
}

// refused is for a value that was given and cannot be used: the end of the sentence about it.
func (l *loader) refused(key, from string) string {
	off := l.rows[key].off
	if off == nil {
		return ""
	}
	off(&l.settings)
	l.settings.from[key] = from
	return "; " + key + " counts as off"
}

func (l *loader) warnf(format string, args ...any) {
	l.warnings = append(l.warnings, fmt.Sprintf(format, args...))
}

// environment reads STREAMBOX_… variables. Two are none of the settings.
func (l *loader) environment(env []string) {
	others := []string{"STREAMBOX_CONFIG", "STREAMBOX_STRICT"}
	rows := map[string]setting{}
	for _, row := range l.rows {
		rows[row.variable()] = row
	}
	for _, entry := range slices.Sorted(slices.Values(env)) {
		variable, value, _ := strings.Cut(entry, "=")
		row, known := rows[variable]
		switch {
		case known && value == "": // unset, as far as shells and unit files can say so
		case known:
			values := []string{value}
			if row.list != "" {
				values = strings.Split(value, row.list)
			}
			if err := l.apply(row.key, "environment", values); err != nil {
				l.warnf("%s in the environment is not used: %v%s", variable, err, l.refused(row.key, "environment"))
			}
		case strings.HasPrefix(variable, "STREAMBOX_") && !slices.Contains(others, variable):
			l.warnf("%s in the environment is no setting%s", variable, didYouMean(variable, slices.Collect(maps.Keys(rows))))
		}
	}
}

// file reads the TOML file, key by key.
func (l *loader) file(data []byte, name string) {
	data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
	if bytes.IndexByte(data, 0) >= 0 {
		l.warnf("settings file %s is not used: it is not UTF-8 text; save it as UTF-8", name)
		return
	}
	lines := strings.Split(string(data), "\n")
	values, wrong := decode(lines)
	for i, w := range wrong {
		key := keyOf(lines[w.line-1])
		if _, stands := values[key]; !stands { // another line may say it rightly, and counts
			wrong[i].text += l.refused(key, "file")
		}
	}
	note := func(key, format string, args ...any) {
		wrong = append(wrong, wrongLine{lineOf(lines, key), fmt.Sprintf(format, args...)})
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		row, known := l.rows[strings.ReplaceAll(key, "_", "-")] // as other programs' files write it
		if !known {
			note(key, "there is no setting %q%s", key, didYouMean(key, slices.Collect(maps.Keys(l.rows))))
			continue
		}
		texts, err := texts(values[key], row)
		if err == nil {
			err = l.apply(row.key, "file", texts)
		}
		if err != nil {
			note(key, "%s: %v%s", key, err, l.refused(row.key, "file"))
		}
	}
	slices.SortStableFunc(wrong, func(a, b wrongLine) int { return cmp.Compare(a.line, b.line) })
	for _, w := range wrong {
		l.warnf("line %d of %s is not used: %s", w.line, name, w.text)
	}
}

// texts is the TOML value of a row as a list of texts.
func texts(value any, row setting) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case int64:
		if !row.number {
			if secret(row.key) {
				return nil, errors.New("takes a text, not a number; write it in quotes")
			}
			return nil, fmt.Errorf("takes a text, not the number %d; write it in quotes", v)
		}
		return []string{fmt.Sprint(v)}, nil
	case []any:
		if row.list == "" {
			return nil, errors.New("takes one value, not a list")
		}
		out := []string{}
		for _, element := range v {
			text, isText := element.(string)
			if !isText {
				return nil, errors.New("is a list of texts; write each in quotes")
			}
			out = append(out, text)
		}
		return out, nil
	case map[string]any:
		return nil, errors.New("is a setting, not a section")
	default:
		return nil, errors.New("takes a text; write it in quotes")
	}
}

// wrongMax is how many lines of a file may be wrong before it is none of ours.
const wrongMax = 100

type wrongLine struct {
	line int
	text string
}

// decode parses TOML line by line, so to say: a line that cannot be parsed is
// noted, emptied, and the rest parsed again. What a parser stumbles over may
// have begun further up (an open quote), so where emptying a line does not
// help the one before it is emptied too.
func decode(lines []string) (map[string]any, []wrongLine) {
	lines = slices.Clone(lines)
	var wrong []wrongLine
	for {
		values := map[string]any{}
		_, err := toml.Decode(strings.Join(lines, "\n"), &values)
		if err == nil {
			slices.SortFunc(wrong, func(a, b wrongLine) int { return cmp.Compare(a.line, b.line) })
			return values, wrong
		}
		at, text := len(lines), err.Error()
		if parse, ok := errors.AsType[toml.ParseError](err); ok {
			at, text = min(parse.Position.Line, len(lines)), parse.Message
			if text == "" {
				text = strings.TrimPrefix(parse.Error(), "toml: ")
			}
		}
		for at > 1 && strings.TrimSpace(lines[at-1]) == "" {
			at--
		}
		if secret(lines[at-1]) {
			text = "is not understood; write texts in quotes" // a parser quotes what it does not understand
		}
		if strings.TrimSpace(lines[at-1]) == "" || len(wrong) == wrongMax {
			return map[string]any{}, append(wrong, wrongLine{at, text + "; the rest of the file is not used either"})
		}
		lines[at-1] = ""
		wrong = append(wrong, wrongLine{at, text})
	}
}

// secret says whether a key or a line may hold what no log and no page may repeat.
func secret(text string) bool { return strings.Contains(strings.ToLower(text), "password") }

// lineOf finds the line that sets a key; 1 when it is hidden in a table.
func lineOf(lines []string, key string) int {
	re := regexp.MustCompile(`^\s*\[?\s*["']?` + regexp.QuoteMeta(key) + `["']?\s*[.=\]]`)
	return 1 + max(0, slices.IndexFunc(lines, re.MatchString))
}

// keyOf is the setting that a line names, as far as one can tell; "" for none.
func keyOf(line string) string {
	key, _, _ := strings.Cut(line, "=")
	return strings.ReplaceAll(strings.Trim(key, " \t[]\"'"), "_", "-")
}

// didYouMean finds the word that is nearest to a misspelt one.
func didYouMean(word string, words []string) string {
	best, distance := "", 3
	for _, w := range slices.Sorted(slices.Values(words)) {
		if d := editDistance(strings.ToLower(word), strings.ToLower(w)); d < distance {
			best, distance = w, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance counts the letters to insert, delete or change (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
