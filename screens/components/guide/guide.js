// The sheet of keys (`?`), and the tour: a bubble beside real parts of the page. The tour takes no key away but Esc.
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
const button = (cls, text, press) => { const node = el("button", cls, text); node.type = "button"; node.onclick = press; return node; };
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const sheet = parentElement.querySelector("dialog"), tour = parentElement.querySelector(".tour");
  const ring = tour.querySelector(".ring"), bubble = tour.querySelector(".bubble");
  const me = (sheet.kb ??= { at: 0, running: false, begun: false });
  me.stop?.();
  const words = data.words;
  // The sheet
  const drawn = JSON.stringify([data.groups, words]);
  if (sheet.drawn !== drawn) {
    sheet.drawn = drawn; sheet.setAttribute("aria-label", words.title);
    const head = el("header"), shut = button("plain", "×", () => sheet.close()); shut.setAttribute("aria-label", words.close);
    head.append(el("h2", "", words.title), shut);
    const groups = el("div", "groups");
    for (const [title, keys] of data.groups) {
      const part = el("section"), rows = el("dl"); part.append(el("h3", "", title), rows);
      for (const [names, text] of keys) { const term = el("dt"); for (const name of names) term.append(el("kbd", "", name)); rows.append(term, el("dd", "", text)); }
      groups.append(part);
    }
    const foot = el("footer");
    foot.append(button("", words.tour, () => { sheet.close(); document.dispatchEvent(new CustomEvent("klankbord:tour")); }), button("primary", words.close, () => sheet.close()));
    sheet.replaceChildren(head, groups, foot);
  }
  sheet.onkeydown = (event) => { event.stopPropagation(); if (event.key === "?") { event.preventDefault(); sheet.close(); } };
  sheet.onclick = (event) => { if (event.target === sheet) sheet.close(); };
  const open = () => { if (sheet.open) sheet.close(); else sheet.showModal(); };
  // The tour
  const boxOf = (selector) => {
    const box = selector ? document.querySelector(selector)?.getBoundingClientRect() : null;
    return box && box.width > 20 && box.height > 20 && box.right > 0 && box.left < window.innerWidth && box.top < window.innerHeight ? box : null;
  };
  const stops = () => data.steps.filter(([selector]) => !selector || boxOf(selector));
  const end = () => { if (!me.running) return; me.running = false; tour.hidePopover(); setTriggerValue("toured", { at: Date.now() }); };
  const aim = (box) => {
    const top = Math.max(4, box.top - 5), left = Math.max(4, box.left - 5);
    const width = Math.min(window.innerWidth - 6, box.right + 5) - left, height = Math.min(window.innerHeight - 6, box.bottom + 5) - top;
    Object.assign(ring.style, { top: `${top}px`, left: `${left}px`, width: `${width}px`, height: `${height}px` });
  };
  const place = () => {
    if (!me.running) return;
    const box = boxOf(stops()[me.at]?.[0]), wide = Math.min(360, window.innerWidth - 24), tall = bubble.offsetHeight;
    ring.hidden = !box;
    if (box) aim(box);
    const beside = box ? Math.max(12, Math.min(box.top + 20, window.innerHeight - tall - 12)) : 0;
    let top = (window.innerHeight - tall) / 2, left = (window.innerWidth - wide) / 2;
    if (box && box.right + wide + 24 < window.innerWidth) { left = box.right + 16; top = beside; }
    else if (box && box.left - wide - 24 > 0) { left = box.left - wide - 16; top = beside; }
    else if (box) {
      left = Math.max(12, Math.min(box.left, window.innerWidth - wide - 12));
      top = box.bottom + tall + 24 < window.innerHeight ? box.bottom + 14 : Math.max(12, box.top - tall - 14);
    }
    Object.assign(bubble.style, { top: `${top}px`, left: `${left}px`, width: `${wide}px` });
  };
  const show = (at) => {
    const all = stops();
    me.at = Math.max(0, Math.min(all.length - 1, at));
    const [, title, text] = all[me.at], last = me.at === all.length - 1, line = el("div", "line");
    line.append(el("span", "soft", words.of.replace("{n}", me.at + 1).replace("{total}", all.length)));
    if (!last) line.append(button("plain", words.skip, end));
    if (me.at > 0) line.append(button("", words.back, () => show(me.at - 1)));
    line.append(button("primary", last ? words.done : words.next, () => { if (last) end(); else show(me.at + 1); }));
    bubble.setAttribute("role", "dialog"); bubble.setAttribute("aria-label", title);
    bubble.replaceChildren(el("h3", "", title), el("p", "", text), line);
    place();
  };
  const begin = () => { me.running = true; me.begun = true; if (!tour.matches(":popover-open")) tour.showPopover(); show(0); };
  const typing = (event) => { const target = event.composedPath()[0]; return ["INPUT", "TEXTAREA", "SELECT"].includes(target?.tagName) || target?.isContentEditable; };
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && me.running) { event.preventDefault(); end(); }
    else if (event.key === "?" && !typing(event)) { event.preventDefault(); open(); }
  };
  document.addEventListener("keydown", keys);
  document.addEventListener("klankbord:keys", open);
  document.addEventListener("klankbord:tour", begin);
  window.addEventListener("resize", place);
  // The page is drawn piece by piece: begin when the parts that the tour points at are there, and follow them.
  const wait = window.setInterval(() => {
    if (me.running) place();
    else if (data.start && !me.begun && document.querySelector(".kb-head, .kb-empty")) begin();
  }, 600);
  me.stop = () => {
    window.clearInterval(wait);
    document.removeEventListener("keydown", keys);
    document.removeEventListener("klankbord:keys", open);
    document.removeEventListener("klankbord:tour", begin);
    window.removeEventListener("resize", place);
  };
  return me.stop;
}
