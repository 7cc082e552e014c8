package transcode

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"testing"

	"streambox.local/transcode/packager"
)

// A film that becomes lighter every two seconds, by its key frames.
func TestTilesAreTheKeyFramesInTheirOrder(t *testing.T) {
	tools := realTools(t)
	const lighter = "color=black:s=320x180:r=25:d=24,geq=lum='10+9*floor(T/2)*2':cb=128:cr=128"
	for name, codec := range map[string][]string{
		"a.mp4": {"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-bf", "2"},
		"a.mkv": {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=50:min-keyint=50", "-pix_fmt", "yuv420p"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), name)
			ffmpeg(t, append(join([]string{"-f", "lavfi", "-i", lighter}, codec), file)...)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, err := tools.Probe(t.Context(), FileInput(file))
			if err != nil {
				t.Fatal(err)
			}
			in := bytes.NewReader(data)
			title, err := packager.Open(t.Context(), in, in.Size(), packager.Choice{Sound: packager.NoSound, Modern: name == "a.mkv"})
			if err != nil {
				t.Fatal(err)
			}
			stream := title.Init()
			for n := range title.Segments() {
				one, wrong := title.KeyFrame(t.Context(), in, n)
				if wrong != nil {
					t.Fatal(wrong)
				}
				stream = append(stream, one...)
			}
			tiles, err := tools.Tiles(t.Context(), stream, title.Segments(), m)
			if err != nil || len(tiles) != 6 {
				t.Fatalf("%d tiles of 6: %v", len(tiles), err)
			}
			before := byte(0)
			for i, tile := range tiles {
				if tile.Rect.Max != image.Pt(160, 90) {
					t.Fatalf("tile %d is %v", i, tile.Rect)
				}
				light := tile.Y[tile.YOffset(80, 45)]
				if i > 0 && (int(light) < int(before)+20 || int(light) > int(before)+60) {
					t.Errorf("tile %d has brightness %d, the one before %d", i, light, before)
				}
				before = light
			}
			for _, wrong := range []int{5, 7, 0, mostTiles + 1} {
				if _, err := tools.Tiles(t.Context(), stream, wrong, m); err == nil {
					t.Errorf("%d tiles of 6 key frames is no error", wrong)
				}
			}
		})
	}
}

func TestTileSize(t *testing.T) {
	for name, c := range map[string]struct {
		video *Video
		want  image.Point
	}{
		"16:9":                 {&Video{Width: 1920, Height: 1080}, image.Pt(160, 90)},
		"wide":                 {&Video{Width: 1920, Height: 800}, image.Pt(160, 66)},
		"4:3 with wide pixels": {&Video{Width: 720, Height: 576, SampleAspect: [2]int{16, 15}}, image.Pt(160, 120)},
		"upright":              {&Video{Width: 1080, Height: 1920}, image.Pt(68, 120)},
		"a strip":              {&Video{Width: 4, Height: 1000}, image.Pt(16, 120)},
		"a line":               {&Video{Width: 4000, Height: 2}, image.Pt(160, 16)},
		"no picture":           {nil, image.Point{}},
		"nonsense":             {&Video{}, image.Point{}},
	} {
		if got := TileSize(Media{Video: c.video}); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
