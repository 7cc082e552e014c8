//go:build vm

package vmtest

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// airDisk is a disk with the program, and what makes radios and a phone (air/).
func airDisk(t *testing.T) string {
	t.Helper()
	air := cache(t, "air")
	if _, err := os.Stat(filepath.Join(air, "modules", "order")); err != nil {
		making := cache(t, "air.part")
		boxtest.Must(t, os.RemoveAll(making))
		boxtest.Tool(t, "air/fetch", making, cache(t, "apt"))
		boxtest.Must(t, os.Rename(making, air))
	}
	content := t.TempDir()
	boxtest.CrossBuild(t, filepath.Join(content, "streambox"), "build", "-trimpath", "./cmd/streambox")
	boxtest.Tool(t, "cp", "-a", filepath.Join(air, "root"), filepath.Join(air, "modules"), "air/phone", content)
	image := cache(t, "air.ext4")
	boxtest.Blank(t, image, 96)
	boxtest.Tool(t, "mke2fs", "-q", "-F", "-t", "ext4", "-L", "payload", "-d", content, image)
	return image
}

// hotspot is a box whose cable is out, and a phone; both radios are the kernel's mac80211_hwsim: everything
// above the air is real (cfg80211, wpa_supplicant's handshake, DHCP, DNS), the air itself is not.
type hotspot struct {
	*boxtest.Guest
	disk string
}

// ask runs something in the machine that may fail.
func (h *hotspot) ask(t *testing.T, script string) string {
	t.Helper()
	out, err := h.Shell.Run(boxtest.Within(t, boxtest.StepWait), script)
	if err != nil && !errors.Is(err, vm.ErrStatus) {
		t.Fatal(err)
	}
	return out
}

// shows waits until what a script says holds all of these.
func (h *hotspot) shows(t *testing.T, limit time.Duration, what, script string, wanted ...string) {
	t.Helper()
	boxtest.Until(t, limit, what, func() (bool, any) {
		out := h.ask(t, script)
		for _, w := range wanted {
			if !strings.Contains(out, w) {
				return false, out
			}
		}
		return true, out
	})
}

const boxJSON = "busybox wget -q -O - http://127.0.0.1/api/v1/box"

// TestTheHotspot: without a cable the box is an access point, a phone on it finds the box by name and is handed over;
// a network of the card's file is joined, and when its password is wrong the page says so.
func TestTheHotspot(t *testing.T) {
	for _, needed := range []string{"qemu-system-aarch64", "mke2fs", "apt-get", "dpkg-deb", "modprobe"} {
		boxtest.Need(t, needed)
	}
	machineFiles(t) // its packages are needed for the disk
	h := &hotspot{}
	diary := boxtest.NewDiary(t, cache(t, "hotspot.txt"))
	diary.Failed = func(t *testing.T) {
		t.Helper()
		if h.Guest != nil {
			t.Log(h.ask(t, "iw dev; ip addr; cat /run/phone.log; journalctl -b -o cat -u 'streambox*' -u systemd-networkd --no-pager | tail -n 80"))
			h.KeepEvidence(t)
		}
	}
	diary.Step("program, radios and phone are made", h.make)
	h.Guest = start(t, h.disk)
	diary.Step("the machine boots, with two radios and no cable", h.boot)
	diary.Step("a minute later it is an access point", h.comesUp)
	diary.Step("a phone joins and gets an address", h.joined)
	diary.Step("it finds the box by its name, and nothing else", h.names)
	diary.Step("it is handed over to its browser", h.handedOver)
	diary.Step("the page says why", h.saysWhy)
	diary.Step("a wrong password in the card's file is told", h.refused)
	diary.Step("the right one joins", h.joins)
}

func (h *hotspot) make(t *testing.T) {
	t.Helper()
	h.disk = airDisk(t)
}

func (h *hotspot) boot(t *testing.T) {
	t.Helper()
	h.Booted(t)
	h.Sh(t, mountPayload+`
		set -e
		cp -a /mnt/root/. /
		install -m 755 /mnt/streambox /mnt/phone /usr/local/bin/
		while read -r m; do insmod "/mnt/modules/$m" $(case $m in mac80211_hwsim*) echo radios=2;; esac); done </mnt/modules/order
		mkdir -p /etc/netns/phone
		touch /etc/resolv.conf /etc/netns/phone/resolv.conf
		ip netns add phone
		iw phy phy1 set netns name phone
		streambox service install --appliance
		sed -i 's/^#network = "off"/network = "auto"/' /etc/streambox/streambox.toml
		rm /etc/systemd/network/*.network
		systemctl restart systemd-networkd
		for cable in /sys/class/net/e*; do ip addr flush dev "${cable##*/}"; ip link set "${cable##*/}" down; done
		systemctl start --no-block streambox`)
}

func (h *hotspot) comesUp(t *testing.T) {
	t.Helper()
	h.shows(t, 4*boxtest.StepWait, "the access point is up", "iw dev wlan0 info; ip -4 addr show dev wlan0", "type AP", "ssid StreamBox-0000", "channel 6", "inet 10.42.0.1/24")
}

func (h *hotspot) joined(t *testing.T) {
	t.Helper()
	h.shows(t, 4*boxtest.StepWait, "the phone has an address", "phone leave 2>/dev/null; phone join StreamBox-0000 streambox 2>&1", "got 10.42.0.", "router 10.42.0.1", "dns 10.42.0.1")
}

func (h *hotspot) names(t *testing.T) {
	t.Helper()
	ask := func(name string) string { return "phone in busybox nslookup -type=a " + name + " 2>&1" }
	h.shows(t, boxtest.StepWait, "the box's name", ask("streambox.local"), "Name:\tstreambox.local", "Address: 10.42.0.1")
	h.shows(t, boxtest.StepWait, "a probe's name", ask("captive.apple.com"), "Address: 10.42.0.1")
	h.shows(t, boxtest.StepWait, "anybody's name", ask("www.example.org"), "NXDOMAIN")
}

func (h *hotspot) handedOver(t *testing.T) {
	t.Helper()
	probe := "phone in busybox wget -S -T 60 -O /dev/null http://connectivitycheck.gstatic.com/generate_204 2>&1"
	h.shows(t, boxtest.StepWait, "the probe leads to the page", probe, "302 Found", "ocation: http://10.42.0.1/welcome", "200 OK")
	h.ask(t, "phone in busybox wget -q -T 60 -O /dev/null --post-data '' http://10.42.0.1/welcome") // it posts again where it is sent to, and so fails
	h.shows(t, boxtest.StepWait, "who stays has what it wants to see", probe, "204 No Content")
	h.shows(t, boxtest.StepWait, "the page", "phone in busybox wget -q -T 60 -O - http://streambox.local/", "<html")
}

func (h *hotspot) saysWhy(t *testing.T) {
	t.Helper()
	h.shows(t, boxtest.StepWait, "the box's own words", boxJSON, `"hotspot_no_network"`, `"role":"accessPoint"`, `"places":8`)
	h.shows(t, boxtest.StepWait, "the Wi-Fi's code", "busybox wget -q -O - 'http://127.0.0.1/qr.svg?for=wifi'", "<svg")
}

// refused: the phone becomes an access point, and the box is told to join it by a password that is not its.
func (h *hotspot) refused(t *testing.T) {
	t.Helper()
	h.Sh(t, `phone leave; busybox sleep 2; phone host School 'correct horse'
		mkdir -p /boot/streambox
		printf 'network=School\r\npassword=wrong horse\r\n' >/boot/streambox/streambox-wifi.txt
		systemctl stop streambox streambox-wifi@wlan0
		systemctl start --no-block streambox`)
	// On a slow host the minute may be over before the radio has heard anything: then it is said that the network is not here.
	h.shows(t, 6*boxtest.StepWait, "it is told that the network was not joined", boxJSON, `"code":"hotspot_`, `"network":"School"`)
	t.Log(regexp.MustCompile(`"code":"hotspot_[a-z_]*"`).FindString(h.ask(t, boxJSON)))
	h.shows(t, 4*boxtest.StepWait, "the access point is up again", "iw dev wlan0 info; ip -4 addr show dev wlan0", "type AP", "inet 10.42.0.1/24")
}

func (h *hotspot) joins(t *testing.T) {
	t.Helper()
	h.Sh(t, `printf '\357\273\277network = "School"\npassword=correct horse' >/boot/streambox/streambox-wifi.txt.txt
		rm /boot/streambox/streambox-wifi.txt
		systemctl stop streambox streambox-wifi@wlan0
		systemctl start --no-block streambox`)
	h.shows(t, 6*boxtest.StepWait, "it has joined", "iw dev wlan0 info; ip -4 addr show dev wlan0", "type managed", "inet 192.168.50.1")
	h.shows(t, boxtest.StepWait, "the page is there", "phone in busybox wget -q -T 60 -O - http://$(ip -4 -o addr show dev wlan0 | busybox sed -n 's/.*inet \\([0-9.]*\\).*/\\1/p')/api/v1/box", `"role":"client"`)
	boxtest.Until(t, boxtest.StepWait, "nothing is wrong any more", func() (bool, any) {
		out := h.ask(t, boxJSON)
		return !regexp.MustCompile(`"code":"(hotspot|wifi)_`).MatchString(out), out
	})
}
