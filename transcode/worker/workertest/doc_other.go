//go:build !linux

package workertest
