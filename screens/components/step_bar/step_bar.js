// The last step with its undo and the seconds that are left; on a phone also the way back to the list.
const el = (tag, cls, text) => { const node = document.createElement(tag); if (cls) node.className = cls; if (text) node.textContent = text; return node; };
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box"), back = box.querySelector(".back"), toast = box.querySelector(".toast");
  const me = (box.kb ??= {});
  me.stop?.();
  back.textContent = `← ${data.words.back}`;
  back.onclick = () => { if (window.history.state?.kb === "detail") window.history.back(); else delete document.documentElement.dataset.kbPane; };
  const skew = data.now - Date.now();
  const left = () => data.step ? Math.ceil((data.step.until - Date.now() - skew) / 1000) : 0;
  const undo = () => { if (data.step && left() > 0 && me.undone !== data.step.event) { me.undone = data.step.event; setTriggerValue("undo", { event: data.step.event }); } };
  // After something was marked as spam: one more key says what else is noise from now on.
  const offered = data.step && data.more ? data.more.options : [];
  const more = (what) => { if (left() > 0 && me.widened !== data.step.event) { me.widened = data.step.event; setTriggerValue("more", { what }); } };
  let timer = 0;
  if (data.step && left() > 0) {
    const text = el("span", "text", data.step.text), button = el("button", "", data.words.undo), count = el("span", "left", String(left()));
    button.type = "button"; button.append(count); button.onclick = undo;
    const wider = el("span", "more");
    if (offered.length) wider.append(el("span", "lead", data.more.lead), ...offered.map(([key, what, label]) => {
      const choice = el("button", "", label), hint = el("kbd", "", key); choice.type = "button"; choice.prepend(hint); choice.onclick = () => more(what); return choice;
    }));
    toast.replaceChildren(text, button, ...(offered.length ? [wider] : [])); toast.hidden = false; toast.dataset.event = data.step.event;
    timer = window.setInterval(() => { const n = left(); if (n <= 0) { toast.hidden = true; window.clearInterval(timer); } else count.textContent = String(n); }, 250);
  } else toast.hidden = true;
  const keys = (event) => {
    const choice = offered.find(([key]) => key === event.key);
    if ((event.key !== "u" && !choice) || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (["INPUT", "TEXTAREA", "SELECT"].includes(target?.tagName) || target?.isContentEditable) return;
    if (choice && (left() <= 0 || document.querySelector(".kb-tone[open]"))) return;  // there the same keys say the tone
    event.preventDefault();
    if (choice) more(choice[1]); else undo();
  };
  document.addEventListener("keydown", keys);
  me.stop = () => { window.clearInterval(timer); document.removeEventListener("keydown", keys); };
  return me.stop;
}
