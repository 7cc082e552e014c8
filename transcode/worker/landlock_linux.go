package worker

import (
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/landlock-lsm/go-landlock/landlock"
	llsys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

const (
	readFile   = landlock.AccessFSSet(llsys.AccessFSReadFile)
	readTree   = readFile | landlock.AccessFSSet(llsys.AccessFSReadDir)
	runFile    = readFile | landlock.AccessFSSet(llsys.AccessFSExecute)
	writeFile  = readFile | landlock.AccessFSSet(llsys.AccessFSWriteFile)
	firstFilm  = 3
	deviceNode = "/dev/video*"
)

// landlockABI is the version of the kernel's Landlock, 0 where there is none.
func landlockABI() int {
	abi, err := llsys.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return abi
}

// restrictFiles lets this process, and what it becomes, open nothing but the
// program, what programs are linked with, what tells of processors and memory,
// the films that are open already, and devices if it is to use the encoder.
// A film is named by its descriptor and the rule is tied to the file itself:
// ffmpeg opens /dev/fd/3, which the kernel resolves to it. TCP and UDP, signals
// to others and abstract sockets are refused too where the kernel can.
func restrictFiles(program string, films int, hardware bool) error {
	rules := []landlock.Rule{
		landlock.PathAccess(runFile, program),
		landlock.PathAccess(readTree, libraries(program)...).IgnoreIfMissing(),
		landlock.PathAccess(readFile, "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/dev/zero", "/dev/random", "/dev/urandom",
			"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems").IgnoreIfMissing(),
		landlock.PathAccess(readTree, "/sys/devices/system", "/proc/self").IgnoreIfMissing(),
		landlock.PathAccess(writeFile, "/dev/null").IgnoreIfMissing(),
	}
	if loader := interpreter(program); loader != "" {
		rules = append(rules, landlock.PathAccess(runFile, loader).IgnoreIfMissing())
	}
	for i := range films {
		if isFile(firstFilm + i) { // what is a pipe needs no rule, and gets none
			rules = append(rules, landlock.PathAccess(readFile, "/proc/self/fd/"+strconv.Itoa(firstFilm+i)))
		}
	}
	if hardware {
		for _, node := range nodes() {
			rules = append(rules, landlock.RWFiles(node).WithIoctlDev())
		}
		rules = append(rules, landlock.PathAccess(readTree, "/sys", "/run/udev/data").IgnoreIfMissing(),
			landlock.PathAccess(landlock.AccessFSSet(llsys.AccessFSReadDir), "/dev")) // ffmpeg looks for the node by its name
	}
	return landlock.V11.BestEffort().Restrict(rules...)
}

func isFile(fd int) bool {
	var stat unix.Stat_t
	return unix.Fstat(fd, &stat) == nil && stat.Mode&unix.S_IFMT == unix.S_IFREG
}

// nodes are the devices of video encoders and decoders, and what these need.
func nodes() []string {
	var list []string
	for _, pattern := range []string{deviceNode, "/dev/media*", "/dev/dri/renderD*", "/dev/dma_heap/*"} {
		found, _ := filepath.Glob(pattern) // the patterns are right
		for _, name := range found {
			if info, err := os.Stat(name); err == nil && info.Mode()&os.ModeCharDevice != 0 {
				list = append(list, name)
			}
		}
	}
	return list
}

// libraries are the folders of which a program may be put together: the
// system's, other package managers', and those beside a program of one's own.
func libraries(program string) []string {
	list := []string{"/usr", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/gnu/store", "/snap"}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		list = append(list, filepath.Join(filepath.Dir(filepath.Dir(real)), "lib"))
	}
	return list
}

// interpreter is the dynamic loader that the program names, "" for none.
func interpreter(program string) string {
	file, err := elf.Open(program)
	if err != nil {
		return ""
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP && p.Filesz < unix.PathMax {
			name := make([]byte, p.Filesz)
			if _, err := io.ReadFull(p.Open(), name); err != nil || len(name) < 2 {
				return ""
			}
			return string(name[:len(name)-1]) // ends with a zero
		}
	}
	return ""
}
