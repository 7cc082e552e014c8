package report

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// Handler writes log records as JSON lines without the names of films.
type Handler struct {
	json slog.Handler
	key  []byte
}

// NewHandler writes to w. key is random and of this run: without it the hash of
// a guessed name could be compared.
func NewHandler(w io.Writer, level slog.Leveler, key []byte) *Handler {
	return &Handler{json: slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}), key: key}
}

// Enabled is the level's.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.json.Enabled(ctx, level)
}

// Handle cleans the attributes. The message is a constant of the program (a
// linter sees to it) and needs none.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	var hidden []string // what the record itself gives away as names
	r.Attrs(func(a slog.Attr) bool {
		if text := a.Value.Resolve(); text.Kind() == slog.KindString && !plain(a.Key, text.String()) {
			hidden = append(hidden, text.String())
		}
		return true
	})
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a, hidden))
		return true
	})
	return h.json.Handle(ctx, clean)
}

// WithAttrs and WithGroup are slog's.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.attr(a, nil)
	}
	return &Handler{json: h.json.WithAttrs(clean), key: h.key}
}

// WithGroup is slog's.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{json: h.json.WithGroup(name), key: h.key}
}

// plainKeys are the attributes whose texts are words of the program, never of a stick.
var plainKeys = map[string]bool{
	"active": true, "address": true, "addresses": true, "audioCodec": true, "code": true, "codec": true, "commit": true, "encoder": true, "event": true,
	"fileSystem": true, "hint": true, "how": true, "interface": true, "lane": true, "level": true, "listen": true, "method": true, "notOnThisMachine": true, "pixelFormat": true, "reason": true,
	"remote": true, "rendition": true, "role": true, "rung": true, "service": true, "setting": true, "signal": true, "state": true, "status": true,
	"stack": true, "urls": true, "version": true, "videoCodec": true,
}

var (
	ourPath    = regexp.MustCompile(`^/[a-zA-Z0-9_/-]{0,64}(\.(m3u8?|ts|json|jpg|vtt|js|css|svg|html))?$`)
	titleID    = regexp.MustCompile(`^[a-z2-7]{16}$`)
	kernelName = regexp.MustCompile(`^(sd[a-z]|mmcblk|nvme)[a-z0-9]*$`)
)

// plain tells that a text is a word of the program, never of a stick.
func plain(key, text string) bool {
	return plainKeys[key] || key == "path" && ourPath.MatchString(text) || titleID.MatchString(text) || kernelName.MatchString(text)
}

func (h *Handler) attr(a slog.Attr, hidden []string) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindTime:
		return slog.Attr{Key: a.Key, Value: v}
	case slog.KindGroup:
		group := v.Group()
		clean := make([]slog.Attr, len(group))
		for i, inner := range group {
			clean[i] = h.attr(inner, hidden)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(clean...)}
	case slog.KindAny, slog.KindString, slog.KindLogValuer: // texts, below
	}
	if err, ok := v.Any().(error); ok && v.Kind() == slog.KindAny {
		return slog.String(a.Key, h.err(err, hidden))
	}
	text := v.String()
	if plain(a.Key, text) {
		return slog.String(a.Key, text)
	}
	return slog.String(a.Key, h.hide(text))
}

// hide replaces a text by what tells it from others in this log.
func (h *Handler) hide(text string) string {
	if text == "" {
		return ""
	}
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(text))
	return "name-" + hex.EncodeToString(mac.Sum(nil)[:4])
}

// err cleans an error: first the paths that the errors of the chain carry
// themselves and the names beside it in the record, exactly, then what looks
// like a path or a film's name.
func (h *Handler) err(err error, hidden []string) string {
	text := err.Error()
	for _, known := range append(pathsOf(err, 0), hidden...) {
		if len(known) > 1 {
			text = strings.ReplaceAll(text, known, h.hide(known))
		}
	}
	return CleanText(text)
}

func pathsOf(err error, depth int) (paths []string) {
	if err == nil || depth > 20 {
		return nil
	}
	switch e := err.(type) { //nolint:errorlint // every level of the chain is looked at, one by one
	case *fs.PathError:
		paths = append(paths, e.Path)
	case *os.LinkError:
		paths = append(paths, e.Old, e.New)
	case *exec.Error:
		paths = append(paths, e.Name)
	}
	switch e := err.(type) { //nolint:errorlint // as above
	case interface{ Unwrap() error }:
		paths = append(paths, pathsOf(e.Unwrap(), depth+1)...)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			paths = append(paths, pathsOf(inner, depth+1)...)
		}
	}
	return paths
}

// What is taken out of texts that nobody knows the parts of. Errors are joined
// by ": ", and so may a name be: everything up to the last ": " goes, and the
// innermost cause stays.
var doubtful = []*regexp.Regexp{
	regexp.MustCompile(`(?is)^.*\.` + filmEndings + `\b.*?(?:: |$)`),   // a file's name and all before it
	regexp.MustCompile(`(?s)(?:^|[\s(=])[~.]{0,2}/.*(?:: |$)`),         // a path
	regexp.MustCompile("(?s)\"(?:\\\\.|[^\"\\\\])*\"|“[^”]*”|`[^`]*`"), // quoted
}

const filmEndings = `(?:mkv|mp4|m4v|mov|avi|webm|ts|m2ts|mts|mpe?g|vob|wmv|asf|flv|3gp|3g2|ogv|divx|mxf|rm|rmvb|f4v|jpe?g|png|srt|vtt|m3u8|json|ifo|bup|iso|part|mp3|flac|wav)`

// CleanText takes out of a text what looks like a path, a quotation or a file's
// name. It rather takes too much.
func CleanText(text string) string {
	// The panics' stacks are the program's own, and worth keeping as they are.
	if strings.HasPrefix(text, "panic: ") {
		first, stack, _ := strings.Cut(text, "\n")
		return CleanText(strings.TrimPrefix(first, "panic: ")) + "\n" + stack
	}
	for _, r := range doubtful {
		text = r.ReplaceAllStringFunc(text, func(found string) string {
			if strings.HasSuffix(found, ": ") {
				return " …: "
			}
			return " … "
		})
	}
	return strings.Join(strings.Fields(text), " ")
}

var _ slog.Handler = (*Handler)(nil)
