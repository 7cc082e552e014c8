package library

import (
	"fmt"
	"regexp"
)

// settingNetworkName is the name that the network gave the box.
const settingNetworkName = "networkName"

var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// LoadName returns the name that SaveName was given last; "" when there is none.
func (s *StateDB) LoadName() (string, error) {
	name, err := s.setting(settingNetworkName)
	if err != nil {
		return "", fmt.Errorf("read the box's name: %w", err)
	}
	if name != "" && !namePattern.MatchString(name) {
		return "", fmt.Errorf("read the box's name: %q is none", name)
	}
	return name, nil
}

// SaveName keeps the box's name on the network, a label like "streambox-2", at
// once; "" forgets it, and so does Forget.
func (s *StateDB) SaveName(name string) error {
	if name != "" && !namePattern.MatchString(name) {
		return fmt.Errorf("keep the box's name: %q is none", name)
	}
	if old, err := s.LoadName(); err == nil && old == name {
		return nil // every start has the same name; the card need not be written
	}
	if err := s.setSetting(settingNetworkName, name); err != nil {
		return fmt.Errorf("keep the box's name: %w", err)
	}
	return nil
}
