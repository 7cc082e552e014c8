package main

import (
	"fmt"
	"strings"

	"streambox.local/appliance/network/wifi"
)

// networkSettings are what a person can choose of the radio.
type networkSettings struct {
	Mode     string // auto, off
	Country  string // "": not told
	Name     string // of the box's own Wi-Fi; "": made of the serial number
	Password string
	Band     string // auto, 2.4
}

// hotspotPassword stands in the README and on the join card.
const hotspotPassword = "streambox"

func defaultNetwork() networkSettings {
	return networkSettings{Mode: "off", Password: hotspotPassword, Band: "auto"}
}

// networkRows are the settings of the network.
func networkRows() []setting {
	return []setting{
		{
			key: "network", help: "`WHETHER` the service looks after Wi-Fi: auto, with streambox-wifi.txt on the card, else an access point of its own; or off (default off)",
			set:  func(s *settings, v []string) error { return oneOf(&s.Network.Mode, v[0], "auto", "off") },
			off:  func(s *settings) { s.Network.Mode = "off" },
			show: func(s settings) string { return s.Network.Mode },
		},
		{
			key: "country", help: "`CODE` of the country, two letters like DE: which channels Wi-Fi may use",
			set: func(s *settings, v []string) error {
				code := strings.ToUpper(strings.TrimSpace(v[0]))
				if code != "" && !wifi.IsCountry(code) {
					return fmt.Errorf("%q is no country; write two letters like DE, GB or US", v[0])
				}
				s.Network.Country = code
				return nil
			},
			show: func(s settings) string { return s.Network.Country },
		},
		{
			key: "hotspot-name", help: "`NAME` of the box's own Wi-Fi, 1 to 32 bytes (default StreamBox- and four characters of the serial number)",
			set: func(s *settings, v []string) error {
				if v[0] != "" && !wifi.ValidName(v[0]) {
					return fmt.Errorf("%q is no name for a Wi-Fi network; use 1 to 32 bytes", v[0])
				}
				s.Network.Name = v[0]
				return nil
			},
			show: func(s settings) string { return s.Network.Name },
		},
		{
			key: "hotspot-password", help: "`PASSWORD` of the box's own Wi-Fi, 8 to 63 characters (default " + hotspotPassword + ")",
			set: func(s *settings, v []string) error {
				if !wifi.ValidPassword(v[0]) {
					return fmt.Errorf("the password of a Wi-Fi network has 8 to 63 characters") // without the password: this goes into logs
				}
				s.Network.Password = v[0]
				return nil
			},
			show: func(s settings) string {
				if s.Network.Password == hotspotPassword {
					return hotspotPassword
				}
				return "(another)"
			},
		},
		{
			key: "hotspot-band", help: "`BAND` of the box's own Wi-Fi: auto, 5 GHz where board and country allow it, or 2.4, which every phone hears (default auto)",
			set:  func(s *settings, v []string) error { return oneOf(&s.Network.Band, v[0], "auto", "2.4") },
			show: func(s settings) string { return s.Network.Band },
		},
	}
}
