// Command fileserver is the bare http.FileServer that StreamBox's serving of
// segments is measured beside: nothing but net/http over a folder.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "`address` to listen on")
	dir := flag.String("dir", ".", "`folder` to serve")
	flag.Parse()
	server := &http.Server{
		Addr:              *listen,
		Handler:           http.FileServer(http.Dir(*dir)),
		ReadHeaderTimeout: 10 * time.Second,
	}
	if err := server.ListenAndServe(); err != nil {
		fmt.Fprintln(os.Stderr, "fileserver:", err)
		os.Exit(1)
	}
}
