// Writing an answer, what was answered by hand, or a note. What is typed goes to the server with every pause and stays
// in this browser (local storage) until the server has said that it is kept: neither a rerun, a page switch, F5, a
// server that restarts nor a store that is locked loses a word. Text of others through textContent only.
const el = (tag, cls, text) => { const node = document.createElement(tag); if (cls) node.className = cls; if (text !== undefined && text !== null) node.textContent = text; return node; };
const local = {
  get(key) { try { return JSON.parse(window.localStorage.getItem(key) ?? "null"); } catch { return null; } },
  put(key, value) { try { window.localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden: the text still stands in the field */ } },
  drop(key) { try { window.localStorage.removeItem(key); } catch { /* as above */ } },
};
const PAUSE = 600, LONGEST_PAUSE = 5000, PATIENCE = 6000, BUSY = 20000, LEAVING = 5000, LONGEST_REST = 60000;
const LINK = /https?:\/\/[^\s<>"'\u00ab\u00bb\u201c\u201d]+/gi;
const TRAILING = /[.,;:!?\u2026*_~]+$/;
const segments = typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
export const measure = (text, unit) => {
  if (unit === "graphemes" && segments) { let n = 0; for (const _ of segments.segment(text)) n += 1; return n; }
  if (unit === "utf16") return text.length;
  if (unit === "bytes") return new TextEncoder().encode(text).length;
  if (unit === "emoji_bytes") { let n = 0; for (const _ of text.replace(EMOJI, (one) => { n += new TextEncoder().encode(one).length; return ""; })) n += 1; return n; }
  let n = 0; for (const _ of text) n += 1; return n;
};
// As `understanding.weighted` counts for X: other scripts and emoji 2, a link 23, the rest 1.
const COUNTRIES = new Set("ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw".split(" "));
const USUAL = new Set("com org net edu gov mil int info biz name pro aero coop museum app dev shop store online site".split(" "));
const BIT = "\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?(?:[\\u{E0020}-\\u{E007E}]+\\u{E007F})?";
const EMOJI = new RegExp(`\\p{Regional_Indicator}{2}|[#*0-9]\\uFE0F?\\u20E3|[\\u00A9\\u00AE]\\uFE0F|(?![\\u00A9\\u00AE])${BIT}(?:\\u200D${BIT})*`, "gu");
const ASCII_HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\\.){1,9}[A-Za-z]{2,24}(?![A-Za-z0-9@_-]|\\.[A-Za-z0-9])";
const ANY_HOST = "(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}_-]{0,61}[\\p{L}\\p{N}\\p{M}])?\\.){1,9}(?:[A-Za-z]{2,24}|[\\p{L}\\p{M}]{2,24})(?![A-Za-z0-9_@-])";
const TAIL = "(?::\\d+)?(?:[/?][A-Za-z0-9!*';:=+,.$/%#\\[\\]\\-_~@|&()?\\u00C0-\\u024F\\u0400-\\u04FF\\u2013]*)?";
const WEB = new RegExp(`(?<![A-Za-z0-9@$#\\uFF20\\uFF03])https?://(?<host>${ASCII_HOST}|${ANY_HOST})(?<tail>${TAIL})|(?<![A-Za-z0-9@$#\\uFF20\\uFF03_./-])(?<bare>${ASCII_HOST})(?![A-Za-z0-9._+-]{0,64}@)(?<rest>${TAIL})`, "giu");
const LIGHT = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]];
const plainly = (text) => {
  let n = 0;
  const rest = text.replace(EMOJI, () => { n += 2; return ""; });
  for (const sign of rest) { const point = sign.codePointAt(0); n += LIGHT.some(([low, high]) => low <= point && point <= high) ? 1 : 2; }
  return n;
};
const beyond = (tail) => {
  const cut = (part) => part.replace(/[.,;:!?'*[\]]+$/, "");
  let kept = cut(tail);
  while (kept.endsWith(")") && kept.split(")").length > kept.split("(").length) kept = cut(kept.slice(0, -1));
  return tail.length - kept.length;
};
// The browser writes a name as the domain name system does: no part of it may be longer than 63 bytes there.
const resolvable = (host) => { try { return new URL(`http://${host}`).hostname.split(".").every((part) => part.length <= 63); } catch { return false; } };
export const weighted = (raw) => {
  const text = raw.replace(/\r\n?/g, "\n").normalize("NFC");
  let n = 0, at = 0;
  for (const found of text.matchAll(WEB)) {
    const { host, tail, bare, rest } = found.groups;
    if (!resolvable(host ?? bare)) continue;
    const url = found[0].slice(0, found[0].length - beyond(tail ?? rest ?? "")), count = plainly(url);
    const ending = (host ?? bare).split(".").at(-1).toLowerCase();
    const sure = host !== undefined || COUNTRIES.has(ending) || USUAL.has(ending);
    n += plainly(text.slice(at, found.index)) + (sure ? 23 : Math.max(23, count));
    at = found.index + url.length;
  }
  return n + plainly(text.slice(at));
};
// As `understanding.links` reads them: without the punctuation of the sentence around.
const bare = (link) => {
  let url = link.replace(TRAILING, "");
  while (url.endsWith(")") && url.split(")").length > url.split("(").length) url = url.slice(0, -1).replace(TRAILING, "");
  return url;
};
const lengthOf = (text, limit) => {
  if (limit.unit === "weighted") return weighted(text);
  if (limit.link === null) return measure(text, limit.unit);
  const links = (text.match(LINK) ?? []).map(bare);
  return measure(text, limit.unit) - links.reduce((sum, one) => sum + measure(one, limit.unit), 0) + limit.link * links.length;
};
// Positions from the server count code points, those of a text field UTF-16 units.
const unitsAt = (text, points) => { let units = 0, n = 0; for (const char of text) { if (n >= points) break; units += char.length; n += 1; } return units; };
const typing = (event) => { const target = event.composedPath()[0]; return ["INPUT", "TEXTAREA", "SELECT"].includes(target?.tagName) || target?.isContentEditable || document.querySelector('[role="dialog"]'); };

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  const me = (box.kb ??= { slots: new Map(), id: null, mode: null, stopped: null, told: 0, picking: false, row: 0 });
  me.stop?.();
  const find = (name) => box.querySelector(name);
  const area = find("textarea"), tabs = find(".tabs"), save = find(".save"), more = find(".more"), menu = find(".menu");
  const words = data.words, modes = data.modes;
  me.data = data; me.send = setTriggerValue;
  const keyOf = (id, mode) => `klankbord:draft:${data.user}:${id}:${mode}`;
  const clock = (at) => new Date(at).toLocaleTimeString(data.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  // One slot per conversation and mode: what stands in the field, and what of it the server has.
  const slotOf = (mode) => {
    const key = keyOf(data.id, mode), server = data.drafts[mode], rev = data.revs[mode] ?? 0;
    let slot = me.slots.get(key);
    if (!slot) {
      let mine = local.get(key);
      // Sent meanwhile, and this field was made anew by a redraw: it must not come back.
      if (mine?.nonce && mine.nonce === data.kept) { local.drop(key); mine = null; }
      const newer = mine && typeof mine.text === "string" && mine.text !== (server?.text ?? "") && (!server || mine.at >= server.at);
      slot = newer
        ? { text: mine.text, version: mine.version ?? null, seen: mine.seen ?? null, template: mine.template ?? null, dirty: true }
        : { text: server?.text ?? "", version: server?.version ?? null, seen: server?.seen ?? null, template: server?.template ?? null, dirty: false };
      Object.assign(slot, { key, id: data.id, mode, rev, savedAt: newer ? null : server?.at ?? null, error: "", timer: 0, wait: 0, since: 0 });
      if (!newer && mine) local.drop(key);
      me.slots.set(key, slot);
      if (slot.dirty) slot.timer = window.setTimeout(() => keep(slot), 0);
    } else if (!slot.dirty && rev > slot.rev) {
      // Typed, sent or thrown away in another browser, tab, or by undo.
      Object.assign(slot, { text: server?.text ?? "", rev, version: server?.version ?? null, template: server?.template ?? null, savedAt: server?.at ?? null });
    }
    return slot;
  };
  const current = () => me.slots.get(keyOf(data.id, me.mode));
  const net = (slot) => local.put(slot.key, { text: slot.text, version: slot.version, seen: slot.seen, template: slot.template, nonce: me.waiting?.slot === slot ? me.waiting.nonce : null, at: Date.now() });
  // A store that is locked holds up this tab at each try: we try less and less often. This browser has the text.
  const slower = () => { me.pause = Math.min(LONGEST_REST, 2 * (me.pause || PATIENCE / 2)); me.rested = Date.now() + me.pause; };
  const keep = (slot) => {
    window.clearTimeout(slot.timer); window.clearTimeout(slot.wait); slot.timer = 0; slot.since = 0;
    if (!slot.dirty || me.waiting?.slot === slot) return;
    // Another page is opening: a word from a field that goes away would leave that page empty. This browser has the text.
    const leaving = (me.leaving ?? 0) + LEAVING - Date.now();
    const rest = Math.max(leaving, (me.rested ?? 0) - Date.now());
    if (rest > 0) { slot.timer = window.setTimeout(() => keep(slot), rest); return; }
    slot.rev += 1;
    me.send("draft", { id: slot.id, mode: slot.mode, text: slot.text, rev: slot.rev, version: slot.version ?? data.version, visibility: slot.seen, template: slot.template });
    // In the same breath as the text: one word to the server instead of two.
    if (slot.text && Date.now() - me.told > BUSY) { me.told = Date.now(); me.send("busy", { id: slot.id, writing: true, at: me.told }); }
    slot.wait = window.setTimeout(() => { slot.error = words.again; slower(); state(); keep(slot); }, PATIENCE);
    state();
  };
  const flush = () => { for (const slot of me.slots.values()) if (slot.dirty && slot.timer) keep(slot); };
  const changed = (slot) => {
    slot.dirty = true; slot.version ??= data.version;
    net(slot);
    slot.since ||= Date.now();
    window.clearTimeout(slot.timer);
    slot.timer = window.setTimeout(() => keep(slot), Math.max(0, Math.min(PAUSE, slot.since + LONGEST_PAUSE - Date.now())));
  };

  const signed = (text) => {
    const bare = text.trimEnd(), sign = `^${data.initials}`;
    if (!data.initials || !me.sign || !bare || bare.toLowerCase().endsWith(sign.toLowerCase())) return text;
    return `${bare} ${sign}`;
  };
  const state = () => {
    const slot = current(), node = find(".state");
    const text = !slot ? "" : slot.error ? slot.error : slot.dirty ? (slot.text.trim() || slot.rev ? words.saving : "") : slot.savedAt && slot.text ? words.saved.replace("{time}", clock(slot.savedAt)) : "";
    if (node.textContent !== text) node.textContent = text;
    node.classList.toggle("bad", Boolean(slot?.error));
    const hint = find(".promise"), told = slot?.text.trim() ? slot.hint ?? "" : "";
    hint.hidden = !told; if (hint.textContent !== told) hint.textContent = told;
    node.dataset.state = !slot ? "" : slot.error ? "error" : slot.dirty ? "saving" : "saved";
  };
  const ready = () => {
    const slot = current(), mode = modes.find((one) => one.id === me.mode), count = find(".count");
    const limit = data.limit, shown = me.mode === "reply" && limit.max !== null;
    let over = false;
    count.hidden = !shown;
    if (shown) {
      const n = lengthOf(signed(area.value), limit); over = n > limit.max;
      count.textContent = `${n.toLocaleString(data.lang)} / ${limit.max.toLocaleString(data.lang)}`;
      count.classList.toggle("bad", over);
      count.title = over ? words.over : words.room;
    }
    const off = (mode.needs_text && !slot.text.trim()) || over || me.waiting?.slot === slot;
    save.disabled = off; more.disabled = off;
  };
  const clearStrip = () => { me.shown = null; const strip = find(".strip"); strip.hidden = true; strip.replaceChildren(); };

  const submit = (follow, confirmed = []) => {
    const slot = current();
    if (save.disabled || !slot) return;
    window.clearTimeout(slot.timer); window.clearTimeout(slot.wait); slot.timer = 0;
    const nonce = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    slot.rev += 1; slot.dirty = true; slot.version ??= data.version;
    me.waiting = { nonce, slot, follow, text: slot.text }; me.late = null;
    net(slot);
    me.send("save", { id: slot.id, mode: slot.mode, text: slot.text, rev: slot.rev, version: slot.version, visibility: slot.seen, template: slot.template, sign: me.sign, follow, confirmed, nonce });
    menu.hidden = true; ready();
    // No word from the server: the button comes back, and the text goes on being kept. The word may still come, late.
    slot.wait = window.setTimeout(() => { if (me.waiting?.nonce === nonce) { me.late = me.waiting; me.waiting = null; slot.error = words.again; state(); ready(); keep(slot); } }, 12000);
  };

  // What the server said since the last time.
  if (data.saved) {
    const slot = me.slots.get(keyOf(data.saved.id, data.saved.mode));
    if (slot && data.saved.stamp !== slot.stamp) {
      slot.stamp = data.saved.stamp;
      window.clearTimeout(slot.wait);
      if (!data.saved.ok) {
        slot.error = data.saved.text;
        if (data.saved.retry) { slower(); keep(slot); }
      } else {
        me.pause = 0; me.rested = 0; slot.error = ""; slot.hint = data.saved.hint ?? "";
        if (data.saved.rev > slot.rev) { slot.rev = data.saved.rev; if (slot.dirty && !slot.timer) slot.timer = window.setTimeout(() => keep(slot), 0); }
        else if (data.saved.rev === slot.rev && data.saved.kept && !slot.timer) { slot.dirty = false; slot.savedAt = data.saved.at; local.drop(slot.key); }
      }
    }
  }
  const asked = me.waiting ?? me.late;
  if (asked && data.kept === asked.nonce) {
    const slot = asked.slot, late = asked === me.late;
    window.clearTimeout(slot.wait);
    me.waiting = null; me.late = null; clearStrip();
    if (!late || slot.text === asked.text) {
      Object.assign(slot, { text: "", dirty: false, error: "", hint: "", version: null, template: null, savedAt: null });
      local.drop(slot.key);
      if (data.id === slot.id && me.mode === slot.mode) area.value = "";
      // While nothing was heard the text was kept as a draft once more: it went out, so the draft goes too.
      if (late) { slot.dirty = true; keep(slot); }
    }
  }
  const stop = data.stop;
  if (stop && stop.nonce !== me.stopped) {
    me.stopped = stop.nonce;
    if (asked?.nonce === stop.nonce) {
      const slot = asked.slot;
      window.clearTimeout(slot.wait); me.waiting = null; me.late = null;
      if (stop.rev) slot.rev = Math.max(slot.rev, stop.rev);
      slot.dirty = !stop.rev; if (!stop.rev) slot.wait = window.setTimeout(() => keep(slot), PATIENCE); if (stop.rev) { slot.savedAt = data.now; slot.error = ""; local.drop(slot.key); }
      if (stop.seen) slot.version = data.version;   // now the writer sees how it stands
      me.shown = { ...stop, key: slot.key, follow: me.last };
    }
  }

  const strip = () => {
    const node = find(".strip"), shown = me.shown;
    if (!shown || shown.key !== current()?.key) { node.hidden = true; return; }
    if (node.dataset.nonce === shown.nonce && !node.hidden) return;
    node.dataset.nonce = shown.nonce; node.className = `strip ${shown.tone}`; node.hidden = false;
    const parts = [el("b", "", shown.title)];
    if (shown.lines.length) {
      const list = el("ul");
      for (const line of shown.lines) {
        const item = el("li"); item.append(el("span", "", line.label));
        if (line.end > line.start) item.append(" ", el("q", "", [...signed(area.value)].slice(line.start, line.end).join("")));
        list.append(item);
      }
      parts.push(list);
    }
    for (const text of shown.texts) { const quote = el("blockquote", "", text); quote.dir = "auto"; parts.push(quote); }
    const foot = el("div", "answers");
    if (shown.confirm) {
      const anyway = el("button", "anyway", words.anyway); anyway.type = "button"; anyway.onclick = () => submit(shown.follow, shown.confirm); foot.append(anyway);
    }
    if (shown.lines.length) {
      const fix = el("button", "fix", words.fix); fix.type = "button";
      fix.onclick = () => { const line = shown.lines.find((one) => one.end > one.start); area.focus(); if (line) area.setSelectionRange(unitsAt(area.value, line.start), unitsAt(area.value, line.end)); };
      foot.append(fix);
    }
    if (shown.link) { const link = el("a", "link", shown.link.text); link.href = shown.link.url; link.target = "_blank"; link.rel = "noopener noreferrer nofollow"; foot.append(link); }
    if (foot.children.length) parts.push(foot);
    node.replaceChildren(...parts);
    (node.querySelector(".fix") ?? area).focus({ preventScroll: true }); node.scrollIntoView({ block: "nearest" });
  };

  // What else the big button can do, in this tab.
  const drawMenu = (chosen) => {
    more.setAttribute("aria-label", chosen.id === "note" ? words.more_note : words.more);
    const drawn = JSON.stringify(chosen.follow ?? []);
    if (menu.drawn === drawn) return;
    menu.drawn = drawn;
    menu.replaceChildren(...(chosen.follow ?? []).map(([follow, label]) => {
      const item = el("button", "", label); item.type = "button"; item.setAttribute("role", "menuitem");
      item.onclick = () => { me.last = follow; me.submit(follow); };
      return item;
    }));
  };
  me.submit = submit;

  // Naming a colleague in a note: what stands between the last @ and the caret is looked for in their names.
  const names = find(".names");
  const closeNames = () => { me.naming = null; names.hidden = true; area.removeAttribute("aria-activedescendant"); };
  const nameAt = () => {
    const upto = area.value.slice(0, area.selectionStart), at = upto.lastIndexOf("@"), typed = upto.slice(at + 1);
    if (at < 0 || area.selectionStart !== area.selectionEnd || typed.length > 40 || /\n/.test(typed) || (at > 0 && /[\p{L}\p{N}._+-]/u.test(upto[at - 1]))) return null;
    const wanted = typed.toLowerCase();
    const found = data.people.filter((one) => one.insert.toLowerCase().startsWith(wanted) || one.name.toLowerCase().split(/\s+/).some((_, n, all) => all.slice(n).join(" ").startsWith(wanted)));
    return found.length && !found.some((one) => one.insert.toLowerCase() === wanted && found.length === 1) ? { at, found: found.slice(0, 6), row: 0 } : null;
  };
  const nameIt = (one) => {
    const slot = current(), { at } = me.naming;
    area.setRangeText(`@${one.insert} `, at, area.selectionStart, "end");
    slot.text = area.value; closeNames(); area.focus(); changed(slot); ready(); state();
  };
  const drawNames = () => {
    const shown = me.naming;
    if (!shown) { closeNames(); return; }
    names.hidden = false; names.setAttribute("aria-label", words.people);
    names.replaceChildren(...shown.found.map((one, n) => {
      const row = el("div", "row"); row.id = `n${n}`; row.setAttribute("role", "option"); row.setAttribute("aria-selected", String(n === shown.row));
      row.append(el("b", "", one.name), el("span", "fact", `@${one.insert}`)); if (one.away) row.append(el("span", "fact", one.away));
      row.onmousedown = (event) => { event.preventDefault(); nameIt(one); };
      return row;
    }));
    area.setAttribute("aria-activedescendant", `n${shown.row}`);
  };
  const lookForNames = () => { me.naming = me.mode === "note" ? nameAt() : null; drawNames(); };
  const namesKey = (event) => {
    const shown = me.naming;
    if (!shown || event.ctrlKey || event.metaKey) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) { shown.row = (shown.row + step + shown.found.length) % shown.found.length; drawNames(); }
    else if (event.key === "Enter" || event.key === "Tab") nameIt(shown.found[shown.row]);
    else if (event.key === "Escape") closeNames();
    else return false;
    event.preventDefault(); event.stopPropagation();
    return true;
  };

  const open = (mode) => {
    me.mode = modes.some((one) => one.id === mode) ? mode : modes[0].id;
    const chosen = modes.find((one) => one.id === me.mode), slot = slotOf(me.mode);
    for (const tab of tabs.children) { const on = tab.dataset.mode === me.mode; tab.setAttribute("aria-selected", String(on)); tab.tabIndex = on ? 0 : -1; }
    if (area.value !== slot.text) area.value = slot.text;   // setting it anyway would move the caret
    if (slot.text) box.classList.add("open");
    area.placeholder = chosen.placeholder; area.setAttribute("aria-label", chosen.label);
    find(".hint").textContent = chosen.hint;
    save.replaceChildren(chosen.save, el("kbd", "", "Ctrl+Enter"));
    more.hidden = !(chosen.follow?.length > 1); save.classList.toggle("split", !more.hidden); drawMenu(chosen);
    if (me.mode === "note") drawNames(); else closeNames();
    const why = find(".why"); why.hidden = me.mode !== "hand" || !(data.hand.why || data.hand.url); why.replaceChildren();
    if (!why.hidden) {
      if (data.hand.why) why.append(el("span", "", data.hand.why));
      if (data.hand.url) { const link = el("a", "link", data.hand.open); link.href = data.hand.url; link.target = "_blank"; link.rel = "noopener noreferrer nofollow"; why.append(link); }
    }
    const notice = find(".approval"), notices = [data.approval, data.until].filter(Boolean);
    notice.hidden = me.mode !== "reply" || !notices.length; notice.textContent = notices.join(" ");
    find(".templates").hidden = me.mode === "note" || !data.templating;
    const sign = find(".sign"), seen = find(".seen");
    sign.hidden = me.mode !== "reply" || !data.initials;
    seen.hidden = me.mode !== "reply" || !data.seen || data.seen.options.length < 2;
    if (!seen.hidden) {
      const pick = seen.querySelector("select"), drawn = JSON.stringify(data.seen.options);
      if (pick.drawn !== drawn) { pick.drawn = drawn; pick.replaceChildren(...data.seen.options.map(([value, label]) => Object.assign(el("option", "", label), { value }))); }
      pick.value = slot.seen ?? data.seen.value; pick.setAttribute("aria-label", words.seen);
      if (!pick.value) pick.value = data.seen.value;
      pick.onchange = () => { slot.seen = pick.value; clearStrip(); changed(slot); };
    }
    if (me.mode === "note") closePicker();
    state(); ready(); strip();
  };

  // Templates
  const picker = find(".picker"), query = picker.querySelector("input"), rows = picker.querySelector(".rows");
  const closePicker = () => { me.picking = false; picker.hidden = true; find(".templates").setAttribute("aria-expanded", "false"); };
  const ask = () => me.send("find", { id: data.id, query: query.value, at: Date.now() });
  const openPicker = () => { me.picking = true; me.row = 0; query.value = ""; picker.hidden = false; find(".templates").setAttribute("aria-expanded", "true"); ask(); query.focus(); };
  const insert = (template) => {
    const slot = current(), whole = !area.value.trim(), from = whole ? 0 : area.selectionStart, to = whole ? area.value.length : area.selectionEnd;
    area.focus();
    area.setRangeText(template.text, from, to, "end");
    const gap = template.gaps.length ? area.value.indexOf(`{${template.gaps[0]}}`, from) : -1;
    if (gap >= 0) area.setSelectionRange(gap, gap + template.gaps[0].length + 2);
    slot.text = area.value; slot.template = template.id; clearStrip(); changed(slot); ready(); state(); closePicker();
  };
  const drawPicker = () => {
    if (!me.picking) return;
    const found = data.templates?.id === data.id ? data.templates : null;
    if (!found) { rows.replaceChildren(el("div", "none", words.loading)); return; }
    me.row = Math.min(me.row, Math.max(0, found.rows.length - 1));
    rows.replaceChildren(...found.rows.map((template, at) => {
      const row = el("div", "row"); row.id = `t${template.id}`; row.setAttribute("role", "option"); row.setAttribute("aria-selected", String(at === me.row));
      const head = el("div"); head.append(el("b", "", template.name)); for (const part of template.facts) head.append(el("span", "fact", part));
      row.append(head, el("div", "text", template.text));
      row.onmousedown = (event) => { event.preventDefault(); insert(template); };
      return row;
    }));
    if (!found.rows.length) rows.append(el("div", "none", words.none));
    query.setAttribute("aria-activedescendant", found.rows[me.row] ? `t${found.rows[me.row].id}` : "");
    rows.children[me.row]?.scrollIntoView({ block: "nearest" });
  };
  query.placeholder = words.search; query.setAttribute("aria-label", words.search); rows.setAttribute("aria-label", words.templates);
  query.oninput = () => { me.row = 0; window.clearTimeout(me.asking); me.asking = window.setTimeout(ask, 150); };
  query.onkeydown = (event) => {
    const found = data.templates?.rows ?? [];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { me.row = Math.max(0, Math.min(found.length - 1, me.row + (event.key === "ArrowDown" ? 1 : -1))); drawPicker(); }
    else if (event.key === "Enter") { if (found[me.row]) insert(found[me.row]); }
    else if (event.key === "Escape") { closePicker(); area.focus(); }
    else return;
    event.preventDefault(); event.stopPropagation();
  };
  query.onblur = () => window.setTimeout(() => { if (me.picking && picker.getRootNode().activeElement !== query) closePicker(); }, 150);
  find(".templates").textContent = words.templates;
  find(".templates").onclick = () => (me.picking ? closePicker() : openPicker());
  find(".templates").onmousedown = (event) => event.preventDefault();

  // Tabs, buttons, menu
  const drawn = JSON.stringify(modes.map((one) => [one.id, one.tab]));
  if (tabs.drawn !== drawn) {
    tabs.drawn = drawn;
    tabs.replaceChildren(...modes.map((one) => {
      const tab = el("button", "", one.tab); tab.type = "button"; tab.dataset.mode = one.id; tab.setAttribute("role", "tab");
      tab.onclick = () => { me.open(one.id); area.focus(); };
      tab.onkeydown = (event) => {
        const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
        if (!step) return;
        const next = tabs.children[([...tabs.children].indexOf(tab) + step + tabs.children.length) % tabs.children.length];
        next.click(); next.focus(); event.preventDefault();
      };
      return tab;
    }));
  }
  me.open = open;
  const choice = find(".sign input");
  if (me.sign === undefined) me.sign = local.get("klankbord:sign") ?? true;
  choice.checked = me.sign; find(".sign span").textContent = data.initials ? `^${data.initials}` : ""; find(".sign").title = words.sign;
  choice.setAttribute("aria-label", words.sign);
  choice.onchange = () => { me.sign = choice.checked; local.put("klankbord:sign", me.sign); clearStrip(); ready(); };
  const others = find(".others"); others.textContent = data.others; others.hidden = !data.others;
  more.textContent = "▾";
  const first = () => { me.last = modes.find((one) => one.id === me.mode)?.follow?.[0]?.[0] ?? "stay"; submit(me.last); };
  save.onclick = first;
  more.onclick = () => { menu.hidden = !menu.hidden; more.setAttribute("aria-expanded", String(!menu.hidden)); if (!menu.hidden) menu.querySelector("button")?.focus(); };
  menu.onkeydown = (event) => {
    const items = [...menu.children], at = items.indexOf(menu.getRootNode().activeElement);
    if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
    else if (event.key === "Escape") { menu.hidden = true; more.focus(); }
    else return;
    event.preventDefault(); event.stopPropagation();
  };
  // Browsers know these two as events, not as properties; the nodes stay, so once is enough.
  if (!me.listens) {
    me.listens = true;
    box.addEventListener("focusin", () => box.classList.add("open"));
    menu.addEventListener("focusout", (event) => { if (!menu.contains(event.relatedTarget) && event.relatedTarget !== more) { menu.hidden = true; more.setAttribute("aria-expanded", "false"); } });
  }

  area.oninput = () => { const slot = current(); slot.text = area.value; if (!slot.text) { slot.template = null; } if (me.shown) clearStrip(); changed(slot); ready(); state(); lookForNames(); };
  area.onblur = closeNames;
  area.onkeydown = (event) => {
    if (namesKey(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); first(); }
    else if (event.key === "/" && !area.value && me.mode !== "note" && data.templating) { event.preventDefault(); openPicker(); }
    else if (event.key === "Escape") area.blur();
  };

  if (me.id !== data.id) {
    const early = me.id === null ? area.value : "";   // typed after the field was drawn and before this code listened
    flush(); clearStrip(); closePicker(); closeNames(); me.id = data.id; me.told = 0; box.classList.toggle("open", box.contains(box.getRootNode().activeElement));
    for (const one of modes) slotOf(one.id);
    const begun = modes.find((one) => slotOf(one.id).text) ?? modes[0];
    open(begun.id);
    if (early) { area.value += early; area.oninput(); }
  } else { for (const one of modes) slotOf(one.id); open(me.mode); }
  drawPicker();
  box.dataset.conversation = data.id; box.dataset.version = data.version;

  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !["n", "w"].includes(event.key) || typing(event)) return;
    const wanted = event.key === "n" ? "note" : modes[0].id;
    if (!modes.some((one) => one.id === wanted)) return;
    event.preventDefault();
    open(wanted); area.scrollIntoView({ block: "center" }); area.focus();
  };
  const hidden = () => { if (document.visibilityState === "hidden") flush(); };
  const leave = (event) => { if (event.type === "popstate" || event.composedPath().some((node) => node.tagName === "A" && node.href && node.target !== "_blank")) me.leaving = Date.now(); };
  document.addEventListener("click", leave, true);
  window.addEventListener("popstate", leave);
  document.addEventListener("keydown", keys);
  document.addEventListener("visibilitychange", hidden);
  window.addEventListener("pagehide", flush);
  // Gone from the page: no word to the server any more, it could hold up the page that opens. The text stands in this
  // browser and is kept when the field is back. Drawn again: what waited goes on waiting.
  const quiet = () => { for (const slot of me.slots.values()) { window.clearTimeout(slot.timer); window.clearTimeout(slot.wait); slot.timer = 0; } };
  for (const slot of me.slots.values()) if (slot.dirty && !slot.timer && me.quiet && me.waiting?.slot !== slot) slot.timer = window.setTimeout(() => keep(slot), PAUSE);
  me.quiet = false;
  me.stop = () => { document.removeEventListener("click", leave, true); window.removeEventListener("popstate", leave); document.removeEventListener("keydown", keys); document.removeEventListener("visibilitychange", hidden); window.removeEventListener("pagehide", flush); };
  return () => { me.stop(); me.quiet = true; quiet(); };
}
