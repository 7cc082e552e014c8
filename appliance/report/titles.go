package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/foreign"
)

// TitleSummary is what the support file says of a title: no names.
type TitleSummary struct {
	ID              string   `json:"id"`
	How             string   `json:"how"`
	Reason          string   `json:"reason,omitempty"` // the code
	DurationSeconds float64  `json:"durationSeconds"`
	Width           int      `json:"width"`
	Height          int      `json:"height"`
	Renditions      []string `json:"renditions,omitempty"`
	Failed          []string `json:"failed,omitempty"`
}

// Bounds of ReadLibrary: titles, bytes of a title.json (the library's own
// bound), and bytes of all of them. No true library comes near.
const (
	titlesMax     = 20_000
	titleBytes    = 8 << 20
	libraryBytes  = 256 << 20
	libraryFolder = "library"
)

// ReadLibrary reads what the library in a data folder says of its titles,
// without opening it as the box does (which would tidy up beside a running
// one). The folder may be another user's: no link leads out of it, and only
// what its owner, or we, wrote counts.
func ReadLibrary(data string) (titles []TitleSummary, names *Names) {
	names = &Names{words: map[string]string{}}
	root, err := foreign.Folder(data)
	if err != nil {
		return nil, names
	}
	defer root.Close()
	ids, owner := titleFolders(root)
	left := int64(libraryBytes)
	for _, id := range ids {
		content := readTitle(root, filepath.Join(libraryFolder, id, "title.json"), owner, left)
		left -= int64(len(content))
		if t, name, ok := titleSummary(content); ok {
			names.add(name, t.ID)
			titles = append(titles, t)
		}
	}
	return titles, names
}

// titleFolders are the names in the library, in their order, and its owner.
func titleFolders(root *os.Root) (ids []string, owner int) {
	dir, err := root.OpenFile(libraryFolder, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0
	}
	defer dir.Close()
	if owner, err = foreign.Owner(dir); err != nil {
		return nil, 0
	}
	ids, _ = dir.Readdirnames(titlesMax) // what could be read counts
	slices.Sort(ids)
	return ids, owner
}

// readTitle returns nothing for a file that the library cannot have written.
func readTitle(root *os.Root, name string, libraryOwner int, left int64) []byte {
	file, owner, err := foreign.Open(root, name)
	if err != nil {
		return nil
	}
	defer file.Close()
	if owner != libraryOwner && owner != os.Geteuid() {
		return nil
	}
	content, err := foreign.ReadAll(file, min(titleBytes, left))
	if err != nil {
		return nil
	}
	return content
}

func titleSummary(content []byte) (summary TitleSummary, name string, ok bool) {
	var t struct {
		TitleSummary
		Title  string `json:"title"`
		Reason struct {
			Code string `json:"code"`
		} `json:"reason"`
		Renditions []struct {
			Name string `json:"name"`
		} `json:"renditions"`
	}
	if json.Unmarshal(content, &t) != nil || !titleID.MatchString(t.ID) {
		return TitleSummary{}, "", false
	}
	t.TitleSummary.Reason = t.Reason.Code
	for _, r := range t.Renditions {
		t.TitleSummary.Renditions = append(t.TitleSummary.Renditions, r.Name)
	}
	return t.TitleSummary, t.Title, true
}
