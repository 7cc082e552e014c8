import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Socket, backoff } from "../app/core/socket.js";
import { FakeClock } from "./help.js";

class FakeWebSocket {
  readyState = 0;
  /** @type {any[]} */
  sent = [];
  closed = false;
  /** @type {(() => void) | null} */
  onopen = null;
  /** @type {(() => void) | null} */
  onclose = null;
  /** @type {((event: {data: string}) => void) | null} */
  onmessage = null;

  send(/** @type {string} */ text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
    this.readyState = 3;
  }
  opens() {
    this.readyState = 1;
    this.onopen?.();
  }
  says(/** @type {unknown} */ message) {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
  /** The other side closes. */
  ends() {
    this.readyState = 3;
    this.onclose?.();
  }
}

/** @type {FakeWebSocket[]} */
let made;
/** @type {any[]} */
let heard;
/** @type {boolean[]} */
let states;
/** @type {FakeClock} */
let clock;
/** @type {Socket} */
let socket;
const last = () => /** @type {FakeWebSocket} */ (made[made.length - 1]);
const hello = { type: "hello", protocol: 1, build: "1", name: "Guest 1" };

beforeEach(() => {
  made = [];
  heard = [];
  states = [];
  clock = new FakeClock();
  socket = new Socket({
    url: "ws://box/ws",
    name: () => "Ada",
    open: () => {
      const fake = new FakeWebSocket();
      made.push(fake);
      return /** @type {any} */ (fake);
    },
    onMessage: (message) => heard.push(message),
    onState: (connected) => states.push(connected),
    now: () => clock.now,
    random: () => 1,
    later: clock.later,
    cancel: clock.cancel,
  });
});

function connect() {
  socket.start();
  last().opens();
  last().says(hello);
}

test("waits grow to 15 s, and no two phones wait alike", () => {
  assert.deepEqual(
    [0, 1, 2, 4, 5, 50].map((n) => backoff(n, 1)),
    [500, 1000, 2000, 8000, 15_000, 15_000],
  );
  assert.equal(backoff(3, 0), 2000);
  assert.equal(backoff(3, 1), 4000);
});

describe("talking", () => {
  test("hello comes first, and counts as connected only when answered", () => {
    socket.start();
    last().opens();
    assert.deepEqual(last().sent, [{ type: "hello", protocol: 1, name: "Ada", p2p: false }]);
    assert.deepEqual(states, []);
    last().says(hello);
    assert.deepEqual(states, [true]);
  });

  test("the open title is told, and told again after a loss", () => {
    connect();
    socket.watching("abc");
    assert.deepEqual(last().sent[1], { type: "open", title: "abc" });
    last().ends();
    clock.pass(500);
    last().opens();
    last().says(hello);
    assert.deepEqual(last().sent[1], { type: "open", title: "abc" });
    socket.watching("");
    assert.deepEqual(last().sent[2], { type: "open", title: "" });
  });

  test("nonsense is dropped, unknown messages are handed on", () => {
    connect();
    last().says("{");
    last().says("null");
    last().says('"text"');
    last().says({ type: "from the future" });
    assert.deepEqual(
      heard.map((m) => m.type),
      ["hello", "from the future"],
    );
  });
});

describe("coming back", () => {
  test("a lost socket is replaced after ever longer waits", () => {
    connect();
    last().ends();
    assert.deepEqual(states, [true, false]);
    for (const wait of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      const before = made.length;
      clock.pass(wait - 1);
      assert.equal(made.length, before, `not before ${wait} ms`);
      clock.pass(1);
      assert.equal(made.length, before + 1, `after ${wait} ms`);
      last().ends();
    }
  });

  test("a hello that was answered makes the next wait short again", () => {
    connect();
    last().ends();
    clock.pass(500);
    last().ends();
    clock.pass(1000);
    last().opens();
    last().says(hello);
    last().ends();
    clock.pass(500);
    assert.equal(made.length, 4);
  });

  test("a connection that never answers is given up", () => {
    socket.start();
    last().opens();
    clock.pass(10_000);
    assert.equal(last().closed, true);
    clock.pass(500);
    assert.equal(made.length, 2);
  });

  test("a box that is silent for longer than it promised is lost, and looked for again", () => {
    socket.start();
    last().opens();
    last().says({ ...hello, pulse: 20 });
    for (let i = 0; i < 5; i++) {
      clock.pass(20_000);
      last().says({ type: "pulse" });
    }
    clock.pass(15_000);
    last().says({ type: "grant" }); // any word counts
    clock.pass(29_999);
    assert.deepEqual(states, [true]);
    clock.pass(1);
    assert.deepEqual(states, [true, false]);
    assert.equal(made[0]?.closed, true);
    clock.pass(500);
    assert.equal(made.length, 2);
    last().opens();
    last().says({ ...hello, pulse: 20 });
    assert.deepEqual(states, [true, false, true]);
  });

  test("a box that has promised nothing may be silent", () => {
    connect();
    clock.pass(3_600_000);
    assert.deepEqual(states, [true]);
    assert.equal(made.length, 1);
  });

  test("what an old socket still says is not heard", () => {
    connect();
    const old = last();
    old.ends();
    clock.pass(500);
    old.says({ type: "box" });
    old.ends();
    assert.equal(heard.length, 1);
    assert.equal(made.length, 2);
  });
});

describe("pages come and go", () => {
  test("a page that is looked at again tries at once", () => {
    connect();
    last().ends();
    clock.pass(500);
    last().ends();
    socket.visible();
    assert.equal(made.length, 3);
  });

  test("a short look away keeps the socket", () => {
    connect();
    socket.hidden();
    clock.pass(5000);
    socket.visible();
    assert.equal(made.length, 1);
  });

  test("after a long sleep even an open socket is replaced", () => {
    connect();
    socket.hidden();
    clock.pass(60_000);
    socket.visible();
    assert.equal(made.length, 2);
    assert.equal(made[0]?.closed, true);
  });

  test("superseded by another tab: not again until somebody looks", () => {
    connect();
    last().says({ type: "bye", reason: "superseded" });
    last().ends();
    clock.pass(600_000);
    assert.equal(made.length, 1);
    socket.visible();
    assert.equal(made.length, 2);
  });

  test("stopped means stopped, until started", () => {
    connect();
    socket.stop();
    socket.visible();
    clock.pass(600_000);
    assert.equal(made.length, 1);
    assert.equal(last().closed, true);
    socket.start();
    assert.equal(made.length, 2);
  });
});
