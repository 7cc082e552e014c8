package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

// hostile are names that try to get through.
var hostile = []string{
	"Secret Holiday 2019.mkv",
	"Secret: Holiday.mkv",
	"Secret \"Holiday\".mkv",
	"Secret/Holiday",
	"Secret\nHoliday.mp4",
	"Secret' Holiday` .webm",
	"../../Secret Holiday.avi",
	"Secret\x1b[31mHoliday.mov",
	"Secret Holiday\xff\xfe.mp4",
	"Secret {\"msg\":\"Holiday\"}.mp4",
	"Secret\\\" Holiday\\.ts",
}

// leaks tells whether anything of the names is left in a text.
func leaks(text string) bool {
	return strings.Contains(text, "Secret") || strings.Contains(text, "Holiday")
}

func TestTheKeptLogHasNoNames(t *testing.T) {
	for _, name := range hostile {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			var out bytes.Buffer
			log := slog.New(NewHandler(&out, slog.LevelDebug, []byte("key")))
			deep := fmt.Errorf("scanning: %w", &fs.PathError{Op: "open", Path: "/media/streambox/sda1/" + name, Err: fs.ErrPermission})
			log.Info("Text", "file", name, "title", name, "anyKeyAtAll", name)
			log.Info("In a list", "files", []string{name}, "thing", struct{ Name string }{name})
			log.With("file", name).WithGroup("g").Info("Bound", slog.Group("inner", "name", name))
			log.Error("Path error", "error", deep)
			log.Error("Link error", "error", &os.LinkError{Op: "rename", Old: name, New: "/x/" + name, Err: fs.ErrExist})
			log.Error("Joined", "error", errors.Join(deep, fmt.Errorf("probe %q: no", name)))
			log.Error("Path in text", "error", fmt.Errorf("reading /media/streambox/%s: %s", name, "no such file"))
			if leaks(out.String()) {
				t.Errorf("the log names the film:\n%s", out.String())
			}
			for line := range bytes.Lines(out.Bytes()) {
				if !json.Valid(line) {
					t.Errorf("not JSON: %s", line)
				}
			}
		})
	}
}

func TestTheKeptLogKeepsWhatHelps(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(NewHandler(&out, slog.LevelInfo, []byte("key")))
	log.Debug("Not asked for")
	log.Info("Converting", "id", "abcdefgh234567ij", "rung", "convert", "seconds", 12.5, "took", 3*time.Second, "stick", "sda1", "ok", true)
	log.Info("Sandbox", "active", "seccomp, limits", "notOnThisMachine", "landlock 7")
	log.Info("Network link", "interface", "wlan0", "role", "accessPoint")
	log.Warn("The button is down already", "hint", "is it wired?")
	log.Error("Failed", "service", "intake", "error", fmt.Errorf("converting: %w", &fs.PathError{Op: "open", Path: "/m/Film.mkv", Err: fs.ErrNotExist}))
	log.Error("Down", "error", errors.New("panic: nil map\ngoroutine 7 [running]:\nstreambox.local/appliance.call()\n\t/src/appliance/supervisor.go:1 +0x1"))
	text := out.String()
	for _, want := range []string{
		`"msg":"Converting"`, `"id":"abcdefgh234567ij"`, `"rung":"convert"`, `"seconds":12.5`, `"stick":"sda1"`, `"ok":true`, `"took":3000000000`,
		`"service":"intake"`,
		`"active":"seccomp, limits"`, `"notOnThisMachine":"landlock 7"`, `"interface":"wlan0"`, `"role":"accessPoint"`, `"hint":"is it wired?"`,
		"converting: open name-", "file does not exist", "supervisor.go:1", "nil map",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Not asked for") || strings.Contains(text, "Film") {
		t.Errorf("the log has too much:\n%s", text)
	}
}

func TestTheSameNameCanBeFollowedAndAnotherRunTellsNothing(t *testing.T) {
	line := func(key, name string) string {
		var out bytes.Buffer
		slog.New(NewHandler(&out, slog.LevelInfo, []byte(key))).Info("x", "file", name)
		_, rest, _ := strings.Cut(out.String(), "name-")
		return rest
	}
	one, again := line("a", "one"), line("a", "one")
	if one != again || one == line("a", "two") || one == line("b", "one") {
		t.Error("names are not told apart as they should be")
	}
}
