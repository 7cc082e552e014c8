package main

import (
	"errors"
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
