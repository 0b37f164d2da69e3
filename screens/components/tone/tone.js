// Hears the buttons of the tone in the thread, and its keys: t opens the tone of the message in focus, 1 2 3 say what it
// is, 0 lets the model judge again. Draws nothing itself.
const typing = (event) => {
  const target = event.composedPath()[0];
  return Boolean(target && (["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) || target.isContentEditable));
};
const KEYS = { 1: "negative", 2: "neutral", 3: "positive", 0: "machine" };
export default function (component) {
  const { parentElement, setTriggerValue } = component;
  const root = parentElement;
  const me = (root.kb ??= {});
  me.stop?.();                                   // Streamlit cleans up at unmount only, not before the next data
  me.send = setTriggerValue;
  const say = (box, tone) => {
    const button = box.querySelector(`[data-kb-tone="${tone}"]`), thread = box.closest(".kb-thread");
    if (!button || !thread) return;
    const same = `${box.dataset.mention} ${tone}`;
    if (me.said === same && performance.now() - me.last < 600) return;               // a doubled click is one
    me.said = same; me.last = performance.now();
    me.send("correct", { mention: Number(box.dataset.mention), tone, conversation: Number(thread.dataset.conversation), at: Date.now() });
  };
  const click = (event) => {
    const button = event.target.closest?.("[data-kb-tone]");
    if (button) say(button.closest(".kb-tone"), button.dataset.kbTone);
  };
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event)) return;
    const newest = document.querySelector(".kb-msg.focus .kb-tone");
    const open = document.activeElement?.closest?.(".kb-tone[open]") ?? (newest?.open ? newest : null);
    if (event.key === "t" && newest) {
      newest.open = !newest.open;
      (newest.open ? newest.querySelector("button") ?? newest.querySelector("summary") : newest.querySelector("summary")).focus();
    } else if (event.key === "Escape" && open?.contains(document.activeElement)) {
      open.open = false; open.querySelector("summary").focus();
    } else if (open && KEYS[event.key]) say(open, KEYS[event.key]);
    else return;
    event.preventDefault();
  };
  document.addEventListener("click", click);
  document.addEventListener("keydown", keys);
  document.documentElement.dataset.kbTone = "heard";
  me.stop = () => {
    document.removeEventListener("click", click);
    document.removeEventListener("keydown", keys);
  };
  return () => { me.stop(); delete document.documentElement.dataset.kbTone; };
}
