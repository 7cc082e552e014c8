// Made-up titles and a made-up box, in every state the page knows.

/** @typedef {import("../app/types.d.ts").Title} Title */
/** @typedef {import("../app/types.d.ts").Box} Box */

const WORDS = "River Winter Harbour Lantern Orchard Signal Meadow Paper Copper Silent Distant Golden".split(
  " ",
);
const NAMES = "Letters Travellers Garden Station Island Voices Keeper Dance Crossing Atlas".split(" ");
const FOLDERS = [
  "",
  "Nature films/Birds",
  "Nature films/Seas",
  "Physics 8b",
  "Season 1",
  "Season 2",
  "Season 10",
];

/** @param {number} n @returns {Title} */
function makeTitle(n) {
  const id = `t${String(n).padStart(15, "0")}`;
  const name = `${WORDS[n % WORDS.length]} ${NAMES[(n * 7) % NAMES.length]} ${1 + (n % 40)}`;
  const folder = FOLDERS[n % FOLDERS.length] ?? "";
  return {
    id,
    title: name,
    sources: [{ stick: "sda1", folder, file: `${name}.mkv` }],
    state: "ready",
    playable: true,
    how: "direct",
    progress: 1,
    secondsLeft: 0,
    durationSeconds: n < 4 ? 60 : 600 + ((n * 977) % 7200),
    width: 1280,
    height: 720,
    viewers: n % 23 === 3 ? (n % 5) + 1 : 0,
    playlist: `/stream/${id}/video-00000001/index.m3u8`,
    master: `/stream/${id}/master.m3u8`,
    thumbnail: `/stream/${id}/thumbnail.svg`,
    audio: [],
    subtitles: [],
    chapters: [],
  };
}

/** States worth looking at, on the first titles. @type {Partial<Title>[]} */
const STATES = [
  {},
  { title: "A very long title that a person typed in full, with its year (1997), its director and a remark" },
  {
    viewers: 3,
    chapters: [
      { startSeconds: 0, title: "The arrival" },
      {
        startSeconds: 14.2,
        title: "A very long chapter title that does not fit beside the time on any phone",
      },
      { startSeconds: 31, title: "" },
      { startSeconds: 47.5, title: "נוסעים הביתה" },
    ],
    reason: {
      code: "ends_early",
      text: "The film ends early.",
      parameters: { minutes: 12, seconds: 725 },
    },
    subtitles: [
      {
        n: 0,
        language: "deu",
        name: "",
        default: false,
        kind: "full",
        reason: { code: "subtitle_pictures", text: "These subtitles are pictures." },
      },
    ],
  },
  {
    state: "converting",
    how: "convert",
    progress: 0.42,
    secondsLeft: 700,
    durationSeconds: 140,
    reason: {
      code: "video_codec",
      text: "The picture is HEVC (H.265).",
      parameters: { codec: "HEVC (H.265)" },
    },
  },
  { state: "converting", how: "convert", progress: 0, secondsLeft: 0, playable: false },
  { state: "queued", how: "convert", playable: false },
  {
    state: "unplayable",
    how: "none",
    playable: false,
    reason: { code: "encrypted", text: "This film is copy-protected." },
  },
  { state: "copying", playable: false, thumbnail: "" },
  { state: "unplugged", playable: false },
  {
    state: "blocked",
    playable: false,
    reason: { code: "x_unknown", text: "There is no room left on the box." },
  },
  { title: "<img src=x onerror=alert(1)> & ‮right‬", thumbnail: "/broken/thumbnail" },
];

/** @param {number} count @returns {Title[]} */
export function makeTitles(count) {
  return Array.from({ length: count }, (_unused, n) => ({
    ...makeTitle(n),
    ...(n < STATES.length
      ? { ...STATES[n], sources: [{ stick: "sda1", folder: "", file: `${n}.mkv` }] }
      : {}),
  }));
}

/** @param {number} titles @returns {Box} */
export const makeBox = (titles) => ({
  name: "streambox",
  urls: ["http://streambox.local", "http://192.168.1.42"],
  version: "0.1.0",
  uptimeSeconds: 4000,
  state: "working",
  hardware: { button: "present", led: "present" },
  host: { open: true, you: false },
  storage: { totalBytes: 32e9, freeBytes: 9.4e9, libraryBytes: 12.3e9, reserveBytes: 3.2e9 },
  sticks: [
    {
      id: "sda1",
      label: "HOLIDAY 2024",
      fileSystem: "exFAT",
      sizeBytes: 64e9,
      state: "ready",
      titles,
      ignoredFiles: { audio: 12, picture: 318, shortClip: 1 },
    },
    {
      id: "sdb1",
      label: "",
      fileSystem: "BitLocker",
      sizeBytes: 16e9,
      state: "unreadable",
      titles: 0,
      ignoredFiles: {},
    },
  ],
  problems: [{ code: "x_unknown", text: "The stick sdb1 is encrypted; the box cannot read it." }],
  room: { role: "client", places: 9, taken: 5, mbitPerSecond: 38 },
  swarm: { policy: "auto", why: "Phones share.", viewers: 5, httpBytes: 412e6, p2pBytes: 1.24e9 },
});

/** A quiet landscape in colours drawn from a name. @param {string} name */
export function picture(name) {
  let hash = 7;
  for (const c of name) hash = (hash * 31 + c.charCodeAt(0)) % 9973;
  const hue = hash % 360;
  const hill = 60 + (hash % 50);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180" fill="hsl(${hue},32%,46%)"/>` +
    `<circle cx="${60 + (hash % 200)}" cy="60" r="26" fill="hsl(${(hue + 40) % 360},70%,78%)"/>` +
    `<path d="M0 180V${hill + 50}Q80 ${hill} 160 ${hill + 50}T320 ${hill + 30}V180z" fill="hsl(${hue},36%,24%)"/></svg>`
  );
}
