package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFolderName(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{"/films/Big Buck Bunny.mkv", "Big Buck Bunny"},
		{"Film.2019.1080p.mkv", "Film.2019.1080p"},
		{"Пони 🦄.mp4", "Пони 🦄"},
		{"noending", "noending"},
		{".hidden.mp4", "hidden"},
		{"....mp4", "mp4"},
		{".mp4", "mp4"},
		{"-i.mp4", "_-i"},
		{"--out=x.mp4", "_--out=x"},
		{"a:b?c*d\"e<f>g|h\\i.mp4", "a_b_c_d_e_f_g_h_i"},
		{"line\nbreak\x1b[31m.mp4", "line_break_[31m"},
		{"turned\u202earound.mp4", "turned_around"},
		{"bad\xffutf8.mp4", "bad_utf8"},
		{"dots and spaces. . .mp4", "dots and spaces"},
		{"CON.mp4", "_CON"},
		{"com1.old.mp4", "_com1.old"},
		{"console.mp4", "console"},
		{"   .mp4", "mp4"},
		{"..", "film"},
		{strings.Repeat("é", 127) + ".mp4", strings.Repeat("é", 100)},
	} {
		if got := folderName(tt.file); got != tt.want {
			t.Errorf("folderName(%q) = %q, want %q", tt.file, got, tt.want)
		}
	}
}

func FuzzFolderName(f *testing.F) {
	f.Add("film.mkv")
	f.Add("../..")
	f.Fuzz(func(t *testing.T, file string) {
		name := folderName(file)
		if name == "" || name[0] == '.' || name[0] == '-' || strings.ContainsAny(name, "/\\\x00\n") || len(name) > nameMax+1 || !utf8.ValidString(name) {
			t.Errorf("folderName(%q) = %q", file, name)
		}
	})
}
