package fmp4

import "encoding/binary"

// boxes gathers boxes, one inside the other.
type boxes struct {
	data []byte
	open []int // where the boxes begin that are not closed
}

// begin opens a box.
func (b *boxes) begin(kind string) {
	b.open = append(b.open, len(b.data))
	b.data = append(append(b.data, 0, 0, 0, 0), kind...)
}

// full opens a box with version and flags.
func (b *boxes) full(kind string, version byte, flags uint32) {
	b.begin(kind)
	b.u32(uint32(version)<<24 | flags)
}

// end closes the box that was opened last.
func (b *boxes) end() {
	at := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	binary.BigEndian.PutUint32(b.data[at:], uint32(len(b.data)-at)) //nolint:gosec // headers of some kilobytes
}

// raw adds a whole box.
func (b *boxes) raw(kind string, body []byte) {
	b.begin(kind)
	b.data = append(b.data, body...)
	b.end()
}

func (b *boxes) u16(n uint16)   { b.data = binary.BigEndian.AppendUint16(b.data, n) }
func (b *boxes) u32(n uint32)   { b.data = binary.BigEndian.AppendUint32(b.data, n) }
func (b *boxes) u64(n uint64)   { b.data = binary.BigEndian.AppendUint64(b.data, n) }
func (b *boxes) zeros(n int)    { b.data = append(b.data, make([]byte, n)...) }
func (b *boxes) text(s string)  { b.data = append(b.data, s...) }
func (b *boxes) bytes(p []byte) { b.data = append(b.data, p...) }

// matrix is the one that turns nothing.
func (b *boxes) matrix() {
	for _, n := range [9]uint32{1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30} {
		b.u32(n)
	}
}
