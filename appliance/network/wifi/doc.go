// Package wifi is what a person tells the box of a Wi-Fi network, and how the
// box tells it to a phone.
//
// # The file
//
// streambox-wifi.txt has three lines, written on any computer:
//
//	network=School
//	password=correct horse
//	country=DE
//
// [Parse] takes what editors and people make of it: a byte order mark, UTF-16
// as old Notepads save it, the line ends of Windows and old Macs, spaces, quotes
// (also those that phones and Word turn round), capital letters, the words ssid
// and psk. [IsFile] knows the file with its ending doubled, as a Windows that hides
// endings makes it. What cannot be meant is named with its line, and nothing is
// guessed: a password that is too short is refused here and not by an access
// point a minute later.
//
// # Limits, by the standard
//
// A network's name is 1 to 32 bytes (IEEE 802.11-2020, 9.4.2.2), a password of
// WPA2 8 to 63 bytes, or the key itself as 64 hexadecimal digits (12.4.7 and
// annex J.4); an empty one, or none, means an open network. The country is two
// letters of ISO 3166-1: it decides which channels may be used, so a wrong one is
// refused rather than passed on.
//
// # Keys and not passwords
//
// [Network.Key] is PBKDF2 of the password, as the standard says (J.4.1). What is
// given to wpa_supplicant is the key and the name in hexadecimal digits, so nothing
// that stands in the file can mean anything in its settings.
package wifi
