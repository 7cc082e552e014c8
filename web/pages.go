package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
)

// templates are the pages that need no script: for old browsers, for a
// projector, and for errors.
//
//go:embed templates
var templates embed.FS

const htmlType = "text/html; charset=utf-8"

// pages are the parsed templates and their style.
type pages struct {
	html  *template.Template
	style []byte
}

func loadPages() (*pages, error) {
	html, err := template.ParseFS(templates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the templates: %w", err)
	}
	style, err := templates.ReadFile("templates/pages.css")
	if err != nil {
		return nil, fmt.Errorf("reading the style: %w", err)
	}
	return &pages{html: html, style: style}, nil
}

func (p *pages) render(w io.Writer, name string, data any) error {
	if err := p.html.ExecuteTemplate(w, name, data); err != nil {
		return fmt.Errorf("making the page %s: %w", name, err)
	}
	return nil
}

// sendPage answers with one of the templates.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := s.pages.render(&b, name, data); err != nil {
		s.log.ErrorContext(r.Context(), "A page could not be made", "page", name, "err", err)
		b.Reset()
		b.WriteString("<!doctype html><title>StreamBox</title><p>Something went wrong on the box.\n")
	}
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, r, status, htmlType, b.Bytes())
}

// pagesStyle is /pages.css.
func (s *Server) pagesStyle(w http.ResponseWriter, r *http.Request) error {
	s.sendRevalidated(w, r, "text/css; charset=utf-8", s.pages.style)
	return nil
}
