// Where a query is written. A layer behind the field shows its parts and, underlined, what is wrong; what is typed goes to
// the server with every pause, and the answer is drawn only when it is about what stands here now.
const el = (tag, cls, text) => { const node = document.createElement(tag); if (cls) node.className = cls; if (text !== undefined && text !== null) node.textContent = text; return node; };
const PAUSE = 250;
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box"), field = box.querySelector("textarea"), layer = box.querySelector(".layer");
  const label = box.querySelector("label"), said = box.querySelector(".said");
  const me = (box.kb ??= { rev: null, timer: 0, sent: null });
  me.data = data;
  label.textContent = data.label;
  field.removeAttribute("aria-label"); // the name until this script is there
  field.readOnly = data.readonly;
  field.setAttribute("aria-invalid", String(Boolean(data.error)));
  const paint = () => {
    const text = field.value, points = Array.from(text), now = me.data;
    const known = now.text === text;
    const marks = known ? [...now.parts.map(([start, end, kind]) => ({ start, end, kind }))] : [];
    const bad = known && now.error ? now.error : null;
    const pieces = [];
    let at = 0;
    const put = (until, kind) => {
      for (const [from, to, wrong] of bad ? [[at, Math.min(until, bad[0]), false], [Math.max(at, bad[0]), Math.min(until, bad[1]), true], [Math.max(at, bad[1]), until, false]] : [[at, until, false]]) {
        if (from < to) pieces.push(el("span", `${kind}${wrong ? " wrong" : ""}`, points.slice(from, to).join("")));
      }
      at = until;
    };
    for (const mark of marks) { if (mark.start < at) continue; put(mark.start, ""); put(mark.end, mark.kind); }
    put(points.length, "");
    if (bad && bad[0] >= points.length) pieces.push(el("span", "wrong end", "\u00a0\u00a0"));
    // A line feed at the end takes no room of its own in a block of text.
    layer.replaceChildren(...pieces, "\u200b");
    field.style.height = "auto";
    field.style.height = `${Math.max(field.scrollHeight, 76)}px`;
  };
  const send = () => {
    window.clearTimeout(me.timer);
    if (me.sent === field.value || field.readOnly) return;
    me.sent = field.value;
    setTriggerValue("typed", { text: field.value, at: Date.now() });
  };
  if (me.rev !== data.rev) { me.rev = data.rev; field.value = data.text; me.sent = data.text; }
  field.oninput = () => { said.classList.add("old"); paint(); window.clearTimeout(me.timer); me.timer = window.setTimeout(send, PAUSE); };
  field.onblur = send;
  field.onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } event.stopPropagation(); };
  field.onscroll = () => { layer.scrollTop = field.scrollTop; };
  paint();
  if (data.text !== field.value) return;
  said.classList.remove("old");
  const lines = [el("span", `mark ${data.tone}`, data.tone === "good" ? "✓" : "!"), el("span", "words", data.said)];
  if (data.hint) lines.push(el("span", "hint", data.hint));
  if (data.mended) {
    const button = el("button", "mend", data.mend);
    button.type = "button";
    button.title = data.mended;
    button.onclick = () => { field.value = data.mended; paint(); send(); field.focus(); };
    lines.push(button);
  }
  said.replaceChildren(...lines);
  said.className = `said ${data.tone}`;
}
