// Package report makes what doctor and report print.
package report
