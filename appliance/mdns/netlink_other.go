//go:build !linux

package mdns

import (
	"context"
	"errors"
)

// subscribe is for Linux.
func subscribe(context.Context) (bell <-chan struct{}, list func() ([]iface, error), stop func(), err error) {
	return nil, nil, nil, errors.ErrUnsupported
}
