// Notes and the timeline. Text of others through textContent only.
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
// A conversation opens at what the customer wrote last, with the answer under it, unless all of it is in sight. On a phone
// that is when the pane is shown, which may be long after it was drawn.
const place = (pane, newest) => {
  const seen = pane.getBoundingClientRect(), at = newest.getBoundingClientRect();
  const answer = pane.querySelector(".st-key-composer")?.getBoundingClientRect();
  const bottom = Math.min(seen.bottom, window.innerHeight, answer?.height ? answer.top : Infinity);
  const room = bottom - Math.max(seen.top, 0);
  if (at.bottom > bottom) pane.scrollTop += at.height > room - 32 ? at.top - seen.top - 16 : at.bottom - bottom + 16;
};
const arrive = (box, conversation, tries = 60) => {
  const thread = document.querySelector(`.kb-thread[data-conversation="${conversation}"]`);
  const newest = thread?.querySelector(".kb-msg.focus"), pane = thread?.closest(".st-key-detailpane");
  if (!newest || !pane) { if (tries > 0) window.requestAnimationFrame(() => arrive(box, conversation, tries - 1)); return; }
  pane.scrollTop = 0;
  box.shown?.disconnect();
  box.shown = new IntersectionObserver((seen, watching) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watching.disconnect();
    // The answer's field is drawn by another component, a moment later.
    window.setTimeout(() => { if (newest.isConnected && pane.scrollTop === 0) place(pane, newest); }, 60);
  });
  box.shown.observe(pane);
};
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  const drawn = JSON.stringify(data);
  if (box.drawn === drawn) return;
  box.drawn = drawn;
  if (box.dataset.conversation !== String(data.id)) arrive(box, data.id);
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
  if (data.events.length) parts.push(section(words.events, data.events.map((event) => {
    const node = el("div", `event ${event.undone ? "undone" : ""}`), when = el("span", "when", event.at); when.title = event.title;
    const text = el("span", "grow"), by = el(event.href ? "a" : "span", "by", event.who);
    if (event.href) { by.href = event.href; by.target = "_self"; }
    text.append(by, ` ${event.text}`); node.append(text);
    if (event.back) {
      const back = el("button", "back", words.take_back); back.type = "button";
      back.onclick = () => setTriggerValue("take_back", { event: event.back, at: Date.now() });
      node.append(back);
    }
    node.append(when); return node;
  })));
  box.replaceChildren(...parts);
}
