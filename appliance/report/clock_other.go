//go:build !linux

package report

import "errors"

func clockSet() (bool, error) { return false, errors.ErrUnsupported }
