//go:build linux && (amd64 || arm64 || arm)

package worker

import (
	"cmp"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What the kernel hands to a filter, struct seccomp_data: the number of the
// call, the architecture, and from argumentOffset on six arguments of 64 bits.
const (
	numberOffset   = 0
	archOffset     = 4
	argumentOffset = 16
)

// rule allows one system call, always or when test says so.
type rule struct {
	number uint32
	test   []bpf.Instruction // nil: always; else ends with a verdict on each way
}

// The verdicts of a filter.
var (
	allow   = bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}
	refuse  = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}
	unknown = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)}
)

// assemble makes the filter of a list of what is allowed. Everything else is
// refused with EPERM, also all calls of another architecture (a 64-bit kernel
// would else answer 32-bit calls, whose numbers mean something else). Calls
// that are newer than this program do not exist for the program: libraries ask
// for them first and go on with older ones after ENOSYS, but not after EPERM.
func assemble(architecture, newest uint32, rules []rule) []bpf.Instruction {
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: archOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: architecture, SkipTrue: 1},
		refuse,
		bpf.LoadAbsolute{Off: numberOffset, Size: 4},
	}
	rules = slices.Clone(rules)
	slices.SortFunc(rules, func(a, b rule) int { return cmp.Compare(a.number, b.number) })
	for _, r := range rules {
		test := r.test
		if test == nil {
			test = []bpf.Instruction{allow}
		}
		program = append(program, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: r.number, SkipTrue: uint8(len(test))}) //nolint:gosec // a handful
		program = append(program, test...)
	}
	return append(program,
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: newest, SkipTrue: 1},
		unknown, // those of x32, too
		refuse,
	)
}

// argument loads the lower half of an argument: flags, numbers and descriptors
// are 32 bits wide, and the kernel looks at no more of them.
func argument(n uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: argumentOffset + 8*n, Size: 4} }

// without refuses the call when one of the bits is set.
func without(n, bits uint32) []bpf.Instruction {
	return []bpf.Instruction{argument(n), bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: bits, SkipFalse: 1}, refuse, allow}
}

// with refuses the call unless one of the bits is set.
func with(n, bits uint32) []bpf.Instruction {
	return []bpf.Instruction{argument(n), bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: bits, SkipTrue: 1}, refuse, allow}
}

// oneOf allows the call with one of the values.
func oneOf(n uint32, values ...uint32) []bpf.Instruction {
	test := []bpf.Instruction{argument(n)}
	for _, v := range values {
		test = append(test, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: v, SkipTrue: 1}, allow)
	}
	return append(test, refuse)
}

// noneOf allows the call but with one of the values.
func noneOf(n uint32, values ...uint32) []bpf.Instruction {
	test := []bpf.Instruction{argument(n)}
	for _, v := range values {
		test = append(test, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: v, SkipTrue: 1}, refuse)
	}
	return append(test, allow)
}

// null allows the call when a pointer is none; both halves count.
func null(n uint32) []bpf.Instruction {
	upper := bpf.LoadAbsolute{Off: argumentOffset + 8*n + 4, Size: 4} // all three machines are little-endian
	return []bpf.Instruction{
		argument(n),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 3},
		upper,
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 1},
		allow,
		refuse,
	}
}

// never is a call that is answered as if the kernel did not know it.
func never() []bpf.Instruction { return []bpf.Instruction{unknown} }
