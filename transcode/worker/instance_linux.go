package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

const (
	requestLimit = 30 * time.Second // for who has connected to say what is wanted; most do so before they need us
	sendLimit    = 5 * time.Second
	tellPeriod   = time.Second // between two signs of how much was computed
	autogroup    = "10"        // as niceness, see yieldToOthers
)

// serveInstance is one instance of the unit, from its connection to its end:
// one request, one program. What the program leaves behind systemd kills, with
// the unit's control group.
func serveInstance(connection *os.File) error {
	conn, err := inherited(connection)
	if err != nil {
		return err
	}
	// systemd keeps a copy for a while, so closing ours would not tell the box.
	defer func() { _ = errors.Join(conn.CloseWrite(), conn.Close(), connection.Close()) }()
	data, files, err := receive(conn, requestLimit)
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) { // nobody needed us
		return nil
	}
	if err != nil {
		return err
	}
	defer closeFiles(files)
	refuse := func(why string, err error) error {
		return errors.Join(err, send(conn, answer{Version: Version, Is: isRefused, Why: why, Detail: err.Error()}, nil))
	}
	if v := versionOf(data); v != Version {
		return refuse(whyVersion, fmt.Errorf("%w: version %d, not %d", errMessage, v, Version))
	}
	var asked request
	if err = decode(data, &asked); err != nil {
		return refuse(whyRequest, err)
	}
	if err = asked.check(len(files)); err != nil {
		return refuse(whyRequest, err)
	}
	if asked.Want == wantLayers {
		layers := append([]Layer{unitLayer(userOf(conn))}, Layers(context.Background())...)
		return send(conn, answer{Version: Version, Is: isLayers, Layers: layers}, nil)
	}
	why, command, err := asked.command(files)
	if err != nil {
		return refuse(why, err)
	}
	if asked.Background {
		// Each unit is a group of its own to the scheduler, in which niceness ends.
		_ = os.WriteFile("/proc/self/autogroup", []byte(autogroup), 0) // a favour
	}
	// The program has our user: it shall not look into our memory.
	if err = CloseMemory(); err != nil {
		return refuse(whyStart, err)
	}
	process, err := (&Child{contained: true}).Launch(context.Background(), command)
	if err != nil {
		return refuse(whyStart, err)
	}
	closeFiles(files) // the program has them
	return accompany(conn, process)
}

// command makes of a request what a child is started by.
func (r request) command(files []*os.File) (why string, c Command, err error) {
	path, err := exec.LookPath(r.Program)
	if err != nil {
		return whyStart, Command{}, fmt.Errorf("find %s: %w", r.Program, err)
	}
	films := files[2 : 2+r.Films]
	pipes := slices.Concat(files[:2], files[2+r.Films:])
	for _, f := range pipes {
		if err := usablePipe(f); err != nil {
			return whyRequest, Command{}, err
		}
	}
	for _, f := range films {
		if why, err := usableFilm(f); err != nil {
			return why, Command{}, err
		}
	}
	c = Command{
		Path: path, Arguments: r.Arguments, Files: films, Stdout: files[0], Stderr: files[1],
		Background: r.Background, Hardware: r.Hardware,
	}
	if r.Progress {
		c.Progress = files[len(files)-1]
	}
	return "", c, nil
}

// usablePipe: what the program writes to is a pipe and nothing else, and waits
// for its reader.
func usablePipe(f *os.File) error {
	var stat unix.Stat_t
	if unix.Fstat(int(f.Fd()), &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFIFO {
		return fmt.Errorf("%w: a descriptor is no pipe", errMessage)
	}
	if err := unix.SetNonblock(int(f.Fd()), false); err != nil {
		return fmt.Errorf("prepare a pipe: %w", err)
	}
	return nil
}

// usableFilm: it is a file (or, when the encoder is tried, a pipe), opened for
// reading, and one that this user may open once more, which ffmpeg does by
// /dev/fd.
func usableFilm(f *os.File) (why string, err error) {
	fd := int(f.Fd())
	var stat unix.Stat_t
	if err = unix.Fstat(fd, &stat); err != nil {
		return whyRequest, fmt.Errorf("look at a film: %w", err)
	}
	if kind := stat.Mode & unix.S_IFMT; kind != unix.S_IFREG && kind != unix.S_IFIFO {
		return whyRequest, fmt.Errorf("%w: a film is no file", errMessage)
	}
	if flags, flagsErr := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); flagsErr != nil || flags&unix.O_ACCMODE != unix.O_RDONLY {
		return whyRequest, fmt.Errorf("%w: a film is open for writing", errMessage)
	}
	again, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return whyUnreadable, fmt.Errorf("open a film: %w", err)
	}
	_ = again.Close() // only read
	return "", nil
}

// accompany tells the box how the program does, kills it when the box hangs up,
// and tells its end.
func accompany(conn *net.UnixConn, process Process) error {
	hungUp := make(chan struct{})
	go func() { // ends with the connection
		defer close(hungUp)
		_, files, _ := receive(conn, 0) // whatever it says: nothing is awaited
		closeFiles(files)
	}()
	ended := make(chan ending, 1)
	go func() {
		exit, err := process.Wait()
		ended <- ending{exit, err}
	}()
	err := send(conn, answer{Version: Version, Is: isStarted}, nil)
	ticker := time.NewTicker(tellPeriod)
	defer ticker.Stop()
	for {
		if err != nil {
			process.Kill()
		}
		select {
		case <-hungUp:
			process.Kill()
			hungUp = nil
		case <-ticker.C:
			err = send(conn, answer{Version: Version, Is: isRunning, CPUMilliseconds: process.CPU().Milliseconds()}, nil)
		case end := <-ended:
			if end.err != nil {
				return errors.Join(end.err, send(conn, answer{Version: Version, Is: isRefused, Why: whyStart, Detail: end.err.Error()}, nil))
			}
			_ = send(conn, answer{Version: Version, Is: isEnded, Exit: end.exit.message()}, nil) // who has hung up does not hear it
			return nil
		}
	}
}

func (e Exit) message() *exited {
	return &exited{
		Code: e.Code, Signal: int(e.Signal), UserMicroseconds: e.User.Microseconds(), SystemMicroseconds: e.System.Microseconds(),
		MaxRSSBytes: e.MaxRSSBytes,
	}
}
