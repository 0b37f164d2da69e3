// Put into every page before anything else runs. `kb.arm(what)` waits for the next key or click and tells how many
// milliseconds passed between the event (as the browser stamped it) and the first change of the page that shows it.
// Shadow roots of components are watched too.
(() => {
  const roots = new Set();
  const head = () => document.querySelector(".kb-head")?.dataset;
  const list = () => { for (const root of roots) { const found = root.querySelector?.(".scroll[role=listbox]"); if (found) return found; } return null; };
  const row = () => list()?.querySelector(".card.on")?.id;
  const shows = {
    other: () => head()?.conversation,
    version: () => head() && `${head().conversation}/${head().version}`,
    row,
    view: () => list()?.getAttribute("aria-label") + "/" + head()?.conversation,
  };
  const kb = (window.kb = { took: null });
  let wanted = null, before = null, began = null;
  const check = () => {
    if (wanted === null || began === null || kb.took !== null) return;
    const now = shows[wanted]();
    if (now && now !== before) kb.took = performance.now() - began;
  };
  const observer = new MutationObserver(check);
  const look = { subtree: true, childList: true, attributes: true, characterData: true };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    roots.add(root); observer.observe(root, look);
    return root;
  };
  observer.observe(document, look);
  kb.arm = (what) => { wanted = what; before = shows[what](); began = null; kb.took = null; return before; };
  kb.now = (what) => shows[what]();
  kb.settled = () => {
    if (document.querySelector("[data-test-script-state=running]")) return false;
    return !row() || row() === `c${head()?.conversation}`;
  };
  const start = (event) => { if (wanted !== null && began === null) began = event.timeStamp; };
  for (const kind of ["keydown", "pointerdown"]) window.addEventListener(kind, start, { capture: true, passive: true });
  // The first load: since the navigation began.
  kb.loaded = null;
  const loading = new MutationObserver(() => {
    if (kb.loaded === null && head()?.conversation && (row() || !document.querySelector(".st-key-listbody"))) { kb.loaded = performance.now(); loading.disconnect(); }
  });
  loading.observe(document, look);
})();
