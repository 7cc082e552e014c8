// The box's HTTP interface. Every failure is an ApiError: its code is the server's machine word, "away" when the box
// did not answer at all. Nothing else in the page calls fetch for the API.

/** @typedef {import("../types.d.ts").Title} Title */
/** @typedef {import("../types.d.ts").Box} Box */
/** @typedef {import("../types.d.ts").Query} Query */
/** @typedef {import("../types.d.ts").TitlesPage} TitlesPage */
/** @typedef {import("../types.d.ts").Parameters} Parameters */

export class ApiError extends Error {
  /** @param {number} status 0: no answer @param {string} code @param {string} text @param {Parameters} [parameters] */
  constructor(status, code, text, parameters = {}) {
    super(text);
    this.status = status;
    this.code = code;
    this.parameters = parameters;
  }
}

/** @param {unknown} error */
export const isAway = (error) => error instanceof ApiError && (error.status === 0 || error.status >= 500);

/** @param {Response} response */
async function refusal(response) {
  try {
    const body = await response.json();
    return new ApiError(response.status, String(body.code), String(body.error), body.parameters ?? {});
  } catch (error) {
    return new ApiError(response.status, "unknown", response.statusText);
  }
}

export class Api {
  /** @param {typeof fetch} fetcher @param {number} [timeoutMilliseconds] */
  constructor(fetcher, timeoutMilliseconds = 15_000) {
    this.fetcher = fetcher;
    this.timeoutMilliseconds = timeoutMilliseconds;
  }

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<any>} the decoded answer; null where there is none
   */
  async #call(path, init = {}) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.timeoutMilliseconds);
    try {
      // Called as a plain function: fetch refuses any other `this`.
      const { fetcher } = this;
      const response = await fetcher(path, { credentials: "same-origin", ...init, signal: abort.signal });
      if (!response.ok) throw await refusal(response);
      const text = await response.text();
      return text && response.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : null;
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, "away", String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Query} query @param {{after?: string, limit: number}} page @returns {Promise<TitlesPage>} */
  titles(query, { after = "", limit }) {
    const ask = new URLSearchParams({ sort: query.sort, limit: String(limit) });
    if (query.folder) ask.set("folder", query.folder);
    if (query.q) ask.set("q", query.q);
    if (after) ask.set("after", after);
    return this.#call(`/api/v1/titles?${ask}`);
  }

  /** What changed after a revision. @param {number} revision @param {string} [after] @returns {Promise<TitlesPage>} */
  changes(revision, after = "") {
    const ask = new URLSearchParams({ since: String(revision) });
    if (after) ask.set("after", after);
    return this.#call(`/api/v1/titles?${ask}`);
  }

  /** @param {string} id @returns {Promise<Title>} */
  title(id) {
    return this.#call(`/api/v1/titles/${encodeURIComponent(id)}`);
  }

  /** @returns {Promise<Box>} */
  box() {
    return this.#call("/api/v1/box");
  }

  /** @param {string} id @returns {Promise<number>} seconds; 0 when there is no place */
  async resume(id) {
    return Number((await this.#call(`/api/v1/resume/${encodeURIComponent(id)}`))?.seconds) || 0;
  }

  /** Outlives the page (keepalive). @param {string} id @param {number} seconds @returns {Promise<void>} */
  saveResume(id, seconds) {
    return this.#call(`/api/v1/resume/${encodeURIComponent(id)}`, {
      method: "PUT",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ seconds: Math.round(seconds * 10) / 10 }),
    });
  }

  /** Within a minute of a press of the box's button. @returns {Promise<void>} */
  becomeHost() {
    return this.#call("/api/v1/host", { method: "POST" });
  }

  /** As host. @param {string} name @returns {Promise<string>} as the box has it now */
  async nameBox(name) {
    const answer = await this.#call("/api/v1/settings", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name }),
    });
    return String(answer?.name ?? name);
  }

  /** As host. @returns {Promise<void>} */
  powerOff() {
    return this.#call("/api/v1/poweroff", { method: "POST" });
  }

  /** @returns {Promise<void>} */
  rescan() {
    return this.#call("/api/v1/rescan", { method: "POST" });
  }
}
