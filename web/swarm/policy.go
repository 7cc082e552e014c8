package swarm

// Policy is --p2p and what the box knows of its link.
type Policy struct {
	Mode string `json:"mode"`           // auto | on | off; anything else is auto
	Role string `json:"role,omitempty"` // wired | client | accessPoint
}

// why says whether a group of so many able pages exchanges segments.
// auto: where the box is itself the access point, a segment from a peer crosses
// its radio twice (up from one phone, down to the other) and one from the box
// once: sharing can only cost there.
func (p Policy) why(able int) (on bool, why string) {
	switch {
	case p.Mode == "off":
		return false, "off"
	case p.Mode != "on" && p.Role == "accessPoint":
		return false, "accessPoint"
	case able < 2:
		return false, "alone"
	}
	return true, "shared"
}
