// Package web serves the page, the API, HLS and the WebSocket.
package web
