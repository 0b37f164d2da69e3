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
const BULK = { e: "resolve", z: "snooze:tomorrow", s: "spam", i: "ignore:not_about_us", m: "assign_me" };
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
  for (const [code, label] of row.badges ?? []) head.append(el("span", `chip badge ${code}`, label));
  if (row.private) head.append(el("span", "chip plain", row.private));
  const age = el("span", "age"); age.dataset.at = row.at; age.textContent = short(now - row.at, words); age.title = row.at_text; head.append(age);
  body.append(head);
  if (row.title) { const title = marked(el("span", "title"), row.title, row.marks_title); title.style.display = "block"; body.append(title); }
  body.append(marked(el("span", "text"), row.text, row.marks));
  const foot = el("span", "foot");
  if (row.due) { const chip = el("span", "chip sla"); clockChip(chip, row, words, now); foot.append(chip); }
  for (const [tone, text, title] of row.chips) { const chip = el("span", `chip ${tone}`, text); if (title) chip.title = title; foot.append(chip); }
  const who = el("span", "who"), others = el("span", "others");
  who.append(others);
  if (row.replies) who.append(el("span", "", row.replies));
  if (row.sentiment) { const dot = el("span", `dot ${row.sentiment.tone}`); dot.title = row.sentiment.label; dot.setAttribute("role", "img"); dot.setAttribute("aria-label", row.sentiment.label); who.append(dot); }
  if (row.face) { const face = el("span", `face ${row.face.busy ? "busy" : ""}`, row.face.letters); face.title = row.face.label; face.setAttribute("role", "img"); face.setAttribute("aria-label", row.face.label); who.append(face); }
  foot.append(who);
  body.append(foot);
  const tick = el("span", "tick", "✓"); tick.setAttribute("aria-hidden", "true"); src.append(tick);
  card.append(src, body);
  card.classList.toggle("taken", Boolean(row.taken));
};
const typing = (event) => {
  const target = event.composedPath()[0];
  const tag = target && target.tagName;
  if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT" || (target && target.isContentEditable)) return true;
  return Boolean(document.querySelector('[role="dialog"], [data-baseweb="popover"] [role="listbox"], [data-baseweb="menu"]'));
};
// Who else is at a conversation: told by the component `around`, drawn without redrawing the row.
const present = (card, people, words) => {
  const node = card.querySelector(".others");
  if (!node) return;
  const told = people ?? [];
  const drawn = JSON.stringify(told);
  if (node.dataset.drawn === drawn) return;
  node.dataset.drawn = drawn;
  node.replaceChildren(...told.slice(0, 2).map((one) => {
    const face = el("span", `face ${one.writing ? "writing" : "looking"}`, one.letters), label = (one.writing ? words.writing : words.looking).replace("{name}", one.name);
    face.title = label; face.setAttribute("role", "img"); face.setAttribute("aria-label", label);
    const both = el("span", "other"); both.append(face);
    if (one.writing) both.append(el("span", "says", label));
    return both;
  }));
};
const option = (value, text) => { const node = el("option", "", text); node.value = value; return node; };
const phone = () => window.matchMedia("(max-width: 640px)").matches;

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".root");
  const list = root.querySelector(".scroll"), pill = root.querySelector(".pill"), live = root.querySelector(".sr");
  const me = (root.kb ??= { cards: new Map(), rows: [], selected: null, rev: -1, asked: null, looked: 0, hidden: false, timer: 0, last: 0, untold: null, picked: new Map(), all: false, anchor: null, people: {}, focus: null });
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
    me.untold = null; me.send("pick", { id });
  };
  // A decision names its row: what was not told yet of going there would come after it.
  const decide = (event, value) => { window.clearTimeout(me.timer); me.untold = null; me.send(event, { ...value, at: Date.now() }); };
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
    me.last = performance.now(); me.untold = id;
    if (wait) me.timer = window.setTimeout(() => tell(me.selected), wait); else tell(id);
  };
  me.toggle = (id) => { toggle(id); me.anchor = id; mark(); };
  me.range = (from, to) => { range(from, to); mark(); };
  me.step = (by) => {
    const at = me.rows.findIndex((row) => row.id === me.selected);
    const next = me.rows[Math.max(0, Math.min(me.rows.length - 1, at < 0 ? 0 : at + by))];
    if (next) me.pick(next.id);
    if (by > 0 && at + by >= me.rows.length - 4) me.more();
  };
  // Picked rows: {id: version}. `all` means the whole view, also what was not read yet.
  const bar = root.querySelector(".bulk");
  const can = () => Boolean(me.data.bulk);
  const mark = () => {
    for (const [id, card] of me.cards) {
      const on = me.all || me.picked.has(id);
      card.classList.toggle("picked", on);
      if (on) card.dataset.picked = "1"; else delete card.dataset.picked;
    }
    drawBar();
  };
  const clear = () => { me.picked.clear(); me.all = false; me.sure = null; me.anchor = null; mark(); };
  const toggle = (id, on = !me.picked.has(id)) => {
    const row = me.rows.find((one) => one.id === id);
    if (!row || !can()) return;
    me.all = false; me.sure = null;
    if (on) me.picked.set(id, row.version); else me.picked.delete(id);
  };
  const range = (from, to) => {
    const a = me.rows.findIndex((row) => row.id === from), b = me.rows.findIndex((row) => row.id === to);
    if (a < 0 || b < 0) return;
    for (let at = Math.min(a, b); at <= Math.max(a, b); at += 1) toggle(me.rows[at].id, true);
  };
  const pickAll = () => {
    for (const row of me.rows) toggle(row.id, true);
    if (me.data.more) me.send("count", { at: Date.now() });
    mark();
  };
  const number = (n) => new Intl.NumberFormat(me.data.lang).format(n);
  const doBulk = (what) => {
    if (!what) return;
    if (me.all && me.sure !== what) { me.sure = what; drawBar(); bar.querySelector(".yes")?.focus(); return; }
    const rows = [...me.picked].slice(0, 500);
    decide("bulk", { what, rows, all: me.all });
    clear(); list.focus({ preventScroll: true });
  };
  const drawBar = () => {
    const offered = me.data.bulk, n = me.all ? me.data.total?.n ?? me.picked.size : me.picked.size;
    bar.hidden = !offered || (!n && !me.all);
    if (bar.hidden) { bar.replaceChildren(); bar.dataset.drawn = ""; return; }
    const words = offered.words, shown = number(n) + (me.all && me.data.total?.capped ? "+" : "");
    const key = JSON.stringify([shown, me.all, me.sure, me.data.total, me.data.more, me.data.lang, offered]);
    if (bar.dataset.drawn === key) return;
    bar.dataset.drawn = key; bar.setAttribute("role", "group"); bar.setAttribute("aria-label", words.bar);
    const line = el("div", "line"), count = el("b", "", (me.all ? words.everything : words.picked).replace("{n}", shown));
    const none = el("button", "plain", "×"); none.type = "button"; none.title = words.clear; none.setAttribute("aria-label", words.clear); none.onclick = clear;
    line.append(count);
    if (!me.all && me.data.total && me.data.more && me.picked.size >= me.rows.length) {
      const every = el("button", "plain every", words.all.replace("{n}", number(me.data.total.n) + (me.data.total.capped ? "+" : "")));
      every.type = "button"; every.onclick = () => { me.all = true; mark(); }; line.append(every);
    }
    line.append(none);
    if (me.sure) {
      const ask = el("div", "line ask"), yes = el("button", "primary yes", words.yes), no = el("button", "", words.no), what = me.sure;
      yes.type = no.type = "button"; yes.onclick = () => doBulk(what); no.onclick = () => { me.sure = null; drawBar(); };
      ask.append(el("span", "", words.sure.replace("{n}", shown)), yes, no);
      bar.replaceChildren(line, ask); return;
    }
    const tools = el("div", "line tools");
    const menu = (name, options) => {
      const select = el("select"); select.setAttribute("aria-label", words[name]); select.append(option("", words[name]), ...options.map(([value, text]) => option(value, text)));
      select.onchange = () => { const what = select.value; select.value = ""; doBulk(what); }; return select;
    };
    const tag = el("input", "tag"); tag.placeholder = words.tag; tag.setAttribute("aria-label", words.tag); tag.maxLength = 50; tag.setAttribute("list", "kb-tags");
    const known = el("datalist"); known.id = "kb-tags"; known.append(...offered.tags.map((one) => option(one, one)));
    tag.onkeydown = (event) => { if (event.key === "Enter" && tag.value.trim()) { event.preventDefault(); doBulk(`tag:${tag.value.trim()}`); } else if (event.key === "Escape") { event.stopPropagation(); list.focus(); } };
    const done = el("button", "primary", words.resolve); done.type = "button"; done.onclick = () => doBulk("resolve");
    tools.append(menu("assign", offered.assign), menu("snooze", offered.snooze), tag, known, menu("more", offered.more), done);
    bar.replaceChildren(line, tools);
  };
  // Focus view: one conversation over the whole width; the list goes on underneath.
  const focusBar = () => {
    let node = document.querySelector("#kb-focus");
    if (!me.focus) { node?.remove(); delete document.documentElement.dataset.kbFocus; return; }
    if (!node) { node = el("div"); node.id = "kb-focus"; document.body.append(node); }
    const at = me.rows.findIndex((row) => row.id === me.selected), whole = me.data.count ?? { n: me.rows.length, capped: me.data.more };
    const done = me.focus.done, total = Math.max(whole.n, me.rows.length) + done;
    const text = me.data.words.progress.replace("{n}", number(done + Math.max(0, at) + 1)).replace("{total}", number(Math.max(total, done + at + 1)) + (whole.capped ? "+" : ""));
    node.replaceChildren();
    const track = el("span", "track"), fill = el("span", "fill"); fill.style.width = `${Math.min(100, (100 * (done + Math.max(0, at))) / Math.max(1, total))}%`; track.append(fill);
    const out = el("button", "", me.data.words.leave_focus); out.type = "button"; out.onclick = () => setFocus(false);
    node.append(el("span", "", me.rows.length ? text : me.data.words.all_done), track, out);
  };
  const setFocus = (on) => {
    me.focus = on ? { done: 0 } : null;
    if (on) document.documentElement.dataset.kbFocus = "1";
    focusBar();
  };
  me.setFocus = setFocus;
  me.more = () => {
    if (!me.data.more || me.asked === me.data.reached) return;
    me.asked = me.data.reached;
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
      card.addEventListener("click", (event) => {
        const tick = event.target.closest?.(".src") || event.ctrlKey || event.metaKey;
        if (event.shiftKey && me.data.bulk) { event.preventDefault(); me.range(me.anchor ?? me.selected, row.id); }
        else if (tick && me.data.bulk) me.toggle(row.id);
        else me.pick(row.id, { open: true });
      });
      me.cards.set(row.id, card);
    }
    const drawn = JSON.stringify(row);
    if (card.drawn !== drawn) { draw(card, row, data.words, now()); card.drawn = drawn; }
    present(card, me.people[row.id], data.words);
    const after = before ? before.nextSibling : list.firstChild;
    if (after !== card) list.insertBefore(card, after);
    before = card;
  }
  if (me.scope !== data.scope) me.asked = null;
  if (me.rows.length !== data.rows.length || me.scope !== data.scope) me.looked = 0;
  if (me.focus && me.rev !== data.rev && me.selected && me.selected !== data.selected && !seen.has(me.selected)) me.focus.done += 1;
  me.rows = data.rows;
  if (me.scope !== data.scope || me.unpicked !== data.unpicked) { me.picked.clear(); me.all = false; me.sure = null; me.unpicked = data.unpicked; }
  for (const id of me.picked.keys()) if (!seen.has(id)) me.picked.delete(id);
  for (const row of data.rows) if (me.all) me.picked.set(row.id, row.version);
  mark();
  // A search of a large archive comes in pages that can be short, even empty. While the rows do not fill the list nobody
  // can scroll for more: then it looks further by itself a few times, and after that when it is asked to. A hidden list
  // (on a phone, under an opened conversation) has no height to fill, and waits until it is shown.
  const ending = () => {
    for (const node of list.querySelectorAll(".empty, .more")) node.remove();
    me.hidden = !list.clientHeight;
    const further = data.more && !me.hidden && list.scrollHeight <= list.clientHeight, asks = further && me.looked >= 5;
    if (asks) {
      const node = el("div", "more further"), go = el("button", "", data.words.further); go.type = "button";
      go.onclick = () => { me.looked = 0; go.disabled = true; me.more(); };
      node.append(el("p", "", data.rows.length ? data.words.so_far : data.words.none_yet), go); list.append(node);
    } else if (!data.rows.length && !data.more && data.empty) {
      const empty = el("div", "empty");
      const icon = el("div", "big", data.empty.icon); icon.setAttribute("aria-hidden", "true");
      empty.append(icon, el("h3", "", data.empty.title), el("p", "", data.empty.text)); list.append(empty);
    } else if (data.more) list.append(el("div", "more", data.words.loading));
    if (further && !asks && me.asked !== data.reached) { me.looked += 1; me.more(); }
  };
  ending();
  if (me.scope !== data.scope) { me.scope = data.scope; list.scrollTop = 0; }
  pill.hidden = !data.fresh;
  if (pill.textContent !== data.fresh) { pill.textContent = data.fresh; live.textContent = data.fresh; }
  list.setAttribute("aria-label", data.words.list);
  // Somebody went on since: the server hears of that next, and must not take them back meanwhile.
  const going = (me.untold !== null || component.waits("pick")) && seen.has(me.selected);
  if (me.rev !== data.rev && !going) {
    me.rev = data.rev; window.clearTimeout(me.timer); me.untold = null; show(data.selected);
    if (data.selected) { const url = new URL(window.location.href); url.searchParams.set("c", data.selected); window.history.replaceState(window.history.state, "", url); }
    if (data.open && phone()) document.documentElement.dataset.kbPane = "detail";
  } else show(me.selected, false);
  root.dataset.selected = me.selected ?? "";
  focusBar();

  const height = new ResizeObserver(() => {
    if (!list.clientHeight) me.hidden = true;
    else if (me.hidden) { me.looked = 0; ending(); }
  });
  height.observe(list);
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
    const within = event.composedPath().includes(list), nowhere = event.composedPath()[0] === document.body;
    const key = event.key, picked = me.picked.size > 0 || me.all;
    if (key === "x" || key === "X") {
      if (!can() || !me.selected) return;
      if (event.shiftKey && me.anchor) range(me.anchor, me.selected); else toggle(me.selected);
      me.anchor = me.selected; mark();
    } else if (event.shiftKey && ["J", "K", "ArrowDown", "ArrowUp"].includes(key) && (within || key === "J" || key === "K")) {
      if (!can()) return;
      toggle(me.selected, true); me.step(key === "J" || key === "ArrowDown" ? 1 : -1); toggle(me.selected, true); me.anchor ??= me.selected; mark();
    } else if (key === "*") { if (!can()) return; pickAll(); }
    else if (key === "Escape" && (picked || me.focus)) { if (picked) clear(); else setFocus(false); }
    else if (key === "f") setFocus(!me.focus);
    else if (picked && !event.repeat && me.data.bulk && BULK[key]) doBulk(BULK[key]);
    else if ((nowhere || within) && (key === "ArrowDown" || key === "ArrowUp") && !event.shiftKey) me.step(key === "ArrowDown" ? 1 : -1);
    else
    if (key === "j" || (within && key === "ArrowDown")) me.step(1);
    else if (key === "k" || (within && key === "ArrowUp")) me.step(-1);
    else if (within && key === "Home") me.pick(me.rows[0]?.id);
    else if (within && key === "End") { me.pick(me.rows[me.rows.length - 1]?.id); me.more(); }
    else if (within && key === "Enter") me.pick(me.selected, { open: true });
    else if (key === "/") document.querySelector(".st-key-searchbox input")?.focus();
    else if (key === "g") decide("act", { id: 0, version: 0, what: "next" });
    else if (!event.repeat && me.data.keys[key] && me.selected) {
      const row = me.rows.find((one) => one.id === me.selected);
      decide("act", { id: me.selected, version: row ? row.version : null, what: me.data.keys[key] });
    } else return;
    event.preventDefault();
  };
  const back = () => { delete document.documentElement.dataset.kbPane; };
  const around = (event) => {
    me.people = event.detail?.people ?? {};
    for (const [id, card] of me.cards) present(card, me.people[id], me.data.words);
  };
  const focusing = () => setFocus(!me.focus);
  document.addEventListener("keydown", keys);
  document.addEventListener("klankbord:around", around);
  document.addEventListener("klankbord:focus", focusing);
  window.addEventListener("popstate", back);
  me.stop = () => {
    window.clearInterval(ticking);
    height.disconnect();
    document.removeEventListener("keydown", keys);
    document.removeEventListener("klankbord:around", around);
    document.removeEventListener("klankbord:focus", focusing);
    window.removeEventListener("popstate", back);
  };
  return () => { me.stop(); me.focus = null; focusBar(); };
}
