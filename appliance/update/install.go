package update

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
)

const (
	blockBytes = 1 << 20
	syncBytes  = 8 << 20 // so little waits in memory to be written, and stays there to be read
)

// Errors of copying, by whose fault it is.
var (
	errStick   = errors.New("reading the stick")
	errCard    = errors.New("the card")
	errChanged = errors.New("the stick shows other bytes than before")
)

// opener opens a partition of the other slot.
type opener interface {
	Open(part slots.Part) (slots.Volume, error)
}

// installer writes a bundle into the other slot.
type installer struct {
	slots    opener
	slot     slots.Slot // the one that is written
	rest     func(ctx context.Context, worked time.Duration) error
	now      func() time.Time
	progress func(done, all int64)

	done, all int64
}

// check reads the images of a bundle to their end: is it whole, and is it what was signed?
func (in *installer) check(ctx context.Context, b *bundle.Bundle) error {
	in.done, in.all = 0, b.Manifest.Boot.Bytes+b.Manifest.Root.Bytes
	for _, part := range []struct {
		from io.Reader
		want bundle.Part
	}{{b.Boot(), b.Manifest.Boot.Part}, {b.Root(), b.Manifest.Root}} {
		sum := sha256.New()
		if err := in.pump(ctx, part.from, part.want.Bytes, func(_ int64, data []byte) error {
			sum.Write(data)
			return nil
		}); err != nil {
			return err
		}
		if !same(sum, part.want) {
			return errChanged
		}
	}
	return nil
}

// install writes both partitions, the first sectors of the boot partition last.
func (in *installer) install(ctx context.Context, b *bundle.Bundle) (err error) {
	in.done, in.all = 0, 2*(b.Manifest.Boot.Bytes+b.Manifest.Root.Bytes) // written, and read back
	boot, err := in.slots.Open(slots.Boot)
	if err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	defer func() { err = errors.Join(err, closed(boot)) }()
	root, err := in.slots.Open(slots.Root)
	if err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	defer func() { err = errors.Join(err, closed(root)) }()

	if err = put(boot, make([]byte, bundle.HeadBytes), 0); err != nil {
		return err
	}
	if err = boot.Forget(); err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	if err = in.write(ctx, b.Root(), b.Manifest.Root, root, func(int64, []byte) int { return 0 }); err != nil {
		return err
	}
	head := make([]byte, bundle.HeadBytes)
	if err = in.write(ctx, b.Boot(), b.Manifest.Boot.Part, boot, func(at int64, data []byte) int {
		in.lettered(b.Manifest, at, data, 'a', byte(in.slot))
		if at > 0 {
			return 0
		}
		return copy(head, data)
	}); err != nil {
		return err
	}
	if err = in.readBack(ctx, b.Manifest, boot, root, head); err != nil {
		return err
	}
	if err = put(boot, head, 0); err != nil {
		return err
	}
	if err = boot.Forget(); err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	return in.readBack(ctx, bundle.Manifest{Boot: b.Manifest.Boot}, boot, root, nil)
}

// write copies an image and hashes it as it came. change may alter a block after
// that, and says how many of its first bytes are held back.
func (in *installer) write(ctx context.Context, from io.Reader, want bundle.Part, to slots.Volume, change func(at int64, data []byte) int) error {
	sum := sha256.New()
	unsynced := int64(0)
	err := in.pump(ctx, from, want.Bytes, func(at int64, data []byte) error {
		sum.Write(data)
		held := int64(change(at, data))
		if err := put(to, data[held:], at+held); err != nil {
			return err
		}
		if unsynced += int64(len(data)); unsynced < syncBytes {
			return nil
		}
		unsynced = 0
		if err := to.Forget(); err != nil {
			return fmt.Errorf("%w: %w", errCard, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := to.Forget(); err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	if !same(sum, want) {
		return errChanged
	}
	return nil
}

// readBack compares what the card has with what was signed. head stands for the first
// sectors of the boot partition, where they are not there yet. A root of no bytes is left out.
func (in *installer) readBack(ctx context.Context, m bundle.Manifest, boot, root slots.Volume, head []byte) error {
	sum := sha256.New()
	err := in.pump(ctx, io.NewSectionReader(boot, 0, m.Boot.Bytes), m.Boot.Bytes, func(at int64, data []byte) error {
		if at == 0 && head != nil {
			for _, c := range data[:len(head)] {
				if c != 0 {
					return fmt.Errorf("%w does not keep zeros", errCard)
				}
			}
			copy(data, head)
		}
		in.lettered(m, at, data, byte(in.slot), 'a')
		sum.Write(data)
		return nil
	})
	if err == nil && !same(sum, m.Boot.Part) {
		err = errors.New("other bytes than were written")
	}
	if err == nil && m.Root.Bytes > 0 {
		sum = sha256.New()
		err = in.pump(ctx, io.NewSectionReader(root, 0, m.Root.Bytes), m.Root.Bytes, func(_ int64, data []byte) error {
			sum.Write(data)
			return nil
		})
		if err == nil && !same(sum, m.Root) {
			err = errors.New("other bytes than were written")
		}
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errCard) {
		err = fmt.Errorf("%w: %w", errCard, err)
	}
	return err
}

// lettered exchanges the slot's letter in a block that begins at, if it lies in it. Any
// other byte in its place is left as it is: then the hash does not fit.
func (in *installer) lettered(m bundle.Manifest, at int64, data []byte, old, letter byte) {
	if i := m.Boot.SlotOffset - at; i >= 0 && i < int64(len(data)) && data[i] == old {
		data[i] = letter
	}
}

// pump reads exactly size bytes in blocks, and rests between them, so that at most half of
// the time of stick and card is ours.
func (in *installer) pump(ctx context.Context, from io.Reader, size int64, use func(at int64, data []byte) error) error {
	block := make([]byte, blockBytes)
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		began := in.now()
		n, err := io.ReadFull(from, block[:min(size-at, blockBytes)])
		if err != nil {
			return fmt.Errorf("%w: %w", errStick, err)
		}
		if err := use(at, block[:n]); err != nil {
			return err
		}
		at += int64(n)
		in.done += int64(n)
		in.progress(in.done, in.all)
		if err := in.rest(ctx, in.now().Sub(began)); err != nil {
			return err
		}
	}
	return nil
}

func put(to slots.Volume, data []byte, at int64) error {
	if _, err := to.WriteAt(data, at); err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	return nil
}

func closed(v slots.Volume) error {
	if err := v.Close(); err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	return nil
}

func same(sum hash.Hash, want bundle.Part) bool {
	return hex.EncodeToString(sum.Sum(nil)) == want.SHA256
}
