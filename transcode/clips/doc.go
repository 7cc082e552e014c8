// Package clips makes the test videos.
package clips
