package wifi

import (
	"fmt"
	"regexp"
	"strings"
)

// MaxFileBytes is more than any sensible file has; what is larger is not read.
const MaxFileBytes = 4096

// The codes of what can be wrong, for the page's own words.
const (
	CodeNotText   = "wifi_not_text"   // the file is no text, or far too large
	CodeLine      = "wifi_line"       // a line that is not understood
	CodeTwice     = "wifi_twice"      // a line that stands twice
	CodeName      = "wifi_name"       // a name that no network can have
	CodePassword  = "wifi_password"   // a password that no network can have
	CodeCountry   = "wifi_country"    // no country
	CodeNoNetwork = "wifi_no_network" // no line network=
)

// Codes are all of them.
func Codes() []string {
	return []string{CodeNotText, CodeLine, CodeTwice, CodeName, CodePassword, CodeCountry, CodeNoNetwork}
}

// Wrong is a line that is not used, and why. Line counts from 1; 0 is the whole file.
type Wrong struct {
	Line int
	Code string
	Text string // a sentence in English; never with the password in it
}

// The file's name, and what Windows makes of it, and computers of a second download.
var fileName = regexp.MustCompile(`(?i)^streambox[-_ ]?wi-?fi( ?\(\d\))?(\.txt){1,2}$`)

// IsFile says whether a file in the top folder is one of ours by its name.
func IsFile(name string) bool { return fileName.MatchString(name) }

// Parse reads the file. ok says whether there is a network to join; wrong lines
// are named whether or not. Of a line that stands twice the first counts.
func Parse(data []byte) (n Network, wrong []Wrong, ok bool) {
	content, isText := text(data)
	if len(data) > MaxFileBytes || !isText {
		return Network{}, []Wrong{{0, CodeNotText, "The file is not plain text; save it as UTF-8."}}, false
	}
	p := parser{seen: map[string]bool{}}
	for i, line := range lines(content) {
		p.line(i+1, line)
	}
	if !p.seen["network"] {
		p.wrong = append(p.wrong, Wrong{0, CodeNoNetwork, "The line network= is missing."})
	}
	if p.garbled && !p.seen["password"] {
		p.unusable = true // "pasword=…" must not make the box join an open network of that name
	}
	usable := p.network.Name != "" && !p.unusable
	if !usable {
		p.network = Network{Country: p.network.Country}
	}
	return p.network, p.wrong, usable
}

type parser struct {
	network  Network
	seen     map[string]bool
	unusable bool
	garbled  bool // a line is not understood
	wrong    []Wrong
}

// words are what a line may begin with.
var words = map[string]string{
	"network": "network", "ssid": "network", "name": "network", "wifi": "network", "wi-fi": "network",
	"password": "password", "psk": "password", "passphrase": "password", "key": "password",
	"country": "country",
}

func (p *parser) line(number int, line string) {
	line = strings.TrimFunc(line, isBlank)
	if line == "" || line[0] == '#' || line[0] == ';' {
		return
	}
	note := func(code, format string, values ...any) {
		p.wrong = append(p.wrong, Wrong{number, code, fmt.Sprintf(format, values...)})
	}
	word, value, found := strings.Cut(line, "=")
	if !found {
		word, value, _ = strings.Cut(line, ":")
	}
	key, known := words[strings.ToLower(trimmed(word))]
	if !known {
		p.garbled = true
		note(CodeLine, "Line %d is not understood; lines begin with network=, password= or country=.", number)
		return
	}
	if p.seen[key] {
		note(CodeTwice, "Line %d says %s= a second time; the first one counts.", number, key)
		return
	}
	p.seen[key] = true
	value = trimmed(value)
	switch key {
	case "network":
		if p.network.Name = value; !validName(value) {
			p.network.Name = ""
			note(CodeName, "Line %d: the name of a Wi-Fi network is 1 to %d bytes long.", number, maxNameBytes)
		}
	case "password":
		if p.network.Password = value; !validPassword(value) {
			p.unusable = true
			note(CodePassword, "Line %d: a Wi-Fi password is %d to %d characters long, or %d hexadecimal digits.",
				number, minPasswordBytes, maxPasswordBytes, keyDigits)
		}
	case "country":
		code := strings.ToUpper(value)
		if !IsCountry(code) {
			note(CodeCountry, "Line %d: a country is two letters like DE, GB or US.", number)
			return
		}
		p.network.Country = code
	}
}
