// The customer over all channels: accounts, badges, note, who may be the same person, whole history. Text of others through textContent only.
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
const button = (cls, text, act) => {
  const node = el("button", cls, text); node.type = "button"; node.onclick = act; return node;
};
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  const drawn = JSON.stringify(data);
  if (box.drawn === drawn) return;
  const words = data.words, same = box.dataset.author === String(data.author);
  const focused = same ? parentElement.activeElement?.dataset?.key : "";
  // What somebody is typing stays, unless it was kept just now or another person is shown.
  const typed = {};
  if (same) for (const field of box.querySelectorAll("[data-field]")) if (field.value !== field.dataset.was && field.value !== data[field.dataset.field]) typed[field.dataset.field] = field.value;
  const opened = same && (box.querySelector("details")?.open ?? false);
  box.drawn = drawn;
  box.dataset.author = data.author;
  box.dataset.contacts = data.history.length;
  const act = (what, more) => setTriggerValue("act", { what, author: data.author, at: Date.now(), ...more });
  const sign = (row) => { const src = el("span", "src", row.letters); src.style.background = row.colour; src.title = row.platform; src.setAttribute("role", "img"); src.setAttribute("aria-label", row.platform); return src; };
  const link = (row) => {
    const name = el(row.url ? "a" : "span", "name"); name.append(el("bdi", "", row.name));
    if (row.url) { name.href = row.url; name.target = "_blank"; name.rel = "noopener noreferrer nofollow"; }
    return name;
  };
  const parts = [el("h3", "", words.title)];

  const head = el("div", "head"), who = el("div", "who"), title = el("div", "person");
  title.append(el("bdi", "", data.name)); who.append(title, el("div", "soft", data.facts));
  const badges = el("div", "badges"); badges.setAttribute("role", "group"); badges.setAttribute("aria-label", words.badges);
  for (const badge of data.badges) {
    if (!data.may.work) { if (badge.on) { const shown = el("span", "badge on", badge.label); shown.title = badge.title; badges.append(shown); } continue; }
    const node = button(`badge ${badge.on ? "on" : ""}`, badge.label, () => act("badge", { badge: badge.code, on: !badge.on }));
    node.setAttribute("aria-pressed", String(badge.on)); node.title = badge.title; node.dataset.key = `badge-${badge.code}`; badges.append(node);
  }
  head.append(who, badges); parts.push(head);

  const accounts = el("ul", "accounts");
  for (const row of data.accounts) {
    const item = el("li", "account"); item.append(sign(row), link(row), el("span", "soft grow", row.facts));
    if (row.split && data.may.work) { const node = button("quiet", words.split, () => act("split", { account: row.id })); node.title = words.split_help; node.setAttribute("aria-label", `${words.split}: ${row.name}`); item.append(node); }
    accounts.append(item);
  }
  parts.push(accounts);

  if (data.merged) { const told = el("div", "ask"); told.setAttribute("role", "status"); told.append(el("span", "grow", words.merged), button("", words.undo, () => act("unmerge", { event: data.merged }))); parts.push(told); }
  if (data.may.work) for (const row of data.suggestions) {
    const ask = el("div", "ask"), text = el("div", "grow"), line = el("div", "line"); line.append(el("span", "", words.same), " ", sign(row), " ", link(row));
    text.append(line, el("div", "soft", row.reasons));
    const answers = el("span", "answers");
    answers.append(button("", words.yes, () => act("accept", { account: row.account, other: row.other })), button("", words.no, () => act("refuse", { account: row.account, other: row.other })));
    ask.append(text, answers);
    parts.push(ask);
  }

  for (const note of data.others) parts.push(el("div", "note", note));
  if (data.may.note) {
    const more = el("details"); more.open = opened || Object.keys(typed).length > 0;
    const summary = el("summary", "", data.note || data.consent ? words.about_edit : words.about); more.append(summary);
    const form = el("form");
    const field = (name, label, tag) => {
      const row = el("label", "field"), input = el(tag);
      input.dataset.field = name; input.dataset.was = data[name]; input.dataset.key = `field-${name}`; input.value = typed[name] ?? data[name]; input.maxLength = tag === "textarea" ? 5000 : 200; input.dir = "auto";
      if (tag === "textarea") input.rows = 3;
      row.append(el("span", "", label), input); form.append(row); return input;
    };
    const name = field("known", words.name, "input"), consent = field("consent", words.consent, "input"), note = field("note", words.note, "textarea");
    const save = el("button", "main", words.save); save.type = "submit"; form.append(save);
    form.onsubmit = (event) => { event.preventDefault(); act("describe", { name: name.value, consent: consent.value, note: note.value }); };
    more.append(form);
    if (data.note) parts.push(el("div", "note", data.note));
    if (data.consent) parts.push(el("div", "soft consent", `${words.consented} ${data.consent}`));
    parts.push(more);
  } else if (data.note) parts.push(el("div", "note", data.note));

  parts.push(el("h3", "second", words.history));
  const list = el("ul");
  for (const row of data.history) {
    const item = el("li"), node = button(`row ${row.here ? "here" : ""}`, "", () => act("open", { id: row.id })), body = el("span", "grow said");
    node.dataset.key = `contact-${row.id}`;
    if (row.here) node.setAttribute("aria-current", "true");
    const first = el("span", "first"), facts = el("span", "soft"); first.append(el("bdi", "", row.text)); facts.textContent = row.facts;
    body.append(first, facts);
    if (row.answer) { const answer = el("span", "answer"); answer.append(el("b", "", words.answer), " ", el("bdi", "", row.answer)); body.append(answer); }
    const side = el("span", "side"), when = el("span", "when", row.at); when.title = row.when;
    side.append(when, el("span", `state ${row.open ? "open" : ""}`, row.status));
    if (row.promise) side.append(el("span", "state promise", row.promise));
    node.append(sign(row), body, side); item.append(node); list.append(item);
  }
  parts.push(data.history.length > 1 || data.more ? list : el("div", "none", words.first));
  if (data.more) { const node = button("quiet more", words.more, () => act("more", {})); node.dataset.key = "more"; parts.push(node); }
  if (data.privacy) { const way = el("a", "privacy", words.privacy); way.href = data.privacy; way.dataset.key = "privacy"; parts.push(way); }
  box.replaceChildren(...parts);
  if (focused) box.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
}
