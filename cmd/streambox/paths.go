package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/report"
)

const (
	sticksDir    = "/media/streambox"
	settingsFile = "/etc/streambox/streambox.toml"
	settingsMax  = 1 << 20
)

// getenv looks a variable up in the environment the app was given.
func (a *app) getenv(name string) string {
	value := ""
	for _, entry := range a.env {
		if key, v, _ := strings.Cut(entry, "="); key == name {
			value = v // the last one counts, as in a shell
		}
	}
	return value
}

// systemdDir is a folder that systemd made for the service; of several the first.
func (a *app) systemdDir(variable string) string {
	first, _, _ := strings.Cut(a.getenv(variable), ":")
	return first
}

// defaults are the settings nobody chose. Root's data, and that of a service,
// is the machine's and lies where the file system standard puts it. An ordinary
// user's lies where they said state belongs (XDG_STATE_HOME), and else in
// ~/.local/share: converted films are large and worth keeping, so they do not
// belong into a cache or among small state files that nobody looks at.
//
// Disks and pins of a machine are taken only when somebody said so: no sticks
// without a word, and as a service no panel. A settings file that is away, or
// wrong, opens nothing.
func (a *app) defaults(root bool) settings {
	data := "streambox-data"
	switch {
	case a.systemdDir("STATE_DIRECTORY") != "":
		data = a.systemdDir("STATE_DIRECTORY")
	case root:
		data = "/var/lib/streambox"
	case filepath.IsAbs(a.getenv("XDG_STATE_HOME")):
		data = filepath.Join(a.getenv("XDG_STATE_HOME"), "streambox")
	case filepath.IsAbs(a.getenv("HOME")):
		data = filepath.Join(a.getenv("HOME"), ".local", "share", "streambox")
	}
	listen, orElse, pins := ":3003", "", "auto"
	if a.isService() {
		listen, orElse, pins = ":80", ":3003", "off"
	}
	return settings{
		Name: "streambox", Listen: listen, ListenElse: orElse, Data: data, LogLevel: slog.LevelInfo, LogFormat: "text", P2P: "auto", MDNS: "auto",
		Panel: pins, PanelParts: panel.Defaults(), Network: defaultNetwork(),
	}
}

// isService tells whether systemd itself started this process. INVOCATION_ID
// would not do: on a desktop, every terminal's children inherit one.
func (a *app) isService() bool {
	return a.getenv("NOTIFY_SOCKET") != "" || a.getenv("SYSTEMD_EXEC_PID") == strconv.Itoa(os.Getpid())
}

// logPath is where serve leaves its log for report: in memory where the
// machine has such a place, else beside the data. One file per data folder.
func (a *app) logPath(data string) string {
	h := fnv.New32a()
	_, _ = io.WriteString(h, data) // a hash does not fail
	name := fmt.Sprintf("%s%08x.jsonl", report.LogPrefix, h.Sum32())
	switch {
	case a.systemdDir("RUNTIME_DIRECTORY") != "":
		return filepath.Join(a.systemdDir("RUNTIME_DIRECTORY"), name)
	case os.Geteuid() == 0 && isDir("/run"):
		return filepath.Join("/run/streambox", name)
	case isDir(a.getenv("XDG_RUNTIME_DIR")):
		return filepath.Join(a.getenv("XDG_RUNTIME_DIR"), "streambox", name)
	default:
		return filepath.Join(data, name)
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && info.IsDir()
}

// settingFlags gives a command the flags of some settings, and --config.
func settingFlags(cmd *cobra.Command, keys ...string) {
	flags := cmd.Flags()
	for _, row := range table() {
		for _, key := range keys {
			if row.key != key {
				continue
			}
			if row.list != "" {
				flags.StringArray(key, nil, row.help)
			} else {
				flags.String(key, "", row.help)
			}
			if strings.Contains(row.help, "`DIR`") {
				_ = cmd.MarkFlagDirname(key) // the flag is there: made just now
			}
		}
	}
	flags.String("config", "", "`FILE` with settings (default "+settingsFile+")")
}

// settings puts flags, environment, file and defaults together. The warnings
// are for the log, or for standard error.
func (a *app) settings(cmd *cobra.Command) (settings, []string, error) {
	src := sources{flags: map[string][]string{}, env: a.env, defaults: a.defaults(os.Geteuid() == 0)}
	for _, row := range table() {
		flag := cmd.Flags().Lookup(row.key)
		if flag == nil || !flag.Changed {
			continue
		}
		src.flags[row.key] = []string{flag.Value.String()}
		if row.list != "" {
			values, err := cmd.Flags().GetStringArray(row.key)
			if err != nil {
				return settings{}, nil, fmt.Errorf("reading --%s: %w", row.key, err)
			}
			src.flags[row.key] = values
		}
	}
	config, err := cmd.Flags().GetString("config")
	if err != nil {
		return settings{}, nil, fmt.Errorf("reading --config: %w", err)
	}
	var noFile string
	src.fileName, src.file, noFile, err = a.readSettings(config)
	if err != nil {
		return settings{}, nil, err
	}
	s, warnings, err := load(src)
	if err == nil {
		err = s.absolute()
	}
	if noFile != "" {
		warnings = append(warnings, noFile)
	}
	return s, warnings, err
}

// absolute makes the folders independent of where the program was started.
func (s *settings) absolute() (err error) {
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	media := make([]string, len(s.Media))
	for i, dir := range s.Media {
		if media[i], err = filepath.Abs(dir); err != nil {
			return fmt.Errorf("finding a media folder: %w", err)
		}
	}
	s.Media = media
	return nil
}

// readSettings reads the settings file. One that was asked for by a flag must
// be there; one that cannot be read else is a warning.
func (a *app) readSettings(flag string) (name string, data []byte, warning string, err error) {
	name, asked := settingsFile, false
	if v := a.getenv("STREAMBOX_CONFIG"); v != "" {
		name, asked = v, true
	}
	if flag != "" {
		name, asked = flag, true
	}
	file, err := os.Open(name)
	if err == nil {
		defer file.Close()
		data, err = io.ReadAll(io.LimitReader(file, settingsMax+1))
	}
	switch {
	case err == nil && len(data) > settingsMax:
		return name, nil, fmt.Sprintf("settings file %s is not used: larger than 1 MiB", name), nil
	case err == nil:
		return name, data, "", nil
	case flag != "":
		return name, nil, "", usagef("--config %s: %s", name, cause(err))
	case errors.Is(err, fs.ErrNotExist) && !asked:
		return name, nil, "", nil
	default:
		return name, nil, fmt.Sprintf("settings file %s is not used: %s", name, cause(err)), nil
	}
}

// cause is what people need to read of a file error; the path stands beside it already.
func cause(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "you may not read it"
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// mediaWarnings are what a person who named the folders should know: a box
// starts all the same, since a stick may come later.
func mediaWarnings(s settings) []string {
	var list []string
	for _, dir := range s.Media {
		if _, err := os.Stat(dir); err != nil {
			list = append(list, fmt.Sprintf("%s is not there (yet)", dir))
		}
		if rel, err := filepath.Rel(dir, s.Data); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
			list = append(list, fmt.Sprintf("what is prepared will be written to %s, which lies in the media folder %s; choose another place with --data", s.Data, dir))
		}
	}
	return list
}
