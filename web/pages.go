package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// The pages that need no script: for old browsers, for a projector, and for
// errors. They are functions, not templates: html/template calls methods by
// name, for which the linker must keep every method of every type, 2.5 MB of
// them in the program.

// plainStyle is /pages.css.
//
//go:embed plain.css
var plainStyle []byte

// noClient stands in for the page in a program that was built without it.
//
//go:embed noclient.txt
var noClient []byte

const htmlType = "text/html; charset=utf-8"

// plainPage is a whole page around what its main part holds.
func plainPage(title, class, icon string, main ...g.Node) g.Node {
	return localPage(words{tag: "en"}, title, class, icon, main...)
}

// localPage is plainPage in the language that its words are in.
func localPage(told words, title, class, icon string, main ...g.Node) g.Node {
	return h.Doctype(h.HTML(h.Lang(told.tag), h.Dir(told.direction()),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width")),
			h.TitleEl(g.Text(title+" – StreamBox")),
			g.If(icon != "", h.Link(h.Rel("icon"), h.Href(icon), h.Type("image/svg+xml"))),
			h.Link(h.Rel("stylesheet"), h.Href("/pages.css")),
		),
		h.Body(g.If(class != "", h.Class(class)), h.Main(main...)),
	))
}

// errorPage says what went wrong. host is the name that the box was asked by
// where that was the reason.
func errorPage(title, text, host string) g.Node {
	next := []g.Node{h.P(h.A(h.Href("/"), g.Text("To the films")))}
	if host != "" {
		next = []g.Node{
			h.P(g.Text("You asked for "), h.B(g.Text(host)), g.Text(". Names that the box should answer to as well are listed in its settings file:")),
			h.Pre(g.Textf("hosts = [%q]", host)),
		}
	}
	return plainPage(title, "", "", h.H1(g.Text(title)), h.P(g.Text(text)), g.Group(next))
}

// projectorPage is what /join shows to the room.
func projectorPage(name, icon, url string, also []string) g.Node {
	return plainPage(name, "join", icon,
		h.Img(h.Class("code"), h.Src("/qr.svg?for=url"), h.Alt("QR code of "+url), h.Width("480"), h.Height("480")),
		h.P(h.Class("address"), g.Text(url)),
		g.Map(also, func(address string) g.Node { return h.P(h.Class("also"), g.Text(address)) }),
	)
}

// filmList is the list of films for browsers that cannot run the page.
func filmList(list plainList) g.Node {
	films := g.Map(list.Titles, plainFilm)
	if len(films) == 0 {
		films = append(films, h.Li(g.Text("There are no films on the box yet. Plug in a USB stick.")))
	}
	return g.Group{
		h.Ul(h.Class("plain"), films),
		g.If(list.Next != "", h.P(h.A(h.Href("/?page="+list.Next), g.Text("More")))),
		h.P(h.A(h.Href("/titles.m3u"), g.Text("All films as a playlist"))),
	}
}

func plainFilm(t plainTitle) g.Node {
	shown := g.Group{
		g.If(t.Thumbnail != "", h.Img(h.Src(t.Thumbnail), h.Alt(""), h.Width("160"), h.Height("90"), h.Loading("lazy"))),
		h.Span(g.Text(t.Title)),
		aside(t.Length),
	}
	if t.Master != "" {
		shown = g.Group{h.A(h.Href(t.Master), shown)}
	}
	return h.Li(shown, aside(t.Note), g.If(t.ForAll != "", g.Group{
		g.Text(" "), h.Small(g.Text("Not every device plays this film as it is. "),
			h.A(h.Href(t.ForAll), g.Text("For every device")), g.Text(" (the box may need a minute to prepare it)")),
	}))
}

func aside(text string) g.Node {
	return g.If(text != "", g.Group{g.Text(" "), h.Small(g.Text(text))})
}

// sendPage answers with one of them.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request, status int, page g.Node) {
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, r, status, htmlType, rendered(page))
}

// rendered is a node as HTML.
func rendered(n g.Node) []byte {
	var b bytes.Buffer
	if err := n.Render(&b); err != nil {
		panic(fmt.Errorf("writing HTML into memory: %w", err)) // only a writer that fails does
	}
	return b.Bytes()
}

// pagesStyle is /pages.css.
func (s *Server) pagesStyle(w http.ResponseWriter, r *http.Request) error {
	s.sendRevalidated(w, r, "text/css; charset=utf-8", plainStyle)
	return nil
}
