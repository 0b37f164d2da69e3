// Tells the list and the head of the open conversation who else is where. Draws nothing itself.
export default function (component) {
  const { data } = component;
  document.dispatchEvent(new CustomEvent("klankbord:around", { detail: { people: data.people } }));
  const line = document.querySelector("#kb-around");
  if (!line) return;
  const shown = document.querySelector(".kb-head")?.dataset.conversation ?? data.here;
  const text = (data.people[shown] ?? []).map((one) => (one.writing ? data.words.writing : data.words.looking).replace("{name}", one.name)).join(" · ");
  if (line.textContent !== text) line.textContent = text;
}
