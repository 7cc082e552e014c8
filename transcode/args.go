package transcode

import (
	"fmt"
	"strconv"
	"strings"
)

// streamArguments are ffmpeg's for one title: everything of the input that is
// played, as one MPEG-TS on standard output. The order is ffmpeg's: general,
// input, picture, sound, output. It is pure; files is the number of descriptors,
// encoder counts where the plan is to convert.
func streamArguments(m Media, plan Plan, machine Machine, encoder Encoder, files int, segmentSeconds float64) []argument {
	if plan.Rung == Convert {
		return pieceArguments(m, machine, encoder, files, segmentSeconds, piece{})
	}
	list := append(general(files),
		argument{words("-fflags", "+genpts"), "AVI has no presentation times"},
		argument{words("-i", inputURL(files)), "an open descriptor, never a name"},
		argument{words("-map", "0:V:0"), "the picture; capital V: a cover is none"},
	)
	list = append(list, copyPicture(*m.Video)...)
	list = append(list, soundOfStream(m, plan, machine)...)
	return append(list, output()...)
}

// general is what stands before every input.
func general(files int) []argument {
	list := []argument{
		{words("-nostdin", "-hide_banner"), "no keyboard; no banner in the log"},
		{words("-v", "level+error", "-nostats"), "stderr tells what failed, and how badly"},
		{words("-progress", "pipe:"+strconv.Itoa(firstDescriptor+files)), "a descriptor of its own: neither in the film nor in the log"},
		{words("-stats_period", "0.5"), "twice a second is often enough for a progress ring"},
	}
	return append(list, inputLimits()...)
}

// copyPicture passes the picture on as it is.
func copyPicture(v Video) []argument {
	list := []argument{{words("-c:v", "copy"), "the source's own pictures, bit by bit"}}
	var filters, reasons []string
	if v.IDRsRead < v.KeyFramesRead {
		filters = append(filters, "filter_units=remove_types=6")
		reasons = append(reasons, "an open GOP: without its messages (SEI) a recovery point is no key frame to a browser, "+
			"which after a seek would start decoding there and fail at pictures that refer to what lies before")
	}
	if v.SampleAspect[0] != v.SampleAspect[1] && v.SampleAspect[0] > 0 && v.SampleAspect[1] > 0 {
		filters = append(filters, fmt.Sprintf("h264_metadata=sample_aspect_ratio=%d/%d", v.SampleAspect[0], v.SampleAspect[1]))
		reasons = append(reasons, "MPEG-TS has no field for it: what stood in the container must stand in the stream's headers")
	}
	if len(filters) == 0 {
		return list
	}
	return append(list, argument{words("-bsf:v", strings.Join(filters, ",")), strings.Join(reasons, "; ")})
}

// The sound that every phone plays.
const (
	soundBitRate  = "160k"
	soundRateHz   = "48000"
	soundChannels = "2"
)

func soundOfStream(m Media, plan Plan, machine Machine) []argument {
	track, ok := chooseAudio(m, machine)
	if !ok {
		return []argument{{words("-an"), "no sound that could be played"}}
	}
	list := []argument{{words("-map", "0:a:"+strconv.Itoa(track)), "one track: the default one, else the first"}}
	if _, needsWork := audioNeedsWork(m.Audio[track]); !needsWork && plan.Rung != AudioOnly {
		if plan.Rung == Direct {
			return append(list, argument{words("-c:a", "copy"), "every phone plays it as it is"})
		}
		// A converted picture may start later or drop damaged parts; sound that
		// is decoded too is kept in step by its times.
	}
	return append(list,
		argument{words("-c:a", "aac", "-b:a", soundBitRate), "what every phone plays"},
		argument{words("-ac", soundChannels), "phones have two ears"},
		argument{words("-ar", soundRateHz), "some sources change their rate in mid-film"},
		argument{words("-af", "aresample=async=1000:first_pts=0:flags=res"), "follows the times of the source: gaps become silence, drift is stretched, a late start is padded; resampling from the start, since beginning with it in mid-film would begin the sound anew"},
	)
}

// output is one MPEG-TS on standard output.
func output() []argument {
	return []argument{
		{words("-sn", "-dn"), "subtitles go another way; data streams are of no use"},
		{words("-map_metadata", "-1", "-map_chapters", "-1"), "titles and comments of strangers stay out"},
		{words("-max_muxing_queue_size", "4096"), "streams that start far apart are waited for"},
		{words("-flush_packets", "0"), "whole buffers through the pipe: a write for each packet is slow"},
		// Times: ffmpeg shifts all streams together so that the file starts at
		// 0 (negative starts too), and the muxer moves all by 1.4 s so that the
		// clock (PCR) can run ahead as in the broadcasts that native players
		// expect. Nothing shifts one stream against another.
		{words("-f", "mpegts"), "one stream that we cut: ffmpeg needs no right to write files"},
		{words("-pes_payload_size", "0"), "each frame of sound leaves at once: none waits beyond a cut"},
		{words("pipe:1"), "standard output"},
	}
}
