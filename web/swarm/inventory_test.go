package swarm

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestInventoryIsTheSetItWasToldToBe(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		var v inventory
		model := map[int]bool{}
		for range random.IntN(400) {
			n := random.IntN(300)
			if random.IntN(3) == 0 {
				equal(t, "clear", v.clear(n), model[n])
				delete(model, n)
			} else {
				equal(t, "set", v.set(n), !model[n])
				model[n] = true
			}
		}
		var want []Span
		for n := range 300 {
			equal(t, "has", v.has(n), model[n])
			if !model[n] {
				continue
			}
			if k := len(want) - 1; k >= 0 && want[k][1] == n-1 {
				want[k][1] = n
			} else {
				want = append(want, Span{n, n})
			}
		}
		if got := v.spans(); !slices.Equal(got, want) {
			t.Fatalf("spans %v, want %v", got, want)
		}
		if back := inventoryOf(want).spans(); !slices.Equal(back, want) {
			t.Fatalf("back from spans %v, want %v", back, want)
		}
	}
}
