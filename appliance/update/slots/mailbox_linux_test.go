package slots

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// As `vcmailbox 0x00038064 4 0 1` sends it (raspberrypi/utils, vcmailbox.c).
func TestTheMessageToTheFirmware(t *testing.T) {
	var got bytes.Buffer
	for _, word := range rebootFlags(true) {
		got.Write(binary.LittleEndian.AppendUint32(nil, word))
	}
	want := []byte{28, 0, 0, 0, 0, 0, 0, 0, 0x64, 0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("% x", got.Bytes())
	}
	if mailboxRequest != 0xc0086400 && mailboxRequest != 0xc0046400 {
		t.Errorf("%#x", mailboxRequest)
	}
	answer := rebootFlags(true)
	if refused(answer) == nil {
		t.Error("no answer is an answer")
	}
	answer[1] = 0x80000001
	if refused(answer) == nil {
		t.Error("an error is an answer")
	}
	answer[1] = 0x80000000
	if refused(answer) == nil {
		t.Error("a firmware that does not know the tag has set it")
	}
	answer[4] |= 0x80000000
	if err := refused(answer); err != nil {
		t.Error(err)
	}
}

func TestSomethingElseInThePlaceOfTheMailbox(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vcio")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if tellFirmware(file, true) == nil || tellFirmware(file+"x", true) == nil {
		t.Error("a file answers like a firmware")
	}
}
