package bill

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// lockFile is what is read of package-lock.json (version 3).
type lockFile struct {
	Packages map[string]struct {
		Version, License, Integrity string
		Dev, DevOptional            bool
	}
}

// npmPackages are those of the lock that the page takes with it, not those of
// development.
func npmPackages(nodeModules string) ([]Work, error) {
	text, err := os.ReadFile(filepath.Join(nodeModules, "..", "package-lock.json"))
	if err != nil {
		return nil, fmt.Errorf("listing the page's packages: %w", err)
	}
	var lock lockFile
	if err = json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("reading package-lock.json: %w", err)
	}
	var works []Work
	for place, p := range lock.Packages {
		if place == "" || p.Dev || p.DevOptional {
			continue
		}
		const folder = "node_modules/"
		within, ok := strings.CutPrefix(place, folder)
		if !ok {
			return nil, fmt.Errorf("package-lock.json has a package at %q, which is no place for one", place)
		}
		name := place[strings.LastIndex(place, folder)+len(folder):]
		w := Work{Kind: NPM, Name: name, Version: p.Version, Licence: p.License}
		if w.SHA512, err = sha512Of(p.Integrity); err != nil {
			return nil, fmt.Errorf("package-lock.json on %s: %w", name, err)
		}
		found, texts, err := licencesIn(filepath.Join(nodeModules, within))
		if err != nil {
			return nil, fmt.Errorf("the licence of %s: %w", name, err)
		}
		if found != p.License {
			return nil, fmt.Errorf("%s says %q of its licence, whose text is that of %q", name, p.License, found)
		}
		w.Texts = texts
		works = append(works, w)
	}
	return works, nil
}

// sha512Of reads an entry of subresource integrity; "" is none.
func sha512Of(integrity string) (string, error) {
	if integrity == "" {
		return "", nil
	}
	encoded, ok := strings.CutPrefix(integrity, "sha512-")
	if !ok {
		return "", fmt.Errorf("%q is no SHA-512", integrity)
	}
	sum, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", fmt.Errorf("reading its SHA-512: %w", err)
	}
	return hex.EncodeToString(sum), nil
}
