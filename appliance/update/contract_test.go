package update_test

import (
	"testing"

	"streambox.local/appliance/update/updatetest"
)

func TestSlotsKeepTheirContract(t *testing.T) {
	for _, kind := range updatetest.Kinds() {
		t.Run(kind.Name, func(t *testing.T) { updatetest.Contract(t, kind.Make) })
	}
}
