//go:build !linux

package web

// clockIsSet: other systems run on machines with a battery clock.
func clockIsSet() bool { return true }
