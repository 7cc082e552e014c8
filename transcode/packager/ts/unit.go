package ts

// appendUnit adds the packets of one access unit.
func appendUnit(dst []byte, s Stream, u *Unit, counter *byte) []byte {
	var head [19]byte
	header := pes(head[:0], s, u)
	left := len(header) + u.Size
	part, parts := header, u.Parts
	pid := FirstPID + u.Stream
	field := u.field()
	begins := byte(0x40)
	for after := u.packets() + u.extra - 1; after >= 0; after-- {
		payload := min(room-field, left-after)
		dst = append(dst, syncByte, begins|byte(pid>>8&0x1f), byte(pid&0xff), 0x10|*counter)
		*counter = (*counter + 1) & 0x0f
		if payload < room {
			dst[len(dst)-1] |= 0x20
			dst = appendField(dst, u, room-payload, begins != 0)
		}
		left -= payload
		for payload > 0 {
			n := min(payload, len(part))
			dst = append(dst, part[:n]...)
			part, payload = part[n:], payload-n
			if len(part) == 0 && len(parts) > 0 {
				part, parts = parts[0], parts[1:]
			}
		}
		begins, field = 0, 0
	}
	return dst
}

// stuffing is what adaptation fields are filled up with.
var stuffing = func() (s [room]byte) {
	for i := range s {
		s[i] = 0xff
	}
	return s
}()

// appendField adds an adaptation field of so many bytes, its length included.
func appendField(dst []byte, u *Unit, size int, first bool) []byte {
	dst = append(dst, byte((size-1)&0xff))
	if size == 1 {
		return dst
	}
	var flags byte
	if first && u.Key {
		flags |= 0x40 // random_access_indicator
	}
	used := flagField
	if first && u.Stream == 0 {
		flags |= 0x10 // PCR_flag
		used = clockField
		clock := uint64(u.DTS-clockLead) & (1<<33 - 1) //nolint:gosec // the lowest 33 bits are meant, of negative times too
		dst = append(dst, flags, byte(clock>>25&0xff), byte(clock>>17&0xff), byte(clock>>9&0xff), byte(clock>>1&0xff), byte(clock&1)<<7|0x7e, 0)
	} else {
		dst = append(dst, flags)
	}
	return append(dst, stuffing[:size-used]...)
}

// pes appends the header of a PES packet.
func pes(dst []byte, s Stream, u *Unit) []byte {
	header := u.pesHeader()
	length := header - 6 + u.Size
	if length > 0xffff {
		length = 0 // not bounded: allowed for pictures, which alone are that long
	}
	dst = append(dst, 0, 0, 1, s.ID, byte(length>>8&0xff), byte(length&0xff), 0x84) // data_alignment_indicator
	if u.PTS == u.DTS {
		return appendStamp(append(dst, 0x80, 5), 2, u.PTS)
	}
	return appendStamp(appendStamp(append(dst, 0xc0, 10), 3, u.PTS), 1, u.DTS)
}

func appendStamp(dst []byte, prefix byte, ticks int64) []byte {
	t := uint64(ticks) & (1<<33 - 1) //nolint:gosec // the lowest 33 bits are meant, of negative times too
	return append(dst, prefix<<4|byte(t>>30&7)<<1|1, byte(t>>22&0xff), byte(t>>15&0x7f)<<1|1, byte(t>>7&0xff), byte(t&0x7f)<<1|1)
}
