// Package segmenter cuts an MPEG-TS stream into segments at IDRs.
package segmenter
