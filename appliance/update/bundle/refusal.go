package bundle

// The codes of refusals; the page has words for each (client/languages).
const (
	CodeNoBundle    = "update_no_bundle"
	CodeUnsigned    = "update_unsigned"
	CodeTampered    = "update_tampered"
	CodeTruncated   = "update_truncated"
	CodeNewerSchema = "update_newer_schema"
	CodeWrongBoard  = "update_wrong_board" // version, as the following
	CodeOlder       = "update_older"
	CodeSame        = "update_same"
	CodeTooLarge    = "update_too_large"
)

// Refusal is why a bundle is not taken: its own fault, not the stick's or the card's.
type Refusal struct { //nolint:errname // as in transcode: it is a verdict
	Code       string
	Text       string // a sentence in English
	Parameters map[string]any
}

func (r *Refusal) Error() string { return r.Text }

func refuse(code string) *Refusal { return &Refusal{Code: code, Text: sentence(code)} }

func sentence(code string) string {
	switch code {
	case CodeUnsigned:
		return "The update on the stick is not signed by anybody whom this box trusts"
	case CodeTampered:
		return "The update on the stick is damaged or was changed"
	case CodeTruncated:
		return "The update on the stick is not complete"
	case CodeNewerSchema:
		return "The update on the stick is too new for this box: it needs a release in between"
	case CodeWrongBoard:
		return "The update on the stick is for another kind of board"
	case CodeOlder:
		return "The update on the stick is older than what this box runs"
	case CodeSame:
		return "This box already runs the version on the stick"
	case CodeTooLarge:
		return "The update on the stick is too large for this card: it has to be flashed anew"
	default:
		return "The file on the stick is not an update for StreamBox"
	}
}
