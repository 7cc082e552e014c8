package report

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// What sock_diag(7) and linux/inet_diag.h say of asking for TCP sockets.
const (
	diagByFamily   = 20      // SOCK_DIAG_BY_FAMILY
	diagListening  = 1 << 10 // bit of TCP_LISTEN
	diagRequest    = 56      // bytes of inet_diag_req_v2
	diagAnswer     = 72      // bytes of inet_diag_msg
	diagPort       = 4       // where the port begins in the answer
	diagCgroup     = 21      // INET_DIAG_CGROUP_ID, since Linux 5.9
	maxCgroupsSeen = 20_000
)

// serviceAt names the service of systemd that listens at a TCP port:
// "nginx.service"; "" where it is none or cannot be told. An unprivileged user
// may not look into another's process, and inside our unit does not even see it;
// but the kernel tells everybody to which control group a socket belongs, and
// systemd gives each service one.
func serviceAt(port int) string {
	connection, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, nil)
	if err != nil {
		return ""
	}
	defer connection.Close()
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		answers, err := listeners(connection, family)
		if err != nil {
			continue // a kernel without this family, or without the answer
		}
		for _, a := range answers {
			if group, ok := cgroupOf(a.Data, port); ok {
				if name := serviceOf(cgroupPath("/sys/fs/cgroup", group)); name != "" {
					return name
				}
			}
		}
	}
	return ""
}

// listeners asks for the listening TCP sockets of a family.
func listeners(connection *netlink.Conn, family byte) ([]netlink.Message, error) {
	request := make([]byte, diagRequest)
	request[0], request[1] = family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(request[4:], diagListening)
	answers, err := connection.Execute(netlink.Message{
		Header: netlink.Header{Type: diagByFamily, Flags: netlink.Request | netlink.Dump}, Data: request,
	})
	if err != nil {
		return nil, fmt.Errorf("asking for listening sockets: %w", err)
	}
	return answers, nil
}

// cgroupOf reads the control group of a socket in an answer, if it is at the port.
func cgroupOf(answer []byte, port int) (id uint64, ok bool) {
	if len(answer) < diagAnswer || int(binary.BigEndian.Uint16(answer[diagPort:])) != port {
		return 0, false
	}
	attributes, err := netlink.NewAttributeDecoder(answer[diagAnswer:])
	if err != nil {
		return 0, false
	}
	for attributes.Next() {
		if attributes.Type() == diagCgroup {
			id, ok = attributes.Uint64(), true
		}
	}
	return id, ok && attributes.Err() == nil
}

// cgroupPath finds the folder of a control group: its id is the folder's inode.
func cgroupPath(root string, id uint64) (path string) {
	seen := 0
	_ = filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil //nolint:nilerr // one that may not be read, or is gone: the others remain
		}
		if seen++; seen > maxCgroupsSeen {
			return filepath.SkipAll
		}
		var st unix.Stat_t
		if unix.Stat(at, &st) == nil && st.Ino == id {
			path = at
			return filepath.SkipAll
		}
		return nil
	})
	return path
}

// serviceOf is the service in a control group's path: /system.slice/nginx.service/worker → nginx.service.
func serviceOf(path string) string {
	for path != "" && path != "/" && path != "." {
		if name := filepath.Base(path); strings.HasSuffix(name, ".service") && !strings.HasPrefix(name, "user@") {
			return name
		}
		path = filepath.Dir(path)
	}
	return ""
}
