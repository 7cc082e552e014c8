package transcode

// encoderFailed is what a film's page says when software had to go on.
func encoderFailed() Reason {
	return because(CodeEncoderFailed, "the box's video encoder failed; the film was converted more slowly, by software")
}
