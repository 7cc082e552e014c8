# StreamBox. `make` alone prints the targets; `make run` and `make test` need no other set-up.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

# Twelve characters: how many git would take depends on what else the clone has.
VERSION ?= $(shell git describe --tags --match 'v[0-9]*' --always --abbrev=12 --dirty 2>/dev/null || echo unknown)
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
# The commit's date, not today's: the same commit gives the same bytes.
DATE    ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)
# What go build would take from the builder's environment and clone is said here.
GOBUILD := GOFLAGS= GOEXPERIMENT= CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)'

GOLANGCI_VERSION := v2.15.0
CACHE    := $(CURDIR)/.cache
GOLANGCI := $(CACHE)/tools/golangci-lint-$(GOLANGCI_VERSION)
TALLY    := $(CACHE)/tally

CLIENT       := web/client
CLIENT_FILES := $(shell find $(CLIENT) -name node_modules -prune -o -type f -print 2>/dev/null)
CLIENT_TESTS  = $(shell find $(CLIENT) -name node_modules -prune -o -name '*.test.js' -print)
E2E_TESTS     = $(wildcard web/e2e/*.test.mjs)

MEDIA  ?=
DATA   ?= $(CACHE)/data
LISTEN ?= :3003
# Where button and LED are: PANEL=terminal draws them below the log.
PANEL  ?= auto
# What `make plug` plays; `make run` takes this for a stick while it is there.
PLUGGED := $(CACHE)/stick
STICK  ?=
STRICT ?=
# Which tables of make sim: small thousand synchronised latecomer 60 120 300.
SIM    ?=
# Read from the environment by the shell: a path may hold quotes and spaces.
export MEDIA DATA LISTEN PANEL STICK
# Tests turn a missing tool into a failure with this.
export STREAMBOX_STRICT := $(STRICT)

##@ Use
.PHONY: run build
run: build ## Build and serve MEDIA=folder (or sample videos) on LISTEN=:3003
	@.ci/need ffmpeg
	@if [ -z "$$MEDIA" ]; then $(MAKE) samples; MEDIA=$(CACHE)/samples; fi; \
	exec bin/streambox serve --media "$$MEDIA" --stick "$(PLUGGED)" --data "$$DATA" --listen "$$LISTEN" --panel "$$PANEL"

.PHONY: plug unplug
plug: ## Play a stick for `make run`: STICK=folder
	@if [ ! -d "$$STICK" ]; then echo "make plug STICK=folder: the folder to play a stick" >&2; exit 2; fi
	@mkdir -p $(CACHE) && ln -sfnT "$$(realpath "$$STICK")" "$(PLUGGED)"
unplug: ## Pull that stick, at any moment
	@rm -f "$(PLUGGED)"

build: client ## Build bin/streambox for this machine
	@.ci/need go
	@mkdir -p bin
	@$(GOBUILD) -o bin/streambox ./cmd/streambox

# As root, after `make build` as yourself: sudo would leave files of root's in this folder, so make asks for it where it needs it.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APPLIANCE ?=
.PHONY: install uninstall
install: build ## Install this build as a service of this machine; APPLIANCE=1 where it is only a StreamBox
	@$(SUDO) install -D -m 755 bin/streambox /usr/local/bin/streambox
	@$(SUDO) /usr/local/bin/streambox service install $(if $(APPLIANCE),--appliance)
uninstall: ## Remove the service and the program; prepared films and changed settings stay
	@if [ -x /usr/local/bin/streambox ]; then $(SUDO) /usr/local/bin/streambox service uninstall; fi
	@$(SUDO) rm -f /usr/local/bin/streambox

.PHONY: samples
samples: ## Make a few sample videos in .cache/samples
	@.ci/need go ffmpeg font
	@[ -e $(CACHE)/samples/.done ] || { echo "Making sample videos …"; \
	  go run ./transcode/clips/makeclips -out $(CACHE)/samples -set sample && touch $(CACHE)/samples/.done; }

##@ Test
.PHONY: unit check test
unit: client ## Go and client unit tests (Go and Node.js only)
	@.ci/need go node
	@node .ci/gotest.mjs -- -short ./... # -short: nothing that starts other programs
	@node .ci/nodetest.mjs $(CLIENT_TESTS)

check: unit lint e2e ## unit + linters + end-to-end in Chromium; no root

test: ## All that this machine can do; STRICT=1 fails on anything not run
	@.ci/need go node cc x264-dev debian-keys ffmpeg chromium firefox ip nft avahi qemu-arm64 shellcheck font nspawn nginx caddy gstreamer
	@transcode/v4l2sim/ffmpeg7 $(CACHE)/ffmpeg7 || [ "$(STRICT)" != 1 ] # without a network it is counted as not run
	@$(MAKE) build
	@STRICT=$(STRICT) .ci/test $(TALLY)

# Ten players in real time: beside the other packages' tests they would stall for want of a processor, not of air.
.PHONY: test-air
test-air: ## Ten phones on a link for nine (real time, as root)
	@.ci/need go node ip
	@node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -tags air -run '^TestTheTenthPhone' ./cmd/streambox

.PHONY: test-service
test-service: ## The unit under a real systemd: start, watchdog, confinement, install and uninstall (as root)
	@.ci/need go node ffmpeg nspawn
	@node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -timeout 5m -tags service ./systemd

.PHONY: test-deb
test-deb: client ## The Debian package: same bytes, lintian, and its life under dpkg and systemd (as root)
	@.ci/need go node ffmpeg nspawn lintian
	@node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -timeout 10m -tags service ./image/deb

.PHONY: vm-test
vm-test: client ## The box in a virtual machine: boot, sticks, button, LED, mDNS (as root)
	@.ci/need go node ffmpeg vm
	@node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -timeout 40m -tags vm -run '^TestTheBox$$' ./image/vmtest && status=0 || status=$$?; \
	cat $(CACHE)/vm/times.txt 2>/dev/null; exit $$status

.PHONY: hotspot-test
hotspot-test: client ## The box's own Wi-Fi and a phone on it, with simulated radios in a virtual machine (as root)
	@.ci/need go node vm
	@node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -timeout 60m -tags vm -run '^TestTheHotspot$$' ./image/vmtest && status=0 || status=$$?; \
	cat $(CACHE)/vm/hotspot.txt 2>/dev/null; exit $$status

.PHONY: test-previous
test-previous: ## The release before this one goes on with what this one left (whole git history)
	@.ci/need go ffmpeg
	@node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -timeout 10m -tags previous -run '^TestThePreviousRelease' ./cmd/streambox

.PHONY: test-go test-client
test-go:
	@node .ci/gotest.mjs $(TALLYFLAG) -- -race -timeout 30m ./...
test-client: client
	@node .ci/nodetest.mjs $(TALLYFLAG) $(CLIENT_TESTS)

.PHONY: e2e test-arm64 fresh-clone fuzz
e2e: build ## End-to-end tests in a real headless Chromium and Firefox (those of the swarm: as root)
	@.ci/need go node ffmpeg chromium firefox ip nft font
	@node .ci/nodetest.mjs $(TALLYFLAG) --serial $(E2E_TESTS)

# -short leaves out what starts other programs: those tests ran natively, and an
# emulated test binary cannot start itself again. So are the tests that join
# multicast groups (qemu-user cannot): each of them is in a namespace, as a
# program of its own. Packages whose other tests join one are left out: none does.
test-arm64: ## Unit tests as arm64 under qemu-user
	@.ci/need go node qemu-arm64
	@GOARCH=arm64 CGO_ENABLED=0 node .ci/gotest.mjs $(TALLYFLAG) -- -short -exec qemu-aarch64-static ./...
	@GOARCH=arm CGO_ENABLED=0 node .ci/gotest.mjs $(TALLYFLAG) -- -short -exec qemu-arm-static ./transcode/worker # its list of system calls

fresh-clone: ## go build, vet and test in a fresh clone with no Node.js in reach
	@.ci/need go
	@.ci/fresh-clone

FUZZTIME ?= 60s
fuzz: ## Run every fuzz target for FUZZTIME=60s
	@.ci/need go
	@status=0; for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' . ); do \
	  for name in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' $$f); do \
	    echo "— $$name in $$(dirname $$f)"; \
	    go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s ./$$(dirname $$f) || status=1; \
	done; done; exit $$status

.PHONY: bench
bench: build ## Measure beside references; appends to .ci/figures.md; PARTS="start box" for some
	@.ci/need go node ffmpeg chromium nginx qemu-arm64 font
	@.ci/bench/run $(PARTS)

.PHONY: bench-p2p
bench-p2p: build ## Viewers of one film beside p2p-media-loader, as root; PARTS="2 4 6 together long ours reference" for some
	@.ci/need go node ffmpeg chromium ip nft nginx font
	@.ci/bench/p2p $(PARTS)

.PHONY: pictures
pictures: build samples ## Draw the README's pictures anew, from a box that runs (and from the card, where one was built)
	@.ci/need go node ffmpeg chromium font
	@node web/e2e/pictures.mjs

.PHONY: sim replay
sim: ## Simulate the swarm beside a retention that knows the future; appends to .ci/figures.md
	@.ci/need go node
	@node $(CLIENT)/sim/experiment.mjs --record $(SIM)

TRACE ?=
export TRACE
replay: ## Run a swarm's trace once more: TRACE=file
	@.ci/need go node
	@node $(CLIENT)/sim/replay.mjs "$$TRACE"

##@ Code
.PHONY: client lint fmt cross clean
client: web/assets/index.html ## Build the browser client into web/assets
web/assets/index.html: $(CLIENT)/node_modules/.package-lock.json $(CLIENT_FILES)
	@.ci/need node
	@cd $(CLIENT) && npm run --silent build && touch ../assets/index.html
$(CLIENT)/node_modules/.package-lock.json: $(CLIENT)/package-lock.json
	@.ci/need node
	@cd $(CLIENT) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

lint: $(GOLANGCI) client ## Linters and type checks, at pinned versions
	@.ci/need shellcheck
	@echo "— golangci-lint"; $(GOLANGCI) run ./...
	@echo "— client: types, eslint, prettier"; cd $(CLIENT) && npm run --silent check && npm run --silent lint
	@echo "— shellcheck"; shellcheck $$(grep -lIrE '^#!.*(ba)?sh' .ci image transcode/v4l2sim)
$(GOLANGCI):
	@.ci/need go
	@echo "Building golangci-lint $(GOLANGCI_VERSION) (once) …"; mkdir -p $(CACHE)/tools; \
	GOBIN=$(CACHE)/tools/build go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION) && \
	mv $(CACHE)/tools/build/golangci-lint $@

fmt: $(GOLANGCI) client ## Format Go and client code
	@$(GOLANGCI) fmt ./... && cd $(CLIENT) && npm run --silent format

cross: client ## Static binaries for every Pi and for amd64, in dist/
	@.ci/need go
	@mkdir -p dist
	@GOOS=linux GOARCH=arm64 GOARM64=v8.0 $(GOBUILD) -o dist/streambox-linux-arm64 ./cmd/streambox
	@GOOS=linux GOARCH=arm GOARM=6 $(GOBUILD) -o dist/streambox-linux-armv6 ./cmd/streambox
	@GOOS=linux GOARCH=amd64 GOAMD64=v1 $(GOBUILD) -o dist/streambox-linux-amd64 ./cmd/streambox
	@ls -l dist | awk 'NR > 1 { printf "%6.1f MB  dist/%s\n", $$5 / 1e6, $$9 }'

.PHONY: deb
deb: build cross ## Debian packages for every Pi and for amd64, in dist/
	@.ci/need dpkg-deb
	@go run ./image/deb -described '$(VERSION)' -commit '$(COMMIT)' -time '$(SOURCE_DATE_EPOCH)'

# By exactly the Go of go.mod, whatever is installed.
.PHONY: release test-release
IMAGE ?= debian
CARDS  = $(filter-out 0,$(IMAGE))
RELEASE = -described '$(VERSION)' -commit '$(COMMIT)' -time '$(SOURCE_DATE_EPOCH)' $(CARDS)
release: export GOTOOLCHAIN := $(shell sed -n 's/^toolchain //p' go.mod)
release: ## What is given to others, in dist/streambox-VERSION: card, packages, programs, licences, sources, sums; IMAGE=0 without a card
	@.ci/need go node dpkg-deb xz
	@go run ./image/release -check $(RELEASE)
	@$(MAKE) deb
	@for base in $(CARDS); do UPDATE_KEY=none $(MAKE) image BASE="$$base"; done # it believes the keys in image/bundle/keys, not the builder's own
	@go run ./image/release $(RELEASE)

test-release: ## Two builders make a release of the last commit, and get the same bytes (some minutes)
	@.ci/need go node dpkg-deb xz
	@node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -timeout 30m -tags release -run '^TestOneCommitIsOneRelease$$' ./image/release

# The base is kept in .cache/card for each recipe; FRESH=1 makes it anew, with today's packages.
BASE ?= debian
.PHONY: image
image: deb ## The SD card's image, in dist/; BASE=rpios for Raspberry Pi OS's kernel (asks for root)
	@.ci/need go card
	@image/card/make '$(BASE)' "$$(ls -t dist/streambox_*_arm64.deb | head -n 1)" '$(CACHE)/card/$(BASE)' dist '$(SOURCE_DATE_EPOCH)'

.PHONY: image-same bench-image
image-same: ## Put the last card together once more: the same parts give the same bytes
	@.ci/need card
	@image/card/same '$(CACHE)/card/$(BASE)'
bench-image: $(CACHE)/card/$(BASE)/card.img ## What the last card weighs, and costs when it runs (half an hour); appends to .ci/figures.md
	@.ci/need go node ffmpeg vm
	@rm -f $(CACHE)/cardtest/figures.json; status=0; \
	if [ '$(BASE)' = debian ]; then $(CARDTEST) 90m -tags card -run '^TestFigures$$' ./image/cardtest || status=$$?; fi; \
	node web/e2e/bench/image.mjs '$(BASE)' && exit $$status

# The card in a machine. Times and logs: .cache/cardtest.
.PHONY: image-smoke image-test image-raspi3b test-cuts
CARDTEST = node .ci/gotest.mjs $(TALLYFLAG) -- -count=1 -timeout
$(CACHE)/card/%/card.img:
	@$(MAKE) image BASE='$*'
image-smoke: $(CACHE)/card/debian/card.img ## Start the card in a virtual machine, play a title, switch it off
	@.ci/need go node ffmpeg vm
	@$(CARDTEST) 40m -tags card -run '^TestSmoke$$' ./image/cardtest && status=0 || status=$$?; cat $(CACHE)/cardtest/smoke.txt; exit $$status
image-test: build $(CACHE)/card/debian/card.img ## A day of the card with Chromium, sticks and button; power cuts at every moment; updates (half an hour)
	@.ci/need go node ffmpeg chromium vm card
	@$(CARDTEST) 240m -tags card -run '^Test(Card|PowerIsCut|Update)$$' ./image/cardtest && status=0 || status=$$?; cat $(CACHE)/cardtest/*.txt; exit $$status
image-raspi3b: $(CACHE)/card/debian/card.img ## The card on QEMU's Raspberry Pi 3, as far as the page (nightly: up to half an hour)
	@.ci/need go node ffmpeg vm
	@$(CARDTEST) 30m -tags card -run '^TestRaspi3b$$' ./image/cardtest && status=0 || status=$$?; cat $(CACHE)/cardtest/raspi3b.txt; exit $$status
test-cuts: ## What a power cut leaves of a box's state, at every moment of its work (as root, some minutes)
	@.ci/need go node ffmpeg vm
	@STREAMBOX_OWN_MOUNTS=1 unshare --mount --propagation private $(CARDTEST) 20m -tags cuts ./image/cutstest

# Whose word a card takes: the private key is a file outside of this tree (image/bundle/doc.go). UPDATE_KEY='old new' while one is replaced.
UPDATE_KEY ?= $(HOME)/.config/streambox/update-key
IMAGE_PARTS ?= $(CACHE)/card/$(or $(BASE),debian)
.PHONY: update-key bundle
update-key: ## Make the key that signs updates: UPDATE_KEY=file, and file.pub
	@go run ./image/bundle key -out '$(UPDATE_KEY)'
bundle: ## Make and sign the update of the image that was built last, in dist/
	@.ci/need go
	@go run ./image/bundle make $(foreach key,$(UPDATE_KEY),-key '$(key)') -base '$(or $(BASE),debian)' -boot '$(IMAGE_PARTS)/boot.img' -root '$(IMAGE_PARTS)/root.squashfs' \
	  -described '$(VERSION)' -commit '$(COMMIT)' -time '$(SOURCE_DATE_EPOCH)' -build '$(or $(BUILD),0)'

clean: ## Remove what was built (not .cache: tools, samples, data)
	@rm -rf bin dist && find web/assets -mindepth 1 ! -name .gitignore -delete

##@ Help
.PHONY: help
help: ## Print this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
