package mount

// RealKernel and Ways are for tests with real disks, which lie outside of the package.
func RealKernel() Kernel { return realKernel{} }

// Ways is the table of what is mounted how.
func Ways(fileSystem string) []FileSystem { return ways(fileSystem) }
