package transcode

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// strain looks at this machine, and asks whether viewers wait.
func (t *Tools) strain() strain {
	s := readHeat(t.root())
	s.late = t.ViewersLate != nil && t.ViewersLate()
	return s
}

// readHeat reads what the kernel says below root. What cannot be read says nothing:
// most machines have none of it.
func readHeat(root string) strain {
	var s strain
	for _, zone := range found(root, "sys/class/thermal/thermal_zone*") {
		if kind := text(filepath.Join(zone, "type")); !strings.HasPrefix(kind, "cpu") && kind != "x86_pkg_temp" {
			continue // a disk or a radio: their limits are others
		}
		if degrees, err := strconv.Atoi(text(filepath.Join(zone, "temp"))); err == nil {
			s.milliCelsius = max(s.milliCelsius, degrees)
		}
	}
	voltage := false
	for _, monitor := range found(root, "sys/class/hwmon/hwmon*") {
		if text(filepath.Join(monitor, "name")) == "rpi_volt" {
			voltage = true
			s.throttled = text(filepath.Join(monitor, "in0_lcrit_alarm")) == "1"
		}
	}
	if voltage {
		return s // newer kernels complain in their log when the older way is used
	}
	for _, firmware := range found(root, "sys/devices/platform/soc*/soc*firmware") {
		// In hexadecimal: bit 0 too little voltage, 1 clock capped, 2 throttled, each as
		// of now; bit 3, the soft limit of a 3B+ at 60 °C, costs it little.
		const now = 1<<0 | 1<<1 | 1<<2
		bits, err := strconv.ParseUint(strings.TrimPrefix(text(filepath.Join(firmware, "get_throttled")), "0x"), 16, 32)
		s.throttled = s.throttled || err == nil && bits&now != 0
	}
	return s
}

func found(root, pattern string) []string {
	paths, _ := filepath.Glob(filepath.Join(root, pattern)) // the pattern is ours and well formed
	return paths
}

func text(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
