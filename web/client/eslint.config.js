// Rules that keep the page safe, inside the browser floor (package.json, browserslist) and readable.
import compat from "eslint-plugin-compat";

const markup = "Text of a stick becomes HTML here. Use textContent, or el() of app/dom/el.js.";
const insecure = "Does not exist on http:// origins, which is where every box lives.";

const safety = [
  { property: "innerHTML", message: markup },
  { property: "outerHTML", message: markup },
  { property: "insertAdjacentHTML", message: markup },
  { property: "createContextualFragment", message: markup },
  { property: "parseFromString", message: markup },
  { property: "srcdoc", message: markup },
  { object: "document", property: "write", message: markup },
  { object: "document", property: "writeln", message: markup },
  { object: "crypto", property: "subtle", message: insecure },
  { object: "crypto", property: "randomUUID", message: insecure },
  { object: "navigator", property: "serviceWorker", message: insecure },
  { object: "navigator", property: "clipboard", message: insecure },
  { object: "navigator", property: "share", message: insecure },
  { object: "navigator", property: "wakeLock", message: insecure },
];

const correctness = {
  "no-restricted-properties": ["error", ...safety],
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": ["error"],
  "no-undef": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none" }],
  "no-shadow": "error",
  "no-var": "error",
  "prefer-const": "error",
  eqeqeq: ["error", "always", { null: "ignore" }],
  "no-console": "error",
  "no-fallthrough": "error",
  "no-unreachable": "error",
  "no-constant-condition": "error",
  "no-dupe-keys": "error",
  "no-self-compare": "error",
  "no-promise-executor-return": "error",
  "no-unsafe-optional-chaining": "error",
  "array-callback-return": "error",
  "max-lines": ["error", 400],
};

/** @param {string[]} names */
const globals = (names) => Object.fromEntries(names.map((n) => [n, "readonly"]));
const browser = globals(
  (
    "window document location history navigator localStorage sessionStorage fetch URL URLSearchParams WebSocket " +
    "AbortController Headers Event CustomEvent EventTarget IntersectionObserver ResizeObserver MediaMetadata Node " +
    "Element HTMLElement HTMLInputElement HTMLVideoElement HTMLAnchorElement HTMLDialogElement HTMLImageElement " +
    "setTimeout clearTimeout setInterval clearInterval requestAnimationFrame cancelAnimationFrame performance " +
    "requestIdleCallback HTMLMediaElement PerformanceObserver " +
    "Blob RTCPeerConnection Worker XMLHttpRequest matchMedia getComputedStyle CSS scrollTo scrollY innerHeight addEventListener Intl console queueMicrotask"
  ).split(" "),
);
const node = globals(
  "process console Response URL URLSearchParams Buffer setTimeout clearTimeout setInterval clearInterval setImmediate fetch WebSocket performance MessageChannel WebAssembly atob TextEncoder structuredClone".split(
    " ",
  ),
);

export default [
  { ignores: ["node_modules/"] },
  {
    files: ["app/**/*.js", "boot.js"],
    ...compat.configs["flat/recommended"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: { ...compat.configs["flat/recommended"].rules, ...correctness },
  },
  {
    files: ["boot.js"],
    languageOptions: { ecmaVersion: 5, sourceType: "script", globals: browser },
    rules: { "no-var": "off" },
  },
  {
    files: ["test/**/*.js", "sim/**/*.js", "sim/**/*.mjs", "dev/**/*.mjs", "*.mjs", "eslint.config.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: { ...node, ...browser } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: { ...correctness, "no-console": "off" },
  },
];
