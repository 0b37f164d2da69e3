// Writing. What is typed stays in this tab (session storage, per person and conversation) until the server says
// it is kept, so neither a rerun, a page switch, F5 nor a refused save loses a word.
const storage = {
  get(key) { try { return window.sessionStorage.getItem(key) ?? ""; } catch { return ""; } },
  set(key, value) { try { if (value) window.sessionStorage.setItem(key, value); else window.sessionStorage.removeItem(key); } catch { /* storage is full or forbidden: the text still stands in the field */ } },
};
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  const me = (box.kb ??= { mode: null, id: null, waiting: null, told: 0, kept: data.kept });
  me.stop?.();
  const area = box.querySelector("textarea"), tabs = box.querySelector(".tabs"), hint = box.querySelector(".hint"), save = box.querySelector(".save");
  const modes = data.modes;
  const keyOf = (mode) => `klankbord:${data.user}:${data.id}:${mode}`;
  const ready = () => { save.disabled = !area.value.trim() && modes[me.mode]?.needs_text !== false; };
  const open = (mode, untouched = false) => {
    me.mode = mode in modes ? mode : Object.keys(modes)[0];
    for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.mode === me.mode));
    const text = storage.get(keyOf(me.mode));
    if (!untouched && area.value !== text) area.value = text;   // setting it anyway would move the caret
    area.placeholder = modes[me.mode].placeholder; area.setAttribute("aria-label", modes[me.mode].label);
    hint.textContent = modes[me.mode].hint;
    save.replaceChildren(modes[me.mode].save, Object.assign(document.createElement("kbd"), { textContent: "Ctrl+Enter" }));
    ready();
  };
  tabs.replaceChildren(...Object.entries(modes).map(([mode, texts]) => {
    const tab = document.createElement("button");
    tab.type = "button"; tab.dataset.mode = mode; tab.setAttribute("role", "tab"); tab.textContent = texts.label;
    tab.onclick = () => { open(mode); area.focus(); };
    return tab;
  }));
  let emptied = false;
  if (data.kept && data.kept !== me.kept && me.waiting?.nonce === data.kept) {
    storage.set(me.waiting.key, "");
    me.waiting = null;
    emptied = true;
  }
  me.kept = data.kept;
  // Text on the screen is only replaced when another conversation is opened, or when it was kept.
  const same = me.id === data.id && !emptied;
  me.id = data.id;
  open(me.mode ?? Object.keys(modes)[0], same);
  const submit = () => {
    if (save.disabled) return;
    const nonce = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    me.waiting = { nonce, key: keyOf(me.mode) };
    setTriggerValue("save", { id: data.id, mode: me.mode, text: area.value, nonce });
  };
  area.oninput = () => {
    storage.set(keyOf(me.mode), area.value); ready();
    if (Date.now() - me.told > 60000) { me.told = Date.now(); setTriggerValue("busy", { id: data.id, at: me.told }); }
  };
  area.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); submit(); }
    else if (event.key === "Escape") area.blur();
  };
  save.onclick = submit;
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key !== "n") return;
    const target = event.composedPath()[0];
    if (["INPUT", "TEXTAREA", "SELECT"].includes(target?.tagName) || target?.isContentEditable || document.querySelector('[role="dialog"]')) return;
    event.preventDefault();
    area.scrollIntoView({ block: "center" }); area.focus();
  };
  document.addEventListener("keydown", keys);
  me.stop = () => document.removeEventListener("keydown", keys);
  return me.stop;
}
