package boxtest

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

// Mebibyte is the unit of Blank.
const Mebibyte = 1 << 20

// Films makes the clips that the sticks carry, once, and returns their folder.
func Films(t *testing.T) string {
	t.Helper()
	dir := Cache(t, "vm", "clips")
	Must(t, os.MkdirAll(dir, 0o755))
	var all []clips.Clip
	for _, set := range []string{"twelve", "big"} {
		for _, c := range clips.Set(set, 0) {
			if c.FileName == SmallFilm || c.FileName == OtherFilm || c.FileName == LargeFilm {
				all = append(all, c)
			}
		}
	}
	Must(t, clips.Write(dir, all, func(missing []clips.Clip) error {
		return clips.MakeAll(t.Context(), dir, missing, nil)
	}))
	return dir
}

// What the sticks carry. The large one has segments of 2.5 MB.
const (
	SmallFilm = "H264 AAC.mp4"
	OtherFilm = "H264 MP3.mkv"
	LargeFilm = "segments.mp4"
)

// FATStickOf is a FAT32 stick with these files in a folder.
func FATStickOf(t *testing.T, image string, files ...string) {
	t.Helper()
	partition := image + ".part"
	Blank(t, partition, 384)
	// Clusters of 4 KiB, the smallest that a bought stick has.
	Tool(t, "mkfs.vfat", "-F", "32", "-s", "8", "-n", "KINO", partition)
	Tool(t, "mmd", "-i", partition, "::Films")
	for _, file := range files {
		Tool(t, "mcopy", "-i", partition, file, "::Films/"+filepath.Base(file))
	}
	Partitioned(t, image, "c", partition)
}

// FATStick is what most people have: one FAT32 partition, films in a folder.
func FATStick(t *testing.T, image, folder string) {
	t.Helper()
	FATStickOf(t, image, filepath.Join(folder, SmallFilm), filepath.Join(folder, OtherFilm), filepath.Join(folder, LargeFilm))
}

// NTFSStick is a stick of somebody with Windows.
func NTFSStick(t *testing.T, image, folder string) {
	t.Helper()
	partition := image + ".part"
	Blank(t, partition, 64)
	Tool(t, "mkntfs", "--quiet", "--fast", "--force", "--label", "Urlaub", partition)
	Tool(t, "ntfscp", "--quiet", partition, filepath.Join(folder, OtherFilm), OtherFilm)
	Partitioned(t, image, "7", partition)
}

// Ext4Stick has no partition table. Its journal is not clean: a box that
// replayed it would write on the stick.
func Ext4Stick(t *testing.T, image, folder string) {
	t.Helper()
	content := t.TempDir()
	Tool(t, "cp", filepath.Join(folder, OtherFilm), content)
	Blank(t, image, 64)
	Tool(t, "mke2fs", "-q", "-t", "ext4", "-L", "linux", "-d", content, image)
	Tool(t, "debugfs", "-w", "-R", "feature needs_recovery", image)
}

// ExFATStick is empty: the guest's kernel puts the film on it, since no tool does it without a kernel's help.
func ExFATStick(t *testing.T, image string) {
	t.Helper()
	partition := image + ".part"
	Blank(t, partition, 64)
	Tool(t, "mkfs.exfat", "-L", "Camera", partition)
	Partitioned(t, image, "7", partition)
}

// Blank is a file of so many MiB without any content.
func Blank(t *testing.T, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	Must(t, err)
	Must(t, f.Truncate(size*Mebibyte))
	Must(t, f.Close())
}

// Partitioned makes a disk with one partition, 1 MiB from the beginning.
func Partitioned(t *testing.T, image, kind, partition string) {
	t.Helper()
	info, err := os.Stat(partition)
	Must(t, err)
	Blank(t, image, info.Size()/Mebibyte+2)
	c := exec.CommandContext(t.Context(), "sfdisk", "--quiet", image)
	c.Stdin = strings.NewReader(fmt.Sprintf("label: dos\n2048,%d,%s\n", info.Size()/512, kind))
	Command(t, c)
	Tool(t, "dd", "if="+partition, "of="+image, "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")
	Must(t, os.Remove(partition))
}

// Digest is of a whole image: who only reads leaves it as it is.
func Digest(t *testing.T, image string) string {
	t.Helper()
	f, err := os.Open(image)
	Must(t, err)
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	Must(t, err)
	return fmt.Sprintf("%x", sum.Sum(nil))
}
