// Keeps the page in step with the box: what the socket brings goes to its place, what it may have missed is asked for.

/** @typedef {import("../app.js").Context} Context */
/** @typedef {import("../types.d.ts").Push} Push */
/** @typedef {{box(box: import("../types.d.ts").Box): void}} HeaderPart */
/** @typedef {{load(): Promise<void>}} LibraryPart */
/** @typedef {{refresh(): void, missed(): void, leaving(): void, connected(connected: boolean): void, room(): void}} PlayerPart */

/** Pages of changes fetched before it is simpler to load anew. */
const MOST_PAGES = 5;

/**
 * @param {Context} context
 * @param {Push} message
 * @param {{library: LibraryPart, header: HeaderPart, player: () => PlayerPart | null}} parts
 */
export function sync(context, message, { library, header, player }) {
  switch (message.type) {
    case "hello":
      if (outdated(message.build) && !player()) location.reload();
      // Nothing was missed: later changes will be pushed.
      else if (context.store.revision > 0 && message.revision === context.store.revision) break;
      else catchUp(context, library, player() !== null);
      break;
    case "titles":
      if (context.store.push(message)) player()?.refresh();
      else {
        player()?.missed();
        library.load();
      }
      break;
    case "box":
      context.box = message.box;
      header.box(message.box);
      document.dispatchEvent(new CustomEvent("streambox:box"));
      if (message.box.host?.lost) context.toast(context.language.t("host.lost"));
      break;
    case "room":
      context.room = message;
      player()?.room();
      break;
    default:
  }
}

/**
 * Everything since the last known revision; also what changed between the first page and the first hello.
 * @param {Context} context @param {LibraryPart} library @param {boolean} playing the library is not looked at now
 */
async function catchUp({ store, api }, library, playing) {
  if (store.revision === 0 && !playing) await library.load();
  if (store.revision === 0) return;
  try {
    const since = store.revision;
    let after = "";
    for (let i = 0; i < MOST_PAGES; i++) {
      const page = await api.changes(since, after);
      if (!store.push(page)) break;
      if (!page.next) return;
      after = page.next;
    }
    store.push({ revision: 0, titles: [], removed: [], reset: true });
    await library.load();
  } catch (error) {
    // Away again: the next hello catches up.
  }
}

/** Was the box updated while this page was open? Loads anew once for each build. @param {string} build */
function outdated(build) {
  const mine = document.documentElement.dataset.build ?? "";
  if (!build || !mine || mine.includes("{{") || build === mine) return false;
  try {
    if (sessionStorage.getItem("streambox.reloadedFor") === build) return false;
    sessionStorage.setItem("streambox.reloadedFor", build);
  } catch (error) {
    return false;
  }
  return true;
}

/**
 * Pages come and go on phones: screens lock, tabs freeze, "back" shows a page from memory.
 * @param {Context} context
 * @param {() => PlayerPart | null} player
 */
export function watchLifecycle(context, player) {
  const { socket } = context;
  const away = () => {
    player()?.leaving();
    // Connections to others would keep the page out of the back/forward cache, and a frozen one serves nobody.
    context.swarm?.hide();
    socket.stop();
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") socket.visible();
    else {
      socket.hidden();
      player()?.leaving();
    }
  });
  document.addEventListener("freeze", away);
  document.addEventListener("resume", () => socket.start());
  addEventListener("online", () => socket.visible());
  addEventListener("pagehide", away);
  addEventListener("pageshow", (event) => {
    if (event.persisted) socket.start();
  });
}
