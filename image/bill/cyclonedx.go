package bill

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Subject is what a bill of materials is about.
type Subject struct {
	Name    string // streambox, or the card's
	Type    string // of CycloneDX: application, operating-system
	Version string
	At      time.Time // of the commit
}

// The parts of CycloneDX 1.6 that are used (ECMA-424, chapter on the JSON format).
type (
	cdxBill struct {
		Format       string          `json:"bomFormat"`
		Spec         string          `json:"specVersion"`
		Serial       string          `json:"serialNumber"`
		Version      int             `json:"version"`
		Metadata     cdxMetadata     `json:"metadata"`
		Components   []cdxComponent  `json:"components"`
		Dependencies []cdxDependency `json:"dependencies"`
	}
	cdxMetadata struct {
		Timestamp string       `json:"timestamp"`
		Component cdxComponent `json:"component"`
	}
	cdxComponent struct {
		Type     string       `json:"type"`
		Ref      string       `json:"bom-ref"`
		Name     string       `json:"name"`
		Version  string       `json:"version"`
		Hashes   []cdxHash    `json:"hashes,omitempty"`
		Licences []cdxLicence `json:"licenses,omitempty"`
		PURL     string       `json:"purl,omitempty"`
	}
	cdxHash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	cdxLicence struct {
		Expression string `json:"expression"`
	}
	cdxDependency struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn,omitempty"`
	}
)

// CycloneDX is the bill of materials as JSON: works and packages are parts of
// the subject. Its serial number follows from its content.
func CycloneDX(about Subject, works []Work, packages []Package) ([]byte, error) {
	b := cdxBill{
		Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: cdxMetadata{
			Timestamp: about.At.UTC().Format(time.RFC3339),
			Component: cdxComponent{
				Type: about.Type, Ref: about.Name, Name: about.Name, Version: about.Version,
				Licences: []cdxLicence{{"MIT"}},
			},
		},
	}
	if about.Type == "operating-system" {
		b.Metadata.Component.Licences = nil // a card is under all of its packages' licences
	}
	for _, w := range works {
		c := cdxComponent{Type: "library", Name: w.Name, Version: w.Version, PURL: w.purl(), Licences: []cdxLicence{{w.Licence}}}
		if w.SHA512 != "" {
			c.Hashes = []cdxHash{{"SHA-512", w.SHA512}}
		}
		b.Components = append(b.Components, c)
	}
	for _, p := range packages {
		b.Components = append(b.Components, cdxComponent{Type: "library", Name: p.Name, Version: p.Version, PURL: p.purl()})
	}
	whole := cdxDependency{Ref: about.Name}
	for i := range b.Components {
		b.Components[i].Ref = b.Components[i].PURL
		whole.On = append(whole.On, b.Components[i].PURL)
	}
	b.Dependencies = []cdxDependency{whole}
	unnumbered, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("writing the bill of materials: %w", err)
	}
	b.Serial = serial(sha256.Sum256(unnumbered))
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the bill of materials: %w", err)
	}
	return append(text, '\n'), nil
}

// serial is a UUID of version 8 (RFC 9562, 5.8: bits of our own choice).
func serial(sum [sha256.Size]byte) string {
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// purl is the package URL (the specification of that name), as scanners look
// packages up by it.
func (w Work) purl() string {
	name := w.Name
	if w.Kind == NPM {
		name = strings.Replace(name, "@", "%40", 1)
	}
	return "pkg:" + string(w.Kind) + "/" + name + "@" + escaped(w.Version)
}

func (p Package) purl() string {
	return "pkg:deb/debian/" + escaped(p.Name) + "@" + escaped(p.Version) + "?arch=" + escaped(p.Architecture) +
		"&upstream=" + escaped(p.Source.Name+"@"+p.Source.Version)
}

// escaped leaves letters, digits and -._~ as they are; what else Debian's
// versions have, + and :, means something in a URL.
func escaped(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "%7E", "~") }
