package library

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
)

// manyTitles fills a folder as 10,000 probed films leave it.
func manyTitles(b *testing.B, dir string, n int) {
	b.Helper()
	l := open(b, Config{Dir: dir})
	for i := range n {
		id := addAt(b, l, i, fmt.Sprintf("Shows/Série %d/Season %d", i/100, i/20%5), fmt.Sprintf("Episode %d of many.mkv", i%20), float64(i))
		update(b, l, id, func(r *Record) {
			r.Media = json.RawMessage(`{"container":"matroska","streams":[{"codec":"h264","width":1920,"height":1080},{"codec":"aac"}]}`)
			r.Audio = []AudioTrack{{N: 0, Language: "de", Name: "Deutsch", Default: true}}
		})
	}
}

func BenchmarkOpen10000(b *testing.B) {
	dir := b.TempDir()
	manyTitles(b, dir, 10_000)
	for b.Loop() {
		if l := open(b, Config{Dir: dir}); len(l.Records()) != 10_000 {
			b.Fatal("not all are there")
		}
	}
}

// 200 films of 90 minutes: what fits on a large card.
func BenchmarkOpenFinished200(b *testing.B) {
	l := open(b, Config{})
	segments := make([]string, 1350)
	for i := range segments {
		segments[i] = "x"
	}
	for i := range 200 {
		finish(b, l, add(b, l, i, fmt.Sprint("Film ", i)), segments...)
	}
	for b.Loop() {
		if again := open(b, Config{Dir: l.cfg.Dir}); len(again.Records()) != 200 || len(again.Records()[0].Renditions) != 1 {
			b.Fatal("nothing is playable")
		}
	}
}

func BenchmarkTitles10000(b *testing.B) {
	dir := b.TempDir()
	manyTitles(b, dir, 10_000)
	l := open(b, Config{Dir: dir})
	for i := range 10_000 {
		addAt(b, l, i, fmt.Sprintf("Shows/Série %d/Season %d", i/100, i/20%5), fmt.Sprintf("Episode %d of many.mkv", i%20), float64(i))
	}
	middle := l.orders["folder"].list[5000].id
	revision := l.Titles(Query{}).Revision
	for name, query := range map[string]Query{
		"first page":      {},
		"page after 5000": {After: middle},
		"search":          {Search: "serie 7 episode 19"},
		"folder":          {Folder: "Shows/Série 42"},
		"nothing changed": {Since: revision},
		"all changed":     {Since: l.base},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Titles(query)
			}
		})
	}
	b.Run("page as JSON", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal(l.Titles(Query{})); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("update that moves a title", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			if _, err := l.change(middle, false, func(r *Record) { r.Name = fmt.Sprint("Film ", i); r.Sources[0].File = r.Name }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWrite is one title.json that can be found out again, and one of finished work.
func BenchmarkWrite(b *testing.B) {
	for name, durable := range map[string]bool{"not synced": false, "synced": true} {
		b.Run(name, func(b *testing.B) {
			l := open(b, Config{})
			i := 0
			for b.Loop() {
				i++
				if err := l.Update(testID(i%1000), durable, func(r *Record) { r.Name, r.How = fmt.Sprint(i), Direct }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDigest(b *testing.B) {
	dir := b.TempDir()
	segments := make([]string, 1350)
	r := writeRendition(b, dir, "video-00000001", segments...)
	f := NewFolder(filepath.Join(dir, r.Name))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := f.Digest(b.Context(), "seg00700.ts"); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkRememberAndKnow10000(b *testing.B) {
	for b.Loop() {
		s, _, _ := openSomeState(b)
		for i := range 10_000 {
			if err := s.RememberFile("v", fmt.Sprint(i), 1, someDay, testID(i)); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.flush(); err != nil {
			b.Fatal(err)
		}
		for i := range 10_000 {
			if _, found := s.KnownFile("v", fmt.Sprint(i), 1, someDay); !found {
				b.Fatal("not known")
			}
		}
	}
}
