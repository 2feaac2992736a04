/** Cards: all that the run says of one factor, or of one peak. */
const LINES = [
  ["up", "up_odds_ratio", "up_padj", "odds ratio"],
  ["down", "down_odds_ratio", "down_padj", "odds ratio"],
  ["activity by sample", "activity", "activity_padj", "difference"],
  ["chromVAR", "chromvar_delta", "chromvar_padj", "difference"],
  ["footprint depth", "delta_depth", "depth_padj", "difference"],
  ["flanks of its sites", "delta_flank", "flank_padj", "difference, log\u2082"],
];
const SIGN = {up: "\u25b2 up", down: "\u25bc down", changed: "\u25cf changed", none: "no change", untested: "not tested"};
/** What a line of evidence is called: that of one direction by what its regions did. */
const lineOf = (contrast, name) => (contrast.sides[name] ? `in regions ${contrast.sides[name]}` : name);
const LISTED_PEAKS = 12;

function card(title, ...parts) {
  return made("article", {class: "found"}, made("h3", {tabindex: "-1"}, title), ...parts);
}

/** Words with numbers in which a minus is one, and nothing is less than nothing. */
const signed = (words) => String(words).replace(/ -(?=\d)/g, " \u2212").replace(/\u2212(0\.0+\b)/g, "$1");

/** A table of cells: text, elements, or {text, class}. */
function grid(headings, rows, caption) {
  const cell = (value, name) => {
    const plain = value === null || value === undefined || typeof value === "string" || value instanceof Node;
    const given = plain ? {text: value ?? ""} : value;
    return made(name, {class: given.class, scope: name === "th" ? "col" : null}, given.text);
  };
  return made("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
    made("table", {class: "small"}, made("caption", {}, caption),
      made("thead", {}, made("tr", {}, ...headings.map((one) => cell(one, "th")))),
      made("tbody", {}, ...rows.map((row) => made("tr", {}, ...row.map((one) => cell(one, "td")))))));
}

/** Scale of an axis with few round ticks. */
function scaleOf(low, high, from, to, n = 4) {
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / n));
  const step = [1, 2, 5, 10].map((k) => k * power).find((one) => span / one <= n) ?? power * 10;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * span; k++) ticks.push(Number((k * step).toPrecision(6)));
  return {at: (value) => from + (to - from) * (value - low) / span, ticks};
}

/** A small chart: axes, labels and what `put` draws. */
function chart({width = 340, height = 190, x, y, xLabel, yLabel, xTicks, title, data}, put) {
  const [left, top, right, bottom] = [58, 10, width - 10, height - 40];
  const sx = scaleOf(x[0], x[1], left, right);
  const sy = scaleOf(y[0], y[1], bottom, top, 3);
  const svg = drawn("svg", {viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": title});
  const text = (words, attributes) => drawn("text", {"font-size": 11, fill: "#1b1f23", ...attributes}, words);
  svg.append(drawn("rect", {width, height, fill: "#ffffff"}));
  svg.append(drawn("path", {d: `M${left} ${top}V${bottom}H${right}`, fill: "none", stroke: "#1b1f23"}));
  for (const tick of sy.ticks) {
    svg.append(drawn("path", {d: `M${left - 4} ${sy.at(tick)}h4`, stroke: "#1b1f23"}));
    svg.append(text(tick.toLocaleString("en").replace("-", "\u2212"), {x: left - 6, y: sy.at(tick) + 4, "text-anchor": "end"}));
  }
  for (const [value, words] of xTicks ?? sx.ticks.map((tick) => [tick, tick.toLocaleString("en").replace("-", "\u2212")])) {
    svg.append(text(words, {x: sx.at(value), y: bottom + 15, "text-anchor": "middle"}));
  }
  svg.append(text(xLabel, {x: (left + right) / 2, y: height - 6, "text-anchor": "middle"}));
  svg.append(text(yLabel, {x: 0, y: 0, "text-anchor": "middle", transform: `translate(11 ${(top + bottom) / 2}) rotate(-90)`}));
  put(svg, sx.at, sy.at);
  const figure = made("figure", {class: "small", "data-name": title}, svg, made("figcaption", {}, title));
  figure.copied = data;
  return figure;
}

const line = (points, attributes) => drawn("path", {
  d: points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join(""), fill: "none", "stroke-width": 1.5, ...attributes,
});
const legend = (groups) => made("p", {class: "legend"}, ...groups.flatMap(({name, colour}) => [
  made("span", {class: "dot", style: `background:${colour}`}), `${name} `,
]));

async function factorCard({cluster, motif}, {all, contrast, factor, peak}) {
  const {motifs} = all;
  const members = all.members[cluster];
  const others = members.filter((one) => one !== motif);
  const family = motifs.family[motif];
  const parts = [
    made("p", {class: "about"}, made("span", {class: "logo", "data-logo": motifs.id[motif]}),
      `${motifs.id[motif]}${family ? `, ${family}` : ""}`),
  ];
  if (others.length) {
    parts.push(made("p", {}, `Its cluster holds ${members.length} similar motifs, which are tested together. The others: `,
      ...others.slice(0, 20).flatMap((one) => [factor(cluster, one), " "]), others.length > 20 ? `and ${others.length - 20} more` : ""));
  }
  parts.push(...evidence(all, cluster, contrast));
  const charts = made("div", {class: "charts"});
  if (all.sites) {
    const sites = all.sites[cluster];
    const ways = Object.fromEntries(Object.keys(contrast.sides).map((way) => [way, 0]));
    for (const i of sites) if (wayOf(all, contrast, i) in ways) ways[wayOf(all, contrast, i)]++;
    const said = Object.entries(contrast.sides).map(([way, which]) => `${ways[way].toLocaleString("en")} ${which}`).join(" and ");
    parts.push(made("p", {}, `${sites.length.toLocaleString("en")} of ${all.n.toLocaleString("en")} regions have a site of this cluster, among them ${said} in ${contrast.name}.`));
    charts.append(changes(all, contrast, sites));
    parts.push(peaksTable(all, contrast, strongest(contrast, sites).slice(0, LISTED_PEAKS), peak, `The ${Math.min(LISTED_PEAKS, sites.length)} regions with a site that have the smallest p`));
  } else if (all.motifs) {
    parts.push(made("p", {}, "The page does not carry the sites of this study, which are too many: results/motifs/hits.bed.gz has them."));
  }
  const profiled = [motif, ...others].find((one) => all.profiles?.[motifs.id[one]]);
  if (profiled !== undefined) charts.append(await profile(all, motifs.id[profiled], motifs.name[profiled]));
  parts.splice(parts.length - (all.sites ? 1 : 0), 0, charts);
  return card(motifs.name[motif], ...parts);
}

/** One number a test, in the contrast that is chosen; with several contrasts, what each came to. */
function evidence(all, cluster, contrast) {
  const parts = [];
  const value = (each, column) => each.factors?.[column]?.[each.row.get(cluster)] ?? null;
  if (contrast.factors && contrast.row.has(cluster)) {
    const tone = (padj) => (padj === null || padj >= all.alpha ? "weak" : "");
    const rows = LINES.filter(([, , padj]) => contrast.factors[padj]).map(([name, effect, padj, unit]) => {
      const p = value(contrast, padj);
      const words = p === null ? "not tested" : `${unit} ${shownFold(value(contrast, effect))}`;
      return [lineOf(contrast, name), {text: words, class: tone(p)}, {text: p === null ? "" : shownP(p), class: `num ${tone(p)}`}];
    });
    const p = value(contrast, "padj");
    const way = value(contrast, "direction") ?? "none";
    rows.push([made("b", {}, "all evidence"), {text: p === null ? "not tested" : SIGN[way] ?? way, class: way}, {text: p === null ? "" : shownP(p), class: `num ${tone(p)}`}]);
    parts.push(grid(["evidence", "effect", {text: "adjusted p", class: "num"}], rows, `Evidence in ${contrast.name} (grey: not significant)`));
    const said = [
      ["explained_by", (name) => `Its sites are shared with ${name}, which explains the change.`],
      ["conflicts", (words) => `Evidence that contradicts: ${words}.`],
      ["promoter_genes", (words) => `Promoters of its genes (log\u2082 fold change, adjusted p): ${words}.`],
      ["expression_genes", (words) => `Expression of its genes (log\u2082 fold change, adjusted p): ${words}.`],
    ];
    for (const [column, sentence] of said) if (value(contrast, column)) parts.push(made("p", {}, sentence(signed(value(contrast, column)))));
  } else {
    parts.push(made("p", {}, "This run did not bring the evidence on factors together."));
  }
  const several = all.contrasts.filter((each) => each.factors && each.row.has(cluster));
  if (several.length > 1) {
    parts.push(grid(["contrast", "activity", {text: "adjusted p", class: "num"}, {text: "place", class: "num"}], several.map((each) => {
      const [p, way] = [value(each, "padj"), value(each, "direction") ?? "none"];
      return [each.name, {text: p === null ? "not tested" : SIGN[way] ?? way, class: way}, {text: p === null ? "" : shownP(p), class: "num"}, {text: String(value(each, "rank") ?? ""), class: "num"}];
    }), "In every contrast"));
  }
  return parts;
}

/** Fold changes of regions with a site and of all others, as shares. */
function changes(all, contrast, sites) {
  const inside = new Set(sites);
  const [low, high, bins] = [-3, 3, 30];
  const shares = [new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < all.n; i++) {
    const fold = foldOf(contrast, i);
    if (fold === null) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((fold - low) / (high - low) * bins)));
    shares[inside.has(i) ? 0 : 1][bin]++;
  }
  const [mine, rest] = shares.map((counts) => {
    const n = counts.reduce((a, b) => a + b, 0) || 1;
    return [...counts].map((count) => 100 * count / n);
  });
  const top = Math.max(...mine, ...rest) * 1.1;
  const middle = (k) => low + (k + 0.5) * (high - low) / bins;
  const data = [["log2_fold_change", "percent_with_site", "percent_without"], ...mine.map((value, k) => [middle(k).toFixed(2), value.toFixed(3), rest[k].toFixed(3)])];
  return chart({
    x: [low, high], y: [0, top], xLabel: `log\u2082 fold change, ${contrast.name}`, yLabel: "% of regions", data,
    title: "Fold changes of regions with a site (black) and without (grey); beyond \u00b13 at the edge",
  }, (svg, x, y) => {
    svg.append(drawn("path", {d: `M${x(0)} ${y(0)}V${y(top)}`, stroke: "#8c959f", "stroke-dasharray": "3 3"}));
    svg.append(line(rest.map((value, k) => [x(middle(k)), y(value)]), {stroke: "#a0a6ad"}));
    svg.append(line(mine.map((value, k) => [x(middle(k)), y(value)]), {stroke: "#000000"}));
  });
}

async function profile(all, id, name) {
  const told = all.profiles[id];
  const values = await unpackedNumbers(told);
  const groups = all.groups.map((group, k) => ({...group, y: [...values.slice(k * told.n, (k + 1) * told.n)].map((one) => one / 1000)}));
  const smooth = (y) => y.map((_, i) => { // mean of 5 bases, as eyes do
    const part = y.slice(Math.max(0, i - 2), i + 3);
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
  const lines = groups.map((group) => ({...group, y: smooth(group.y)}));
  const every = lines.flatMap(({y}) => y);
  const [low, high] = [Math.min(...every), Math.max(...every)];
  const data = [["position", ...groups.map((group) => group.name)], ...groups[0].y.map((_, i) => [told.from + i, ...groups.map(({y}) => y[i])])];
  const figure = chart({
    x: [told.from, told.from + told.n - 1], y: [low, high], xLabel: `position from the centre of ${name} sites (bp)`, yLabel: "corrected cuts", data,
    title: `Footprint of ${name} (${id}) by group: cuts less what Tn5 sequence bias explains, over the flanks, mean of 5 bases`,
  }, (svg, x, y) => {
    for (const group of lines) svg.append(line(group.y.map((value, i) => [x(told.from + i), y(value)]), {stroke: group.colour}));
  });
  figure.insertBefore(legend(groups), figure.querySelector("figcaption"));
  return figure;
}

function peaksTable(all, contrast, peaks, peak, caption) {
  const rows = peaks.map((i) => {
    const way = wayOf(all, contrast, i);
    const padj = padjOf(contrast, i);
    return [
      peak(i), geneOf(all, i), all.feature?.code[i] ? all.feature.words[all.feature.code[i] - 1] : "",
      {text: distanceOf(all, i), class: "num"}, {text: SIGN[way], class: way}, {text: shownFold(foldOf(contrast, i)), class: "num"},
      {text: shownP(padj), class: "num"},
    ];
  });
  const numeric = (text) => ({text, class: "num"});
  return grid(["region", "gene", "feature", numeric("nearest TSS (bp)"), "direction", numeric("log\u2082 FC"), numeric("adjusted p")], rows, caption);
}

const distanceOf = (all, i) => (all.distance && all.distance[i] !== -2147483648 ? written(all.distance[i], {form: "number", decimals: 0}) : "");

async function peaksCard({peaks, title}, {all, contrast, peak}) {
  const most = 40;
  const shown = strongest(contrast, peaks).slice(0, most);
  const n = peaks.length.toLocaleString("en");
  const words = peaks.length > most ? `The ${most} of ${n} regions with the smallest p in ${contrast.name}` : `${n} region${peaks.length > 1 ? "s" : ""}, in ${contrast.name}`;
  const first = await peakParts(shown[0], {all, contrast});
  return card(title, peaksTable(all, contrast, shown, peak, words), made("h4", {}, peakName(all, shown[0])), ...first);
}

async function peakCard({peak: i}, tools) {
  const {all} = tools;
  const numeric = (text) => ({text, class: "num"});
  const rows = all.contrasts.map((each) => {
    const way = wayOf(all, each, i);
    return [each.name, {text: SIGN[way], class: way}, numeric(shownFold(foldOf(each, i))), numeric(shownP(padjOf(each, i)))];
  });
  const gene = geneOf(all, i);
  const feature = all.feature?.code[i] ? all.feature.words[all.feature.code[i] - 1] : "";
  const where = [
    all.contig && `${all.contigs[all.contig[i]]}:${(all.start[i] + 1).toLocaleString("en")}-${(all.start[i] + all.width[i]).toLocaleString("en")} (from 1)`,
    gene && `gene ${gene}`, feature, distanceOf(all, i) && `${distanceOf(all, i)} bp from the nearest start of a gene`,
  ].filter(Boolean).join(", ");
  return card(peakName(all, i), made("p", {}, where),
    grid(["contrast", "direction", numeric("log\u2082 FC"), numeric("adjusted p")], rows, "Change in every contrast"), ...await peakParts(i, tools));
}

/** Counts by sample, coverage by group, and the clusters that have a site. */
async function peakParts(i, {all, factor, contrast}) {
  const parts = [];
  const charts = made("div", {class: "charts"});
  const row = all.rows ? all.rows.indexOf(i) : i;
  if (all.values && row >= 0) charts.append(dots(all, row));
  else if (all.values) parts.push(made("p", {}, `Counts in this page are of the ${all.counted.toLocaleString("en")} regions with the smallest p; results/counts/counts.tsv.gz has all.`));
  const covered = await coverage(all, i);
  if (covered) charts.append(covered);
  if (charts.childElementCount) parts.push(charts);
  if (all.sites && factor) {
    const clusters = all.sites.map((sites, cluster) => [sites, cluster]).filter(([sites]) => has(sites, i)).map(([, cluster]) => cluster);
    parts.push(made("p", {}, clusters.length ? `Motifs with a site here, one of each cluster (${clusters.length}): ` : "No motif has a site here.",
      ...clusters.slice(0, 60).flatMap((cluster) => [factor(cluster, all.clusterOf && representative(all, cluster)), " "]), clusters.length > 60 ? `and ${clusters.length - 60} more` : ""));
  }
  return parts;
}

const representative = (all, cluster) => all.members[cluster].find((one) => all.motifs.id[one] === all.motifs.clusters[cluster]) ?? all.members[cluster][0];

/** Whether a rising list holds a number. */
function has(list, wanted) {
  let [low, high] = [0, list.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (list[middle] === wanted) return true;
    if (list[middle] < wanted) low = middle + 1; else high = middle - 1;
  }
  return false;
}

function dots(all, row) {
  const values = all.samples.map((sample, k) => ({...sample, value: all.values[k * all.counted + row] / (sample.factor ?? 1)}));
  const top = Math.max(...values.map(({value}) => value), 1) * 1.08;
  const n = all.groups.length;
  const data = [["sample", "group", "normalised_count"], ...values.map(({name, group, value}) => [name, all.groups[group].name, value.toFixed(2)])];
  const size = (k) => values.filter(({group}) => group === k).length;
  return chart({
    x: [-0.5, n - 0.5], y: [0, top], xLabel: "group (number of samples)", yLabel: "normalised count", data, width: Math.max(340, 60 * n),
    xTicks: all.groups.map((group, k) => [k, `${group.name.length > 14 ? `${group.name.slice(0, 13)}\u2026` : group.name} (${size(k)})`]),
    title: "Counts by sample over size factors, a dot a sample; line: mean of the group",
  }, (svg, x, y) => {
    all.groups.forEach((group, k) => {
      const mine = values.filter((one) => one.group === k);
      const mean = mine.reduce((sum, one) => sum + one.value, 0) / (mine.length || 1);
      svg.append(drawn("path", {d: `M${x(k - 0.3)} ${y(mean)}H${x(k + 0.3)}`, stroke: "#1b1f23", "stroke-width": 1.5}));
      mine.forEach((one, j) => {
        const spread = mine.length > 1 ? 0.4 * (j / (mine.length - 1) - 0.5) : 0;
        svg.append(drawn("circle", {cx: x(k + spread), cy: y(one.value), r: 4, fill: group.colour, stroke: "#ffffff"},
          drawn("title", {}, `${one.name}: ${one.value.toFixed(1)}`)));
      });
    });
  });
}

/** Coverage around a peak by group, of the peaks that the table of signal has. */
async function coverage(all, i) {
  const told = all.signal;
  if (!told) return null;
  told.kept ??= await Promise.all([unpackedNumbers(told.peaks), unpackedNumbers(told.values)]);
  const [peaks, values] = told.kept;
  const row = peaks.indexOf(i);
  if (row < 0) return null;
  const lines = told.groups.map((name, k) => ({
    name, colour: all.groups.find((group) => group.name === name)?.colour ?? "#000000",
    y: [...values.slice((row * told.groups.length + k) * told.bins, (row * told.groups.length + k + 1) * told.bins)].map((value) => value * told.unit),
  }));
  const middle = (k) => (k + 0.5) * told.width - told.bins * told.width / 2;
  const top = Math.max(...lines.flatMap(({y}) => y), told.unit) * 1.05;
  const data = [["position", ...lines.map(({name}) => name)], ...lines[0].y.map((_, k) => [middle(k), ...lines.map(({y}) => y[k])])];
  const figure = chart({
    x: [middle(0), middle(told.bins - 1)], y: [0, top], xLabel: "position from the middle of the region (bp)", yLabel: "cuts a base, normalised", data,
    title: "Coverage around the region, mean of each group over size factors",
  }, (svg, x, y) => {
    for (const each of lines) svg.append(line(each.y.map((value, k) => [x(middle(k)), y(value)]), {stroke: each.colour}));
  });
  figure.insertBefore(legend(lines), figure.querySelector("figcaption"));
  return figure;
}
