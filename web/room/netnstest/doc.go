// Package netnstest gives tests networks of their own: Linux network namespaces
// joined by a cable that can be made as slow as an access point.
//
// It needs root and iproute2; a test that calls it is skipped with "not run
// here" without them, and fails when STREAMBOX_STRICT is 1. A namespace lives in
// a locked thread and is gone with it and with its last socket: nothing has a
// name, nothing is left behind by a test that was killed.
package netnstest
