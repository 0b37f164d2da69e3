// The command palette. Commands are matched and sorted here; conversations are searched by the server.
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
// How well letters fit a text: all in order; better at the beginning of words and close together. Null: not at all.
const fit = (wanted, text) => {
  let score = 0, at = 0, last = -2;
  for (const letter of wanted) {
    if (letter === " ") continue;
    const found = text.indexOf(letter, at);
    if (found < 0) return null;
    score += found === last + 1 ? 6 : found === 0 || !/[\p{L}\p{N}]/u.test(text[found - 1]) ? 4 : 0;
    score -= Math.min(3, found - at) * 0.5;
    last = found; at = found + 1;
  }
  return score + (text.startsWith(wanted) ? 12 : text.includes(wanted) ? 8 : 0) - text.length * 0.02;
};
const ASK_MS = 160, MANY = /^do:(assign|team|tag|priority|ignore|snooze)/;
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const dialog = parentElement.querySelector("dialog"), input = dialog.querySelector("input"), list = dialog.querySelector(".list");
  const me = (dialog.kb ??= { at: 0, shown: [], timer: 0 });
  me.stop?.();
  const words = data.words;
  dialog.setAttribute("aria-label", words.title); input.placeholder = words.type; input.setAttribute("aria-label", words.title);
  list.setAttribute("aria-label", words.title); dialog.querySelector(".hint").textContent = words.hint;
  const move = (to) => {
    me.at = Math.max(0, Math.min(me.shown.length - 1, to));
    for (const node of list.querySelectorAll(".row")) {
      const on = node.dataset.at === String(me.at);
      node.setAttribute("aria-selected", String(on));
      if (on) { node.scrollIntoView({ block: "nearest" }); input.setAttribute("aria-activedescendant", node.id); }
    }
  };
  const run = (at) => {
    const one = me.shown[at];
    me.eager = !one && input.value.trim().length > 1;   // pressed before the answer came: done when it does
    if (!one) return;
    window.clearTimeout(me.timer); dialog.close();
    if (["focus", "keys", "tour"].includes(one.id)) document.dispatchEvent(new CustomEvent(`klankbord:${one.id}`));
    else setTriggerValue("run", { id: one.id, at: Date.now() });
  };
  const draw = (row, at, wanted) => {
    const node = el("div", "row"); node.id = `p${at}`; node.dataset.at = at; node.setAttribute("role", "option");
    const icon = el("span", "icon", row.icon ?? "forum"); icon.setAttribute("aria-hidden", "true"); node.append(icon);
    if (row.who !== undefined) {
      const text = el("span", "text"); text.append(el("b", "", row.who), ` ${row.text}`);
      node.append(text, el("span", "soft", row.status), el("span", "soft", row.at));
    } else {
      node.append(el("span", "text", row.text));
      if (wanted) node.append(el("span", "soft", row.group));
      if (row.key) node.append(el("kbd", "", row.key));
    }
    node.onclick = () => run(at); node.onpointermove = () => { if (me.at !== at) move(at); };
    return node;
  };
  const render = () => {
    const wanted = plain(input.value.trim());
    let rows = data.commands.map(([id, group, text, icon, key], index) => ({ id, group, text, icon, key, score: wanted ? fit(wanted, plain(text)) : -index }));
    rows = rows.filter((row) => row.score !== null).sort((a, b) => b.score - a.score);
    rows = wanted ? rows.slice(0, 9) : rows.filter((row) => !MANY.test(row.id)).slice(0, 30);
    const found = wanted && plain(data.text.trim()) === wanted ? data.found : [];
    me.shown = [...rows, ...found.map((row) => ({ ...row, group: words.found }))];
    const parts = []; let group = "";
    me.shown.forEach((row, at) => {
      if (row.group !== group && (!wanted || row.group === words.found)) {
        group = row.group;
        const head = el("div", "group", group); head.setAttribute("role", "presentation"); parts.push(head);
      }
      parts.push(draw(row, at, wanted));
    });
    const answered = wanted.length < 2 || plain(data.text.trim()) === wanted;
    if (!me.shown.length && wanted) parts.push(el("div", "none", answered ? words.none : "…"));
    list.replaceChildren(...parts);
    move(Math.min(me.at, Math.max(0, me.shown.length - 1)));
    if (me.eager && answered) { me.eager = false; run(0); }
  };
  const open = () => {
    if (dialog.open) { dialog.close(); return; }
    input.value = ""; me.at = 0; render(); dialog.showModal(); input.focus();
    setTriggerValue("open", { at: Date.now() });
  };
  input.oninput = () => {
    me.at = 0; me.eager = false; render();
    window.clearTimeout(me.timer);
    const text = input.value.trim();
    if (text.length > 1) me.timer = window.setTimeout(() => setTriggerValue("find", { text, at: Date.now() }), ASK_MS);
  };
  dialog.onkeydown = (event) => {
    event.stopPropagation();                       // the keys of the list are for the list
    if (event.key === "ArrowDown" || (event.ctrlKey && event.key === "n")) move(me.at + 1);
    else if (event.key === "ArrowUp" || (event.ctrlKey && event.key === "p")) move(me.at - 1);
    else if (event.key === "PageDown") move(me.at + 8);
    else if (event.key === "PageUp") move(me.at - 8);
    else if (event.key === "Enter") run(me.at);
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) dialog.close();
    else return;
    event.preventDefault();
  };
  dialog.onclick = (event) => { if (event.target === dialog) dialog.close(); };
  const keys = (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault(); open();
  };
  document.addEventListener("keydown", keys);
  document.addEventListener("klankbord:palette", open);
  me.stop = () => { document.removeEventListener("keydown", keys); document.removeEventListener("klankbord:palette", open); };
  if (dialog.open) render();
  return me.stop;
}
