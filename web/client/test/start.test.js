import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { budgetOf } from "../app/swarm/start.js";

const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15";

describe("what a page may hold for others", () => {
  for (const [what, userAgent, maxTouchPoints, budget] of /** @type {[string, string, number, number][]} */ ([
    ["iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 Safari/604.1", 5, 64e6],
    ["iPad of before 2019", "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Safari/604.1", 5, 64e6],
    ["iPad, which says that it is a Mac", `${mac} Version/17.5 Safari/605.1.15`, 5, 64e6],
    ["Android phone", "Mozilla/5.0 (Linux; Android 10; K) Chrome/120.0.0.0 Mobile Safari/537.36", 5, 64e6],
    ["Android tablet", "Mozilla/5.0 (Linux; Android 10; K) Chrome/120.0.0.0 Safari/537.36", 10, 64e6],
    ["Mac", `${mac} Version/17.5 Safari/605.1.15`, 0, 100e6],
    ["laptop with a touch screen", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0.0.0", 10, 100e6],
    ["laptop", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", 0, 100e6],
  ])) {
    test(what, () => assert.equal(budgetOf({ userAgent, maxTouchPoints }), budget));
  }
});
