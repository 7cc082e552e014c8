package main

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"streambox.local/appliance"
	"streambox.local/appliance/intake"
	"streambox.local/appliance/library"
	"streambox.local/appliance/network"
	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/note"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/worker"
	"streambox.local/web"
	"streambox.local/web/portal"
	"streambox.local/web/room"
	"streambox.local/web/stun"
)

type serveOptions struct {
	client string // serve the page from this folder, for its developers
	qr     string // auto, always, never
	debug  bool   // what the swarm decides can be read
	sticks []string
}

func (a *app) serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the films of sticks or folders to the phones in the room",
		Args:  args(cobra.NoArgs, "serve takes no arguments; give folders with --media"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains([]string{"auto", "always", "never"}, o.qr) {
				return usagef("--qr: %q is not known; write auto, always or never", o.qr)
			}
			s, warnings, err := a.settings(cmd)
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), s, warnings, o)
		},
	}
	settingFlags(cmd, "media", "data", "listen", "name", "hosts", "trusted-proxies", "p2p", "mdns", "panel", "reserve", "log-level", "log-format")
	cmd.Flags().StringVar(&o.client, "client", "", "serve the page from `DIR` instead of the built-in one (for developing it)")
	cmd.Flags().StringVar(&o.qr, "qr", "auto", "`WHEN` to draw a QR code of the address: auto (on a terminal), always or never")
	cmd.Flags().BoolVar(&o.debug, "debug", false, "let everybody read what the swarm decides, and of whom: /api/v1/swarm and /api/v1/swarm/trace")
	cmd.Flags().StringArrayVar(&o.sticks, "stick", nil, "take `DIR` for a stick that is plugged while the folder exists (make plug)")
	_ = cmd.Flags().MarkHidden("stick")
	_ = cmd.MarkFlagDirname("client") // the flag is there: made just above
	return cmd
}

// serve is the box, in the order in which films pass through it.
func (a *app) serve(ctx context.Context, s settings, warnings []string, o serveOptions) error {
	boundMemory(a.getenv)
	started := time.Now()

	// A place to work in, and the log.
	place, err := a.occupy(s)
	if err != nil {
		return err
	}
	defer place.leave()
	log := newLog(a.stderr, s, place.log)
	say(log, warnings)

	// The address, before anything is read: a port that is taken is said at once.
	socket, err := listen(ctx, s)
	if err != nil {
		return err
	}
	defer socket.Close()
	if socket.note != "" {
		log.Warn("The web server is not at its usual port", "why", socket.note, "instead", socket.at.Port())
	}
	if describeErr := place.lock.Describe(a.boxInfo(started, socket, place)); describeErr != nil {
		log.Warn("Doctor and report will not find this box", "error", describeErr)
	}

	// What is known: titles, places of viewers.
	titles, err := library.Open(library.Config{Dir: filepath.Join(s.Data, "library"), Log: log, ReserveBytes: s.Reserve.of})
	if err != nil {
		return fmt.Errorf("opening the library: %w", err)
	}
	memory, damaged, err := library.OpenStateDB(filepath.Join(s.Data, "state.db"), time.Now)
	if err != nil {
		return fmt.Errorf("opening the box's memory: %w", err)
	}
	defer memory.Close()
	memory.Log = log
	if damaged {
		log.Warn("The box's memory was damaged and has been set aside; viewers' places are forgotten")
		titles.SetProblem(codeStateRebuilt, &library.Problem{Code: codeStateRebuilt, Text: stateRebuilt})
	}
	cardProblems(cardNotes, titles.SetProblem)
	sshKeysProblem(bootDir, titles.SetProblem)
	settingsProblem(warnings, settingsFile, titles.SetProblem)

	// Sticks → titles → something phones can play.
	tools := findTools(s.Data, workerProblem(titles.SetProblem), log)
	var films *intake.Intake
	var seats *room.House
	presence := web.NewPresence(func(id string) { films.DemandChanged(id) })
	films = intake.New(intake.Config{
		Library: titles, Memory: memory, Tools: preparing(tools), Demand: presence, Log: log,
		ViewersLate: func() bool { return seats.Distressed() },
		Segments:    packager.NewCache(packager.DefaultCacheBytes, packager.DefaultAtOnce),
	})

	// The box as a whole, and the service manager that looks after it.
	var supervisor appliance.Supervisor
	name := newBoxName(memory, s.Name, log)
	off := &shutdown{dir: requestDir, log: log}
	off.withdraw() // of a run before this one
	state := &box{
		name: name.wanted, leaving: off.underway, version: a.build.Version, started: started, listening: socket.at, note: socket.note, lan: lanAddresses,
		library: titles, working: films.Working, failing: supervisor.Failing, viewers: presence.Viewers,
		nudged: make(chan struct{}, 1), log: log,
	}
	supervisor.OnChange = state.nudge
	off.changed = state.nudge
	supervisor.OnStop = func() {
		log.Info("Stopping")
		state.stop()
	}
	manager := a.serviceManager(state, supervisor.Alive, log)
	state.parts = append(state.parts, servicesPart(supervisor.Health), watchdogPart(manager), encoderPart(tools))
	for _, w := range mediaWarnings(s) {
		log.Warn("A media folder is not as it should be", "what", w)
	}
	folders := missingFolders{given: s.Media, problem: titles.SetProblem}
	links := network.New(network.Config{Log: log})
	links.Look() // the first phone must not find a box that does not know its own network
	radio := newRadio(s, memory, titles.SetProblem, links, log)
	news := newUpdates(presence.Viewers, titles.SetProblem, log)
	state.parts = append(state.parts, news.check)
	state.notes = func() []library.Reason { return slices.Concat(radio.notes(), news.notes()) }
	sticks := &usb.Folders{Dirs: slices.Concat(s.Media, o.sticks), Below: below(s), Notes: note.Dir, Log: log, OnChange: func(plugged []usb.Stick) {
		films.SetSticks(plugged)
		folders.look(plugged)
		radio.sticks(plugged)
		news.SetSticks(plugged)
		state.sticksLookedFor()
	}}

	called := newNetworkName(s, a.build.Version, socket.at, memory, state, log)

	// What phones hand each other, and how they find each other without the internet.
	finder := stun.New(stun.Config{Listen: socket.at.Addr(), Log: log})
	seats = room.NewHouse(room.Config{Now: time.Now, Role: string(links.Role()), Log: log})
	meter := room.NewMeter(seats)
	if tools != nil {
		tools.ViewersLate = seats.Distressed
	}

	// The page.
	assets, err := client(o.client, log)
	if err != nil {
		return err
	}
	server, err := web.New(web.Config{
		Library: titles, Resume: memory, Presence: presence, Box: state, Rescan: films.Rescan, Seen: films.Seen,
		Assets: assets, DevAssets: o.client != "", Names: s.Hosts, Log: log,
		Proxies: s.Proxies, P2P: s.P2P, Debug: o.debug, Role: func() string { return string(links.Role()) },
		Link: func(local netip.Addr) (name, role string) {
			name, on := links.LinkAt(local)
			return name, string(on)
		},
		STUN: func(local netip.Addr) string { return finder.URL(state.linkAddress(local, links)) },
		Room: seats, Meter: meter, Hotspot: radio.hotspot, Portal: portal.New(nil), Rename: name.rename, PowerOff: off.ask, CanOff: off.possible,
	})
	if err != nil {
		return fmt.Errorf("preparing the web server: %w", err)
	}

	// The button and the LED.
	press := &hand{rescan: films.Rescan, openHost: func() {
		radio.confirm()
		server.OpenHost()
	}, off: off, log: log, forget: func() error {
		server.ForgetHost()
		defer name.forget()
		defer radio.forget()
		return memory.Forget()
	}}
	buttons := a.newButtons(s, state.ledState, state.changed(), press.press, log)
	state.parts = append(state.parts, buttons.checks()...)
	state.attend = panelProblem(buttons.Troubled, titles.SetProblem)

	// Started from top to bottom, stopped from bottom to top: the service manager and the viewers are told first, nobody
	// is left who asks when the films stop, and the LED goes off last. Without a critical part the box is useless.
	supervisor.Log = log
	supervisor.Services = []appliance.Service{
		{Name: "panel", Run: buttons.Run},
		{Name: "addresses", Run: state.Run},
		{Name: "memory", Run: memory.Run, Critical: true},
		{Name: "library", Run: titles.Run, Critical: true},
		{Name: "sandbox", Run: tellSandbox(worker.SocketPath, a.isService(), log)},
		{Name: "intake", Run: films.Run},
		{Name: "sticks", Run: sticks.Run},
		{Name: "updates", Run: news.Run},
		{Name: "network", Run: links.Run},
		{Name: "radio", Run: radio.run},
		{Name: "names", Run: radio.names(state.name)},
		{Name: "stun", Run: finder.Run},
		{Name: "mdns", Run: name.follow(called.run)},
		{Name: "room", Run: meter.Run},
		{Name: "rescanSignal", Run: rescanOnHangup(films, log)},
		{Name: "http", Run: serveHTTP(server.HTTPServer(), socket, log), Critical: true},
		{Name: "push", Run: server.Run, Critical: true},
		{Name: "notify", Run: manager.Run},
	}
	state.lookForAddresses()
	log.Info("StreamBox is running", "version", a.build.Version, "urls", state.addresses())
	supervisor.Services = append(supervisor.Services, appliance.Service{Name: "banner", Run: a.greet(state, called, s, o.qr)})
	err = supervisor.Run(ctx)
	log.Info("StreamBox has stopped")
	return err
}
