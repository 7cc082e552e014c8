// Package worker starts ffmpeg and ffprobe, which read strangers' films.
package worker
