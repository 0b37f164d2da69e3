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
  let timer = 0;
  if (data.step && left() > 0) {
    const text = el("span", "text", data.step.text), button = el("button", "", data.words.undo), count = el("span", "left", String(left()));
    button.type = "button"; button.append(count); button.onclick = undo;
    toast.replaceChildren(text, button); toast.hidden = false; toast.dataset.event = data.step.event;
    timer = window.setInterval(() => { const n = left(); if (n <= 0) { toast.hidden = true; window.clearInterval(timer); } else count.textContent = String(n); }, 250);
  } else toast.hidden = true;
  const keys = (event) => {
    if (event.key !== "u" || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (["INPUT", "TEXTAREA", "SELECT"].includes(target?.tagName) || target?.isContentEditable) return;
    event.preventDefault(); undo();
  };
  document.addEventListener("keydown", keys);
  me.stop = () => { window.clearInterval(timer); document.removeEventListener("keydown", keys); };
  return me.stop;
}
