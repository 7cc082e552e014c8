package main

import (
	"strings"
	"testing"

	"rsc.io/qr"

	"streambox.local/transcode"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain é 日本 👩\u200d🚀": "plain é 日本 👩\u200d🚀",
		"\x1b[31mred\x07":     "\uFFFD[31mred\uFFFD",
		"a\nb\tc":             "a\uFFFDb\uFFFDc",
		"x\u202egpj.exe":      "x\uFFFDgpj.exe",
		"bad\xff":             "bad\uFFFD",
	} {
		if got := printable(text); got != want {
			t.Errorf("printable(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTheProgressLineFitsEveryTerminal(t *testing.T) {
	for _, label := range []string{"film.mkv", strings.Repeat("a long name ", 30), strings.Repeat("映画", 40), "👩\u200d🚀.mp4", ""} {
		for _, now := range []transcode.Progress{{}, {Fraction: 0.5, SecondsLeft: 4321}, {Fraction: 1}, {Fraction: 7}, {Speed: 2.5}} {
			for columns := range 140 {
				if line := barLine(label, now, columns); width(line) > columns {
					t.Fatalf("%d columns wide where %d are: %q", width(line), columns, line)
				}
			}
		}
	}
}

func TestTheProgressLine(t *testing.T) {
	now := transcode.Progress{Fraction: 0.42, SecondsLeft: 80}
	for _, tt := range []struct {
		columns int
		want    string
	}{
		{79, "film.mkv [##########----------------]  42 %, 1 min 20 s left"},
		{60, "film.mkv [########------------]  42 %, 1 min 20 s left"},
		{36, "film.mkv  42 %, 1 min 20 s left"},
		{30, "42 %, 1 min 20 s left"},
		{24, "42 %, 1 min 20 s left"},
	} {
		if got := barLine("film.mkv", now, tt.columns); got != tt.want {
			t.Errorf("%d columns: %q, want %q", tt.columns, got, tt.want)
		}
	}
}

func TestProgressWithoutATerminalIsALineAtEveryTenth(t *testing.T) {
	a, _, stderr := testApp()
	p := newProgress(a.stderr, "/films/film\x1b.mkv", 2, 3)
	for n := range 101 {
		p.update(transcode.Progress{Fraction: float64(n) / 100})
	}
	p.clear()
	text := stderr.String()
	if strings.Count(text, "\n") != 9 || !strings.HasPrefix(text, "2/3 film\uFFFD.mkv: 10 %\n") || strings.ContainsAny(text, "\x1b\r") {
		t.Errorf("%q", text)
	}
}

func TestProgressOnATerminalIsOneLine(t *testing.T) {
	a, _, stderr := testApp()
	a.stderr.isTTY, a.stderr.size = true, func() int { return 40 }
	p := newProgress(a.stderr, "film.mkv", 1, 1)
	p.update(transcode.Progress{Fraction: 0.1})
	p.update(transcode.Progress{Fraction: 0.2})
	p.clear()
	if text := stderr.String(); strings.Contains(text, "\n") || strings.Count(text, "\r") != 3 || !strings.HasSuffix(text, "\r\x1b[K") {
		t.Errorf("%q", text)
	}
}

func TestTheQRCodeIsTheOneOfTheAddress(t *testing.T) {
	const address = "http://192.168.178.123:3003"
	code, err := qr.Encode(address, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	for _, colour := range []bool{true, false} {
		lines, err := qrLines(address, colour)
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != (code.Size+2*quiet+1)/2 {
			t.Fatalf("%d lines for %d modules", len(lines), code.Size)
		}
		for n, line := range lines {
			if colour != (strings.HasPrefix(line, "\x1b[40;97m") && strings.HasSuffix(line, "\x1b[0m")) {
				t.Fatalf("colour %v, but line %q", colour, line)
			}
			line = strings.TrimSuffix(strings.TrimPrefix(line, "\x1b[40;97m"), "\x1b[0m")
			for column, r := range []rune(line) {
				x, y := column-quiet, 2*n-quiet
				if top := r == '█' || r == '▀'; top == code.Black(x, y) {
					t.Fatalf("module %d,%d is wrong", x, y)
				}
				if bottom := r == '█' || r == '▄'; y+1 < code.Size+quiet && bottom == code.Black(x, y+1) {
					t.Fatalf("module %d,%d is wrong", x, y+1)
				}
			}
		}
	}
}

func TestTheBanner(t *testing.T) {
	urls := []string{"http://192.168.1.5:3003", "http://[fd00::5]:3003"}
	for _, tt := range []struct {
		sentence     string
		tty          bool
		columns      int
		when         string
		code, escape bool
	}{
		{"a script gets the addresses alone", false, 0, "auto", false, false},
		{"a terminal gets a code", true, 80, "auto", true, true},
		{"a terminal too narrow for a code gets none", true, 20, "auto", false, false},
		{"nobody gets a code who wants none", true, 80, "never", false, false},
		{"who asks for a code gets it into a file, without escapes", false, 0, "always", true, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			a, stdout, _ := testApp()
			a.stdout.isTTY, a.stdout.colour, a.stdout.size = tt.tty, tt.tty, func() int { return tt.columns }
			a.banner(urls, tt.when)
			text := stdout.String()
			if !strings.Contains(text, urls[0]+"\n") || !strings.Contains(text, urls[1]+"\n") {
				t.Errorf("an address is missing: %s", text)
			}
			if strings.Contains(text, "█") != tt.code || strings.Contains(text, "\x1b") != tt.escape {
				t.Errorf("code %v, escapes %v, want %v and %v", strings.Contains(text, "█"), strings.Contains(text, "\x1b"), tt.code, tt.escape)
			}
			if !tt.tty && tt.when == "auto" && text != strings.Join(urls, "\n")+"\n" {
				t.Errorf("a script got %q", text)
			}
		})
	}
}
