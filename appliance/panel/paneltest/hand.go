package paneltest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// Hand is a finger on the button and an eye on the LED.
type Hand interface {
	Press(down bool) error
	Lit() (bool, error)
}

// Fingers is the hand at a Board's lines.
type Fingers struct{ Button, LED *Line }

// Press pulls the button's line to ground, or lets its pull-up have it.
func (f Fingers) Press(down bool) error {
	f.Button.Drive(gpio.Level(!down))
	return nil
}

// Lit looks at the LED's line.
func (f Fingers) Lit() (bool, error) { return bool(f.LED.Level()), nil }

// answerTime is how long a hand far away may take for one thing.
const answerTime = 10 * time.Second

// DialHand reaches a hand that ServeHand answers for.
func DialHand(ctx context.Context, address string) (*RemoteHand, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("reaching the hand: %w", err)
	}
	return &RemoteHand{conn: conn, lines: bufio.NewReader(conn)}, nil
}

// RemoteHand is a hand at the other end of a connection.
type RemoteHand struct {
	mu    sync.Mutex
	conn  net.Conn
	lines *bufio.Reader
}

// Close lets go of the connection.
func (h *RemoteHand) Close() error { return h.conn.Close() }

func (h *RemoteHand) ask(what string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return "", fmt.Errorf("asking the hand: %w", err)
	}
	if _, err := h.conn.Write([]byte(what + "\n")); err != nil {
		return "", fmt.Errorf("asking the hand: %w", err)
	}
	answer, err := h.lines.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("hearing the hand: %w", err)
	}
	answer = strings.TrimSpace(answer)
	if problem, failed := strings.CutPrefix(answer, "error "); failed {
		return "", errors.New("the hand says: " + problem)
	}
	return answer, nil
}

// Press implements Hand.
func (h *RemoteHand) Press(down bool) error {
	what := "release"
	if down {
		what = "press"
	}
	_, err := h.ask(what)
	return err
}

// Lit implements Hand.
func (h *RemoteHand) Lit() (bool, error) {
	answer, err := h.ask("lit")
	return answer == "on", err
}

// ServeHand lends a hand to whoever connects, until ctx ends. It closes the listener.
func ServeHand(ctx context.Context, listener net.Listener, hand Hand) error {
	var served sync.WaitGroup
	defer served.Wait()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("waiting for who needs a hand: %w", err)
		}
		served.Go(func() {
			done := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer done()
			defer conn.Close()
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				if _, err := conn.Write([]byte(lend(hand, lines.Text()) + "\n")); err != nil {
					return
				}
			}
		})
	}
}

// lend does one thing and returns the answer.
func lend(hand Hand, what string) string {
	var err error
	answer := "ok"
	switch what {
	case "press", "release":
		err = hand.Press(what == "press")
	case "lit":
		var lit bool
		if lit, err = hand.Lit(); lit {
			answer = "on"
		} else {
			answer = "off"
		}
	default:
		err = errors.New("unknown: press, release or lit")
	}
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return answer
}
