package bill

import (
	"context"
	"slices"
	"strings"
)

// Kind says where a work comes from: the type of its package URL.
type Kind string

// The kinds that there are.
const (
	Golang Kind = "golang"
	NPM    Kind = "npm"
)

// Work is somebody else's software that is part of the program.
type Work struct {
	Kind    Kind
	Name    string
	Version string
	Licence string // an SPDX expression
	SHA512  string // hexadecimal, of the package as the registry has it; "" where nothing tells it
	Texts   []byte // the licences' own words
}

// Title is what people call it.
func (w Work) Title() string {
	if w.Kind == Golang && w.Name == standardLibrary {
		return "The Go standard library"
	}
	return w.Name
}

// Works are all works of others in the programs (files; of one commit, for
// several machines) and in the page that they carry, each once, in one order.
// nodeModules is the folder that `npm ci` made, beside package-lock.json.
func Works(ctx context.Context, programs []string, nodeModules string) ([]Work, error) {
	works, err := goModules(ctx, programs)
	if err != nil {
		return nil, err
	}
	page, err := npmPackages(nodeModules)
	if err != nil {
		return nil, err
	}
	works = append(works, page...)
	slices.SortFunc(works, func(a, b Work) int {
		if a.Kind != b.Kind {
			return strings.Compare(string(a.Kind), string(b.Kind))
		}
		return strings.Compare(a.Name, b.Name)
	})
	return works, nil
}
