// The sidebar: views with live counts, who is signed in, language, signing out, keys.
const el = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
// Popovers and dialogs stand beside the app: the document has the app's theme, also after somebody has chosen another one.
const followTheme = (kb) => {
  const app = document.querySelector(".stApp");
  if (!app || kb.app === app) return;
  kb.app = app; kb.theme?.disconnect();
  const follow = () => { document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme; };
  kb.theme = new MutationObserver(follow);
  kb.theme.observe(app, { attributes: true, attributeFilter: ["class", "style"] });
  follow();
};
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  document.documentElement.lang = data.lang;
  const kb = (box.kb ??= {});
  followTheme(kb);
  const close = () => { if (window.matchMedia("(max-width: 640px)").matches) document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(); };
  const drawn = JSON.stringify(data);
  if (kb.drawn === drawn) return;
  kb.drawn = drawn;
  // Somebody is naming a view: what changed meanwhile is drawn when they are done.
  const typed = box.querySelector("form.keep input, form.keep select");
  if (typed && kb.editing) { kb.drawn = null; kb.later = true; return; }
  const focused = parentElement.activeElement?.dataset?.key;
  const parts = [];
  const send = (what, more = {}) => setTriggerValue("manage", { what, at: Date.now(), ...more });
  const press = (cls, text, call, key) => { const node = el("button", cls, text); node.type = "button"; node.onclick = call; if (key) node.dataset.key = key; return node; };
  if (data.work) {
    const next = press("next", "", () => { close(); setTriggerValue("next", { at: Date.now() }); }, "next");
    const icon = el("span", "icon", "bolt"); icon.setAttribute("aria-hidden", "true");
    next.append(icon, el("span", "label", data.words.next), el("kbd", "", "g")); parts.push(next);
  }
  if (data.views.length) {
    const part = el("div"), nav = el("nav"); part.append(el("h2", "", data.words.views), nav); nav.setAttribute("aria-label", data.words.views);
    // What is needed less stands under one button, so that the whole sidebar fits a laptop.
    const less = el("div"), toggle = press("view fold", "", () => { kb.open = less.hidden; unfold(kb.open); }, "more-views");
    const sign = el("span", "icon"); sign.setAttribute("aria-hidden", "true"); toggle.append(sign, el("span", "label", data.words.more)); less.className = "less";
    const unfold = (on) => { less.hidden = !on; toggle.setAttribute("aria-expanded", String(on)); sign.textContent = on ? "expand_less" : "expand_more"; };
    for (const view of data.views) {
      const button = el("button", `view ${view.bad ? "bad" : ""}`); button.type = "button"; button.dataset.key = view.id;
      const icon = el("span", "icon", view.icon); icon.setAttribute("aria-hidden", "true");
      button.append(icon, el("span", "label", view.label), el("span", "n", view.n));
      if (view.current) button.setAttribute("aria-current", "page");
      button.onclick = () => { close(); delete document.documentElement.dataset.kbPane; setTriggerValue("view", { id: view.id, at: Date.now() }); };
      (view.less ? less : nav).append(button);
    }
    if (less.children.length) { unfold(kb.open || data.views.some((one) => one.less && one.current)); nav.append(toggle, less); }
    parts.push(part);
  }
  // One form for naming: of a new view, or of one that is there.
  const form = (name, save, audiences) => {
    const node = el("form", "keep"), input = el("input"), line = el("div", "buttons");
    kb.editing = true;
    const end = () => { kb.editing = false; node.remove(); kb.again?.(); };
    input.value = name; input.placeholder = data.words.name; input.setAttribute("aria-label", data.words.name); input.maxLength = 60; input.required = true;
    node.append(input);
    let select = null;
    if (audiences?.length > 1) {
      select = el("select"); select.setAttribute("aria-label", data.words.whose);
      for (const [value, text] of audiences) { const one = el("option", "", text); one.value = value; select.append(one); }
      node.append(select);
    }
    const ok = el("button", "ok", data.words.save); ok.type = "submit";
    line.append(press("", data.words.cancel, end), ok); node.append(line);
    node.onsubmit = (event) => { event.preventDefault(); const text = input.value.trim(); if (!text) return; kb.editing = false; node.remove(); save(text, select?.value); };
    node.onkeydown = (event) => { event.stopPropagation(); if (event.key === "Escape") end(); };
    window.setTimeout(() => { input.focus(); input.select(); }, 0);
    return node;
  };
  kb.again = () => { kb.drawn = null; };
  if (data.saved) {
    const part = el("div"), nav = el("nav"), keep = press("plus", "+", () => { if (!kb.editing) part.append(form("", (name, audience) => send("create", { name, audience: audience ?? "me" }), data.audiences)); }, "keep");
    keep.title = data.words.keep; keep.setAttribute("aria-label", data.words.keep);
    const title = el("div", "heading"); title.append(el("h2", "", data.words.saved), keep); part.append(title, nav); nav.setAttribute("aria-label", data.words.saved);
    for (const view of data.saved) {
      const line = el("div", "saved"), button = press("view", "", () => { close(); delete document.documentElement.dataset.kbPane; setTriggerValue("saved", { id: view.id, at: Date.now() }); }, `saved-${view.id}`);
      const icon = el("span", "icon", view.icon); icon.setAttribute("aria-hidden", "true");
      button.append(icon, el("span", "label", view.label), el("span", "n", view.n)); button.title = view.label;
      if (view.current) button.setAttribute("aria-current", "page");
      line.append(button);
      if (view.mine) {
        const more = press("dots", "⋯", () => {
          const open = line.querySelector(".tools"); for (const other of nav.querySelectorAll(".tools")) other.remove();
          if (open) return;
          const tools = el("div", "tools"), tool = (name, call) => tools.append(press("", data.words[name], call));
          tool("rename", () => { tools.replaceWith(form(view.label, (name) => send("rename", { id: view.id, name }))); });
          if (view.differs) tool("change", () => send("change", { id: view.id }));
          tool("up", () => send("up", { id: view.id })); tool("down", () => send("down", { id: view.id }));
          tool("delete", () => { tools.replaceChildren(el("span", "", data.words.sure), press("bad", data.words.delete, () => send("delete", { id: view.id })), press("", data.words.cancel, () => tools.remove())); });
          line.append(tools);
        }, `more-${view.id}`);
        more.setAttribute("aria-label", data.words.manage.replace("{name}", view.label)); line.append(more);
      }
      nav.append(line);
    }
    parts.push(part);
  }
  if (data.drafts) {
    const drafts = press("view", "", () => { close(); setTriggerValue("draft", { at: Date.now() }); }, "drafts");
    const icon = el("span", "icon", "edit_note"); icon.setAttribute("aria-hidden", "true"); drafts.append(icon, el("span", "label", data.drafts)); parts.push(drafts);
  }
  if (data.around?.length) {
    const part = el("div", "around"); part.append(el("h2", "", data.words.around));
    const faces = el("div", "faces"); for (const [letters, name] of data.around) { const face = el("span", "face", letters); face.title = name; face.setAttribute("role", "img"); face.setAttribute("aria-label", name); faces.append(face); }
    part.append(faces); parts.push(part);
  }
  const foot = el("div", "foot"), me = press("me", "", () => { close(); setTriggerValue("account", { at: Date.now() }); }, "account"), who = el("span");
  me.title = data.words.account;
  who.append(el("b", "", data.user.name), el("span", "", data.user.role)); me.append(el("span", "face", data.user.letters), who);
  const bar = el("div", "bar"), langs = el("div", "langs"); langs.setAttribute("role", "group"); langs.setAttribute("aria-label", data.words.language);
  for (const [code, label] of data.langs) {
    const button = el("button", "", code.toUpperCase()); button.type = "button"; button.title = label; button.lang = code; button.dataset.key = `lang-${code}`;
    button.setAttribute("aria-pressed", String(code === data.lang)); button.onclick = () => setTriggerValue("language", { code, at: Date.now() }); langs.append(button);
  }
  const leave = el("form"); leave.method = "post"; leave.action = "/logout";
  const out = el("button", "out", data.words.sign_out); out.type = "submit"; out.dataset.key = "out"; leave.append(out);
  bar.append(langs, leave); foot.append(me, bar);
  if (data.words.keys) {
    const help = el("div", "help"), tell = (name) => () => { close(); document.dispatchEvent(new CustomEvent(`klankbord:${name}`)); };
    const palette = press("", "", tell("palette"), "palette"), keys = press("", "", tell("keys"), "keys");
    palette.append(el("kbd", "", "Ctrl K"), data.words.palette); keys.append(el("kbd", "", "?"), data.words.keys); help.append(palette, keys); foot.append(help);
  }
  parts.push(foot);
  box.replaceChildren(...parts);
  if (focused) box.querySelector(`[data-key="${focused}"]`)?.focus();
}
