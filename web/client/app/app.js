// The page, as a table of contents.
//
//   core/     what is known and how it comes: router, api, socket, store, settings, seen, stats   (no DOM)
//   text/     words: language, format, pseudo-locales                                              (no DOM)
//   dom/      making elements, theme
//   library/  grid, shelves, cards, search, "Continue watching"
//   player/   loaded when a title is opened: picture, controls, hls.js
//   sheet/    loaded when asked for: "What the box sees"
//
// A title on its way: api.titles() → store → library draws; socket pushes → store → library and player draw.
import { Api } from "./core/api.js";
import { formatRoute, parseRoute, sameQuery } from "./core/router.js";
import { SeenList } from "./core/seen.js";
import { Settings, browserStorage } from "./core/settings.js";
import { Socket } from "./core/socket.js";
import { Stats } from "./core/stats.js";
import { Store } from "./core/store.js";
import { sync, watchLifecycle } from "./core/sync.js";
import { el } from "./dom/el.js";
import { announce, errorSentence, toast } from "./dom/say.js";
import { applyTheme } from "./dom/theme.js";
import { Header } from "./header.js";
import { FIRST_PAGE, Library } from "./library/library.js";
import { nameCard } from "./name.js";
import { choose, direction, loadLanguage } from "./text/language.js";

/** @typedef {import("./core/router.js").Route} Route */
/** @typedef {import("./types.d.ts").Query} Query */
/** @typedef {import("./types.d.ts").TitlesPage} TitlesPage */
/** @typedef {import("./player/player.js").Player} Player */
/**
 * What the parts of the page share.
 * @typedef {object} Context
 * @property {string} base URL prefix of the assets
 * @property {string} debug ?debug= of the address that the page was opened with
 * @property {Api} api
 * @property {Store} store
 * @property {Settings} settings
 * @property {SeenList} seen
 * @property {Stats} stats
 * @property {Socket} socket
 * @property {import("./text/language.js").Language} language
 * @property {import("./types.d.ts").Box | null} box last known
 * @property {import("./types.d.ts").Room | null} room last told; null: not told, or the box does not answer
 * @property {import("./swarm/door.js").Door | null} swarm null: nothing was played yet
 * @property {import("./player/codecs.js").Codecs | null} codecs what this device plays; null: nothing was played yet
 * @property {boolean} connected does the box answer?
 * @property {(route: Route, how?: {replace?: boolean}) => void} navigate
 * @property {(link: HTMLAnchorElement) => void} open follows a link inside the page
 * @property {() => void} leave out of the player, to where one came from
 * @property {() => void} openSheet
 * @property {(id: string) => void} noteSeen marks of this phone changed
 * @property {(text: string) => void} announce to screen readers
 * @property {(text: string) => void} toast shows for a moment, and announces
 * @property {(error: unknown) => string} errorSentence
 * @property {(query: Query) => Promise<TitlesPage> | null} takeFirst the page that was asked for before all else
 */

/** The player and hls.js come when the page has nothing else to do, and at the latest after so many milliseconds. */
const WARM_WITHIN = 1500;

/** How many of our own pages lie behind this one in the tab's history. */
const depth = () => Number(history.state?.depth) || 0;

/** Runs something when the first grid has had line and processor for itself. @param {() => void} run */
function whenIdle(run) {
  if ("requestIdleCallback" in window) requestIdleCallback(run, { timeout: WARM_WITHIN });
  else setTimeout(run, WARM_WITHIN); // Safari
}

async function start() {
  const root = document.documentElement;
  const base = root.dataset.base ?? "";
  const settings = new Settings(browserStorage());
  const api = new Api((...request) => fetch(...request));
  const store = new Store();
  const stats = new Stats();
  Object.assign(window, {
    streambox: { stats: () => stats.values(), swarm: () => context.swarm?.view ?? null },
  });

  const route = parseRoute(location.pathname, location.search);
  const query = route.view === "library" ? route.query : store.view.query;
  // Asked for before anything else is loaded; a failure is met where it is awaited.
  let first = route.view === "library" ? api.titles(query, { limit: FIRST_PAGE }) : null;
  first?.catch(() => {});

  const asked = new URLSearchParams(location.search).get("lang") ?? settings.get("language");
  const tag = choose([...(asked ? [asked] : []), ...navigator.languages]);
  const language = await loadLanguage(base, tag);
  root.lang = tag;
  root.dir = direction(tag);

  /** @type {Context} */
  const context = {
    base,
    debug: new URLSearchParams(location.search).get("debug") ?? "",
    api,
    store,
    settings,
    seen: new SeenList(settings),
    stats,
    socket: /** @type {any} */ (null),
    language,
    box: null,
    room: null,
    swarm: null,
    codecs: null,
    connected: true,
    navigate,
    open,
    leave: () =>
      depth() > 0
        ? history.back()
        : navigate({ view: "library", query: store.view.query }, { replace: true }),
    openSheet: () => {
      import("./sheet/sheet.js").then(
        ({ openSheet }) => openSheet(context),
        () => toast(language.t("reason.away")),
      );
    },
    noteSeen: (id) => library.seen(id),
    announce,
    toast,
    errorSentence: (error) => errorSentence(language, error),
    takeFirst: (wanted) => {
      const taken = sameQuery(wanted, query) ? first : null;
      first = null;
      return taken;
    },
  };
  context.socket = new Socket({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`,
    open: (url) => new WebSocket(url),
    name: () => settings.get("name"),
    p2p: () => "RTCPeerConnection" in window && "Worker" in window,
    onMessage: (message) => sync(context, message, { library, header, player: () => player }),
    onState: (connected) => {
      context.connected = connected;
      if (!connected) context.room = null;
      header.later(connected);
      player?.connected(connected);
      if (connected) library.connected();
    },
  });

  const header = new Header(context);
  const library = new Library(context);
  /** @type {Player | null} */
  let player = null;
  let opening = 0;
  /** Once it is here, a tap need not wait for the module's promise. @type {typeof import("./player/player.js").Player | null} */
  let playerClass = null;

  const shell = el("div", { class: "shell" }, header.root, library.root);
  const card = nameCard(context);
  if (card) library.cards.append(card);
  document.getElementById("plain")?.remove();
  document.getElementById("app")?.replaceWith(shell);
  applyTheme(settings.get("theme"));

  /** @param {Route} to @param {{replace?: boolean}} [how] */
  function navigate(to, { replace = false } = {}) {
    const state = { depth: replace ? depth() : depth() + 1 };
    history[replace ? "replaceState" : "pushState"](state, "", formatRoute(to));
    show(to);
  }

  /** @param {HTMLAnchorElement} link */
  function open(link) {
    const to = parseRoute(link.pathname, link.search);
    const poster = to.view === "watch" ? link.querySelector("img") : null;
    if (poster) poster.style.setProperty("view-transition-name", "picture");
    navigate(to);
  }

  /** @param {Route} to */
  async function show(to) {
    const mine = ++opening;
    if (to.view === "watch") {
      const Player = playerClass ?? (await playerCode());
      if (mine !== opening) return;
      if (!Player) {
        toast(language.t("reason.away"));
        context.leave();
        return;
      }
      const before = player;
      const opened = await Player.open(context, to.id, {
        wanted: () => mine === opening,
        before: () => {
          before?.close();
          root.classList.add("watching");
        },
      });
      if (mine === opening) player = opened;
      else opened?.close();
      return;
    }
    const left = player?.id;
    player?.close();
    player = null;
    root.classList.remove("watching");
    document.title = context.box?.name || "StreamBox";
    library.show(to.query);
    if (left) library.focus(left);
  }

  /** The player with its words. */
  async function loadPlayer() {
    const [{ Player }] = await Promise.all([import("./player/player.js"), language.more(base, "player")]);
    playerClass = Player;
    return Player;
  }

  async function playerCode() {
    try {
      return await loadPlayer();
    } catch (error) {
      // A browser may remember the failure: the page is loaded anew where that is possible.
      if (context.connected) location.reload();
      return null;
    }
  }

  addEventListener("popstate", () => show(parseRoute(location.pathname, location.search)));
  watchLifecycle(context, () => player);

  await show(route);
  // All else waits until the grid stands: on a slow line each byte before it is a wait.
  if (route.view === "library") await library.drawn;
  whenIdle(() =>
    loadPlayer().then(
      (Player) => Player.warm(base),
      () => {}, // asked for again by a tap
    ),
  );
  context.socket.start();
  try {
    context.box ??= await api.box();
    header.box(context.box);
  } catch (error) {
    // The socket tries again and brings the box's state with it.
  }
}

start();
