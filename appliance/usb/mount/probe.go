package mount

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// probeLimit is how long a stick has to answer: spinning disks need up to ten
// seconds to start.
const probeLimit = 15 * time.Second

// Properties are udev's ID_FS_… and ID_PART_ENTRY_… of a device, and its DEVLINKS.
type Properties map[string]string

// ParseProperties reads KEY=value lines, as udev's environment and blkid -o udev
// have them. Values are untrusted.
func ParseProperties(lines []string) Properties {
	p := Properties{}
	for _, line := range lines {
		if key, value, found := strings.Cut(line, "="); found && (strings.HasPrefix(key, "ID_") || key == "DEVLINKS") {
			p[key] = value
		}
	}
	return p
}

// Apply puts what a probe found into d. Encoded forms come first: the plain ones
// have blanks and the like replaced.
func (p Properties) Apply(d *Device) {
	d.FileSystem, d.Usage = p["ID_FS_TYPE"], p["ID_FS_USAGE"]
	d.Label, d.UUID = p.decoded("ID_FS_LABEL"), p.decoded("ID_FS_UUID")
	d.PartUUID, d.PartLabel = p.decoded("ID_PART_ENTRY_UUID"), hex(p["ID_PART_ENTRY_NAME"])
	d.PartType, d.Links = p["ID_PART_ENTRY_TYPE"], strings.Fields(p["DEVLINKS"])
	switch {
	case p["ID_FS_AMBIVALENT"] != "":
		d.Probe = Ambivalent
	case d.FileSystem == "":
		d.Probe = Blank
	default:
		d.Probe = Found
	}
}

func (p Properties) decoded(key string) string {
	if enc, found := p[key+"_ENC"]; found {
		return hex(enc)
	}
	return hex(p[key])
}

// Exit statuses of blkid -p (blkid(8)).
const (
	blkidNothing    = 2
	blkidAmbivalent = 8
)

// blkid asks util-linux what is on a device. Its child is left behind when it
// hangs in a system call; the device node is opened by it, not by us.
func (r Reader) blkid(ctx context.Context, d *Device) error {
	limit := r.Patience
	if limit == 0 {
		limit = probeLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	program, err := find("blkid")
	if err != nil {
		return err
	}
	device := r.path("dev", d.Name)
	run := func() ([]byte, error) {
		cmd := exec.CommandContext(ctx, program, "-p", "-o", "udev", device)
		cmd.Env = []string{"LC_ALL=C"}
		cmd.WaitDelay = time.Second
		var out bytes.Buffer
		cmd.Stdout = &out
		failed := cmd.Run()
		return out.Bytes(), failed
	}
	out, err := patiently(ctx, run)
	exit, isExit := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		d.Probe = NoAnswer
		return nil
	case err == nil, isExit && exit.ExitCode() == blkidNothing, isExit && exit.ExitCode() == blkidAmbivalent:
		ParseProperties(strings.Split(string(out), "\n")).Apply(d)
	default:
		return fmt.Errorf("ask blkid what is on it: %w", err)
	}
	if isExit && exit.ExitCode() == blkidAmbivalent {
		d.Probe = Ambivalent
	}
	if d.Probe == Blank {
		return r.isReadable(ctx, d)
	}
	return nil
}

// isReadable tells a blank device from one that gives errors: blkid says
// "nothing" of both.
func (r Reader) isReadable(ctx context.Context, d *Device) error {
	name := r.path("dev", d.Name)
	_, err := patiently(ctx, func() (struct{}, error) {
		f, err := os.Open(name)
		if err != nil {
			return struct{}{}, err
		}
		defer f.Close()
		_, err = f.ReadAt(make([]byte, min(d.SizeBytes, 64<<10)), 0)
		return struct{}{}, err
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		d.Probe = NoAnswer
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("read %s: %w", d.Name, err)
	case err != nil:
		d.Probe = Broken
	}
	return nil
}

// patiently waits for a system call that may never end, as long as ctx lives;
// then it is left behind in its goroutine (this process is short-lived).
func patiently[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := do()
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// find looks a program up in the system's own folders, whatever PATH says.
func find(name string) (string, error) {
	for _, dir := range []string{"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"} {
		if info, err := os.Stat(dir + name); err == nil && info.Mode().IsRegular() {
			return dir + name, nil
		}
	}
	return "", fmt.Errorf("the program %s is not there: %w", name, os.ErrNotExist)
}
