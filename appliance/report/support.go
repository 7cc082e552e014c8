package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Setting is one setting with where it came from: flag, environment, file, default.
type Setting struct{ Key, Value, From string }

// Support is what goes into a support file.
type Support struct {
	Version  string
	Made     time.Time
	System   string // kernel, architecture, board
	Checks   []Check
	Settings []Setting // no secrets among them
	Wrong    []string  // lines of the settings that are not used, and why
	Titles   []TitleSummary
	Log      []string // JSON lines, oldest first
	LogFrom  string   // said when Log is empty
	Names    *Names
}

// Write writes it as one text: who sends it can read what they give away, and
// paste a part of it.
func (s Support) Write(w io.Writer) error {
	var head bytes.Buffer
	fmt.Fprintf(&head, "StreamBox support file, schema 1\nmade %s by version %s\n%s\n", s.Made.UTC().Format(time.RFC3339), s.Version, s.System)
	fmt.Fprint(&head, "Names of films and folders are left out; a film is written as its id.\n")
	section(&head, "This machine")
	table := tabwriter.NewWriter(&head, 0, 0, 2, ' ', 0)
	hide := s.Names.hider()
	for _, c := range s.Checks {
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.Name, c.State, hide(c.Detail))
	}
	_ = table.Flush() // a buffer does not fail
	section(&head, "Settings")
	for _, setting := range s.Settings {
		value := setting.Value
		if setting.From != "default" || strings.Contains(value, "/") { // a default is nobody's, but may lead through somebody's home
			value = hide(value)
		}
		fmt.Fprintf(table, "%s\t%s\t(%s)\n", setting.Key, value, setting.From)
	}
	_ = table.Flush()
	for _, line := range s.Wrong {
		fmt.Fprintf(&head, "Not used: %s\n", hide(line))
	}
	section(&head, fmt.Sprintf("Titles in the library: %d", len(s.Titles)))
	for _, t := range s.Titles {
		fmt.Fprintf(table, "%s\t%s %s\t%.0f s\t%d×%d\t%s\t%s\n", t.ID, t.How, t.Reason, t.DurationSeconds, t.Width, t.Height,
			strings.Join(t.Renditions, ","), strings.Join(t.Failed, ","))
	}
	_ = table.Flush()
	section(&head, fmt.Sprintf("Log: the last %d lines", len(s.Log)))
	if len(s.Log) == 0 {
		fmt.Fprintln(&head, s.LogFrom)
	}
	for _, line := range s.Log {
		head.WriteString(logLine(line, hide))
		head.WriteByte('\n')
	}
	if _, err := io.WriteString(w, printable(head.String())); err != nil {
		return fmt.Errorf("writing the support file: %w", err)
	}
	return nil
}

// logLine writes a record as people read it: time, level, message, the rest by
// name. What may be text from a stick goes through hide once more.
func logLine(line string, hide func(string) string) string {
	var record map[string]any
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.UseNumber()
	if decoder.Decode(&record) != nil {
		return hide(line)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%v %-5v %v", record[slog.TimeKey], record[slog.LevelKey], record[slog.MessageKey])
	for _, key := range slices.Sorted(maps.Keys(record)) {
		switch key {
		case slog.TimeKey, slog.LevelKey, slog.MessageKey:
			continue
		}
		value := fmt.Sprint(record[key])
		if _, isText := record[key].(string); !isText || !plain(key, value) {
			value = hide(value)
		}
		text.WriteString(" " + key + "=" + strconv.Quote(value))
	}
	return text.String()
}

func section(w io.Writer, title string) {
	fmt.Fprintf(w, "\n== %s ==\n", title)
}

// printable keeps control characters out of a file that is read in a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, text)
}
