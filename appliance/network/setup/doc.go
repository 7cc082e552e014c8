// Package setup is the root's part of the network: it makes the radio what the
// program asked for, and nothing else.
//
// # The door
//
// The program, which has no rights, writes a [Request] to
// /run/streambox/request/network; a path unit sees it and starts `streambox helper
// network`, a oneshot without arguments. The helper trusts nothing: the file must be
// a plain one of the service's own user and small, its JSON without a word too many, every
// value within its bounds, and the owner of the machine must have said in the
// settings that the network is ours. Then what reaches the system is made of fixed
// words, numbers of a list, and hexadecimal digits ([Request.Supplicant]): no name
// and no password is ever written as it is.
//
// # What does the work
//
// wpa_supplicant is client and access point, one program and one unit
// (streambox-wifi@<interface>.service); systemd-networkd, which has the cable anyway,
// asks for an address or gives them out. Not hostapd beside it: two programs that own a
// radio in turns need somebody between them, and what it can do more (many access
// points, RADIUS) is nothing for a cinema; NetworkManager makes its hotspots with
// wpa_supplicant too, so brcmfmac is used to it. Not NetworkManager: it wants D-Bus
// rights, keeps its own idea of what should be up, and is ten times the size. Not dnsmasq:
// networkd gives out addresses, and the names are the program's own (package names).
package setup
