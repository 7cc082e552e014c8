package worker

import "strings"

// LayerState is whether a layer of confinement is at work.
type LayerState string

// The states of a layer.
const (
	Active LayerState = "active"
	Absent LayerState = "absent" // this machine does not have it, and nothing is wrong with that
	Broken LayerState = "broken" // it is there, and could not be put on
)

// Layer is one of the things that confine a program, independent of the others.
type Layer struct {
	Name   string     `json:"name"` // stable: seccomp, landlock, limits, unit
	State  LayerState `json:"state"`
	Detail string     `json:"detail"` // for people
}

// Summary is the layers in a line: "seccomp, landlock 7, limits".
func Summary(layers []Layer, state LayerState) string {
	var names []string
	for _, l := range layers {
		if l.State == state {
			names = append(names, l.Name)
		}
	}
	return strings.Join(names, ", ")
}
