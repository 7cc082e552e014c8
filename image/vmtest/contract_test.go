//go:build vm

package vmtest

import (
	"context"
	"net"
	"strconv"
	"testing"

	"streambox.local/appliance/panel/paneltest"
	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// finger presses the button and looks at the LED of the machine.
type finger struct {
	gpio *vm.GPIO
	ctx  context.Context //nolint:containedctx // paneltest.Hand has none: the test's own bounds it
}

// Press implements paneltest.Hand: the button connects the line to ground.
func (f finger) Press(down bool) error { return f.gpio.Set(f.ctx, boxtest.ButtonLine, !down) }

// Lit implements paneltest.Hand.
func (f finger) Lit() (bool, error) { return f.gpio.High(boxtest.LEDLine), nil }

// panelContract runs the panel's contract on the machine's GPIO chip, with our hand.
func (s *scenario) panelContract(t *testing.T) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	boxtest.Must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- paneltest.ServeHand(ctx, listener, finger{gpio: s.GPIO, ctx: ctx}) }()
	defer func() {
		cancel()
		boxtest.Must(t, <-served)
		boxtest.Must(t, s.GPIO.Set(boxtest.Within(t, boxtest.StepWait), boxtest.ButtonLine, true))
	}()
	port := listener.Addr().(*net.TCPAddr).Port
	out, err := s.Shell.Run(boxtest.Within(t, 5*boxtest.StepWait), `export STREAMBOX_STRICT=1 STREAMBOX_PANEL_BUTTON=`+boxtest.ButtonName+` STREAMBOX_PANEL_LED=`+boxtest.LEDName+`
		export STREAMBOX_PANEL_HAND=`+net.JoinHostPort(vm.HostAddress, strconv.Itoa(port))+`
		cd /tmp && /mnt/panel.test -test.v -test.run 'TestContractOnAChip' -test.timeout 4m`)
	t.Log(out)
	boxtest.Must(t, err)
}

// stickContract runs the sticks' contract on the machine's USB port: the guest
// formats the stick and plugs it by its driver's bind and unbind.
func (s *scenario) stickContract(t *testing.T) {
	t.Helper()
	s.Sh(t, mountPayload)
	image := cache(t, "scratch.img")
	boxtest.Blank(t, image, 128)
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "scratch", Image: image}))
	out, err := s.Shell.Run(boxtest.Within(t, 10*boxtest.StepWait), `export STREAMBOX_STRICT=1
		for n in $(seq 50); do disk=$(ls -d /sys/bus/usb/devices/*/*/host*/target*/*/block/sd* 2>/dev/null) && break; sleep 0.2; done
		export STREAMBOX_STICK_PORT=$(echo "$disk" | sed 's|.*/devices/\([^/]*\)/.*|\1|')
		echo "port $STREAMBOX_STICK_PORT"
		cd /tmp && /mnt/usb.test -test.v -test.run '^TestContractRealStick$' -test.timeout 9m`)
	t.Log(out)
	boxtest.Must(t, err)
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "scratch"))
}
