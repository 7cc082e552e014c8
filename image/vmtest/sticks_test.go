//go:build vm

package vmtest

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/transcode/clips"
)

const mebibyte = 1 << 20

// films makes the clips that the sticks carry, once, and returns their folder.
func films(t *testing.T) string {
	t.Helper()
	dir := cache(t, "clips")
	must(t, os.MkdirAll(dir, 0o755))
	var all []clips.Clip
	for _, set := range []string{"twelve", "big"} {
		for _, c := range clips.Set(set, 0) {
			if c.FileName == smallFilm || c.FileName == otherFilm || c.FileName == largeFilm {
				all = append(all, c)
			}
		}
	}
	must(t, clips.Write(dir, all, func(missing []clips.Clip) error {
		return clips.MakeAll(t.Context(), dir, missing, nil)
	}))
	return dir
}

// What the sticks carry. The large one has segments of 2.5 MB.
const (
	smallFilm = "H264 AAC.mp4"
	otherFilm = "H264 MP3.mkv"
	largeFilm = "segments.mp4"
)

// fatStick is what most people have: one FAT32 partition, films in a folder.
func fatStick(t *testing.T, image, films string) {
	t.Helper()
	partition := image + ".part"
	blank(t, partition, 384)
	// Clusters of 4 KiB, the smallest that a bought stick has.
	tool(t, "mkfs.vfat", "-F", "32", "-s", "8", "-n", "KINO", partition)
	tool(t, "mmd", "-i", partition, "::Films")
	for _, film := range []string{smallFilm, otherFilm, largeFilm} {
		tool(t, "mcopy", "-i", partition, filepath.Join(films, film), "::Films/"+film)
	}
	partitioned(t, image, "c", partition)
}

// ntfsStick is a stick of somebody with Windows.
func ntfsStick(t *testing.T, image, films string) {
	t.Helper()
	partition := image + ".part"
	blank(t, partition, 64)
	tool(t, "mkntfs", "--quiet", "--fast", "--force", "--label", "Urlaub", partition)
	tool(t, "ntfscp", "--quiet", partition, filepath.Join(films, otherFilm), otherFilm)
	partitioned(t, image, "7", partition)
}

// ext4Stick has no partition table. Its journal is not clean: a box that
// replayed it would write on the stick.
func ext4Stick(t *testing.T, image, films string) {
	t.Helper()
	content := t.TempDir()
	tool(t, "cp", filepath.Join(films, otherFilm), content)
	blank(t, image, 64)
	tool(t, "mke2fs", "-q", "-t", "ext4", "-L", "linux", "-d", content, image)
	tool(t, "debugfs", "-w", "-R", "feature needs_recovery", image)
}

// exfatStick is empty: the guest's kernel puts the film on it, since no tool does it without a kernel's help.
func exfatStick(t *testing.T, image string) {
	t.Helper()
	partition := image + ".part"
	blank(t, partition, 64)
	tool(t, "mkfs.exfat", "-L", "Camera", partition)
	partitioned(t, image, "7", partition)
}

// blank is a file of so many MiB without any content.
func blank(t *testing.T, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	must(t, f.Truncate(size*mebibyte))
	must(t, f.Close())
}

// partitioned makes a disk with one partition, 1 MiB from the beginning.
func partitioned(t *testing.T, image, kind, partition string) {
	t.Helper()
	info, err := os.Stat(partition)
	must(t, err)
	blank(t, image, info.Size()/mebibyte+2)
	c := exec.CommandContext(t.Context(), "sfdisk", "--quiet", image)
	c.Stdin = strings.NewReader(fmt.Sprintf("label: dos\n2048,%d,%s\n", info.Size()/512, kind))
	command(t, c)
	tool(t, "dd", "if="+partition, "of="+image, "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")
	must(t, os.Remove(partition))
}

// digest is of a whole image: who only reads leaves it as it is.
func digest(t *testing.T, image string) string {
	t.Helper()
	f, err := os.Open(image)
	must(t, err)
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	must(t, err)
	return fmt.Sprintf("%x", sum.Sum(nil))
}
