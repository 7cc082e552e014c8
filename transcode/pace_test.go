package transcode

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// paced runs a conversion's pace through seconds of strain, one letter a second:
// '.' nothing, 'l' late, 't' throttled, '9' 90 °C, '7' 77 °C, '5' 50 °C. It returns
// 'w' for a second of work and 'r' for one of rest.
func paced(strains string) string {
	var p pace
	var out strings.Builder
	now := time.Unix(1000, 0)
	for _, one := range strains {
		s := strain{late: one == 'l', throttled: one == 't'}
		if one >= '0' && one <= '9' {
			s.milliCelsius = int(one-'0') * 10_000
			if one == '7' {
				s.milliCelsius = 77_000
			}
		}
		if p.decide(now, s) {
			out.WriteByte('r')
		} else {
			out.WriteByte('w')
		}
		now = now.Add(time.Second)
	}
	return out.String()
}

func TestWhenAConversionRests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ strains, want string }{
		"nothing speaks against it":                {strings.Repeat(".", 10), strings.Repeat("w", 10)},
		"a late segment, and five good seconds":    {"..l.......", "wwrrrrrwww"},
		"lateness that goes on":                    {"llll.....w", "rrrrrrrrww"},
		"a throttled processor":                    {"t.....", "rrrrrw"},
		"77 °C is not hot":                         {"77777", "wwwww"},
		"77 °C is hot for one that was":            {"9777777755555", "rrrrrrrrrrrrw"},
		"never a minute of rest and no work":       {strings.Repeat("l", 100), strings.Repeat("r", 60) + strings.Repeat("w", 20) + strings.Repeat("r", 20)},
		"right after a rest there is work at once": {"l....." + strings.Repeat("l", 30), "rrrrrw" + strings.Repeat("w", 19) + strings.Repeat("r", 11)},
	} {
		if got := paced(c.strains); got != c.want {
			t.Errorf("%s:\n%s\n%s, want\n%s", name, c.strains, got, c.want)
		}
	}
}

func TestWhatIsNotReadWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var late atomic.Bool
		late.Store(true)
		tools := &Tools{Log: slog.New(slog.DiscardHandler), Root: t.TempDir(), ViewersLate: late.Load}
		began := time.Now()
		time.AfterFunc(9500*time.Millisecond, func() { late.Store(false) })
		data, err := io.ReadAll(tools.yielding(t.Context(), strings.NewReader("film"), nil))
		if err != nil || string(data) != "film" {
			t.Errorf("%q, %v", data, err)
		}
		if waited := time.Since(began); waited != 14*time.Second {
			t.Errorf("read after %v; it was last seen to be late after 9 s, and rests for 5 s more", waited)
		}
	})
}

func TestARestEndsWithItsJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tools := &Tools{Log: slog.New(slog.DiscardHandler), Root: t.TempDir(), ViewersLate: func() bool { return true }}
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		if _, err := io.ReadAll(tools.yielding(ctx, strings.NewReader("film"), nil)); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("it waited for %v", waited)
		}
	})
}

func TestWhoWaitsForTheFilmIsHelpedByAWarmBox(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		root := t.TempDir()
		files(t, root, map[string]string{
			"sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
			"sys/class/thermal/thermal_zone0/temp": "83000\n",
		})
		tools := &Tools{Log: slog.New(slog.DiscardHandler), Root: root}
		for watched, want := range map[bool]time.Duration{true: 0, false: mostRest} {
			began := time.Now()
			if _, err := io.ReadAll(tools.yielding(t.Context(), strings.NewReader("film"), func() bool { return watched })); err != nil {
				t.Error(err)
			}
			if waited := time.Since(began); waited != want {
				t.Errorf("watched %t: it rested for %v, want %v", watched, waited, want)
			}
		}
	})
}

func TestHeatIsReadFromTheKernel(t *testing.T) {
	t.Parallel()
	const zone, volt = "sys/class/thermal/thermal_zone%d/%s", "sys/class/hwmon/hwmon2/"
	const firmware = "sys/devices/platform/soc/soc:firmware/get_throttled"
	cool := map[string]string{fmt.Sprintf(zone, 0, "type"): "cpu-thermal\n", fmt.Sprintf(zone, 0, "temp"): "48312\n"}
	for name, c := range map[string]struct {
		files map[string]string
		want  strain
	}{
		"nothing is known": {nil, strain{}},
		"a cool Pi":        {cool, strain{milliCelsius: 48312}},
		"a hot disk is none of ours": {
			map[string]string{fmt.Sprintf(zone, 1, "type"): "nvme", fmt.Sprintf(zone, 1, "temp"): "91000"}, strain{},
		},
		"too little voltage": {map[string]string{volt + "name": "rpi_volt\n", volt + "in0_lcrit_alarm": "1\n"}, strain{throttled: true}},
		"where the voltage is watched, the older way is not used": {
			map[string]string{volt + "name": "rpi_volt\n", volt + "in0_lcrit_alarm": "0\n", firmware: "50005\n"}, strain{},
		},
		"throttled now, by the older way":    {map[string]string{firmware: "50005\n"}, strain{throttled: true}},
		"throttled at some time":             {map[string]string{firmware: "0x50000\n"}, strain{}},
		"the soft limit of a 3B+":            {map[string]string{firmware: "80008\n"}, strain{}},
		"a file that says something strange": {map[string]string{firmware: "?\n"}, strain{}},
	} {
		root := t.TempDir()
		files(t, root, c.files)
		if got := readHeat(root); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
