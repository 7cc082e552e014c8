package intake

import (
	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/note"
)

// whyUnread is the sentence on a stick that usb tells of though it cannot be
// read; nil for one that can.
func whyUnread(s usb.Stick) *library.Reason {
	if s.Reason == "" {
		return nil
	}
	code, format := CodeStickUnreadable, "The stick %q cannot be read"
	switch s.Reason {
	case note.Apple:
		code, format = CodeStickApple, "The stick %q is formatted for Apple's computers; the box reads FAT32, exFAT, NTFS and ext4"
	case note.BitLocker:
		code, format = CodeStickBitLocker, "The stick %q is encrypted with BitLocker; the box cannot ask for its password"
	case note.Encrypted:
		code, format = CodeStickEncrypted, "The stick %q is encrypted; the box cannot ask for its password"
	case note.Damaged:
		code, format = CodeStickDamaged, "The stick %q is damaged: the box cannot read it"
	case note.NoFileSystem:
		code, format = CodeStickNoFileSystem, "The stick %q is not formatted: there is nothing on it yet"
	case note.UnknownFileSystem:
		code, format = CodeStickUnknownFileSystem, "The box does not know how the stick %q is formatted; it reads FAT32, exFAT, NTFS and ext4"
	case note.InUse:
		code, format = CodeStickInUse, "The disk %q belongs to the machine that the box runs on; it is left alone"
	case note.TurnedOff:
		code, format = CodeStickTurnedOff, "The settings of the box do not let it read the stick %q"
	case note.TooMany:
		code, format = CodeStickTooMany, "A stick has too many partitions; from %q on they are left out"
	case note.Silent:
		code, format = CodeStickSilent, "The stick %q does not answer"
	}
	return aboutStick(code, format, cleanText(s.Label, placeRunes))
}
