package swarm

// Counts only grow, as metrics want it.
type Counts struct {
	Messages      int    `json:"messages"`
	HTTPGrants    int    `json:"httpGrants"`
	PeerGrants    int    `json:"peerGrants"`
	Waits         int    `json:"waits"`
	Leases        int    `json:"leases"`
	Expired       int    `json:"expiredLeases"`
	Introductions int    `json:"introductions"`
	ICEFailures   int    `json:"iceFailures"`
	Reports       int    `json:"reports"`
	Penalties     int    `json:"penalties"`
	Rejected      int    `json:"rejectedSegments"`
	Stalls        int    `json:"stalls"`
	Dropped       int    `json:"droppedSignals"`
	P2PBytes      uint64 `json:"p2pBytes"` // as the pages say
}
