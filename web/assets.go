package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"
)

// embedded is filled by `make client`; a fresh clone has only a .gitignore in it.
// The large libraries in it are compressed (name.gz), see assetpack.go.
//
//go:embed all:assets
var embedded embed.FS

// Assets returns the embedded client, or false when the binary was built without it.
func Assets() (fs.FS, bool) {
	sub, err := fs.Sub(embedded, "assets")
	if err != nil {
		return nil, false
	}
	if _, err = fs.Stat(sub, indexFile); err != nil {
		return nil, false
	}
	return sub, true
}

const (
	indexFile  = "index.html"
	devVersion = "dev" // stands for the hash while files may change
)

// client is the browser app: a tree of files below /assets/<hash of the tree>/,
// so that every file may be kept for ever and a new release is a new address.
// The relative imports of the modules stay inside the tree.
type client struct {
	files   fs.FS         // nil: built without
	version func() string // of the whole tree; the first call reads it
	dev     bool
	packed  sync.Map // path → *packedAsset
}

// loadClient reads nothing yet: hashing a megabyte takes a small Pi longer than
// all else that a start does, and can be done when the web server answers already.
func loadClient(files fs.FS, dev bool) *client {
	c := &client{files: files, version: func() string { return devVersion }, dev: dev}
	if files != nil && !dev {
		c.version = sync.OnceValue(func() string { return treeHash(files) })
	}
	return c
}

// treeHash is the version of a tree. A file that cannot be read, which one that is
// embedded always can, is as good as missing: asking for it says so.
func treeHash(files fs.FS) string {
	sum := sha256.New()
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // see above
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		_, _ = fmt.Fprintf(sum, "%s\x00%d\x00", name, len(content)) // a hash takes everything
		_, _ = sum.Write(content)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// base is the prefix of all addresses of the app's files.
func (c *client) base() string { return "/assets/" + c.version() }

// index returns index.html as built, with its placeholders.
func (c *client) index() ([]byte, error) {
	if c.files == nil {
		return nil, fs.ErrNotExist
	}
	text, err := fs.ReadFile(c.files, indexFile)
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	return text, nil
}

// asset is /assets/{version}/{path...}.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	c, name := s.client, r.PathValue("path")
	contentType, known := assetTypes()[path.Ext(name)]
	if c.files == nil || r.PathValue("version") != c.version() || !fs.ValidPath(name) || !known {
		return notFound() // a page of another release has to be loaded anew
	}
	if !c.has(name) {
		return notFound()
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	if c.dev {
		h.Set("Cache-Control", "no-store")
		return c.serve(w, r, name)
	}
	h.Set("Cache-Control", forEver)
	h.Set("Etag", `W/"`+c.version()+`"`)
	h.Add("Vary", "Accept-Encoding")
	if r.Header.Get("Range") == "" && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		if packed := c.pack(name); packed != nil {
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(len(packed)))
			if etagMatches(r.Header.Get("If-None-Match"), h.Get("Etag")) {
				h.Del("Content-Length")
				w.WriteHeader(http.StatusNotModified)
				return nil
			}
			put(w, packed)
			return nil
		}
	}
	return c.serve(w, r, name)
}

// serve sends a file as it is, or the range of it that was asked for.
func (c *client) serve(w http.ResponseWriter, r *http.Request, name string) error {
	content, err := c.open(name)
	if err != nil {
		return fmt.Errorf("opening a file of the browser app: %w", err)
	}
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// assetTypes are the kinds of files an app may have. A table of our own: the
// system's differs from machine to machine, and with nosniff a wrong type is a
// script that does not run.
func assetTypes() map[string]string {
	return map[string]string{
		".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
		".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
		".json": "application/json", ".webmanifest": "application/manifest+json", ".map": "application/json",
		".txt": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg",
		".webp": "image/webp", ".ico": "image/x-icon", ".woff2": "font/woff2", ".wasm": "application/wasm",
	}
}
