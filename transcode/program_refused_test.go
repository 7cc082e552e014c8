package transcode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"streambox.local/transcode/worker"
)

type closed struct{}

func (closed) Launch(context.Context, worker.Command) (worker.Process, error) {
	return nil, fmt.Errorf("%w: permission denied", worker.ErrUnreadable)
}

func TestAFilmThatOnlyItsOwnerMayReadIsRefusedInASentence(t *testing.T) {
	_, err := program{launcher: closed{}, path: "ffprobe", consume: func(io.Reader) error { return nil }}.run(t.Context())
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok || refusal.Reason.Code != CodeOwnerOnly || refusal.Reason.Text == "" {
		t.Errorf("got %v", err)
	}
}
