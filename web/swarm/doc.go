// Package swarm is the director: it knows every playhead and every inventory,
// and says from whom a page takes a segment. It is pure: values in, values out,
// the clock and the randomness are given.
package swarm
