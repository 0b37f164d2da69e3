// Answers of ours on their way, waiting, in trouble: what state they are in and what can be done. Text through textContent.
const el = (tag, cls, text) => { const node = document.createElement(tag); if (cls) node.className = cls; if (text !== undefined && text !== null) node.textContent = text; return node; };
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  const me = (box.kb ??= { drawn: "", asking: null, editing: null, stopped: null });
  window.clearInterval(me.timer);
  me.send = (what, id, more = {}) => setTriggerValue("act", { what, id, conversation: (data.rows.find((row) => row.id === id) ?? {}).conversation ?? data.id, at: Date.now(), ...more });
  const words = data.words, skew = data.now - Date.now();
  const left = (row) => (row.until ? Math.ceil((row.until - Date.now() - skew) / 1000) : 0);
  const drawn = JSON.stringify([data.id, data.rows, data.acts, data.looked, data.stop, words]);
  // An approver's own words: refused ones come back with the reason, those that went out are done with.
  if (data.stop && data.stop.nonce !== me.stopped && data.stop.id === me.editing?.id) { me.stopped = data.stop.nonce; me.editing.stop = data.stop; me.editing.sent = false; }
  if (me.editing && !data.rows.some((row) => row.id === me.editing.id && row.state === "approval")) me.editing = null;
  if (me.drawn !== drawn) {
    me.drawn = drawn;
    const typed = box.querySelector(".reason input")?.value ?? "";
    const strip = (stop, send) => {
      const node = el("div", `strip ${stop.tone}`); node.setAttribute("role", "alert"); node.append(el("b", "", stop.title));
      if (stop.lines.length) {
        const list = el("ul");
        for (const line of stop.lines) { const item = el("li"); item.append(el("span", "", line.label)); if (line.end > line.start) item.append(" ", el("q", "", [...stop.text].slice(line.start, line.end).join(""))); list.append(item); }
        node.append(list);
      }
      if (stop.confirm) { const anyway = el("button", "anyway", words.anyway); anyway.type = "button"; anyway.onclick = () => send(stop.confirm); node.append(anyway); }
      return node;
    };
    const editor = (row) => {
      const form = el("form", "edit"), area = el("textarea"), foot = el("div", "foot"), go = el("button", "primary", words.approve_this), no = el("button", "", words.keep);
      const mine = me.editing;
      area.value = mine.text; area.setAttribute("aria-label", words.edited); area.dir = "auto"; area.rows = Math.min(12, Math.max(3, mine.text.split("\n").length + 1));
      go.type = "submit"; no.type = "button"; go.disabled = mine.sent || !mine.text.trim();
      const send = (confirmed) => { mine.sent = true; mine.nonce = `${Date.now()}`; go.disabled = true; me.send("approve", row.id, { text: mine.text, confirmed, nonce: mine.nonce }); };
      area.oninput = () => { mine.text = area.value; mine.sent = false; go.disabled = !area.value.trim(); if (mine.stop) { mine.stop = null; form.querySelector(".strip")?.remove(); } };
      area.onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); form.requestSubmit(); } };
      no.onclick = () => { me.editing = null; me.drawn = ""; draw(); };
      form.onsubmit = (event) => { event.preventDefault(); if (!go.disabled) send([]); };
      foot.append(go, no); form.append(area);
      if (mine.stop) form.append(strip(mine.stop, send));
      form.append(foot);
      const from = mine.caret ?? [mine.text.length, mine.text.length];
      area.onblur = () => { mine.caret = [area.selectionStart, area.selectionEnd]; };
      window.setTimeout(() => { area.focus({ preventScroll: true }); area.setSelectionRange(...from); }, 0);
      return form;
    };
    const bubble = (row) => {
      const node = el("article", `bubble ${row.tone} ${row.group ? "listed" : ""}`); node.dataset.outbox = row.id; node.dataset.state = row.state;
      if (row.group) {
        const about = el("div", "about"), link = el("a", "go", row.go); link.href = `/?c=${row.conversation}`; link.target = "_self";
        const who = el("div", "who"); who.append(el("b", "", row.to), el("span", "soft", row.source)); about.append(who, link);
        node.append(about);
        if (row.question) { const quote = el("blockquote", "", row.question); quote.dir = "auto"; node.append(quote); }
      }
      const head = el("div", "head"); head.append(el("span", "label", row.label));
      if (row.facts) head.append(el("span", "soft", row.facts));
      node.append(head);
      const editing = me.editing?.id === row.id;
      if (editing) node.append(editor(row));
      if (row.text && !editing) { const text = el("div", "text", row.text); text.dir = "auto"; node.append(text); }
      if (row.trouble) node.append(el("div", "trouble", row.trouble));
      const foot = el("div", "foot");
      for (const [what, label, kind] of editing ? [] : row.buttons) {
        const button = el("button", kind, label); button.type = "button"; button.dataset.what = what;
        button.onclick = () => {
          if (what === "copy") { navigator.clipboard?.writeText(row.text).then(() => { button.textContent = words.copied; }, () => {}); return; }
          if (what === "edit") { me.editing = { id: row.id, text: row.text ?? "", stop: null, sent: false }; me.asking = null; me.drawn = ""; draw(); return; }
          if (what === "reject") { me.asking = row.id; me.drawn = ""; draw(); return; }
          for (const one of foot.querySelectorAll("button")) one.disabled = true;
          me.send(what, row.id);
        };
        foot.append(button);
      }
      if (row.url) { const link = el("a", "", words.open); link.href = row.url; link.target = "_blank"; link.rel = "noopener noreferrer nofollow"; foot.append(link); }
      if (foot.children.length) node.append(foot);
      if (me.asking === row.id && row.buttons.some(([what]) => what === "reject")) {
        const form = el("form", "reason"), field = el("input"), go = el("button", "primary", words.reject), no = el("button", "", words.keep);
        field.placeholder = words.reason; field.setAttribute("aria-label", words.reason); field.maxLength = 500; field.value = typed; field.required = true;
        go.type = "submit"; no.type = "button"; no.onclick = () => { me.asking = null; me.drawn = ""; draw(); };
        form.onsubmit = (event) => { event.preventDefault(); if (field.value.trim()) { me.asking = null; me.send("reject", row.id, { reason: field.value }); } };
        form.append(field, go, no); node.append(form);
        window.setTimeout(() => field.focus(), 0);
      }
      return node;
    };
    const draw = () => {
      const parts = data.rows.map(bubble), opened = me.id === data.id && (box.querySelector("details")?.open ?? false);
      me.id = data.id; box.classList.toggle("alone", !data.rows.length);
      if (data.acts.length) {
        const acts = el("details", "acts"), summary = el("summary", "", "\u22ef");
        summary.setAttribute("aria-label", words.acts); summary.title = words.acts;
        const list = el("div", "list"); acts.append(summary, list); acts.open = opened;
        for (const [what, id, label, sure] of data.acts) {
          const button = el("button", "", label); button.type = "button"; button.dataset.what = what;
          button.onclick = () => {
            // What cannot be taken back asks once more, in the button itself.
            if (sure && button.textContent !== sure) { button.textContent = sure; button.classList.add("danger"); return; }
            button.disabled = true; me.send(what, id);
          };
          button.onblur = () => { if (sure) { button.textContent = label; button.classList.remove("danger"); } };
          list.append(button);
        }
        parts.push(acts);
        if (data.looked) { const looked = el("span", "soft", data.looked); looked.setAttribute("role", "status"); parts.push(looked); }
      }
      box.replaceChildren(...parts);
    };
    draw();
  }
  const tick = () => {
    for (const row of data.rows) {
      const node = box.querySelector(`[data-outbox="${row.id}"] .label`);
      if (!node || !row.until) continue;
      const n = left(row), text = n > 0 ? words.in.replace("{n}", String(n)) : row.label;
      if (node.textContent !== text) node.textContent = text;
    }
  };
  tick();
  if (data.rows.some((row) => left(row) > 0)) me.timer = window.setInterval(tick, 250);
  return () => window.clearInterval(me.timer);
}
