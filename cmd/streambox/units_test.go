package main

import (
	"testing"
	"time"
)

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{"1GiB": 1 << 30, "500MB": 500e6, "1.5 KiB": 1536, " 2TB ": 2e12, "7B": 7} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("parseBytes(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "GiB", "-1GiB", "1e3MB", "1gib", "1 G iB", "99999999999TiB", "1..5GiB", "0x1MB"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("parseBytes(%q) = %d, want an error", text, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]time.Duration{"4s": 4 * time.Second, "10min": 10 * time.Minute, "1.5h": 90 * time.Minute, "250ms": 250 * time.Millisecond, "30 d": 720 * time.Hour} {
		if got, err := parseTime(text); err != nil || got != want {
			t.Errorf("parseTime(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "4", "4m", "-4s", "s", "4s4s"} {
		if got, err := parseTime(text); err == nil {
			t.Errorf("parseTime(%q) = %v, want an error", text, got)
		}
	}
}

func TestReserve(t *testing.T) {
	for text, want := range map[string]int64{"auto": 10 << 30, "2GiB": 2 << 30, "25%": 25 << 30} {
		r, err := parseReserve(text)
		if err != nil || r.of(100<<30) != want {
			t.Errorf("%q of 100 GiB = %d, %v, want %d", text, r.of(100<<30), err, want)
		}
	}
	if got := (reserve{}).of(4 << 30); got != 1<<30 {
		t.Errorf("of a small disk %d are kept, want 1 GiB", got)
	}
}
