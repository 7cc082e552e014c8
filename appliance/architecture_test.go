package appliance_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const modulePath = "streambox.local"

// The table "Who may import whom" of ARCHITECTURE.md is the law: this test
// reads it there, so that the page cannot become untrue.
func TestImportsFollowArchitecture(t *testing.T) {
	root := ".."
	allowed := importTable(t, filepath.Join(root, "ARCHITECTURE.md"))
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		seen[pkg] = true
		for _, spec := range file.Imports {
			imported, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), modulePath+"/")
			if ours && !mayImport(allowed, pkg, imported, strings.HasSuffix(name, "_test.go")) {
				t.Errorf("%s imports %s, which ARCHITECTURE.md does not allow", name, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range allowed {
		if !seen[pkg] {
			t.Errorf("ARCHITECTURE.md speaks of %s, which does not exist", pkg)
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d packages were found: the walk is wrong", len(seen))
	}
}

func mayImport(allowed map[string][]string, pkg, imported string, isTest bool) bool {
	if isTest && (imported == "transcode/clips" || strings.HasSuffix(imported, "test")) {
		return true
	}
	for owner := pkg; owner != "."; owner = path.Dir(owner) {
		list, listed := allowed[owner]
		if !listed {
			continue
		}
		// A package's own tree is its own business; so is a package for its external tests.
		if imported == owner || strings.HasPrefix(imported, owner+"/") {
			return true
		}
		for _, a := range list {
			if a == imported || a == "everything" {
				return true
			}
		}
		return false
	}
	return false
}

// importTable reads the rows "| package | may import |" of the page.
func importTable(t *testing.T, name string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "## Who may import whom")
	if !found {
		t.Fatal("ARCHITECTURE.md has no section 'Who may import whom'")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	table := map[string][]string{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 2 || strings.HasPrefix(cells[0], "---") || strings.TrimSpace(cells[0]) == "package" {
			continue
		}
		var list []string
		if what := strings.TrimSpace(cells[1]); what != "nothing" {
			for one := range strings.SplitSeq(what, ",") {
				list = append(list, strings.TrimSpace(one))
			}
		}
		table[strings.TrimSpace(cells[0])] = list
	}
	if len(table) == 0 {
		t.Fatal("the table is empty")
	}
	return table
}
