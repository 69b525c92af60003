// Evaluated in the page, here and in the real window (tests/src/window.rs): how many stops the Tab key has, and `walked()`, which says what was wrong after
// the key was pressed that often.
(() => {
  // An open menu or list of choices, and a sheet over all, have keys of their own: Esc and Tab leave them.
  if (document.querySelector(".float, .overlay")) return 0;
  const radios = new Set();
  const stops = [...([...document.querySelectorAll("dialog[open]")].at(-1) ?? document).querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter((element) => {
    if (element.tabIndex < 0 || element.disabled || element.closest("[inert]") || !element.checkVisibility({ visibilityProperty: true })) return false;
    return element.type !== "radio" || (!radios.has(element.name) && radios.add(element.name));
  });
  const key = (element) => (element.type === "radio" ? element.name : element);
  const name = (element) => `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 30)}`;
  const seen = new Set();
  const faults = new Set();
  /** What hides the focus, or nothing. A focus that nothing shows, or that something covers, is none (WCAG 2.4.7, 2.4.11). */
  const hidden = (at) => {
    const { left, top, right, bottom } = at.getBoundingClientRect();
    const [x0, x1, y0, y1] = [Math.max(0, left), Math.min(innerWidth - 1, right), Math.max(0, top), Math.min(innerHeight - 1, bottom)];
    const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [x0 + (x1 - x0) * x, y0 + (y1 - y0) * y]));
    const shows = ([x, y]) => {
      const there = document.elementFromPoint(x, y);
      return there && (at.contains(there) || there.contains(at) || there.closest("label")?.contains(at));
    };
    if (x0 > x1 || y0 > y1) return `has the focus out of sight: ${name(at)}`;
    return points.some(shows) ? null : `has the focus under something else: ${name(at)}`;
  };
  const at = () => (document.activeElement === document.body ? null : document.activeElement);
  /** Before each step on, what the last one came to. */
  const look = () => {
    if (!at()) return;
    seen.add(key(at()));
    const fault = hidden(at());
    if (fault) faults.add(fault);
  };
  addEventListener("keydown", look, true);
  window.shown = () => !at() || !hidden(at());
  window.walked = () => {
    look();
    // Rows that went out of sight meanwhile are not there to be reached.
    const missed = stops.filter((stop) => stop.isConnected && stop.tabIndex >= 0 && !seen.has(key(stop)));
    return [...faults, ...missed.map((stop) => `the Tab key never gets to: ${name(stop)}`)];
  };
  return stops.length;
})();
