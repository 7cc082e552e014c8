//go:build card

package cardtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"streambox.local/image/blklog"
	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// card is an SD card, and the firmware that starts from it.
type card struct {
	path  string
	whole *testing.T // machines end with it
	dir   string     // for what the firmware takes from it, and for logs
	units []string   // more that systemd is handed on the command line
	once  bool       // the system has asked for the other slot, for one start
}

// The partitions of a card.
const (
	settingsPart = 1
	statePart    = 7
	libraryPart  = 8
)

// partition says where one lies; false when there is none of that number.
func (c *card) partition(t *testing.T, number int) (blklog.Part, bool) {
	t.Helper()
	parts, err := partitions(c.path)
	boxtest.Must(t, err)
	part, there := parts[number]
	return part, there
}

// partitions reads the table of a disk.
func partitions(disk string) (map[int]blklog.Part, error) {
	out, err := exec.Command("sfdisk", "--json", disk).Output()
	if err != nil {
		return nil, fmt.Errorf("reading the table of partitions: %w", err)
	}
	var answer struct {
		PartitionTable struct {
			Partitions []struct {
				Node        string
				Start, Size int64
			}
		}
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, fmt.Errorf("reading the table of partitions: %w", err)
	}
	const sector = 512
	all := map[int]blklog.Part{}
	for _, p := range answer.PartitionTable.Partitions {
		number, err := strconv.Atoi(strings.TrimPrefix(p.Node, disk))
		if err != nil {
			return nil, fmt.Errorf("reading the table of partitions: what is %q?", p.Node)
		}
		all[number] = blklog.Part{Name: "p" + strconv.Itoa(number), Offset: p.Start * sector, Bytes: p.Size * sector}
	}
	return all, nil
}

// read copies a file from a FAT partition.
func (c *card) read(t *testing.T, number int, name string) []byte {
	t.Helper()
	to := filepath.Join(c.dir, "read")
	c.take(t, number, name, to)
	data, err := os.ReadFile(to)
	boxtest.Must(t, err)
	return data
}

func (c *card) take(t *testing.T, number int, name, to string) {
	t.Helper()
	boxtest.Tool(t, "mcopy", "-n", "-o", "-i", c.fat(t, number), "::"+name, to)
}

// put replaces a file on a FAT partition, as a laptop does.
func (c *card) put(t *testing.T, number int, name string, data []byte) {
	t.Helper()
	from := filepath.Join(c.dir, "put")
	boxtest.Must(t, os.WriteFile(from, data, 0o600))
	boxtest.Tool(t, "mcopy", "-n", "-o", "-i", c.fat(t, number), from, "::"+name)
}

// fat is how mtools are told of a partition in a disk.
func (c *card) fat(t *testing.T, number int) string {
	t.Helper()
	part, there := c.partition(t, number)
	if !there {
		t.Fatalf("the card has no partition %d", number)
	}
	return fmt.Sprintf("%s@@%d", c.path, part.Offset)
}

// section finds a value in a section of a file of the firmware.
func section(text, name, key string) string {
	now := "all"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#") || line == "":
		case strings.HasPrefix(line, "["):
			now = strings.Trim(line, "[]")
		case now == name:
			if k, value, found := strings.Cut(line, "="); found && strings.TrimSpace(k) == key {
				return strings.TrimSpace(value)
			}
		}
	}
	return ""
}

// bootPartition is the one that the firmware takes now.
func (c *card) bootPartition(t *testing.T) int {
	t.Helper()
	text := string(c.read(t, settingsPart, "autoboot.txt"))
	which := "all"
	if c.once {
		which = "tryboot"
	}
	number, err := strconv.Atoi(section(text, which, "boot_partition"))
	if err != nil {
		t.Fatalf("autoboot.txt names no partition for [%s]:\n%s", which, text)
	}
	return number
}

// powerOn starts the machine from the card, once. record, where it is not "", is the file that the card's writes are noted in.
func (c *card) powerOn(t *testing.T, record string) *boxtest.Guest {
	t.Helper()
	number := c.bootPartition(t)
	c.once = false
	config := string(c.read(t, number, "config.txt"))
	kernel, initrd := filepath.Join(c.dir, "kernel"), filepath.Join(c.dir, "initrd")
	c.take(t, number, section(config, "all", "kernel"), kernel)
	ramdisk := regexp.MustCompile(`(?m)^initramfs (\S+) followkernel`).FindStringSubmatch(config)
	if ramdisk == nil {
		t.Fatalf("config.txt names no initrd:\n%s", config)
	}
	c.take(t, number, ramdisk[1], initrd)
	cmdline := strings.TrimSpace(string(c.read(t, number, "cmdline.txt")))
	// Who has started the system reads its console, and so is told of a start "once".
	cmdline += " streambox.tryboot=console systemd.show_status=auto systemd.default_device_timeout_sec=900 " + strings.Join(append(c.units, shellUnit()), " ")
	logs := filepath.Join(c.dir, "logs")
	boxtest.Must(t, os.MkdirAll(logs, 0o755))
	return boxtest.Start(t, c.whole, vm.Config{
		Board: vm.Virt(), Kernel: kernel, Initrd: initrd, Append: cmdline,
		Disks:   []vm.Disk{{Path: c.path, Format: "raw", WriteLog: record}},
		Forward: []int{boxtest.ServicePort}, Shell: true, Cable: true, NoReboot: true, Dir: logs,
	})
}

// restarted waits for the machine to end by itself, and notes what it said to the firmware.
func (c *card) restarted(t *testing.T, g *boxtest.Guest) {
	t.Helper()
	g.UntilOff(t, 4*boxtest.StepWait)
	text, err := os.ReadFile(filepath.Join(g.Dir, "console.log"))
	boxtest.Must(t, err)
	said := regexp.MustCompile(`reboot: Restarting system( with command '0 tryboot')?`).FindAllSubmatch(text, -1)
	c.once = len(said) > 0 && len(said[len(said)-1][1]) > 0
}

// shellUnit hands systemd the test's way in (systemd.system-credentials(7): systemd.extra-unit).
func shellUnit() string {
	const unit = `[Unit]
BindsTo=dev-virtio\x2dports-vm.shell.device
After=dev-virtio\x2dports-vm.shell.device
DefaultDependencies=no
Conflicts=shutdown.target
Before=shutdown.target
[Service]
ExecStart=/bin/sh -c 'exec /bin/sh <>/dev/virtio-ports/vm.shell >&0 2>&0'
Environment=HOME=/root TERM=dumb SYSTEMD_COLORS=0 SYSTEMD_PAGER= LC_ALL=C.UTF-8
`
	return "systemd.set_credential_binary=systemd.extra-unit.vm-shell.service:" + base64.StdEncoding.EncodeToString([]byte(unit)) + " systemd.wants=vm-shell.service"
}
