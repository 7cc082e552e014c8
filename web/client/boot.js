// Classic script, runs before anything is drawn: may this browser run the page, and in which theme?
// Below the floor (package.json, browserslist) the server-made list stays visible and nothing else starts.
(function () {
  var root = document.documentElement;
  var modern =
    "noModule" in document.createElement("script") &&
    "replaceChildren" in Element.prototype &&
    "replaceAll" in String.prototype &&
    "showModal" in (window.HTMLDialogElement || {}).prototype &&
    "IntersectionObserver" in window &&
    "Intl" in window &&
    "DisplayNames" in Intl;
  if (modern) root.classList.add("modern");
  try {
    var theme = localStorage.getItem("streambox.theme");
    if (theme === '"dark"') root.dataset.theme = "dark";
    if (theme === '"light"') root.dataset.theme = "light";
  } catch (e) {
    // Storage is refused: the system's theme holds.
  }
})();
