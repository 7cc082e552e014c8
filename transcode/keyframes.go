package transcode

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Containers call a picture a key frame when decoding may start there somehow;
// a segment needs an IDR, after which nothing refers back. The difference is
// read from the bytes of the first key frame and of some spread over the film.

// keyFramePlaces are parts of the length. An index makes each a cheap seek.
var keyFramePlaces = []float64{0.2, 0.4, 0.6, 0.8}

// keyFrameBytes of each packet are looked at: headers and the start of the
// first slice lie there.
const keyFrameBytes = 16 << 10

// readKeyFrames counts the key frames looked at and the IDRs among them.
func (t *Tools) readKeyFrames(ctx context.Context, files *sources, m Media) (read, idrs int, err error) {
	result, err := t.run(ctx, program{
		path:  t.FFprobe,
		args:  flatten(keyFrameArguments(len(files.files), m)),
		files: files.files,
		consume: func(r io.Reader) error {
			read, idrs, err = countIDRs(r)
			return err
		},
	})
	if err != nil {
		return 0, 0, fmt.Errorf("ffprobe: read key frames: %w: %s", err, firstLines(result.stderr))
	}
	return read, idrs, nil
}

func keyFrameArguments(files int, m Media) []argument {
	intervals := []string{"%+#1"}
	if m.DurationSeconds > 0 {
		for _, part := range keyFramePlaces {
			at := m.StartSeconds + part*m.DurationSeconds
			if at > 0 {
				intervals = append(intervals, strconv.FormatFloat(at, 'f', 3, 64)+"%+#1")
			}
		}
	}
	list := []argument{{words("-hide_banner", "-v", "error"), "stderr tells only what failed"}}
	list = append(list, inputLimits()...)
	return append(list,
		argument{words("-select_streams", "V:0"), "the picture that is played, not its cover"},
		argument{words("-read_intervals", strings.Join(intervals, ",")), "one packet at each place, found by the index"},
		argument{words("-show_packets", "-show_data", "-show_entries", "packet=pts,dts,pos,flags,data"), "where it lies and its flags before the bytes they are about"},
		argument{words("-of", "default"), "line by line: a large packet needs no memory"},
		argument{words(inputURL(files)), "an open descriptor, never a name"})
}

// countIDRs reads ffprobe's packets: "pts=0", "flags=K_", then "00000010: 0605 ffff …".
func countIDRs(r io.Reader) (read, idrs int, err error) {
	var packet []byte
	var key bool
	var place string
	seen := make(map[string]bool) // near the start two places share a key frame
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "[PACKET]":
			packet, key, place = packet[:0], false, ""
		case strings.HasPrefix(line, "pts="), strings.HasPrefix(line, "dts="), strings.HasPrefix(line, "pos="):
			place += line
		case strings.HasPrefix(line, "flags="):
			key = strings.HasPrefix(line, "flags=K")
		case line == "[/PACKET]":
			if kind := pictureKind(packet); key && kind != nalUnknown && !seen[place] {
				seen[place] = true
				read++
				if kind == nalIDR {
					idrs++
				}
			}
		case key && len(packet) < keyFrameBytes:
			packet = appendDump(packet, line)
		}
	}
	if err := lines.Err(); err != nil {
		return read, idrs, fmt.Errorf("read ffprobe's packets: %w", err)
	}
	return read, idrs, nil
}

// appendDump adds the bytes of one line of a dump; other lines add nothing.
func appendDump(packet []byte, line string) []byte {
	const offsetEnd, dumpEnd = 10, 10 + 8*5 // "00000000: " and eight groups of four digits with a space
	if len(line) < offsetEnd || line[8] != ':' {
		return packet
	}
	digits := strings.ReplaceAll(line[offsetEnd:min(dumpEnd, len(line))], " ", "")
	data, err := hex.DecodeString(digits)
	if err != nil {
		return packet
	}
	return append(packet, data...)
}

// H.264's NAL unit types that matter here.
const (
	nalUnknown   = 0
	nalSlice     = 1
	nalPartition = 2
	nalIDR       = 5
)

// pictureKind is the type of the first slice in a packet: Annex B (start codes)
// or AVCC (lengths of 4, 2 or 1 bytes; the container says which, the bytes do too).
func pictureKind(packet []byte) int {
	if len(packet) > 4 && packet[0] == 0 && packet[1] == 0 && (packet[2] == 1 || packet[2] == 0 && packet[3] == 1) {
		if kind := annexBKind(packet); kind != nalUnknown {
			return kind
		}
	}
	for _, size := range []int{4, 2, 1, 3} {
		if kind := lengthKind(packet, size); kind != nalUnknown {
			return kind
		}
	}
	return nalUnknown
}

func slice(kind int) bool { return kind == nalSlice || kind == nalPartition || kind == nalIDR }

func annexBKind(packet []byte) int {
	for i := 0; i+3 < len(packet); i++ {
		if packet[i] == 0 && packet[i+1] == 0 && packet[i+2] == 1 {
			if kind := int(packet[i+3] & 0x1f); slice(kind) {
				return kind
			}
			i += 2
		}
	}
	return nalUnknown
}

func lengthKind(packet []byte, size int) int {
	for len(packet) > size {
		var word [4]byte
		copy(word[4-size:], packet[:size])
		length := int64(binary.BigEndian.Uint32(word[:]))
		kind := int(packet[size] & 0x1f)
		if length == 0 || packet[size]&0x80 != 0 { // the forbidden bit: not these lengths
			return nalUnknown
		}
		if slice(kind) {
			return kind
		}
		if length >= int64(len(packet)-size) {
			return nalUnknown
		}
		packet = packet[int64(size)+length:]
	}
	return nalUnknown
}
