package library

import (
	"fmt"
	"regexp"

	"go.etcd.io/bbolt"
)

// keyName is where bucketMeta has the box's name on the network.
const keyName = "name"

var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// LoadName returns the name that SaveName was given last; "" when there is none.
func (s *StateDB) LoadName() (name string, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		name = string(tx.Bucket(bucketMeta).Get([]byte(keyName)))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the box's name: %w", err)
	}
	if name != "" && !namePattern.MatchString(name) {
		return "", fmt.Errorf("read the box's name: %q is none", name)
	}
	return name, nil
}

// SaveName keeps the box's name on the network, a label like "streambox-2", at
// once; "" forgets it.
func (s *StateDB) SaveName(name string) error {
	if name != "" && !namePattern.MatchString(name) {
		return fmt.Errorf("keep the box's name: %q is none", name)
	}
	if old, err := s.LoadName(); err == nil && old == name {
		return nil // every start has the same name; the card need not be written
	}
	s.commit.Lock()
	defer s.commit.Unlock()
	err := s.update(func(tx *bbolt.Tx) error {
		if name == "" {
			return tx.Bucket(bucketMeta).Delete([]byte(keyName))
		}
		return tx.Bucket(bucketMeta).Put([]byte(keyName), []byte(name))
	})
	if err != nil {
		return fmt.Errorf("keep the box's name: %w", err)
	}
	return nil
}
