package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"streambox.local/appliance/panel"
)

// panelRows are the settings of button and LED.
func panelRows() []setting {
	return []setting{
		{
			key: "panel", help: "`WHERE` button and LED are: auto, on the GPIO pins of a Raspberry Pi if there are any; terminal, drawn here, with the key b; or off (default auto; as a service off)",
			set:  func(s *settings, v []string) error { return oneOf(&s.Panel, v[0], "auto", "terminal", "off") },
			off:  func(s *settings) { s.Panel = "off" },
			show: func(s settings) string { return s.Panel },
		},
		{
			key: "panel-button", help: "GPIO `LINE` of the button, like GPIO3 or gpiochip0:5; empty for none (default GPIO3)",
			set:  func(s *settings, v []string) error { return lineName(&s.PanelParts.Button, v[0]) },
			show: func(s settings) string { return s.PanelParts.Button },
		},
		{
			key: "panel-button-pull", help: "`PULL` up: the pin's own pull-up; none: there is a resistor (default up)",
			set: func(s *settings, v []string) error {
				pull := "up"
				err := oneOf(&pull, v[0], "up", "none")
				if err == nil {
					s.PanelParts.NoPull = pull == "none"
				}
				return err
			},
			show: func(s settings) string {
				if s.PanelParts.NoPull {
					return "none"
				}
				return "up"
			},
		},
		{
			key: "panel-led", help: "GPIO `LINE` of the LED, like GPIO27 or gpiochip0:6; empty for none (default GPIO27)",
			set:  func(s *settings, v []string) error { return lineName(&s.PanelParts.LED, v[0]) },
			show: func(s settings) string { return s.PanelParts.LED },
		},
		{
			key: "panel-led-active", help: "`LEVEL` high: the LED lies between its line and ground; low: between 3.3 V and its line (default high)",
			set: func(s *settings, v []string) error {
				level := "high"
				err := oneOf(&level, v[0], "high", "low")
				if err == nil {
					s.PanelParts.ActiveLow = level == "low"
				}
				return err
			},
			show: func(s settings) string {
				if s.PanelParts.ActiveLow {
					return "low"
				}
				return "high"
			},
		},
		{
			key: "panel-board-led", help: "`LED` below /sys/class/leds that shows the same; empty for none (default ACT)",
			set: func(s *settings, v []string) error {
				if v[0] != "" && !panel.ValidLamp(v[0]) {
					return fmt.Errorf("%q is not the name of an LED; ls /sys/class/leds lists them", v[0])
				}
				s.PanelParts.BoardLED = v[0]
				return nil
			},
			show: func(s settings) string { return s.PanelParts.BoardLED },
		},
		{
			key: "panel-debounce", number: true, help: "`TIME` for which the button's level must rest before it counts, 1ms to 500ms (default 20ms)",
			set: func(s *settings, v []string) error {
				d, err := parseTime(v[0])
				if err != nil {
					return err
				}
				if d < time.Millisecond || d > 500*time.Millisecond {
					return fmt.Errorf("%q is too short or too long; write 1ms to 500ms", v[0])
				}
				s.PanelParts.Debounce = d
				return nil
			},
			show: func(s settings) string { return s.PanelParts.Debounce.String() },
		},
	}
}

// oneOf takes one of a few words.
func oneOf(to *string, word string, words ...string) error {
	if !slices.Contains(words, word) {
		last := len(words) - 1
		return fmt.Errorf("%q is not known; write %s or %s", word, strings.Join(words[:last], ", "), words[last])
	}
	*to = word
	return nil
}

func lineName(to *string, name string) error {
	if name != "" && !panel.ValidLine(name) {
		return fmt.Errorf("%q is not the name of a GPIO line; write one of GPIO0 to GPIO27, or chip and number like gpiochip0:5", name)
	}
	*to = name
	return nil
}
