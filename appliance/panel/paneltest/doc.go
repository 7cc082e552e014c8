// Package paneltest is what the panel's tests share: a board of fake lines and
// LEDs, and the contract that a panel keeps on it and on a real GPIO chip alike.
//
// # The contract on a real chip
//
// [Contract] needs a finger and an eye outside of the machine that it runs on: a
// [Hand]. On the fake board that is the board itself. On a real chip it is whoever
// is wired to it, told over TCP ([DialHand], [ServeHand]): the test binary runs
// where the chip is, the hand where the wires end.
//
// For a virtual machine with a PL061 (QEMU's -M virt, its /dev/gpiochip0) this means:
//
//   - build the tests for it:    GOARCH=arm64 CGO_ENABLED=0 go test -c -tags chip -o panel.test ./appliance/panel
//   - on the host, answer the hand: ServeHand(ctx, listener, hand), with a Hand whose
//     Press(down) does, by qtest, "set_irq_in <PL061> unnamed-gpio-in 5 <0 when down, else 1>",
//     and whose Lit() says whether the last "IRQ raise 6" or "IRQ lower 6" was a raise
//     (after "irq_intercept_out <PL061>"); lines of a PL061 begin low: release the button before the start
//   - in the machine, as a user who may open the chip, with nothing else on these lines:
//     STREAMBOX_PANEL_BUTTON=gpiochip0:5 STREAMBOX_PANEL_LED=gpiochip0:6 STREAMBOX_PANEL_HAND=10.0.2.2:7000 \
//     ./panel.test -test.v -test.run TestContractOnAChip
//
// It takes about a minute, since it holds the button as long as people do.
package paneltest
