package mdns

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/miekg/dns"
)

// compareClaims decides between two who ask for a name at the same moment (RFC
// 6762, 8.2): the records in order of class, type and data; the first
// difference decides, and more records win. Positive: ours win.
func compareClaims(ours, theirs []dns.RR) int {
	return slices.CompareFunc(sortedData(ours), sortedData(theirs), bytes.Compare)
}

// sortedData is each record as class, type and data, in order.
func sortedData(records []dns.RR) [][]byte {
	var out [][]byte
	for _, rr := range records {
		h := rr.Header()
		key := binary.BigEndian.AppendUint16(nil, h.Class&^topBit)
		key = binary.BigEndian.AppendUint16(key, h.Rrtype)
		out = append(out, append(key, dataOf(rr)...))
	}
	slices.SortFunc(out, bytes.Compare)
	return out
}

// behindName is what stands between a record's name and its data: type, class, TTL, length.
const behindName = 2 + 2 + 4 + 2

// dataOf is a record's data as it stands in a packet without compression.
func dataOf(rr dns.RR) []byte {
	packed := make([]byte, dns.Len(rr)+behindName)
	end, err := dns.PackRR(rr, packed, 0, nil, false)
	if err != nil {
		return nil // what cannot be written loses
	}
	_, start, err := dns.UnpackDomainName(packed[:end], 0)
	if err != nil || start+behindName > end {
		return nil
	}
	return packed[start+behindName : end]
}

// claims are the records by which somebody asks for a name in a probe.
func claims(msg *dns.Msg, name string) []dns.RR {
	var out []dns.RR
	for _, rr := range msg.Ns {
		if about(rr.Header().Name, name) {
			out = append(out, rr)
		}
	}
	return out
}
