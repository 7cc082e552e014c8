package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

// A library that the build stored compressed looks the same from outside.
func TestAssetsStoredCompressed(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("export const library = 1;\n", 100)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, text) // into memory
	_ = z.Close()
	app := testApp()
	app["vendor/library.mjs.gz"] = &fstest.MapFile{Data: packed.Bytes()}
	app["vendor/broken.mjs.gz"] = &fstest.MapFile{Data: []byte("this is no gzip")}
	f := start(t, func(c *Config) { c.Assets = app })
	address := f.srv.client.base() + "/vendor/library.mjs"

	plain := f.get(address, "Accept-Encoding", "identity")
	equal(t, "to who takes no gzip", string(plain.body), text)
	equal(t, "its type", plain.Header.Get("Content-Type"), "text/javascript; charset=utf-8")
	part := f.get(address, "Accept-Encoding", "gzip", "Range", "bytes=7-11")
	equal(t, "a range of it", part.StatusCode, http.StatusPartialContent)
	equal(t, "a range of it", string(part.body), "const")
	small := f.get(address, "Accept-Encoding", "gzip")
	equal(t, "encoding", small.Header.Get("Content-Encoding"), "gzip")
	equal(t, "as stored", bytes.Equal(small.body, packed.Bytes()), true)
	equal(t, "under its stored name", f.get(address+".gz").StatusCode, http.StatusNotFound)
	equal(t, "one that is spoiled", f.get(f.srv.client.base()+"/vendor/broken.mjs", "Accept-Encoding", "identity").StatusCode, http.StatusInternalServerError)
}
