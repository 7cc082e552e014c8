package joincard

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"rsc.io/qr"
)

// Card is what the sheet says.
type Card struct {
	Name     string   // of the Wi-Fi; "" for a card that fits every box: its name is not known
	Password string   // "": the box has no Wi-Fi of its own, and the card only shows the page
	Code     string   // the Wi-Fi's QR code; "" with Name
	Page     string   // address of the page, for the code
	Pages    []string // and as people type it, best first
}

// A4 in points, and what lies where on it.
const (
	width, height = 595, 842
	margin        = 56
	codeSize      = 190
	firstTop      = 640 // upper edges of the two codes
	secondTop     = 360
	textLeft      = margin + codeSize + 28
	textWidth     = width - margin - textLeft
)

// PDF is the sheet.
func (c Card) PDF() ([]byte, error) {
	var p page
	p.text(margin, height-96, 34, bold, "Films for everybody here")
	p.text(margin, height-124, 14, plain, "On your phone, without internet and without an app.")
	top := float64(firstTop)
	if c.Password != "" {
		if err := c.wifi(&p); err != nil {
			return nil, err
		}
		p.step(top, "1.  Join the Wi-Fi")
		top = secondTop
		p.step(top, "2.  Open the page")
		p.text(margin, 78, 12, plain, "About eight phones can watch on the box's own Wi-Fi at once.")
	} else {
		p.step(top, "Open the page")
	}
	if err := p.code(margin, top, c.Page); err != nil {
		return nil, err
	}
	y := top - 62
	for i, at := range c.Pages {
		p.fit(textLeft, y, []float64{22, 15}[min(i, 1)], []font{bold, plain}[min(i, 1)], at)
		y -= 30
	}
	p.text(margin, 96, 12, plain, "If your phone asks whether to keep a Wi-Fi without internet: yes.")
	return p.pdf(), nil
}

func (c Card) wifi(p *page) error {
	if c.Name == "" {
		p.text(textLeft, firstTop-62, 15, plain, "Its name begins with")
		p.text(textLeft, firstTop-88, 22, bold, "StreamBox-")
	} else {
		p.fit(textLeft, firstTop-66, 22, bold, c.Name)
	}
	p.text(textLeft, firstTop-120, 15, plain, "Password")
	p.fit(textLeft, firstTop-146, 22, bold, c.Password)
	if c.Code == "" {
		return nil
	}
	return p.code(margin, firstTop, c.Code)
}

type font string

const (
	plain font = "F1"
	bold  font = "F2"
)

// page is a content stream (ISO 32000-1, 7.8.2). Coordinates are points from below left.
type page struct{ content bytes.Buffer }

// letters is a text in the font's encoding, as a string of PDF.
func letters(s string) string {
	encoded := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok || b < ' ' {
			b = '?'
		}
		encoded = append(encoded, b)
	}
	return fmt.Sprintf("<%x>", encoded)
}

func (p *page) text(x, y, size float64, f font, s string) {
	fmt.Fprintf(&p.content, "BT /%s %g Tf %g %g Td %s Tj ET\n", f, size, x, y, letters(s))
}

// averageWidth is of Helvetica's letters, in parts of the size; generous.
const averageWidth = 0.6

// fit is text that is made smaller where it would run off the sheet.
func (p *page) fit(x, y, size float64, f font, s string) {
	if need := averageWidth * size * float64(len([]rune(s))); need > textWidth {
		size *= textWidth / need
	}
	p.text(x, y, size, f, s)
}

// step is what to do, beside its code.
func (p *page) step(top float64, what string) { p.text(textLeft, top-24, 18, bold, what) }

// code draws a QR code with its upper left corner there; runs of black squares are one rectangle.
func (p *page) code(x, top float64, text string) error {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return fmt.Errorf("drawing a QR code: %w", err)
	}
	unit := float64(codeSize) / float64(c.Size)
	for row := range c.Size {
		for col := 0; col < c.Size; col++ {
			start := col
			for col < c.Size && c.Black(col, row) {
				col++
			}
			if col > start {
				fmt.Fprintf(&p.content, "%.3f %.3f %.3f %.3f re\n", x+float64(start)*unit, top-float64(row+1)*unit, float64(col-start)*unit, unit)
			}
		}
	}
	p.content.WriteString("f\n")
	return nil
}

// pdf is the file around the page: objects, and where they are (7.5.4).
func (p *page) pdf() []byte {
	helvetica := func(name string) string {
		return "<< /Type /Font /Subtype /Type1 /BaseFont /" + name + " /Encoding /WinAnsiEncoding >>"
	}
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>", width, height),
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", p.content.Len(), p.content.String()),
		helvetica("Helvetica"), helvetica("Helvetica-Bold"),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var table strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table.String(), len(objects)+1, at)
	return b.Bytes()
}
