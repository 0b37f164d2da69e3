// The list of conversations. Text of others is only ever set through textContent.
// Highlighting is done here at once; the server hears of it by the trigger `pick` and draws the detail.
const HOLD_MS = 140;
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
const marked = (node, text, marks) => {
  if (!marks || !marks.length) { node.textContent = text; return node; }
  const points = Array.from(text);               // marks count code points, JavaScript strings do not
  let at = 0;
  for (const [start, end] of marks) {
    if (start < at || end > points.length) continue;
    node.append(points.slice(at, start).join(""));
    node.append(el("mark", "", points.slice(start, end).join("")));
    at = end;
  }
  node.append(points.slice(at).join(""));
  return node;
};
const short = (ms, words) => {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (minutes < 1) return words.now;
  if (minutes < 60) return `${minutes} ${words.min}`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} ${words.hour}`;
  return `${Math.floor(minutes / 1440)} ${words.day}`;
};
const RING = 2 * Math.PI * 4.5;
const ring = (left) => {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "ring"); svg.setAttribute("viewBox", "0 0 12 12"); svg.setAttribute("aria-hidden", "true");
  for (const cls of ["track", "arc"]) {
    const circle = document.createElementNS(ns, "circle");
    circle.setAttribute("class", cls); circle.setAttribute("cx", "6"); circle.setAttribute("cy", "6"); circle.setAttribute("r", "4.5");
    if (cls === "arc") circle.setAttribute("stroke-dasharray", `${RING * left} ${RING}`);
    svg.append(circle);
  }
  return svg;
};
// The clock of the server decides what is late, not the one of the agent's computer.
const clockChip = (chip, row, words, now) => {
  const due = row.due, early = Math.max(1, (due - row.orange) * 5), left = due - now;
  const tone = left <= 0 ? "red" : now >= row.orange ? "orange" : "green";
  const text = left <= 0 ? "−" + short(Math.min(left, -60000), words) : short(left, words);
  if (chip.dataset.shown === tone + text) return;
  chip.dataset.shown = tone + text;
  chip.className = `chip sla ${tone}`;
  chip.title = left <= 0 ? words.overdue : words.due;
  chip.replaceChildren(ring(left <= 0 ? 1 : Math.min(1, left / early)), el("span", "", text));
};
const draw = (card, row, words, now) => {
  card.replaceChildren();
  const src = el("span", "src", row.src.letter);
  src.style.background = row.src.colour; src.title = row.src.label; src.setAttribute("role", "img"); src.setAttribute("aria-label", row.src.label);
  const body = el("span", "body"), head = el("span", "head");
  body.style.display = "block";
  head.append(el("span", "name", row.name));
  if (row.stars) { const stars = el("span", "stars", row.stars.text); stars.setAttribute("aria-label", row.stars.label); stars.setAttribute("role", "img"); head.append(stars); }
  if (row.private) head.append(el("span", "chip plain", row.private));
  const age = el("span", "age"); age.dataset.at = row.at; age.textContent = short(now - row.at, words); age.title = row.at_text; head.append(age);
  body.append(head);
  if (row.title) { const title = marked(el("span", "title"), row.title, row.marks_title); title.style.display = "block"; body.append(title); }
  body.append(marked(el("span", "text"), row.text, row.marks));
  const foot = el("span", "foot");
  if (row.due) { const chip = el("span", "chip sla"); clockChip(chip, row, words, now); foot.append(chip); }
  for (const [tone, text] of row.chips) foot.append(el("span", `chip ${tone}`, text));
  const who = el("span", "who");
  if (row.replies) who.append(el("span", "", row.replies));
  if (row.sentiment) { const dot = el("span", `dot ${row.sentiment.tone}`); dot.title = row.sentiment.label; dot.setAttribute("role", "img"); dot.setAttribute("aria-label", row.sentiment.label); who.append(dot); }
  if (row.face) { const face = el("span", `face ${row.face.busy ? "busy" : ""}`, row.face.letters); face.title = row.face.label; face.setAttribute("role", "img"); face.setAttribute("aria-label", row.face.label); who.append(face); }
  if (who.childNodes.length) foot.append(who);
  body.append(foot);
  card.append(src, body);
  card.classList.toggle("taken", Boolean(row.taken));
};
const typing = (event) => {
  const target = event.composedPath()[0];
  const tag = target && target.tagName;
  if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT" || (target && target.isContentEditable)) return true;
  return Boolean(document.querySelector('[role="dialog"], [data-baseweb="popover"] [role="listbox"], [data-baseweb="menu"]'));
};
const phone = () => window.matchMedia("(max-width: 640px)").matches;

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".root");
  const list = root.querySelector(".scroll"), pill = root.querySelector(".pill"), live = root.querySelector(".sr");
  const me = (root.kb ??= { cards: new Map(), rows: [], selected: null, rev: -1, asked: 0, timer: 0, last: 0 });
  me.stop?.();                                   // Streamlit cleans up at unmount only, not before the next data
  me.data = data; me.send = setTriggerValue;
  me.skew = data.now - Date.now();
  const now = () => Date.now() + me.skew;
  document.documentElement.lang = data.lang;

  const show = (id, reveal = true) => {
    me.cards.get(me.selected)?.classList.remove("on");
    me.cards.get(me.selected)?.setAttribute("aria-selected", "false");
    me.selected = id;
    const card = me.cards.get(id);
    if (!card) return;
    card.classList.add("on"); card.setAttribute("aria-selected", "true");
    list.setAttribute("aria-activedescendant", card.id);
    if (!reveal) return;                           // a redraw must not move what somebody is reading
    const top = card.offsetTop, bottom = top + card.offsetHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  };
  const tell = (id) => {
    const url = new URL(window.location.href);
    url.searchParams.set("c", id);
    window.history.replaceState(window.history.state, "", url);
    me.send("pick", { id });
  };
  me.pick = (id, { open = false } = {}) => {
    if (id === undefined || id === null) return;
    const same = id === me.selected;
    show(id);
    if (open && phone()) {
      window.history.pushState({ kb: "detail" }, "");
      document.documentElement.dataset.kbPane = "detail";
    }
    if (same) return;
    // At once for a single key press; while a key is held only the row where it stops is drawn.
    window.clearTimeout(me.timer);
    const wait = performance.now() - me.last < HOLD_MS ? HOLD_MS : 0;
    me.last = performance.now();
    if (wait) me.timer = window.setTimeout(() => tell(me.selected), wait); else tell(id);
  };
  me.step = (by) => {
    const at = me.rows.findIndex((row) => row.id === me.selected);
    const next = me.rows[Math.max(0, Math.min(me.rows.length - 1, at < 0 ? 0 : at + by))];
    if (next) me.pick(next.id);
    if (by > 0 && at + by >= me.rows.length - 4) me.more();
  };
  me.more = () => {
    if (!me.data.more || me.asked === me.rows.length) return;
    me.asked = me.rows.length;
    me.send("more", { have: me.rows.length });
  };

  // Keyed rows: an unchanged row keeps its element, so scroll position and focus stay.
  const seen = new Set(data.rows.map((row) => row.id));
  for (const [id, card] of me.cards) if (!seen.has(id)) { card.remove(); me.cards.delete(id); }
  let before = null;
  for (const row of data.rows) {
    let card = me.cards.get(row.id);
    if (!card) {
      card = el("div", "card"); card.id = `c${row.id}`; card.setAttribute("role", "option"); card.setAttribute("aria-selected", "false");
      card.addEventListener("click", () => me.pick(row.id, { open: true }));
      me.cards.set(row.id, card);
    }
    const drawn = JSON.stringify(row);
    if (card.drawn !== drawn) { draw(card, row, data.words, now()); card.drawn = drawn; }
    const after = before ? before.nextSibling : list.firstChild;
    if (after !== card) list.insertBefore(card, after);
    before = card;
  }
  if (me.rows.length !== data.rows.length || me.scope !== data.scope) me.asked = 0;
  me.rows = data.rows;
  for (const node of list.querySelectorAll(".empty, .more")) node.remove();
  if (!data.rows.length && data.empty) {
    const empty = el("div", "empty");
    const icon = el("div", "big", data.empty.icon); icon.setAttribute("aria-hidden", "true");
    empty.append(icon, el("h3", "", data.empty.title), el("p", "", data.empty.text)); list.append(empty);
  } else if (data.more) list.append(el("div", "more", data.words.loading));
  if (me.scope !== data.scope) { me.scope = data.scope; list.scrollTop = 0; }
  pill.hidden = !data.fresh;
  if (pill.textContent !== data.fresh) { pill.textContent = data.fresh; live.textContent = data.fresh; }
  list.setAttribute("aria-label", data.words.list);
  if (me.rev !== data.rev) {
    me.rev = data.rev; window.clearTimeout(me.timer); show(data.selected);
    if (data.selected) { const url = new URL(window.location.href); url.searchParams.set("c", data.selected); window.history.replaceState(window.history.state, "", url); }
    if (data.open && phone()) document.documentElement.dataset.kbPane = "detail";
  } else show(me.selected, false);
  root.dataset.selected = me.selected ?? "";

  list.onscroll = () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - 500) me.more(); };
  pill.onclick = () => { pill.hidden = true; me.send("refresh", { at: Date.now() }); list.scrollTop = 0; };

  const ticking = window.setInterval(() => {
    for (const row of me.rows) {
      const card = me.cards.get(row.id);
      if (!card) continue;
      const chip = card.querySelector(".sla"), age = card.querySelector(".age");
      if (chip && row.due) clockChip(chip, row, me.data.words, now());
      const text = short(now() - row.at, me.data.words);
      if (age && age.textContent !== text) age.textContent = text;
    }
  }, 1000);
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    const within = event.composedPath().includes(list);
    const key = event.key;
    if (key === "j" || (within && key === "ArrowDown")) me.step(1);
    else if (key === "k" || (within && key === "ArrowUp")) me.step(-1);
    else if (within && key === "Home") me.pick(me.rows[0]?.id);
    else if (within && key === "End") { me.pick(me.rows[me.rows.length - 1]?.id); me.more(); }
    else if (within && key === "Enter") me.pick(me.selected, { open: true });
    else if (key === "/") document.querySelector(".st-key-search input")?.focus();
    else if (key === "g") me.send("act", { id: 0, version: 0, what: "next", at: Date.now() });
    else if (!event.repeat && me.data.keys[key] && me.selected) {
      const row = me.rows.find((one) => one.id === me.selected);
      me.send("act", { id: me.selected, version: row ? row.version : null, what: me.data.keys[key], at: Date.now() });
    } else return;
    event.preventDefault();
  };
  const back = () => { delete document.documentElement.dataset.kbPane; };
  document.addEventListener("keydown", keys);
  window.addEventListener("popstate", back);
  me.stop = () => {
    window.clearInterval(ticking);
    document.removeEventListener("keydown", keys);
    window.removeEventListener("popstate", back);
  };
  return me.stop;
}
