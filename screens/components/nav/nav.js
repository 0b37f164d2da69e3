// The sidebar: views with live counts, who is signed in, language, signing out, keys.
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  document.documentElement.lang = data.lang;
  const kb = (box.kb ??= {});
  kb.stop?.();
  const close = () => { if (window.matchMedia("(max-width: 640px)").matches) document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(); };
  const keys = (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (["INPUT", "TEXTAREA", "SELECT"].includes(event.composedPath()[0]?.tagName)) return;
    const help = box.querySelector("details");
    if (help) { help.open = !help.open; help.scrollIntoView({ block: "nearest" }); }
  };
  document.addEventListener("keydown", keys);
  kb.stop = () => document.removeEventListener("keydown", keys);
  const drawn = JSON.stringify(data);
  if (kb.drawn === drawn) return kb.stop;
  kb.drawn = drawn;
  const focused = parentElement.activeElement?.dataset?.key, open = box.querySelector("details")?.open ?? false;
  const parts = [];
  if (data.views.length) {
    const part = el("div"), nav = el("nav"); part.append(el("h2", "", data.words.views), nav); nav.setAttribute("aria-label", data.words.views);
    for (const view of data.views) {
      const button = el("button", `view ${view.bad ? "bad" : ""}`); button.type = "button"; button.dataset.key = view.id;
      const icon = el("span", "icon", view.icon); icon.setAttribute("aria-hidden", "true");
      button.append(icon, el("span", "label", view.label), el("span", "n", view.n));
      if (view.current) button.setAttribute("aria-current", "page");
      button.onclick = () => { close(); delete document.documentElement.dataset.kbPane; setTriggerValue("view", { id: view.id, at: Date.now() }); };
      nav.append(button);
    }
    parts.push(part);
  }
  const foot = el("div", "foot"), me = el("div", "me"), who = el("span");
  who.append(el("b", "", data.user.name), el("span", "", data.user.role)); me.append(el("span", "face", data.user.letters), who);
  const bar = el("div", "bar"), langs = el("div", "langs"); langs.setAttribute("role", "group"); langs.setAttribute("aria-label", data.words.language);
  for (const [code, label] of data.langs) {
    const button = el("button", "", code.toUpperCase()); button.type = "button"; button.title = label; button.lang = code; button.dataset.key = `lang-${code}`;
    button.setAttribute("aria-pressed", String(code === data.lang)); button.onclick = () => setTriggerValue("language", { code, at: Date.now() }); langs.append(button);
  }
  const form = el("form"); form.method = "post"; form.action = "/logout";
  const out = el("button", "out", data.words.sign_out); out.type = "submit"; out.dataset.key = "out"; form.append(out);
  bar.append(langs, form); foot.append(me, bar);
  if (data.keys.length) {
    const help = el("details"), list = el("dl"); help.open = open; help.append(el("summary", "", data.words.keys), list);
    for (const [names, text] of data.keys) { const term = el("dt"); for (const name of names) term.append(el("kbd", "", name)); list.append(term, el("dd", "", text)); }
    foot.append(help);
  }
  parts.push(foot);
  box.replaceChildren(...parts);
  if (focused) box.querySelector(`[data-key="${focused}"]`)?.focus();
  return kb.stop;
}
