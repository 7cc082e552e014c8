// Package appliance is the box as a whole: lifecycle, supervision, state.
package appliance
