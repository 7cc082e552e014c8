package intake

import (
	"context"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// finishedProduct is one that is finished; what else may happen is not asked of it.
type finishedProduct struct{}

func (finishedProduct) begin(context.Context) error          { return nil }
func (finishedProduct) work(context.Context) error           { return nil }
func (finishedProduct) made() (bytes int64, seconds float64) { return 0, 0 }
func (finishedProduct) attach()                              {}
func (finishedProduct) show(*library.Record)                 {}
func (finishedProduct) finish() error                        { return nil }
func (finishedProduct) discard() error                       { return nil }

func TestAFilmForgottenInTheMomentOfItsJobsEndStaysForgotten(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "film.mp4", content(spec{Name: "film"}))
		r.start()
		r.plug("a")
		r.settle(20 * time.Second)
		id := r.want("film", library.Ready).ID
		r.in.mu.Lock()
		f := r.in.films[id]
		delete(r.in.films, id)
		r.in.forget(id)
		r.in.mu.Unlock()

		if err := r.in.finish(&run{in: r.in, f: f, out: finishedProduct{}}); err != nil {
			r.t.Error(err)
		}
		r.in.mu.Lock()
		r.in.finishedElsewhere(f, nil)
		r.in.mu.Unlock()
		if rec, known := r.lib.Record(id); known || len(r.titles()) > 0 {
			r.t.Errorf("it came back: %+v", rec)
		}
	})
}
