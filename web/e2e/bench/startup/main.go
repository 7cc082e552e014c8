// Command startup measures how long programs take from their start to READY=1,
// as systemd would hear it: in turns, so that what else the machine does falls on
// all of them alike. The arguments are commands, one argument each, words
// separated by blanks; {} in one is a new empty folder for each run. Output: JSON,
// milliseconds by command and round.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const patience = 2 * time.Minute

func main() {
	rounds := flag.Int("rounds", 7, "how often each is started; one round before warms up")
	flag.Parse()
	took := make([][]float64, flag.NArg())
	for round := range *rounds + 1 {
		for i, command := range flag.Args() {
			d, err := start(strings.Fields(command))
			if err != nil {
				fmt.Fprintln(os.Stderr, command+":", err)
				os.Exit(1)
			}
			if round > 0 {
				took[i] = append(took[i], float64(d.Microseconds())/1000)
			}
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(took)
}

// start starts a program, waits for its READY and ends it.
func start(words []string) (took time.Duration, err error) {
	dir, err := os.MkdirTemp("", "streambox-startup-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	for i, word := range words {
		words[i] = strings.ReplaceAll(word, "{}", dir)
	}
	path := filepath.Join(dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return 0, err
	}
	defer socket.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+path)
	began := time.Now()
	if err = cmd.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // it was told to end: how is no matter here
	}()
	_ = socket.SetReadDeadline(began.Add(patience))
	message := make([]byte, 4096)
	for {
		n, err := socket.Read(message)
		if err != nil {
			return 0, errors.Join(errors.New("it did not become ready"), err)
		}
		if strings.Contains("\n"+string(message[:n])+"\n", "\nREADY=1\n") {
			return time.Since(began), nil
		}
	}
}
