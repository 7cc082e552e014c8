package vm

// plainText takes the colours, cursor movements and carriage returns out of
// what a terminal is sent, so that it can be searched and read. It keeps its
// place between calls: a sequence may be split anywhere.
type plainText struct {
	state plainState
}

type plainState int

const (
	plainBody    plainState = iota
	plainEscape             // after ESC
	plainCSI                // ESC [ … until a letter
	plainString             // ESC ] P X ^ _ … until BEL or ESC \
	plainCharset            // ESC ( and its like: one more
)

// keep appends the readable part of in to out.
func (p *plainText) keep(out, in []byte) []byte {
	for _, c := range in {
		if p.readable(c) {
			out = append(out, c)
		}
	}
	return out
}

func (p *plainText) readable(c byte) bool {
	switch p.state {
	case plainEscape:
		p.state = afterEscape(c)
	case plainCSI:
		if c >= 0x40 && c <= 0x7e {
			p.state = plainBody
		}
	case plainString:
		switch c {
		case 0x07:
			p.state = plainBody
		case 0x1b:
			p.state = plainEscape // ESC \ ends it
		}
	case plainCharset:
		p.state = plainBody
	case plainBody:
		if c == 0x1b {
			p.state = plainEscape
			return false
		}
		return c == '\n' || c == '\t' || c >= 0x20 && c != 0x7f
	}
	return false
}

func afterEscape(c byte) plainState {
	switch c {
	case '[':
		return plainCSI
	case ']', 'P', 'X', '^', '_':
		return plainString
	case '(', ')', '*', '+', '#', '%':
		return plainCharset
	default:
		return plainBody
	}
}
