package systemd

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed *.service *.socket *.path *.rules *.sysusers *.tmpfiles *.toml
var files embed.FS

// Kind is what a file is to the system.
type Kind string

// The kinds of files.
const (
	Unit     Kind = "unit"     // a unit of systemd
	UdevRule Kind = "udevRule" // rules for devices
	Sysusers Kind = "sysusers" // users and groups
	Tmpfiles Kind = "tmpfiles" // folders in /run and the like
	Settings Kind = "settings" // the user's: never overwritten, left behind when changed
)

// Layout is the side of the file system on which the files are installed.
type Layout string

// The layouts.
const (
	Local    Layout = "local"    // by the machine's administrator: /etc
	Packaged Layout = "packaged" // by a package: /usr/lib
)

// MainUnit is the unit of the box.
const MainUnit = "streambox.service"

// File is one installed file.
type File struct {
	Name string // in this folder
	Kind Kind
	Mode fs.FileMode
}

// Manifest lists every file, in the order in which they are installed: the
// user before the folders that belong to it, the main unit last.
func Manifest() []File {
	return []File{
		{"streambox.sysusers", Sysusers, 0o644},
		{"streambox.tmpfiles", Tmpfiles, 0o644},
		{"streambox.toml", Settings, 0o644},
		{"90-streambox-sticks.rules", UdevRule, 0o644},
		{"streambox-media@.service", Unit, 0o644},
		{"90-streambox-panel.rules", UdevRule, 0o644},
		{"streambox-poweroff.service", Unit, 0o644},
		{"streambox-poweroff.path", Unit, 0o644},
		{"streambox-network.service", Unit, 0o644},
		{"streambox-network.path", Unit, 0o644},
		{"streambox-wifi@.service", Unit, 0o644},
		{"streambox-ssh.service", Unit, 0o644},
		{"streambox-update.service", Unit, 0o644},
		{"streambox-update.path", Unit, 0o644},
		{"streambox-trial.service", Unit, 0o644},
		{"streambox-worker@.service", Unit, 0o644},
		{"streambox-worker.socket", Unit, 0o644},
		{MainUnit, Unit, 0o644},
	}
}

// Target is the absolute path of the installed file.
func (f File) Target(layout Layout) string {
	base := "/etc"
	if layout == Packaged {
		base = "/usr/lib"
	}
	switch f.Kind {
	case Unit:
		return path.Join(base, "systemd/system", f.Name)
	case UdevRule:
		return path.Join(base, "udev/rules.d", f.Name)
	case Sysusers:
		return path.Join(base, "sysusers.d", strings.TrimSuffix(f.Name, ".sysusers")+".conf")
	case Tmpfiles:
		return path.Join(base, "tmpfiles.d", strings.TrimSuffix(f.Name, ".tmpfiles")+".conf")
	case Settings:
		return path.Join("/etc/streambox", f.Name)
	default:
		panic(fmt.Sprintf("systemd: %s has no kind", f.Name)) // a test goes through the whole manifest
	}
}

// Content is what the file holds: for all but the settings of an appliance the
// bytes of this folder.
func (f File) Content() []byte {
	content, err := files.ReadFile(f.Name)
	if err != nil {
		panic(fmt.Sprintf("systemd: %s is not embedded", f.Name)) // as above
	}
	return content
}

// ApplianceContent is Content for a machine that is only a StreamBox: its
// sticks and its panel are ours without asking. Its network is not: it may be NetworkManager's.
func (f File) ApplianceContent() []byte { return f.owning("sticks", "panel") }

// CardContent is Content for the system of our card, where the network is ours too.
func (f File) CardContent() []byte { return f.owning("sticks", "panel", "network") }

// owning is Content with these settings on "auto".
func (f File) owning(keys ...string) []byte {
	content := f.Content()
	if f.Kind == Settings {
		for _, key := range keys {
			content = bytes.Replace(content, []byte("\n#"+key+" = \"off\"\n"), []byte("\n"+key+" = \"auto\"\n"), 1)
		}
	}
	return content
}
