// What the browser tells the server, each exactly once.
// Streamlit keeps one pending value for each component: what is told while the server is busy replaces what was told
// just before. So everything that was not heard yet is told again with what comes next, each with a number; the server
// skips the numbers it knows, and says with the next drawing how far it has heard. A component may ask what `waits`.
const AGAIN_MS = 5000, MOST_TIMES = 5;
const boxes = new Map();
let latest = 0;
// Also after the page was loaded anew a number is larger than those before.
const number = () => (latest = Math.max(latest + 1, Date.now()));
const open = () => {
  const box = { waiting: [], times: 0, timer: 0, tell: null, soon: false };
  box.rest = () => { window.clearTimeout(box.timer); box.timer = 0; };
  // Lost with a connection, or heard without a drawing: told again, each time later.
  const wait = () => {
    if (box.times < MOST_TIMES) box.timer = window.setTimeout(() => { box.times += 1; post(); }, AGAIN_MS * 2 ** box.times);
  };
  const post = () => {
    box.rest();
    if (!box.waiting.length || !box.tell) return;
    box.tell("told", [...box.waiting]);
    wait();
  };
  box.send = (event, value) => {
    box.times = 0; box.waiting.push({ n: number(), event, value });
    if (box.soon) return;
    box.soon = true;                               // what is told in one go goes in one message
    queueMicrotask(() => { box.soon = false; post(); });
  };
  box.waits = (event) => box.waiting.some((one) => one.event === event);
  box.hear = (upto) => {
    box.waiting = box.waiting.filter((one) => one.n > upto);
    if (!box.waiting.length) box.rest(); else if (!box.timer) wait();
  };
  return box;
};
export const once = (draw) => (component) => {
  const { heard, ...data } = component.data ?? {};
  if (heard === undefined) return draw(component);
  if (!boxes.has(component.name)) boxes.set(component.name, open());
  const box = boxes.get(component.name);
  box.tell = component.setTriggerValue;
  // A step may redraw other parts than its own: each says of all how far they were heard.
  for (const [name, other] of boxes) other.hear(heard[name] ?? 0);
  const leave = draw({ ...component, data, setTriggerValue: box.send, waits: box.waits });
  // While it is not on the page nobody listens; what is waiting is told when it is there again.
  return () => { if (box.tell === component.setTriggerValue) { box.tell = null; box.rest(); } leave?.(); };
};
