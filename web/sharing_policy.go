package web

import (
	"cmp"
	"fmt"
	"slices"

	"streambox.local/web/swarm"
)

func policyOf(cfg Config) (swarm.Policy, error) {
	switch cfg.P2P {
	case "":
		cfg.P2P = "auto"
	case "auto", "on", "off":
	default:
		return swarm.Policy{}, fmt.Errorf("web: P2P is %q, which is none of auto, on, off", cfg.P2P)
	}
	return swarm.Policy{Mode: cfg.P2P, Role: cfg.Role()}, nil
}

// look follows the box's links: a page's may become another kind of link, and the
// box's main one is another with a cable. Called once a second.
func (sh *sharing) look() {
	role := sh.s.cfg.Role()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if role != sh.policy.Role {
		sh.policy.Role = role
		_ = sh.apply(swarm.Input{Do: "policy", Policy: &swarm.Policy{Mode: sh.policy.Mode, Role: role}}) // cannot be against the protocol
	}
	var turned []*conn
	for _, c := range sh.pages {
		if is := sh.s.linkAt(c.local).Role; is != c.role {
			c.role = is
			turned = append(turned, c)
		}
	}
	slices.SortFunc(turned, func(a, b *conn) int { return cmp.Compare(a.key, b.key) })
	for _, c := range turned {
		_ = sh.apply(swarm.Input{Do: "role", Peer: c.peer, Member: &swarm.Member{Role: c.role}}) // nor can this
	}
}

// view is what the box tells of the swarm.
func (sh *sharing) view() swarmView {
	sh.mu.Lock()
	policy := sh.policy
	sh.mu.Unlock()
	return swarmView{
		Policy: policy.Mode, Why: whyShared(policy), Viewers: sh.s.presence.Viewers(),
		HTTPBytes: sh.s.meters.segmentBytes.Get(), P2PBytes: sh.s.meters.peerBytes.Get(),
	}
}

// whyShared says in a sentence what the policy does here.
func whyShared(p swarm.Policy) string {
	switch {
	case p.Mode == "off":
		return "Sharing between phones is switched off in the settings."
	case p.Mode == "on":
		return "Sharing between phones is switched on in the settings."
	case p.Role == "accessPoint":
		return "On this box's own Wi-Fi a film that one phone hands to another crosses the air twice: phones there take it from the box. Others hand it to each other."
	default:
		return "Phones that watch the same title hand it to each other."
	}
}
