package web

import (
	"os"
	"strings"
)

// machineNames are the names the network may know this machine by: its host
// name bare, as .local, and in each domain that the resolver searches.
func machineNames() []string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return nil // the box's own name and its addresses remain
	}
	conf, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		conf = nil // none on this system: no search domains
	}
	return namesOf(host, string(conf))
}

func namesOf(host, resolvConf string) []string {
	bare, _, _ := strings.Cut(host, ".")
	names := []string{host, bare, bare + ".local"}
	for line := range strings.Lines(resolvConf) {
		fields := strings.Fields(line)
		if len(fields) < 2 || (fields[0] != "search" && fields[0] != "domain") {
			continue
		}
		for _, domain := range fields[1:] {
			if domain = strings.Trim(domain, "."); domain != "" {
				names = append(names, bare+"."+domain)
			}
		}
	}
	return names
}
