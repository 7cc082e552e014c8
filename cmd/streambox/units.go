package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var byteUnits = map[string]float64{
	"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

// parseBytes reads a size with its unit: "1GiB", "500 MB".
func parseBytes(text string) (int64, error) {
	number, unit, err := quantity(text)
	factor, known := byteUnits[unit]
	if err != nil || !known || number*factor >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is not a size; write a number with its unit, for instance 1GiB or 500MB", text)
	}
	return int64(number * factor), nil
}

var timeUnits = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// parseTime reads a time with its unit: "4s", "1.5h".
func parseTime(text string) (time.Duration, error) {
	number, unit, err := quantity(text)
	factor, known := timeUnits[unit]
	if err != nil || !known || number*float64(factor) >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is not a time; write a number with its unit, for instance 4s, 10min or 2h", text)
	}
	return time.Duration(number * float64(factor)), nil
}

// quantity splits "1.5GiB" into 1.5 and "GiB". Only plain numbers: no sign, no exponent.
func quantity(text string) (number float64, unit string, err error) {
	text = strings.TrimSpace(text)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	if strings.Trim(text[:end], "0123456789.") != "" {
		return 0, "", strconv.ErrSyntax
	}
	number, err = strconv.ParseFloat(text[:end], 64)
	return number, strings.TrimSpace(text[end:]), err
}

// reserve is how much of the disk is left free.
type reserve struct {
	bytes   int64
	percent float64 // instead of bytes when > 0
}

// defaultReserve is the larger of 1 GiB and 10 % (reserve{}).
func (r reserve) of(totalBytes int64) int64 {
	switch {
	case r.percent > 0:
		return int64(float64(totalBytes) * r.percent / 100)
	case r.bytes > 0:
		return r.bytes
	default:
		return max(1<<30, totalBytes/10)
	}
}

func (r reserve) String() string {
	switch {
	case r.percent > 0:
		return strconv.FormatFloat(r.percent, 'g', -1, 64) + "%"
	case r.bytes > 0:
		return strconv.FormatInt(r.bytes, 10) + "B"
	default:
		return "auto"
	}
}

func parseReserve(text string) (reserve, error) {
	if text == "auto" {
		return reserve{}, nil
	}
	if number, isPercent := strings.CutSuffix(text, "%"); isPercent {
		p, unit, err := quantity(number)
		if err != nil || unit != "" || p <= 0 || p > 90 {
			return reserve{}, fmt.Errorf("%q is not a share of the disk; write 1%% to 90%%, a size like 1GiB, or auto", text)
		}
		return reserve{percent: p}, nil
	}
	n, err := parseBytes(text)
	if err != nil || n == 0 {
		return reserve{}, fmt.Errorf("%q is not an amount to keep free; write a size like 1GiB, a share like 10%%, or auto", text)
	}
	return reserve{bytes: n}, nil
}
