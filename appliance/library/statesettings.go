package library

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// Settings that people chose at the box itself, not in its settings file. They
// are few and rarely change: each is a commit of its own.
const maxSettingBytes = 256

// settingName is the name that a host gave the box.
const settingName = "chosenName"

// ChosenName is the box's name as its host chose it; "" nobody did.
func (s *StateDB) ChosenName() (string, error) { return s.setting(settingName) }

// SetChosenName keeps the name that a host chose; "" takes it back.
func (s *StateDB) SetChosenName(name string) error { return s.setSetting(settingName, name) }

// settingNetwork is the Wi-Fi network that somebody confirmed at the box.
const settingNetwork = "wifiNetwork"

// ChosenNetwork is the Wi-Fi network that was confirmed by a hand on the box, as
// it was given to SetChosenNetwork; "" none was.
func (s *StateDB) ChosenNetwork() (string, error) { return s.setting(settingNetwork) }

// SetChosenNetwork keeps a Wi-Fi network; "" takes it back.
func (s *StateDB) SetChosenNetwork(file string) error { return s.setSetting(settingNetwork, file) }

func (s *StateDB) setting(key string) (value string, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		value = string(tx.Bucket(bucketSettings).Get([]byte(key)))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the setting %s: %w", key, err)
	}
	return value, nil
}

func (s *StateDB) setSetting(key, value string) error {
	if len(value) > maxSettingBytes {
		return fmt.Errorf("keep the setting %s: %d bytes are too many", key, len(value))
	}
	s.commit.Lock()
	defer s.commit.Unlock()
	err := s.update(func(tx *bbolt.Tx) error {
		if value == "" {
			return tx.Bucket(bucketSettings).Delete([]byte(key))
		}
		return tx.Bucket(bucketSettings).Put([]byte(key), []byte(value))
	})
	if err != nil {
		return fmt.Errorf("keep the setting %s: %w", key, err)
	}
	return nil
}

// Forget takes back what people chose and where they were: the settings of this
// file (the name, a Wi-Fi network) and all resume points. What is known of films
// and files, and all counters, stay.
func (s *StateDB) Forget() error {
	s.commit.Lock() // no flush is under way that would bring places back
	defer s.commit.Unlock()
	s.mu.Lock()
	s.pending.places = map[placeKey]place{}
	s.mu.Unlock()
	err := s.update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketResume, bucketOrder, bucketSettings} {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget settings and resume points: %w", err)
	}
	return nil
}
