package setup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"streambox.local/appliance/network/wifi"
)

// The roles of the radio, as in package hotspot.
const (
	Off         = "off"
	Client      = "client"
	AccessPoint = "accessPoint"
)

// Bounds of a request.
const (
	maxRequestBytes = 4096
	maxNetworks     = 4
)

// frequencies are the channels 1, 6, 11 and 36, in MHz: those on which no radar must be looked for.
var frequencies = []int{2412, 2437, 2462, 5180}

// Request is what the radio shall be.
type Request struct {
	Role string `json:"role"`
	// Networks are those to join as a client, best first.
	Networks []wifi.Network `json:"networks,omitempty"`
	// Own is the access point's name, password and country.
	Own *wifi.Network `json:"own,omitempty"`
	// Frequency is the access point's, in MHz.
	Frequency int `json:"frequency,omitempty"`
}

// Bytes is the request as it is written down.
func (r Request) Bytes() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("writing a request for the network: %w", err)
	}
	return b, nil
}

// Read reads and checks a request.
func Read(data []byte) (Request, error) {
	if len(data) > maxRequestBytes {
		return Request{}, errors.New("the request for the network is too long")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var r Request
	if err := d.Decode(&r); err != nil {
		return Request{}, fmt.Errorf("reading the request for the network: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Request{}, errors.New("something follows the request for the network")
	}
	return r, r.Check()
}

// Check says what is wrong with a request.
func (r Request) Check() error {
	switch r.Role {
	case Off:
		if len(r.Networks) > 0 || r.Own != nil || r.Frequency != 0 {
			return errors.New("a radio that is off has no network")
		}
	case Client:
		if len(r.Networks) == 0 || len(r.Networks) > maxNetworks || r.Own != nil || r.Frequency != 0 {
			return fmt.Errorf("a client has 1 to %d networks and nothing else", maxNetworks)
		}
		for _, n := range r.Networks {
			if err := n.Check(); err != nil {
				return err
			}
		}
	case AccessPoint:
		if r.Own == nil || len(r.Networks) > 0 || !slices.Contains(frequencies, r.Frequency) {
			return fmt.Errorf("an access point has a name and one of the frequencies %v", frequencies)
		}
		if err := r.Own.Check(); err != nil {
			return err
		}
		if !wifi.ValidPassword(r.Own.Password) {
			return errors.New("the access point's password is missing")
		}
	default:
		return fmt.Errorf("the radio cannot be %q", r.Role)
	}
	return nil
}
