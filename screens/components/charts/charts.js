// Hears the buttons that save a chart as a picture: SVG as it is drawn, PNG twice as large. Draws nothing itself.
const SHARP = 2;
const picture = (drawn) => {
  const box = drawn.getBoundingClientRect(), copy = drawn.cloneNode(true);
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%"); ground.setAttribute("height", "100%");
  ground.setAttribute("fill", getComputedStyle(document.querySelector(".stApp")).backgroundColor);
  copy.insertBefore(ground, copy.firstChild);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", box.width); copy.setAttribute("height", box.height);
  return { text: new XMLSerializer().serializeToString(copy), width: box.width, height: box.height };
};
const save = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob); link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};
const png = ({ text, width, height }, name) => {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = width * SHARP; canvas.height = height * SHARP;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, name));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
};
export default function (component) {
  const me = (component.parentElement.kb ??= {});
  me.stop?.();                                   // Streamlit cleans up at unmount only, not before the next data
  const click = (event) => {
    const button = event.target.closest?.("[data-kb-save]");
    if (!button) return;
    const drawn = document.querySelector(`.st-key-${CSS.escape(button.dataset.kbChart)} .vega-embed svg`);
    if (!drawn) return;
    const name = `${button.dataset.kbName}.${button.dataset.kbSave}`, made = picture(drawn);
    if (button.dataset.kbSave === "png") png(made, name);
    else save(new Blob([made.text], { type: "image/svg+xml" }), name);
  };
  document.addEventListener("click", click);
  document.documentElement.dataset.kbSaves = "1";  // the buttons show themselves where somebody hears them
  me.stop = () => document.removeEventListener("click", click);
  return me.stop;
}
