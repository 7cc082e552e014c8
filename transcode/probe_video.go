package transcode

import (
	"math"
	"strconv"
	"strings"
)

func video(s streamJSON, container string) *Video {
	v := &Video{
		Index: s.Index, Codec: s.Codec, Profile: known(s.Profile), PixelFormat: s.PixelFormat,
		BitDepth: bitDepth(s), Width: s.Width, Height: s.Height, SampleAspect: [2]int{1, 1},
		FieldOrder: known(s.FieldOrder), ColorTransfer: known(s.Transfer),
		ColorPrimaries: known(s.Primaries), ColorSpace: known(s.Space), Frames: integer(s.Frames), StartSeconds: seconds(s.Start), BFrames: s.BFrames > 0,
	}
	// MP4 counts its pictures exactly, so its 0 means it; elsewhere it is a
	// field that nobody filled in.
	if s.Frames == "0" && strings.HasPrefix(container, "mov") {
		v.Frames = -1
	}
	v.FramesPerSecond, v.VariableRate = frameRate(s.AverageRate, s.Rate)
	v.RotationDegrees, v.Mirrored = rotation(s)
	if aspect := fraction(s.SampleAspect, ":"); aspect.Sign() > 0 && aspect.Num().IsInt64() && aspect.Num().Int64() <= math.MaxUint16 &&
		aspect.Denom().Int64() <= math.MaxUint16 {
		v.SampleAspect = [2]int{int(aspect.Num().Int64()), int(aspect.Denom().Int64())}
	}
	return v
}

// bitDepth comes from the stream or from the name of its pixel format: p10le,
// p010le, yuv420p12.
func bitDepth(s streamJSON) int {
	if n := integer(s.RawBits); n > 0 && n <= 16 {
		return int(n)
	}
	for _, depth := range []int{9, 10, 12, 14, 16} {
		text := strconv.Itoa(depth)
		if strings.Contains(s.PixelFormat, "p"+text) || strings.Contains(s.PixelFormat, "p0"+text) || strings.Contains(s.PixelFormat, "gray"+text) {
			return depth
		}
	}
	if s.PixelFormat == "" {
		return 0
	}
	return 8
}

// frameRate compares the average with r_frame_rate, the finest rhythm that all
// pictures fit in: where they differ, pictures last for different times. The
// rhythm of interlaced and of sloppy files is often twice the average, exactly;
// that is no variation.
func frameRate(average, base string) (perSecond float64, variable bool) {
	a, _ := fraction(average, "/").Float64()
	b, _ := fraction(base, "/").Float64()
	if a == 0 {
		return b, false
	}
	if b == 0 {
		return a, false
	}
	const tolerance = 0.005
	ratio := b / a
	if math.Abs(ratio-1) < tolerance || math.Abs(ratio-2) < 2*tolerance {
		return a, false
	}
	return a, true
}

// rotation reads the display matrix: by how much a player turns the picture
// clockwise (ffprobe says it counterclockwise), and whether it flips it.
func rotation(s streamJSON) (clockwise int, mirrored bool) {
	found := false
	for _, d := range s.SideData {
		if d.Type != "Display Matrix" {
			continue
		}
		degrees, err := d.Rotation.Float64()
		if err != nil || math.IsNaN(degrees) || math.IsInf(degrees, 0) {
			continue
		}
		clockwise, mirrored, found = quarterTurns(-degrees), flips(d.Matrix), true
	}
	if !found { // old MOV and TS files
		clockwise = quarterTurns(seconds(s.Tags["rotate"]))
	}
	return clockwise, mirrored
}

func quarterTurns(degrees float64) int {
	return ((int(math.Round(math.Mod(degrees, 360)/90))*90)%360 + 360) % 360
}

// flips: the upper left 2×2 of the matrix has a negative determinant.
func flips(matrix string) bool {
	var numbers []float64
	for line := range strings.Lines(matrix) {
		_, row, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		for field := range strings.FieldsSeq(row) {
			numbers = append(numbers, seconds(field))
		}
	}
	const a, b, c, d = 0, 1, 3, 4
	return len(numbers) == 9 && numbers[a]*numbers[d]-numbers[b]*numbers[c] < 0
}
