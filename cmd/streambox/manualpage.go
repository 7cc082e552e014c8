package main

import (
	"fmt"
	"strings"
)

// manualPage is a page in the macros of man(7).
type manualPage struct{ text strings.Builder }

// newManualPage begins a page with its head and its NAME, which whatis(1) reads.
func newManualPage(name string, part int, short string, b build, heading string) *manualPage {
	p := new(manualPage)
	date, _, _ := strings.Cut(b.Date, "T")
	fmt.Fprintf(&p.text, ".TH %s %d \"%s\" \"StreamBox %s\" \"%s\"\n", strings.ToUpper(name), part, roff(date), roff(b.Version), heading)
	// Neither hyphens in names, nor words torn apart to fill lines.
	p.text.WriteString(".nh\n.ad l\n")
	p.section("NAME")
	p.line(name + " - " + strings.ToLower(short[:1]) + short[1:])
	return p
}

func (p *manualPage) section(title string)    { fmt.Fprintf(&p.text, ".SH \"%s\"\n", title) }
func (p *manualPage) subsection(title string) { fmt.Fprintf(&p.text, ".SS \"%s\"\n", roff(title)) }
func (p *manualPage) bold(text string)        { fmt.Fprintf(&p.text, ".B %s\n", roff(text)) }

func (p *manualPage) line(text string) {
	text = roff(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text // else it were a macro
	}
	p.text.WriteString(text + "\n")
}

// paragraph keeps the lines of a text that has several: they are lists as often as not.
func (p *manualPage) paragraph(text string) {
	p.text.WriteString(".PP\n")
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		switch {
		case line == "":
			p.text.WriteString(".PP\n")
			continue
		case i > 0:
			p.text.WriteString(".br\n")
		}
		p.line(line)
	}
}

func (p *manualPage) term(term, meaning string) {
	fmt.Fprintf(&p.text, ".TP\n.B %s\n", roff(term))
	p.line(meaning)
}

func (p *manualPage) verbatim(text string) {
	p.text.WriteString(".EX\n")
	for line := range strings.Lines(text) {
		p.line(strings.TrimSuffix(line, "\n"))
	}
	p.text.WriteString(".EE\n")
}

// roff makes text of text: a backslash is one, a hyphen can be copied and
// searched for as the minus that a shell wants, quotes do not end an argument.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`).Replace(text)
}
