package transcode

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Input is what ffmpeg reads. Its files are opened by us and handed over as
// descriptors (file:/dev/fd/N), so no file name ever reaches an argument list.
type Input struct {
	Name string                     // for the log only
	Open func() ([]*os.File, error) // one file, or several to be joined in order (the VOBs of a DVD)
}

// FileInput reads one regular file. A symlink is refused: whoever wants one
// followed (the command line) resolves it before.
func FileInput(path string) Input {
	return Input{Name: path, Open: func() ([]*os.File, error) {
		// O_NONBLOCK: opening a pipe that nobody writes would wait for ever.
		f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			return nil, fmt.Errorf("open the input: %w", err)
		}
		return []*os.File{f}, nil
	}}
}

// open opens an input and makes sure that it is made of regular files.
func (in Input) open() (*sources, error) {
	files, err := in.Open()
	if err != nil {
		return nil, err
	}
	s := &sources{files: files}
	for _, f := range files {
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = errors.New("not a regular file")
		}
		if err != nil {
			s.close()
			return nil, fmt.Errorf("look at the input: %w", err)
		}
		s.sizes = append(s.sizes, info.Size())
		s.size += info.Size()
	}
	if len(files) == 0 {
		return nil, errors.New("the input has no files")
	}
	return s, nil
}

// sources are the open files of one input, read as if they were one.
type sources struct {
	files []*os.File
	sizes []int64
	size  int64
}

func (s *sources) close() {
	for _, f := range s.files {
		_ = f.Close() // only read
	}
}

// firstDescriptor is the number the first of exec.Cmd's ExtraFiles gets.
const firstDescriptor = 3

// url names the files as a child finds them. /dev/fd/N is opened anew by
// ffmpeg, so it has a position of its own and can seek.
func inputURL(files int) string {
	var paths []string
	for i := range files {
		paths = append(paths, "/dev/fd/"+strconv.Itoa(firstDescriptor+i))
	}
	if files == 1 {
		return "file:" + paths[0]
	}
	return "concat:" + strings.Join(paths, "|")
}

// ReadAt reads across the files.
func (s *sources) ReadAt(p []byte, offset int64) (int, error) {
	done := 0
	for i, f := range s.files {
		if offset >= s.sizes[i] {
			offset -= s.sizes[i]
			continue
		}
		part := p[done:min(int64(len(p)), int64(done)+s.sizes[i]-offset)]
		n, err := f.ReadAt(part, offset)
		done += n
		if n < len(part) {
			return done, err
		}
		offset = 0
		if done == len(p) {
			return done, nil
		}
	}
	return done, io.EOF
}

// stillThere reads the end of every file. ffmpeg takes a read error for the
// end of the film and ends well; this tells a stick that was pulled from a
// film that is over.
func (s *sources) stillThere() error {
	buffer := make([]byte, 4096)
	for i, f := range s.files {
		_, err := f.ReadAt(buffer, max(0, s.sizes[i]-int64(len(buffer))))
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%w (%w)", ErrInputGone, err)
		}
	}
	return nil
}
