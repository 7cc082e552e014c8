// Package transcode turns a video file into HLS segments: probe → plan → args → run → publish.
package transcode
