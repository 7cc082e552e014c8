package h264

import (
	"fmt"

	"streambox.local/transcode/packager/bits"
	"streambox.local/transcode/packager/track"
)

// sps is what is needed of a sequence parameter set.
type sps struct {
	rbsp    []byte // with the NAL header
	vuiAt   int    // bit position of vui_parameters_present_flag
	vui     bool
	aspect  [2]uint32 // sample aspect ratio; zeros: not said
	afterAR int       // bit position behind the aspect ratio
	reorder int
}

// aspects is table E-1: sample aspect ratios by aspect_ratio_idc.
var aspects = [...][2]uint32{
	{},
	{1, 1},
	{12, 11},
	{10, 11},
	{16, 11},
	{40, 33},
	{24, 11},
	{20, 11},
	{32, 11},
	{80, 33},
	{18, 11},
	{15, 11},
	{64, 33},
	{160, 99},
	{4, 3},
	{3, 2},
	{2, 1},
}

const extendedAspect = 255 // Extended_SAR

// parseSPS reads a sequence parameter set (7.3.2.1.1).
func parseSPS(nal []byte) (*sps, error) {
	const mostBytes = 4096 // real ones have some dozen; scaling lists add some hundred
	if len(nal) < 4 || len(nal) > mostBytes || nal[0]&0x1f != nalSPS {
		return nil, fmt.Errorf("%w: no sequence parameter set", track.ErrDamaged)
	}
	s := &sps{rbsp: bits.Unescape(nal)}
	profile, constraints, level := s.rbsp[1], s.rbsp[2], s.rbsp[3]
	r := &bits.Reader{Data: s.rbsp, At: 32}
	r.Golomb() // seq_parameter_set_id
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		highProfile(r)
	}
	r.Golomb() // log2_max_frame_num_minus4
	order := r.Golomb()
	switch order {
	case 0:
		r.Golomb()
	case 1:
		r.Bit()
		r.Golomb()
		r.Golomb()
		for n := r.Golomb(); n > 0 && n < 256; n-- {
			r.Golomb()
		}
	}
	references := int(r.Golomb())
	r.Bit()
	width, height := int(r.Golomb())+1, int(r.Golomb())+1 // in macroblocks, map units
	if r.Bit() == 0 {                                     // frame_mbs_only_flag
		r.Bit()
		height *= 2
	}
	r.Bit()
	if r.Bit() == 1 { // cropping
		for range 4 {
			r.Golomb()
		}
	}
	s.vuiAt = r.At
	s.vui = r.Bit() == 1
	s.reorder = reorderLimit(profile, constraints, level, width, height, references, order)
	if s.vui {
		s.readVUI(r)
	}
	if r.Bad {
		return nil, fmt.Errorf("%w: a sequence parameter set is too short", track.ErrDamaged)
	}
	return s, nil
}

func highProfile(r *bits.Reader) {
	chroma := r.Golomb()
	if chroma == 3 {
		r.Bit()
	}
	r.Golomb()
	r.Golomb()
	r.Bit()
	if r.Bit() == 0 { // seq_scaling_matrix_present_flag
		return
	}
	lists := 8
	if chroma == 3 {
		lists = 12
	}
	for i := range lists {
		if r.Bit() == 0 {
			continue
		}
		size := 16
		if i >= 6 {
			size = 64
		}
		scalingList(r, size)
	}
}

// scalingList passes over one (7.3.2.1.1.1).
func scalingList(r *bits.Reader, size int) {
	last, next := 8, 8
	for range size {
		if next != 0 {
			code := int(r.Golomb())
			delta := (code + 1) / 2
			if code%2 == 0 {
				delta = -delta
			}
			next = (last + delta + 256) & 255
		}
		if next != 0 {
			last = next
		}
	}
}

// readVUI reads what is needed of vui_parameters (E.1.1). What a stream says of
// its reordering is a promise; without it the limit of its level holds.
func (s *sps) readVUI(r *bits.Reader) {
	if r.Bit() == 1 {
		if idc := r.Bits(8); idc == extendedAspect {
			s.aspect = [2]uint32{r.Bits(16), r.Bits(16)}
		} else if int(idc) < len(aspects) {
			s.aspect = aspects[idc]
		}
	}
	s.afterAR = r.At
	if r.Bit() == 1 { // overscan
		r.Bit()
	}
	if r.Bit() == 1 { // video signal type
		r.Bits(4)
		if r.Bit() == 1 {
			r.Bits(24)
		}
	}
	if r.Bit() == 1 { // chroma location
		r.Golomb()
		r.Golomb()
	}
	if r.Bit() == 1 { // timing
		r.Bits(32)
		r.Bits(32)
		r.Bit()
	}
	nal, vcl := hrd(r), hrd(r)
	if nal || vcl {
		r.Bit()
	}
	r.Bit()           // pic_struct_present_flag
	if r.Bit() == 1 { // bitstream_restriction_flag
		r.Bit()
		for range 4 {
			r.Golomb()
		}
		if n := r.Golomb(); !r.Bad && n <= mostReorder {
			s.reorder = int(n)
		}
	}
	r.Bad = false // a cut-off end of it does no harm
}

// hrd passes over hrd_parameters, if they are there.
func hrd(r *bits.Reader) bool {
	if r.Bit() == 0 {
		return false
	}
	count := r.Golomb() + 1
	r.Bits(8)
	for range min(count, 32) {
		r.Golomb()
		r.Golomb()
		r.Bit()
	}
	r.Bits(20)
	return true
}

const mostReorder = 16

// reorderLimit is the most that a stream may reorder when it does not say so:
// the frames that its level lets a decoder hold (table A-1, MaxDpbMbs).
func reorderLimit(profile, constraints, level byte, width, height, references int, order uint32) int {
	if profile == 66 || order == 2 { // Baseline has no B pictures; neither has this order
		return 0
	}
	intraOnly := constraints&0x10 != 0 && (profile == 44 || profile == 100 || profile == 110 || profile == 122 || profile == 244)
	if intraOnly {
		return 0
	}
	most := map[byte]int{
		9: 396, 10: 396, 11: 900, 12: 2376, 13: 2376, 20: 2376, 21: 4752, 22: 8100, 30: 8100, 31: 18000, 32: 20480,
		40: 32768, 41: 32768, 42: 34816, 50: 110400, 51: 184320, 52: 184320,
	}[level]
	frames := mostReorder
	if size := width * height; size > 0 && most > 0 {
		frames = min(most/size, mostReorder)
	}
	return max(frames, min(references, mostReorder), 1)
}

// withAspect returns the parameter set with the shape of a pixel in it. One
// that says the same already, or cannot be changed, is returned as it is.
func (s *sps) withAspect(raw []byte, aspect [2]uint32) []byte {
	have := s.aspect
	if have[0] == 0 || have[1] == 0 {
		have = [2]uint32{1, 1}
	}
	if aspect[0] == 0 || aspect[1] == 0 || uint64(have[0])*uint64(aspect[1]) == uint64(have[1])*uint64(aspect[0]) {
		return raw
	}
	for aspect[0] > 0xffff || aspect[1] > 0xffff {
		aspect[0], aspect[1] = aspect[0]>>1, aspect[1]>>1
	}
	end := s.end()
	if aspect[0] == 0 || aspect[1] == 0 || end <= s.vuiAt {
		return raw
	}
	w := &bitWriter{}
	s.copyBits(w, 0, s.vuiAt)
	w.bits(0b11, 2) // vui_parameters_present_flag, aspect_ratio_info_present_flag
	w.bits(extendedAspect, 8)
	w.bits(aspect[0], 16)
	w.bits(aspect[1], 16)
	if s.vui {
		s.copyBits(w, s.afterAR, end)
	} else {
		w.bits(0, 8) // overscan, signal type, chroma location, timing, two HRDs, pic_struct, restriction: none
	}
	w.bits(1, 1) // rbsp_stop_one_bit
	return escape(w.data)
}

// end is the bit position of the stop bit.
func (s *sps) end() int {
	for at := 8*len(s.rbsp) - 1; at >= 0; at-- {
		if s.rbsp[at/8]>>(7-at%8)&1 == 1 {
			return at
		}
	}
	return 0
}

func (s *sps) copyBits(w *bitWriter, from, to int) {
	r := &bits.Reader{Data: s.rbsp, At: from}
	for range to - from {
		w.bits(r.Bit(), 1)
	}
}
