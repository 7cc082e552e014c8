// Classic script, runs before anything is drawn: may this browser run the page, in which theme, and what if its styles
// do not come?
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
  // A style sheet that was lost on the way is asked for again, until it comes: put in place anew, a link is loaded anew.
  document.addEventListener("error", again, true);
  /** @param {Event} event */
  function again(event) {
    var link = /** @type {HTMLLinkElement} */ (event.target);
    if (link.rel !== "stylesheet") return;
    link.dataset.lost = "1";
    setTimeout(function () {
      if (link.dataset.lost) document.head.insertBefore(link, link.nextSibling);
      delete link.dataset.lost;
    }, 1000);
  }
})();
