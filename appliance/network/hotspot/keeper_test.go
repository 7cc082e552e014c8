package hotspot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheKeeperAsksUntilItIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		facts := Facts{Radio: true, Frequencies: []int{2437}}
		var asked []string
		var told []Status
		deaf := 2
		k := New(Config{
			Look: func() (Facts, error) { return facts, nil },
			Ask: func(role Role, frequency int) error {
				if role == AccessPoint && deaf > 0 {
					deaf--
					return errors.New("nobody there")
				}
				asked = append(asked, fmt.Sprint(role, frequency))
				facts.Hosting = role == AccessPoint
				return nil
			},
			Changed: func(s Status) { told = append(told, s) },
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- k.Run(ctx) }()
		time.Sleep(70 * time.Second) //nolint:forbidigo // in a bubble
		synctest.Wait()
		if want := []string{"accessPoint2437"}; !slices.Equal(asked, want) {
			t.Errorf("asked for %q, want %q", asked, want)
		}
		want := Status{Role: AccessPoint, Why: NoNetwork, Frequency: 2437, Up: true}
		if k.Status() != want || told[len(told)-1] != want {
			t.Errorf("status %+v, told %+v", k.Status(), told)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestALookThatFailsIsNoNewsOfTheAir(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		var told []Status
		k := New(Config{
			Look: func() (Facts, error) {
				looks++
				if looks%3 == 0 { // what could be seen says that nothing is there
					return Facts{Radio: true, Frequencies: []int{2437}}, errors.New("busy")
				}
				return Facts{Radio: true, Hosting: true, Guests: 2, Frequencies: []int{2437}}, nil
			},
			Ask:     func(Role, int) error { t.Error("asked"); return nil },
			Changed: func(s Status) { told = append(told, s) },
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := k.Run(ctx); err != nil || len(told) != 1 || !told[0].Up {
			t.Errorf("%v, told %+v", err, told)
		}
	})
}

func TestAKeeperThatSeesNothingDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := New(Config{
			Look: func() (Facts, error) { return Facts{}, errors.New("blind") },
			Ask:  func(Role, int) error { t.Error("asked"); return nil },
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := k.Run(ctx); err != nil {
			t.Error(err)
		}
	})
}
