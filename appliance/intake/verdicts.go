package intake

// Verdicts are remembered where identities are, so they look like some: 16
// characters of base32. That a content's hash spells one of them is as likely
// as two films having the same identity.
const (
	verdictShortClip = "xshortclipxxxxxx"
	verdictAudio     = "xaudioonlyxxxxxx"
	verdictUnknown   = "xunknownxxxxxxxx" // what was remembered is wrong: read it again
)

// verdictOf is the id that stands for a kind; "" when it is not remembered.
func verdictOf(k kind) string {
	switch k {
	case kindShortClip:
		return verdictShortClip
	case kindAudio:
		return verdictAudio
	default:
		return ""
	}
}

// kindOfVerdict undoes verdictOf.
func kindOfVerdict(id string) (kind, bool) {
	switch id {
	case verdictShortClip:
		return kindShortClip, true
	case verdictAudio:
		return kindAudio, true
	default:
		return "", false
	}
}

// rememberVerdict keeps that a file is no title. Holds mu.
func (in *Intake) rememberVerdict(p *place, k kind) {
	id := verdictOf(k)
	if id == "" {
		return
	}
	if err := in.cfg.Memory.RememberFile(p.stick.Volume, p.memoryPath(), p.size, p.modified, id); err != nil {
		in.log.Warn("Verdict not remembered", "kind", k, "error", err)
	}
}
