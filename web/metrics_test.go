package web

import (
	"testing"
	"time"

	"streambox.local/web/room"
)

// Nought places would read as a full room; and viewers are as many as the box's page says.
func TestMetricsOfTheRoom(t *testing.T) {
	t.Parallel()
	for role, known := range map[string]bool{"wired": false, room.RoleAccessPoint: true} {
		f := start(t, func(c *Config) { c.Room = room.NewHouse(room.Config{Now: time.Now, Role: role}) })
		title := f.film(filmID, "A film", 1, 100)
		f.get(title.Playlist)
		text := string(f.get("/metrics").body)
		if known {
			contains(t, role, text, "streambox_room_places 8\n")
		} else {
			lacks(t, role, text, "streambox_room_places")
		}
		contains(t, role, text, "streambox_viewers 1\n")
		equal(t, "viewers in the box's page", f.srv.box().Swarm.Viewers, 1)
	}
}
