package web

import (
	"fmt"
	"net/http"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"streambox.local/web/joincard"
)

// joinPage is /join: what a projector shows to the room. While the box has a
// Wi-Fi of its own there are two codes: one joins it, the other opens the page there.
func (s *Server) joinPage(w http.ResponseWriter, r *http.Request) error {
	share := s.shareURL(r)
	st := s.cfg.Box.Status()
	spot, hosting := s.cfg.Hotspot()
	if hosting {
		share = s.urlAt(spot)
	}
	also := make([]string, 0, len(st.URLs))
	for _, u := range st.URLs {
		if u != share {
			also = append(also, u)
		}
	}
	if !hosting {
		s.sendPage(w, r, http.StatusOK, projectorPage(st.Name, s.icon(), share, also))
		return nil
	}
	told := s.words.in(r.Header.Get("Accept-Language"))
	w.Header().Add("Vary", "Accept-Language")
	s.sendPage(w, r, http.StatusOK, twoCodesPage(told, st.Name, s.icon(), spot, share, also))
	return nil
}

// joinCard is /join-card.pdf: the same on paper.
func (s *Server) joinCard(w http.ResponseWriter, r *http.Request) error {
	share := s.shareURL(r)
	card := joincard.Card{Page: share}
	if spot, hosting := s.cfg.Hotspot(); hosting {
		card = joincard.Card{Name: spot.Name, Password: spot.Password, Code: spot.Code, Page: s.urlAt(spot)}
	}
	card.Pages = []string{bare(card.Page)}
	for _, u := range s.cfg.Box.Status().URLs {
		if name := bare(u); strings.Contains(name, ".local") {
			card.Pages = append(card.Pages, name)
		}
	}
	pdf, err := card.PDF()
	if err != nil {
		return fmt.Errorf("making the join card: %w", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `inline; filename="streambox-join-card.pdf"`)
	s.send(w, r, http.StatusOK, "application/pdf", pdf)
	return nil
}

// urlAt is the page's address on the box's own Wi-Fi: with the port of the others.
func (s *Server) urlAt(spot Hotspot) string {
	return numbered(spot.Address, portOfURLs(s.cfg.Box.Status().URLs))
}

// twoCodesPage shows the way into the Wi-Fi and to the page, one line each.
func twoCodesPage(told words, name, icon string, spot Hotspot, url string, also []string) g.Node {
	step := func(number, code, alt, heading string, lines ...g.Node) g.Node {
		return h.Section(
			h.H2(h.Span(h.Class("step"), g.Text(number)), g.Text(" "+heading)),
			h.Img(h.Class("code"), h.Src(code), h.Alt(alt), h.Width("480"), h.Height("480")),
			g.Group(lines),
		)
	}
	return localPage(told, name, "join two", icon,
		step("1", "/qr.svg?for=wifi", "QR code of "+spot.Name, told.of("join.wifi"),
			h.P(h.Class("address"), h.Dir("ltr"), g.Text(spot.Name)),
			h.P(h.Class("password"), g.Text(told.of("join.password")+": "), h.B(h.Dir("ltr"), g.Text(spot.Password)))),
		step("2", "/qr.svg?for=url&on=wifi", "QR code of "+url, told.of("join.open"),
			h.P(h.Class("address"), h.Dir("ltr"), g.Text(bare(url))),
			g.Map(also, func(address string) g.Node { return h.P(h.Class("also"), h.Dir("ltr"), g.Text(bare(address))) })),
		h.P(h.Class("print"), h.A(h.Href("/join-card.pdf"), g.Text(told.of("join.print")))),
	)
}
