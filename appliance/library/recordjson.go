package library

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
)

// The plain types have the fields but not the methods, so that encoding/json
// does its usual work on them.
type (
	plainRecord    Record
	plainRendition Rendition
)

// MarshalJSON writes the kept fields and those of a later release.
func (r Record) MarshalJSON() ([]byte, error) { return withUnknown(plainRecord(r), r.unknown) }

// UnmarshalJSON reads title.json and remembers the fields it does not know.
func (r *Record) UnmarshalJSON(data []byte) (err error) {
	r.unknown, err = readWithUnknown(data, (*plainRecord)(r))
	return err
}

// MarshalJSON writes the kept fields and those of a later release.
func (r Rendition) MarshalJSON() ([]byte, error) { return withUnknown(plainRendition(r), r.unknown) }

// UnmarshalJSON reads a rendition and remembers the fields it does not know.
func (r *Rendition) UnmarshalJSON(data []byte) (err error) {
	r.unknown, err = readWithUnknown(data, (*plainRendition)(r))
	return err
}

func withUnknown(known any, unknown map[string]json.RawMessage) ([]byte, error) {
	data, err := json.Marshal(known)
	if err != nil || len(unknown) == 0 {
		return data, err
	}
	all := maps.Clone(unknown)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	maps.Copy(all, fields)
	return json.Marshal(all)
}

func readWithUnknown(data []byte, known any) (map[string]json.RawMessage, error) {
	if err := json.Unmarshal(data, known); err != nil {
		return nil, err
	}
	var unknown map[string]json.RawMessage
	if err := json.Unmarshal(data, &unknown); err != nil {
		return nil, err
	}
	for field := range reflect.TypeOf(known).Elem().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		delete(unknown, name)
	}
	if len(unknown) == 0 {
		return nil, nil
	}
	return unknown, nil
}

// kept is what of a record goes to the disk: of the renditions only the
// ones that stay and lie there, so that title.json never speaks of half-written work.
func (r *Record) kept(onDisk map[string]bool) ([]byte, error) {
	c := *r
	c.Renditions = nil
	for _, one := range r.Renditions {
		if one.stays() && onDisk[one.Name] {
			c.Renditions = append(c.Renditions, one)
		}
	}
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write what is known of title %s: %w", r.ID, err)
	}
	return append(data, '\n'), nil
}
