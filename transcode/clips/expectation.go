package clips

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ExpectFile is the name of the table that Write leaves beside the clips.
const ExpectFile = "expect.json"

// Made is one line of expect.json.
type Made struct {
	Name string `json:"name"`
	File string `json:"file"` // below the folder, with slashes; what is not UTF-8 in it is replaced
	Expect
	Recipe string `json:"recipe"` // a digest of how it was made
}

// Write makes the clips below dir, but for those that are there by the same
// recipe, and then writes expect.json, so that a table found is true.
// onMade (may be nil) is called after each that was made.
func Write(dir string, all []Clip, produce func([]Clip) error) error {
	table := filepath.Join(dir, ExpectFile)
	known, err := readTable(table)
	if err != nil {
		return err
	}
	var missing []Clip
	for _, c := range all {
		if known[c.Name] != c.recipe() || !exists(filepath.Join(dir, filepath.FromSlash(c.FileName))) {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		if err = os.Remove(table); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err = produce(missing); err != nil {
			return err
		}
	}
	lines := []Made{}
	for _, c := range all {
		lines = append(lines, Made{Name: c.Name, File: c.FileName, Expect: c.Expect, Recipe: c.recipe()})
	}
	data, err := json.MarshalIndent(lines, "", "  ")
	if err != nil {
		return fmt.Errorf("write the table of clips: %w", err)
	}
	return os.WriteFile(table, append(data, '\n'), 0o644) //nolint:gosec // a list of test videos is no secret
}

// readTable returns the recipes by which the files of an earlier run were
// made; a missing or damaged table knows none.
func readTable(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var lines []Made
	recipes := map[string]string{}
	if json.Unmarshal(data, &lines) == nil {
		for _, line := range lines {
			recipes[line.Name] = line.Recipe
		}
	}
	return recipes, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
