/** The search: what a name means, and a card for each motif, gene and peak that is asked for. */
const REGION = /([^\s:,;]+):(\d[\d,]*)\s*(?:-|\.\.|\u2013)\s*(\d[\d,]*)/g;
const MOST_CARDS = 12;
const folded = (name) => name.replace(/[\s\-_./()]/g, "").toLowerCase();

/** Everything that can be looked up, unpacked once when it is first asked for. */
async function unpacked(told) {
  const all = {...told, n: told.peaks.n};
  const {peaks} = told;
  const word = async (column) => column && {
    words: await unpackedData(column.words), code: await unpackedNumbers(column.code),
  };
  [all.contig, all.start, all.width, all.gene, all.feature, all.distance] = await Promise.all([
    ...[peaks.contig, peaks.start, peaks.width].map((numbers) => numbers && unpackedNumbers(numbers)),
    word(peaks.gene_name), word(peaks.feature), peaks.tss_distance && unpackedNumbers(peaks.tss_distance),
  ]);
  all.contigs = peaks.contigs;
  all.names = peaks.names && await unpackedData(peaks.names); // of peaks whose places are not known
  all.named = new Map(all.names?.map((name, i) => [folded(name), i]));
  all.contrasts = await Promise.all(told.contrasts.map(async (each) => ({
    ...each, fold: await unpackedNumbers(each.fold), padj: await unpackedNumbers(each.padj),
    way: await unpackedNumbers(each.way), factors: each.factors && await unpackedData(each.factors),
  })));
  if (told.counts) {
    all.values = await unpackedNumbers(told.counts.values);
    all.counted = told.counts.n ?? all.n;
    all.rows = told.counts.rows && await unpackedNumbers(told.counts.rows);
  }
  if (told.motifs) {
    all.motifs = await unpackedData(told.motifs);
    all.members = all.motifs.clusters.map(() => []);
    all.motifs.cluster.forEach((cluster, i) => all.members[cluster].push(i));
    all.clusterOf = new Map(all.motifs.clusters.map((name, i) => [name, i]));
    for (const each of all.contrasts) {
      if (each.factors) each.row = new Map(each.factors.cluster.map((name, i) => [all.clusterOf.get(name) ?? -1, i]));
    }
  }
  if (told.sites) {
    const [sizes, steps] = [await unpackedNumbers(told.sites.sizes), await unpackedNumbers(told.sites.steps)];
    let at = 0;
    all.sites = [...sizes].map((size) => {
      const found = new Uint32Array(size);
      let peak = 0;
      for (let k = 0; k < size; k++) found[k] = peak += steps[at++];
      return found;
    });
  }
  all.genes = new Map();
  if (all.gene) {
    all.gene.code.forEach((code, i) => {
      if (!code) return;
      const key = folded(all.gene.words[code - 1]);
      if (!all.genes.has(key)) all.genes.set(key, []);
      all.genes.get(key).push(i);
    });
  }
  return all;
}

const peakName = (all, i) => all.names?.[i] ?? `${all.contigs[all.contig[i]]}:${all.start[i]}-${all.start[i] + all.width[i]}`;
const geneOf = (all, i) => (all.gene && all.gene.code[i] ? all.gene.words[all.gene.code[i] - 1] : "");
const foldOf = (contrast, i) => (contrast.fold[i] === -32768 ? null : contrast.fold[i] / 100);
const padjOf = (contrast, i) => pvalueOf(contrast.padj[i]);
const wayOf = (all, contrast, i) => all.ways[contrast.way[i]];
const shownP = (value) => written(value, {form: "pvalue"});
const shownFold = (value) => written(value, {form: "number", decimals: 2});

/** What was typed, as regions and names, each once and in order. */
function asked(text) {
  const found = [];
  const rest = text.replace(REGION, (whole, contig, first, last, at) => {
    found.push({at, contig, first: Number(first.replaceAll(",", "")), last: Number(last.replaceAll(",", "")), text: whole});
    return " ".repeat(whole.length);
  });
  for (const match of rest.matchAll(/[^\s,;]+/g)) found.push({at: match.index, text: match[0]});
  const seen = new Set();
  return found.sort((a, b) => a.at - b.at).filter(({text: one}) => !seen.has(one) && seen.add(one));
}

/** What one of the names means: clusters of motifs, peaks of a gene, peaks of a region. */
function meant(all, one) {
  const found = {text: one.text, motifs: [], gene: [], region: null};
  if (one.contig !== undefined && all.contig) {
    found.region = [];
    for (let i = 0; i < all.n; i++) {
      if (all.contigs[all.contig[i]].toLowerCase() !== one.contig.toLowerCase()) continue;
      const end = all.start[i] + all.width[i];
      if (all.start[i] === one.first && end === one.last) return {...found, region: [i]};
      if (all.start[i] < one.last && end >= one.first) found.region.push(i);
    }
    return found;
  }
  const key = folded(one.text);
  if (all.motifs) found.motifs = all.motifs.names.own[key] ?? all.motifs.names.alias[key] ?? [];
  found.gene = all.genes.get(key) ?? [];
  if (all.named.has(key)) found.region = [all.named.get(key)];
  return found;
}

/** Names that begin with what was typed, or hold it: factors first. */
function near(all, text, most = 8) {
  const key = folded(text);
  if (!key) return [];
  const names = new Map();
  for (const name of all.motifs?.name ?? []) names.set(folded(name), name);
  for (const name of all.gene?.words ?? []) if (!names.has(folded(name))) names.set(folded(name), name);
  const known = [...names];
  const starts = known.filter(([one]) => one.startsWith(key));
  const holds = known.filter(([one]) => one.includes(key) && !one.startsWith(key));
  return [...starts, ...holds].slice(0, most).map(([, name]) => name);
}

const strongest = (contrast, peaks) => [...peaks].sort((a, b) => {
  const [p, q] = [padjOf(contrast, a) ?? 2, padjOf(contrast, b) ?? 2];
  return p - q || Math.abs(contrast.fold[b]) - Math.abs(contrast.fold[a]);
});

function begin() {
  const stored = document.getElementById("lookup");
  if (!stored) return;
  const box = document.getElementById("find");
  const [input, status, cards] = ["input", "[role=status]", "[data-part=cards]"].map((name) => box.querySelector(name));
  box.hidden = false;
  let waiting = null;
  let current = null; // name of the contrast
  let opened = []; // what the cards show, so that another contrast can show the same
  const everything = () => (waiting ??= unpacked(JSON.parse(stored.textContent)));
  (window.requestIdleCallback ?? setTimeout)(everything);

  async function search(text, {keep = false} = {}) {
    text = text.replace(/^\s*\/+/, ""); // pressed once more, in the box
    const all = await everything();
    if (text.trim() === "") {
      opened = [];
      cards.replaceChildren();
      status.textContent = "";
      return;
    }
    const found = asked(text).map((one) => meant(all, one));
    if (!keep) opened = [];
    const missing = [];
    for (const one of found) {
      const clusters = new Map();
      for (const motif of one.motifs) {
        const cluster = all.motifs.cluster[motif];
        if (!clusters.has(cluster)) clusters.set(cluster, motif);
      }
      for (const [cluster, motif] of clusters) opened.push({kind: "factor", cluster, motif});
      if (one.gene.length) opened.push({kind: "peaks", peaks: one.gene, title: `Regions whose gene is ${geneOf(all, one.gene[0])}`});
      if (one.region?.length === 1) opened.push({kind: "peak", peak: one.region[0]});
      if (one.region?.length > 1) opened.push({kind: "peaks", peaks: one.region, title: `Regions that overlap ${one.text}`});
      if (!one.motifs.length && !one.gene.length && !one.region?.length) missing.push(one);
    }
    const known = new Set();
    const n = opened.length;
    opened = opened.filter((one) => {
      const key = one.kind === "factor" ? `factor ${one.cluster}` : JSON.stringify(one);
      return !known.has(key) && known.add(key);
    });
    const more = opened.length - MOST_CARDS;
    opened = opened.slice(0, MOST_CARDS);
    await show();
    status.replaceChildren();
    if (n) status.append(more > 0 ? `The first ${MOST_CARDS} of ${opened.length + more} found are shown. ` : `${opened.length} found. `);
    for (const one of missing) {
      const others = one.region ? [] : near(all, one.text);
      status.append(one.region ? `No region tested overlaps ${one.text}. ` : `Nothing is called ${one.text}. `);
      if (others.length) {
        status.append("Near names: ", ...others.flatMap((name) => [
          made("button", {type: "button", class: "name", onclick: () => ask(name)}, name), " ",
        ]));
      }
    }
  }

  /** Search for what a button says; where the button goes, what was found has the focus. */
  async function ask(text) {
    input.value = text;
    box.scrollIntoView({block: "start"});
    await search(text);
    if (document.activeElement === document.body) (cards.querySelector("h3") ?? input).focus();
  }

  async function open(one) {
    opened = [one, ...opened.filter((other) => JSON.stringify(other) !== JSON.stringify(one))].slice(0, MOST_CARDS);
    await show();
    cards.firstElementChild?.querySelector("h3").focus();
    box.scrollIntoView({block: "start"});
  }

  async function show() {
    const all = await everything();
    const tools = {
      all, contrast: all.contrasts.find(({name}) => name === current) ?? all.contrasts[0],
      peak: (i) => made("button", {type: "button", class: "name", onclick: () => open({kind: "peak", peak: i})}, peakName(all, i)),
      factor: (cluster, motif) => made("button", {
        type: "button", class: "name", onclick: () => open({kind: "factor", cluster, motif}),
      }, all.motifs.name[motif]),
    };
    const shown = {factor: factorCard, peak: peakCard, peaks: peaksCard};
    cards.replaceChildren(...await Promise.all(opened.map((one) => shown[one.kind](one, tools))));
    await drawLogos(cards);
    furnish(cards);
  }

  let later = 0;
  input.addEventListener("input", () => { clearTimeout(later); later = setTimeout(() => search(input.value), 250); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { clearTimeout(later); search(input.value); }
    if (event.key === "Escape") { input.value = ""; search(""); }
  });
  box.querySelector("[data-part=clear]").addEventListener("click", () => { ask(""); input.focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest?.("input, select, textarea")) return;
    event.preventDefault();
    input.focus();
  });
  document.addEventListener("contrast", (event) => {
    current = event.detail;
    if (opened.length) show();
  });
  for (const button of box.querySelectorAll("[data-ask]")) button.addEventListener("click", () => ask(button.dataset.ask));
}
begin();
