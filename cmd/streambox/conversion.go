package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"streambox.local/transcode"
	"streambox.local/transcode/publish"
)

// workPrefix begins the hidden folders in which films are made. A film appears
// under its name when it is whole; whatever happens before, only such a folder
// can be left, and the next convert removes it.
const workPrefix = ".streambox-convert-"

// conversion makes folders of films.
type conversion struct {
	tools   mediaTools
	out     string
	segment time.Duration
	log     *slog.Logger
}

// file makes one film.
func (c *conversion) file(ctx context.Context, path string, progress func(transcode.Progress)) (result made, err error) {
	if err = checkInput(path); err != nil {
		return made{}, err
	}
	in := film(path)
	media, machine, err := c.look(ctx, in)
	if err != nil {
		return made{}, fmt.Errorf("reading: %w", err)
	}
	plan := transcode.Decide(media, machine)
	if plan.Rung == transcode.None {
		return made{}, errors.New(plan.Reason.Text)
	}
	work, err := newWork(c.out)
	if err != nil {
		return made{}, err
	}
	defer func() { err = errors.Join(err, work.remove()) }()

	dir := filepath.Join(work.dir, "film")
	job := transcode.Job{Input: in, Media: media, Plan: plan, SegmentSeconds: c.segment.Seconds(), WorkDir: work.dir, OnProgress: progress}
	var warning string
	job.OnWarning = func(r transcode.Reason) { warning = r.Text }
	pictureCtx, noPicture := context.WithCancel(ctx)
	picture := c.picture(pictureCtx, in, media)
	defer func() { // whatever happens, no ffmpeg outlives this film
		noPicture()
		<-picture
	}()
	manifest, err := c.run(ctx, job, dir)
	if errors.Is(err, transcode.ErrNotSegmentable) && plan.Rung != transcode.Convert {
		c.log.Info("The video cannot be cut as it is; converting it", "file", path, "error", err)
		if job.Plan = transcode.Reclassify(machine); job.Plan.Rung == transcode.None {
			return made{}, errors.New(job.Plan.Reason.Text)
		}
		warning = ""
		manifest, err = c.run(ctx, job, dir)
	}
	if err != nil {
		return made{}, err
	}
	if err = savePicture(dir, <-picture); err != nil {
		return made{}, err
	}
	final, taken, err := settle(dir, c.out, folderName(path))
	if err != nil {
		return made{}, err
	}
	return made{
		file: path, dir: final, taken: taken, rung: job.Plan.Rung, segments: len(manifest.SegmentBytes),
		left: leftOut(media, transcode.SoundTrack(media, machine)), warning: warning,
	}, nil
}

// run is one attempt; a failed one leaves no folder.
func (c *conversion) run(ctx context.Context, job transcode.Job, dir string) (publish.Manifest, error) {
	publisher, err := publish.Create(dir)
	if err != nil {
		return publish.Manifest{}, fmt.Errorf("making a folder: %w", err)
	}
	job.Out = publisher
	if err := c.tools.Do(ctx, job); err != nil {
		return publish.Manifest{}, errors.Join(fmt.Errorf("converting: %w", err), publisher.Discard())
	}
	return publisher.Manifest(), nil
}

// look finds out what the film is, and meanwhile (once) what ffmpeg can do:
// starting ffmpeg takes longer than its answers.
func (c *conversion) look(ctx context.Context, in transcode.Input) (media transcode.Media, machine transcode.Machine, err error) {
	var group errgroup.Group
	group.Go(func() (err error) {
		machine, err = c.tools.Machine(ctx)
		return err
	})
	group.Go(func() (err error) {
		media, err = c.tools.Probe(ctx, in)
		return err
	})
	return media, machine, group.Wait()
}

// picture is taken beside the conversion. It comes once: nil when there is none,
// for a film without one is still a film. Then the channel is closed.
func (c *conversion) picture(ctx context.Context, in transcode.Input, media transcode.Media) <-chan []byte {
	taken := make(chan []byte, 1)
	go func() {
		defer close(taken)
		jpeg, err := c.tools.Thumbnail(ctx, in, media)
		if ctx.Err() != nil {
			return // the film has failed: nobody wants it
		}
		if err != nil || len(jpeg) == 0 {
			c.log.Warn("No picture could be taken", "file", in.Name, "error", err)
		}
		taken <- jpeg
	}()
	return taken
}

// savePicture adds thumbnail.jpg to a film that was made.
func savePicture(dir string, jpeg []byte) error {
	if len(jpeg) == 0 {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(dir, "thumbnail.jpg"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // as readable as the segments
	if err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	_, err = file.Write(jpeg)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}

// settle gives a finished folder its name, the first that is free of name,
// name-2, name-3 …, without ever replacing anything.
func settle(film, out, name string) (dir string, taken bool, err error) {
	if err := syncFolder(film); err != nil {
		return "", false, err
	}
	for n := 1; n < 10_000; n++ {
		dir = filepath.Join(out, name)
		if n > 1 {
			dir = filepath.Join(out, fmt.Sprintf("%s-%d", name, n))
		}
		err := renameNew(film, dir)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", false, fmt.Errorf("naming the folder: %w", err)
		}
		return dir, n > 1, syncFolder(out)
	}
	return "", false, errors.New("there are too many folders of this name")
}

func syncFolder(path string) error {
	if err := publish.SyncFolder(path); err != nil {
		return fmt.Errorf("syncing a folder: %w", err)
	}
	return nil
}

// work is a hidden folder, locked while its process lives.
type work struct {
	dir  string
	lock *os.File
}

func newWork(out string) (*work, error) {
	dir, err := os.MkdirTemp(out, workPrefix)
	if err != nil {
		return nil, fmt.Errorf("making a folder to work in: %w", err)
	}
	lock, err := os.Open(dir)
	if err == nil {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a folder to work in: %w", err), os.RemoveAll(dir))
	}
	return &work{dir: dir, lock: lock}, nil
}

func (w *work) remove() error { return errors.Join(os.RemoveAll(w.dir), w.lock.Close()) }

// sweep removes what processes that were killed have left in out.
func sweep(out string) {
	left, err := filepath.Glob(filepath.Join(escapeGlob(out), workPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		file, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
		if err != nil {
			continue
		}
		if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			_ = os.RemoveAll(dir) // left for the next time
		}
		_ = file.Close()
	}
}
