package wifi

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // G505: the standard's choice for the key of WPA2, not ours
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the standard, in bytes (see the package comment).
const (
	maxNameBytes     = 32
	minPasswordBytes = 8
	maxPasswordBytes = 63
	keyDigits        = 64
	keyRounds        = 4096
)

// Network is a Wi-Fi network to join. The zero value is none.
type Network struct {
	Name     string `json:"name"`               // SSID, 1 to 32 bytes of UTF-8
	Password string `json:"password,omitempty"` // 8 to 63 bytes, or the key as 64 hexadecimal digits; "": open
	Country  string `json:"country,omitempty"`  // two capital letters of ISO 3166-1; "": not told
}

// Check says what is wrong with a network that did not come through Parse.
func (n Network) Check() error {
	switch {
	case !validName(n.Name):
		return fmt.Errorf("the name of a Wi-Fi network is 1 to %d bytes long, without control characters", maxNameBytes)
	case !validPassword(n.Password):
		return fmt.Errorf("a Wi-Fi password is %d to %d characters long, or %d hexadecimal digits", minPasswordBytes, maxPasswordBytes, keyDigits)
	case n.Country != "" && !IsCountry(n.Country):
		return fmt.Errorf("%q is no country", n.Country)
	}
	return nil
}

// Key is the pre-shared key of WPA2 in 64 hexadecimal digits; "" for an open network.
func (n Network) Key() (string, error) {
	switch {
	case n.Password == "":
		return "", nil
	case isKey(n.Password):
		return strings.ToLower(n.Password), nil
	}
	key, err := pbkdf2.Key(sha1.New, n.Password, []byte(n.Name), keyRounds, keyDigits/2)
	if err != nil {
		return "", fmt.Errorf("making the key of a Wi-Fi network: %w", err)
	}
	return hex.EncodeToString(key), nil
}

// Code is what a QR code holds that lets a phone join ("WIFI:…", as Android and
// iOS read it). Names and passwords are escaped as ZXing defines it.
func (n Network) Code() string {
	escape := strings.NewReplacer(`\`, `\\`, `;`, `\;`, `,`, `\,`, `:`, `\:`, `"`, `\"`)
	if n.Password == "" {
		return "WIFI:T:nopass;S:" + escape.Replace(n.Name) + ";;"
	}
	return "WIFI:T:WPA;S:" + escape.Replace(n.Name) + ";P:" + escape.Replace(n.Password) + ";;"
}

// File is the network as Parse reads it, to keep it: quotes keep spaces and quotes.
func (n Network) File() []byte {
	text := `network="` + n.Name + "\"\n"
	if n.Password != "" {
		text += `password="` + n.Password + "\"\n"
	}
	if n.Country != "" {
		text += "country=" + n.Country + "\n"
	}
	return []byte(text)
}

func validName(name string) bool {
	return name != "" && len(name) <= maxNameBytes && isText(name)
}

func validPassword(password string) bool {
	if password == "" || isKey(password) {
		return true
	}
	return len(password) >= minPasswordBytes && len(password) <= maxPasswordBytes && isText(password)
}

// ValidPassword says whether a password, not a key, will do for WPA2.
func ValidPassword(password string) bool {
	return password != "" && !isKey(password) && validPassword(password)
}

// ValidName says whether a network may be called so.
func ValidName(name string) bool { return validName(name) }

func isKey(password string) bool {
	if len(password) != keyDigits {
		return false
	}
	_, err := hex.DecodeString(password)
	return err == nil
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
