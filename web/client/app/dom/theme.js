// Dark, light, or as the system has it. boot.js sets the attribute before the first drawing.

/** @param {"dark" | "light" | ""} theme "" follows the system */
export function applyTheme(theme) {
  const root = document.documentElement;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}
