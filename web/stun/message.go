package stun

import (
	"encoding/binary"
	"hash/crc32"
	"net/netip"
)

// RFC 8489, sections 5 and 14.
const (
	headerBytes      = 20
	bindingRequest   = 0x0001
	bindingSuccess   = 0x0101
	magicCookie      = 0x2112A442
	xorMappedAddress = 0x0020
	fingerprint      = 0x8028
	fingerprintXOR   = 0x5354554e
	optionalFrom     = 0x8000 // attributes from here on may be ignored
)

// understood are the attributes below optionalFrom that a request may have
// without being asked to: they change nothing about a server's answer.
// USERNAME, MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256, PRIORITY, USE-CANDIDATE.
func understood(attribute uint16) bool {
	switch attribute {
	case 0x0006, 0x0008, 0x001C, 0x0024, 0x0025:
		return true
	default:
		return attribute >= optionalFrom
	}
}

// isRequest tells whether packet is a Binding request, whole and nothing more.
func isRequest(packet []byte) bool {
	if len(packet) < headerBytes || len(packet)%4 != 0 ||
		binary.BigEndian.Uint16(packet) != bindingRequest ||
		int(binary.BigEndian.Uint16(packet[2:])) != len(packet)-headerBytes ||
		binary.BigEndian.Uint32(packet[4:]) != magicCookie {
		return false
	}
	for at := headerBytes; at < len(packet); {
		if at+4 > len(packet) {
			return false
		}
		attribute := binary.BigEndian.Uint16(packet[at:])
		size := int(binary.BigEndian.Uint16(packet[at+2:]))
		end := at + 4 + (size+3)&^3
		if end > len(packet) || !understood(attribute) {
			return false
		}
		if attribute == fingerprint && (size != 4 || end != len(packet) ||
			binary.BigEndian.Uint32(packet[at+4:]) != crc32.ChecksumIEEE(packet[:at])^fingerprintXOR) {
			return false
		}
		at = end
	}
	return true
}

// appendAnswer appends the success answer to request: from is where it came from.
func appendAnswer(out, request []byte, from netip.AddrPort) []byte {
	addr := from.Addr().Unmap()
	family, size := byte(1), uint16(8)
	if addr.Is6() {
		family, size = 2, 20
	}
	out = binary.BigEndian.AppendUint16(out, bindingSuccess)
	out = binary.BigEndian.AppendUint16(out, 4+size)
	out = append(out, request[4:headerBytes]...) // cookie and transaction
	out = binary.BigEndian.AppendUint16(out, xorMappedAddress)
	out = binary.BigEndian.AppendUint16(out, size)
	out = append(out, 0, family)
	out = binary.BigEndian.AppendUint16(out, from.Port()^(magicCookie>>16))
	mask := request[4:headerBytes] // cookie, then transaction: 16 bytes, as long as an IPv6 address
	for i, b := range addr.AsSlice() {
		out = append(out, b^mask[i])
	}
	return out
}
