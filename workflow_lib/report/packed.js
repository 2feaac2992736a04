/** What the page carries in short, unpacked by the browser's own means: nothing is asked for. */
async function inflated(text) {
  const stored = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([stored]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const unpackedText = async (text) => new TextDecoder().decode(await inflated(text));
const unpackedData = async (text) => JSON.parse(await unpackedText(text));

/** Whole numbers whose low bytes all come first. */
async function unpackedNumbers({form, data}) {
  const kind = {u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i1: Int8Array, i2: Int16Array, i4: Int32Array}[form];
  const planes = await inflated(data);
  const size = kind.BYTES_PER_ELEMENT;
  const n = planes.length / size;
  const mixed = new Uint8Array(planes.length);
  for (let k = 0; k < size; k++) for (let i = 0; i < n; i++) mixed[i * size + k] = planes[k * n + i];
  return new kind(mixed.buffer);
}

/** The p-value of a code: 0, three digits from 0.001 on, two below. */
function pvalueOf(code) {
  if (code === 65535) return null;
  if (code === 0) return 0;
  if (code < 4000) return Number(`${(code - 1) % 900 + 100}e${Math.floor((code - 1) / 900) - 5}`);
  return Number(`${(code - 4000) % 90 + 10}e${-Math.floor((code - 4000) / 90) - 4}`);
}

/** An element with its attributes and what stands in it: text is never read as markup. */
function made(name, attributes = {}, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...inside.filter((part) => part !== null && part !== undefined));
  return element;
}

function drawn(name, attributes = {}, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
}

/** Sequence logos, drawn from the heights of their letters. */
const LETTERS = {
  A: "M0 100L38 0H62L100 100H78L70 78H30L22 100ZM36 60H64L50 20Z",
  C: "M100 30C95 10 75 0 52 0C20 0 0 20 0 50C0 80 20 100 52 100C75 100 95 90 100 68L78 64C75 76 66 82 52 82C33 82 22 70 22 50C22 30 33 18 52 18C65 18 74 24 78 35Z",
  G: "M100 30C94 10 76 0 53 0C20 0 0 20 0 50C0 80 20 100 53 100C72 100 90 93 100 82V45H54V62H79V73C73 79 64 82 54 82C34 82 22 70 22 50C22 30 34 18 53 18C66 18 75 24 78 35Z",
  T: "M0 0H100V18H60V100H40V18H0Z",
};
const LOGOS = (async () => {
  const stored = document.getElementById("logos");
  if (!stored) return null;
  const told = JSON.parse(stored.textContent);
  const [names, lengths, heights] = await Promise.all([
    unpackedData(told.motifs), unpackedNumbers(told.lengths), unpackedNumbers(told.heights),
  ]);
  const begins = new Map();
  let at = 0;
  names.forEach((name, i) => { begins.set(name, [at, lengths[i]]); at += 4 * lengths[i]; });
  return {begins, heights, bits: told.bits, colours: told.colours};
})();

/** The logo of a motif, 0 to 2 bits; null where the page does not have it. */
async function logo(motif, height = 36) {
  const told = await LOGOS;
  if (!told?.begins.has(motif)) return null;
  const [begin, length] = told.begins.get(motif);
  const picture = drawn("svg", {
    viewBox: `0 0 ${20 * length} 100`, height, width: height * length / 4, preserveAspectRatio: "none", "aria-hidden": "true",
  });
  for (let i = 0; i < length; i++) {
    let level = 100;
    const letters = ["A", "C", "G", "T"].map((base, k) => [told.heights[begin + 4 * i + k], base]);
    for (const [bits, base] of letters.sort((a, b) => a[0] - b[0])) {
      const size = 50 * bits / told.bits;
      if (size < 0.5) continue;
      level -= size;
      picture.append(drawn("path", {
        d: LETTERS[base], fill: told.colours[base], "fill-rule": "evenodd",
        transform: `translate(${20 * i + 0.5} ${level.toFixed(1)}) scale(.19 ${(size / 100).toFixed(4)})`,
      }));
    }
  }
  return picture;
}

/** Draws those that can be seen; for paper all of them. */
async function drawLogos(inside = document, {all = false} = {}) {
  await LOGOS;
  for (const place of inside.querySelectorAll("[data-logo]:empty")) {
    if (!all && !place.parentElement.checkVisibility()) continue;
    const picture = await logo(place.dataset.logo);
    if (picture && !place.firstChild) place.append(picture);
  }
}
addEventListener("beforeprint", () => drawLogos(document, {all: true}));
