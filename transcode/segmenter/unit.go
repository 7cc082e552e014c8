package segmenter

// unitScan reads the NAL types at the start of an access unit, up to its first
// slice. It takes the bytes in pieces: start codes lie across packets too.
type unitScan struct {
	zeros    int
	header   bool // the next byte is a NAL header
	sps, pps bool
	slice    uint8 // type of the first slice: 1 to 5; 0: not yet come
}

const (
	nalIDR = 5
	nalSPS = 7
	nalPPS = 8
)

// add reports whether the first slice has come; then it need not be called again.
func (u *unitScan) add(data []byte) bool {
	for _, b := range data {
		if u.header {
			u.header = false
			switch kind := b & 0x1f; kind {
			case 1, 2, 3, 4, nalIDR:
				u.slice = kind
				return true
			case nalSPS:
				u.sps = true
			case nalPPS:
				u.pps = true
			}
		}
		switch {
		case b == 0:
			u.zeros++
		case b == 1 && u.zeros >= 2:
			u.header, u.zeros = true, 0
		default:
			u.zeros = 0
		}
	}
	return false
}
