// Notes, earlier contact, copies and the timeline. Text of others through textContent only.
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  const drawn = JSON.stringify(data);
  if (box.drawn === drawn) return;
  box.drawn = drawn;
  box.dataset.conversation = data.id;
  const words = data.words;
  const section = (title, nodes) => {
    const part = el("section"); part.append(el("h3", "", title));
    const list = el("ul"); for (const node of nodes) { const item = el("li"); item.append(node); list.append(item); }
    part.append(list); return part;
  };
  const parts = [];
  if (data.notes.length) parts.push(section(words.notes, data.notes.map((note) => {
    const node = el("div", "note"), body = el("div");
    const by = el("div"); by.append(el("span", "by", note.who), " ", el("span", "soft", note.at));
    body.append(by, el("div", "text", note.text)); node.append(el("span", "face", note.letters), body); return node;
  })));
  if (data.copies.length) parts.push(section(words.copies, data.copies.map((copy) => {
    const node = el("div", "row");
    node.append(el("span", "when", copy.at), el("span", "grow", `${copy.who} · ${copy.source}`));
    if (copy.url) { const link = el("a", "", `${words.original} ↗`); link.href = copy.url; link.target = "_blank"; link.rel = "noopener noreferrer nofollow"; node.append(link); }
    return node;
  })));
  parts.push(section(words.history, data.history.length ? data.history.map((row) => {
    const node = el("button", "row"); node.type = "button";
    const src = el("span", "src", row.letters); src.style.background = row.colour; src.title = row.source;
    node.append(src, el("span", "when", row.at), el("span", "grow", row.text), el("span", "when", row.status));
    node.onclick = () => setTriggerValue("open", { id: row.id, at: Date.now() });
    return node;
  }) : [el("div", "none", words.first)]));
  if (data.events.length) parts.push(section(words.events, data.events.map((event) => {
    const node = el("div", `event ${event.undone ? "undone" : ""}`), when = el("span", "when", event.at); when.title = event.title;
    const text = el("span", "grow"); text.append(el("span", "by", event.who), ` ${event.text}`);
    node.append(text, when); return node;
  })));
  box.replaceChildren(...parts);
}
