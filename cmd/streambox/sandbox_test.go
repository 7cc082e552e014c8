package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

func TestAWorkerThatDoesNotStartIsAProblemUntilItDoes(t *testing.T) {
	t.Parallel()
	problems := map[string]*library.Problem{}
	tell := workerProblem(func(code string, p *library.Problem) { problems[code] = p })
	tell(errors.New("226/NAMESPACE"))
	if p := problems[codeWorkerBroken]; p == nil || p.Code != codeWorkerBroken || p.Text == "" {
		t.Errorf("got %+v", p)
	}
	tell(nil)
	if p := problems[codeWorkerBroken]; p != nil {
		t.Errorf("afterwards: %+v", p)
	}
}

func TestAServiceWithoutItsWorkerIsNotInOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	for _, service := range []bool{true, false} {
		var said bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		log := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.MessageKey && a.Value.String() == "Films are read in a sandbox" {
				cancel() // the last that is said
			}
			return a
		}}))
		if err := tellSandbox(filepath.Join(t.TempDir(), "none"), service, log)(ctx); err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(said.String(), "broken=unit"); told != service {
			t.Errorf("a service %t: %s", service, said.String())
		}
	}
}
