// What a device can play decides what a title is there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { detailSentence, stateSentence } from "../app/library/words.js";
import { Codecs, forDevice } from "../app/player/codecs.js";
import { english, title } from "./help.js";

const HEVC = "hvc1.2.4.L150.90,mp4a.40.2";
const own = "/stream/abcdefghijklmnop/direct-0123abcd/index.m3u8";
const converted = "/stream/abcdefghijklmnop/video-4567cdef/index.m3u8";
const master = "/stream/abcdefghijklmnop/master.m3u8";

const none = () => false;
const all = () => true;
const onlyOld = (/** @type {string} */ codecs) => codecs === "";

/** @param {Partial<import("../app/types.d.ts").Title>} more */
const modern = (more = {}) =>
  title("abcdefghijklmnop", {
    state: "ready",
    playable: true,
    playlist: own,
    master,
    codecs: HEVC,
    renditions: [{ playlist: own, codecs: HEVC, state: "ready", progress: 0, secondsLeft: 0 }],
    ...more,
  });

/** @param {Partial<import("../app/types.d.ts").Rendition>} more */
const withOther = (more) => {
  const first = modern().renditions ?? [];
  return modern({
    renditions: [...first, { codecs: "", state: "converting", progress: 0, secondsLeft: 0, ...more }],
  });
};

test("the browser is asked once for each name, and never for what every phone plays", () => {
  /** @type {string[]} */
  const asked = [];
  const codecs = new Codecs((name) => asked.push(name) > 0);
  assert.ok(codecs.can("") && codecs.can(HEVC) && codecs.can(HEVC) && codecs.can("vp09.00.10.08,opus"));
  assert.deepEqual(asked, [HEVC, "vp09.00.10.08,opus"]);
  codecs.cannot(HEVC);
  assert.equal(codecs.can(HEVC), false, "who has failed cannot, whatever was said before");
  assert.equal(asked.length, 2);
});

test("a film that every phone plays is what the box says, whoever asks", () => {
  const film = title("abcdefghijklmnop", { state: "ready", playable: true, playlist: converted, master });
  assert.equal(forDevice(film, none), film);
});

test("who can plays the film as it is, and one rendition of it", () => {
  const film = forDevice(withOther({ playlist: converted, state: "ready" }), all);
  assert.equal(film.playlist, own);
  assert.equal(film.master, `${master}?rendition=direct-0123abcd`);
  assert.equal(film.converted, undefined);
});

test("who cannot waits until the box has heard of it", () => {
  const film = forDevice(modern(), onlyOld);
  assert.deepEqual(
    [film.playable, film.playlist, film.master, film.state, film.converted],
    [false, undefined, undefined, "queued", true],
  );
  assert.equal(stateSentence(english, film), "This film is being prepared for your phone.");
});

test("… sees how far it has come", () => {
  const film = forDevice(withOther({ progress: 0.25, secondsLeft: 600 }), onlyOld);
  assert.deepEqual([film.playable, film.state, film.progress], [false, "converting", 0.25]);
  const said = stateSentence(english, film);
  assert.equal(said, "This film is being prepared for your phone, about 10 minutes.");
});

test("… and plays what is ready of it, with its one sound", () => {
  const track = { n: 0, language: "en", name: "", default: true };
  const whole = {
    ...withOther({ playlist: converted, secondsLeft: 60 }),
    audio: [track, { ...track, n: 1, default: false }],
  };
  const film = forDevice(whole, onlyOld);
  assert.deepEqual([film.playable, film.playlist, film.codecs], [true, converted, ""]);
  assert.equal(film.master, `${master}?rendition=video-4567cdef`);
  assert.deepEqual(film.audio, [track]);
  assert.match(stateSentence(english, film), /You can start watching now\.$/);
});

test("… and is told what holds of its own rendition, not of the one for others", () => {
  const detail = (/** @type {import("../app/types.d.ts").Title} */ film) =>
    detailSentence(english, forDevice(film, onlyOld));
  assert.equal(detail(modern()), "", "not that it plays as it is");
  const reason = { code: "modern", text: "Plays as it is where it can." };
  const ready = withOther({ playlist: converted, state: "ready" });
  assert.equal(detail({ ...ready, reason }), "Converted so that every phone plays it.");
  const early = { code: "ends_early", text: "It ends early." };
  assert.match(detail({ ...ready, reason: early }), /ends early/);
});

test("what cannot be prepared for it is said as for any film", () => {
  const reason = { code: "no_encoder", text: "no encoder" };
  const film = forDevice(withOther({ state: "unplayable", reason }), onlyOld);
  assert.deepEqual([film.playable, film.state], [false, "unplayable"]);
  assert.equal(stateSentence(english, film), english.reason(reason));
});

test("a stick that was pulled is told of first", () => {
  const film = forDevice(modern({ state: "unplugged" }), onlyOld);
  assert.equal(film.state, "unplugged");
});

test("the box hears who cannot play what is open, once, and again when the connection is new", async () => {
  const { Socket } = await import("../app/core/socket.js");
  /** @type {any[]} */
  const said = [];
  /** @type {any} */
  let line = null;
  const socket = new Socket({
    open: () =>
      /** @type {any} */ (
        line = {
          readyState: 1,
          send: (/** @type {string} */ text) => said.push(JSON.parse(text)),
          close() {},
        }
      ),
    url: "ws://box/ws",
    name: () => "",
    onMessage: () => {},
    onState: () => {},
    later: () => 0,
    cancel: () => {},
  });
  const greet = () => {
    line.onopen();
    line.onmessage({ data: JSON.stringify({ type: "hello", protocol: 1 }) });
  };
  const opens = () =>
    said.filter(({ type }) => type === "open").map(({ title: id, cannot }) => [id, cannot ?? false]);
  socket.start();
  greet();
  socket.watching("a");
  socket.plays(true);
  socket.plays(false);
  socket.plays(false);
  assert.deepEqual(opens(), [
    ["a", false],
    ["a", true],
  ]);
  socket.watching("b");
  assert.deepEqual(opens().slice(2), [["b", false]], "another film is another question");
  socket.stop();
});
