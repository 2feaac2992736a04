/** Figures: unpacked when they come into sight, and saved or copied by the buttons below each. */
const svgAddress = (text) => `data:image/svg+xml,${encodeURIComponent(text)}`;
const DOTS = 300 / 96; // dots of a saved PNG for each pixel of the figure

async function unpackFigure(image) {
  const stored = image.dataset.packed;
  delete image.dataset.packed;
  image.src = svgAddress(await unpackedText(stored));
  await image.decode().catch(() => {});
}

/** Unpacks what can be seen; of the whole page, what paper shows. */
async function unpackFigures(inside = document) {
  const waiting = [...inside.querySelectorAll("img[data-packed]")].filter((image) => image.checkVisibility());
  await Promise.all(waiting.map(unpackFigure));
}

/** The text of a figure as SVG, whether it is a picture or drawn by the page. */
async function svgOf(figure) {
  const image = figure.querySelector("img");
  if (image) {
    if (image.dataset.packed) await unpackFigure(image);
    return image.src.startsWith("data:image/svg+xml,") ? decodeURIComponent(image.src.slice(19)) : null;
  }
  const copy = figure.querySelector("svg").cloneNode(true);
  const [, , width, height] = copy.getAttribute("viewBox").split(" ");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.setAttribute("font-family", "Arial, Helvetica, sans-serif");
  return new XMLSerializer().serializeToString(copy);
}

function save(address, name) {
  const link = made("a", {href: address, download: name});
  document.body.append(link);
  link.click();
  link.remove();
}

async function savePng(figure, name) {
  const picture = new Image();
  picture.src = svgAddress(await svgOf(figure));
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight].map((size) => Math.round(size * DOTS));
  const place = canvas.getContext("2d");
  place.fillStyle = "#ffffff";
  place.fillRect(0, 0, canvas.width, canvas.height);
  place.drawImage(picture, 0, 0, canvas.width, canvas.height);
  save(canvas.toDataURL("image/png"), `${name}.png`);
}

async function copied(button, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = made("textarea", {"aria-hidden": "true"});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 1500);
}

/** Buttons below each figure that has none yet. */
function furnish(inside = document) {
  for (const figure of inside.querySelectorAll("figure:not([data-furnished])")) {
    figure.dataset.furnished = "";
    const link = figure.querySelector("a")?.getAttribute("href") ?? "";
    const name = (link.split("/").slice(-2).join(".").replace(/\.(svg|png)$/, "") || figure.dataset.name || "figure")
      .replace(/[^\w.-]+/g, "_").slice(0, 60);
    const button = (words, act) => {
      const one = made("button", {type: "button", title: words, onclick: () => act(one)}, words);
      return one;
    };
    const bar = made("p", {class: "save"},
      button("Save SVG", async () => save(svgAddress(await svgOf(figure)), `${name}.svg`)),
      button("Save PNG", () => savePng(figure, name)));
    if (figure.copied) bar.append(button("Copy data", (one) => copied(one, figure.copied.map((row) => row.join("\t")).join("\n"))));
    for (const table of (figure.dataset.table ?? "").split(" ").filter(Boolean)) bar.append(made("a", {href: table}, `Data: ${table.split("/").pop()}`));
    figure.append(bar);
  }
}
furnish();
unpackFigures();
document.addEventListener("toggle", () => unpackFigures(), true);
addEventListener("beforeprint", () => unpackFigures());

/** Paper has the pictures of every contrast, and printing does not wait: they are unpacked while nothing else is done. */
async function unpackPaper() {
  for (const image of document.querySelectorAll("section.panel .paper img[data-packed], section.panel .lead img[data-packed]")) {
    await idle();
    if (image.dataset.packed) await unpackFigure(image);
  }
}
idle().then(unpackPaper);
