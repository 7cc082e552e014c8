package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// hostNamePattern is one label of a host name (RFC 1123), in lower case.
var hostNamePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// cleanHostName brings what a person typed to the form that a box's name has.
func cleanHostName(typed string) (name string, ok bool) {
	name = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(typed)), ".local")
	return name, hostNamePattern.MatchString(name)
}

type settingsBody struct {
	Name *string `json:"name"`
}

// apiSettings is PUT /api/v1/settings: what the host may change of the box.
func (s *Server) apiSettings(w http.ResponseWriter, r *http.Request) error {
	if err := s.asHost(r); err != nil {
		return err
	}
	var body settingsBody
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if body.Name == nil {
		return wrongParameter("name", "There is nothing to change: name is missing.")
	}
	name, ok := cleanHostName(*body.Name)
	if !ok {
		return &problem{
			status: http.StatusBadRequest, code: "wrong_name",
			text: "The name of the box is 1 to 63 letters a to z, digits and hyphens, with no hyphen at either end.",
		}
	}
	if s.cfg.Rename == nil {
		return &problem{status: http.StatusServiceUnavailable, code: "no_settings", text: "The name of this box cannot be changed here."}
	}
	if err := s.cfg.Rename(name); err != nil {
		return fmt.Errorf("giving the box another name: %w", err)
	}
	s.log.InfoContext(r.Context(), "The host gave the box a name", "name", name, "remote", r.RemoteAddr)
	s.sendJSON(w, r, http.StatusOK, settingsBody{Name: &name})
	return nil
}

// canPowerOff says whether the host is to be offered it.
func (s *Server) canPowerOff() bool {
	return s.cfg.PowerOff != nil && (s.cfg.CanOff == nil || s.cfg.CanOff())
}

func noPowerOff(text string, cause error) *problem {
	return &problem{status: http.StatusServiceUnavailable, code: "no_poweroff", text: text, cause: cause}
}

// apiPowerOff is POST /api/v1/poweroff.
func (s *Server) apiPowerOff(w http.ResponseWriter, r *http.Request) error {
	if err := s.asHost(r); err != nil {
		return err
	}
	if !s.canPowerOff() { // a run by hand: nothing is wrong
		s.log.InfoContext(r.Context(), "The box was not switched off: only the installed service can", "remote", r.RemoteAddr)
		return noPowerOff("This box cannot switch itself off: only the installed service can.", nil)
	}
	if err := s.cfg.PowerOff(); err != nil {
		return noPowerOff("This box could not switch itself off.", err)
	}
	s.log.InfoContext(r.Context(), "The host switches the box off", "remote", r.RemoteAddr)
	s.sendJSON(w, r, http.StatusAccepted, struct{}{})
	return nil
}
