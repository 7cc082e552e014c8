package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// ourselves is this very program, also after an update has put another one in
// its place.
const ourselves = "/proc/self/exe"

// Child starts programs as children that confine themselves before they become
// the program. It needs a main that asks [Asked].
type Child struct {
	Plain
	contained bool // we are an instance of the unit: what may be written to is its rules'
	bare      bool // a test's: as on a kernel without Landlock
}

// NewChild makes a launcher of confined children.
func NewChild() *Child { return &Child{} }

// Launch starts the program.
func (l *Child) Launch(_ context.Context, c Command) (Process, error) {
	path, err := exec.LookPath(c.Path)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	stage := stage{films: len(c.Files), hardware: c.Hardware, contained: l.contained, bare: l.bare}
	if !stage.mayOpenDevices() {
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, ErrNoDevices)
	}
	command := exec.Command(ourselves, append(append(stage.arguments(), "--", path), c.Arguments...)...) //nolint:noctx // killed by Process.Kill, as a group
	command.Args[0] = "streambox"
	process, err := launch(command, c, append(environment(), l.Environment...))
	if err != nil {
		return nil, err
	}
	return staged{process}, nil
}

// staged tells a program that never ran from one that failed.
type staged struct{ Process }

func (s staged) Wait() (Exit, error) {
	exit, err := s.Process.Wait()
	if err == nil && exit.Code == stageFailed {
		err = ErrNotStarted
	}
	return exit, err
}

const layersLimit = 20 * time.Second // a busy Pi

// Layers puts the layers of a child on in a process of its own, tries them, and
// says which are at work on this machine.
func Layers(ctx context.Context) []Layer {
	ctx, cancel := context.WithTimeout(ctx, layersLimit)
	defer cancel()
	command := exec.CommandContext(ctx, ourselves, "helper", "worker", stageLayers)
	command.Args[0], command.Env = "streambox", environment()
	out, err := command.Output()
	var layers []Layer
	if err == nil {
		err = json.Unmarshal(out, &layers)
	}
	if err != nil {
		return []Layer{{"child", Broken, fmt.Sprintf("a confined child cannot be started: %v", err)}}
	}
	return layers
}

// Choose returns how programs are started on this machine: by the unit where
// its socket is, else as confined children.
func Choose(socket string, log *slog.Logger) Launcher {
	if hasSocket(socket) {
		return &Unit{Socket: socket, Otherwise: NewChild(), Log: log}
	}
	return NewChild()
}

// hasSocket tells whether there is a socket at path.
func hasSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeSocket != 0
}

// UnitLayers asks an instance of the unit which layers are at work around it.
// found: there is a socket. The error of who may not use it wraps os.ErrPermission.
func UnitLayers(ctx context.Context, socket string) (layers []Layer, found bool, err error) {
	if !hasSocket(socket) {
		return nil, false, nil
	}
	conn, err := dial(ctx, socket)
	if err != nil {
		return nil, true, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var data []byte
	var files []*os.File
	if err = send(conn, request{Version: Version, Want: wantLayers}, nil); err == nil {
		data, files, err = receive(conn, layersLimit)
	}
	if hungUp(err) {
		err = fmt.Errorf("its socket is there, but its instances do not start: %w", err)
	}
	if err != nil {
		return nil, true, err
	}
	closeFiles(files)
	var said answer
	if err = decode(data, &said); err != nil {
		return nil, true, err
	}
	if said.Is != isLayers {
		return nil, true, errors.New("the worker's unit does not say how it is confined: " + said.Detail)
	}
	return said.Layers, true, nil
}
