// Package library is the list of titles over a folder tree.
package library
