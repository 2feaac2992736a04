// Tables that sort, and tables tied to plots of the same rows. DataTables and Bokeh do the work; this joins them.

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark", dark.matches);
dark.addEventListener("change", follow);
follow();

document.documentElement.classList.add("scripted");
for (const button of document.querySelectorAll("button[data-columns]")) {
  button.hidden = false;
  const table = button.closest("p").nextElementSibling;
  button.addEventListener("click", () => {
    const all = table.classList.toggle("all");
    button.setAttribute("aria-pressed", String(all));
  });
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.innerText);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected: copy with Ctrl+C";
    }
  });
}

/** Made when they come into sight, as they take time: logos, tables that sort, and tables with plots. */
const unsorted = new Set(document.querySelectorAll("table.sortable"));
const waiting = new Set(document.querySelectorAll(".explorer"));
function wake() {
  drawLogos();
  for (const element of unsorted) {
    if (!element.checkVisibility()) continue;
    unsorted.delete(element);
    new DataTable(element, {
      paging: false, searching: false, info: false, order: [], autoWidth: false,
      layout: {topStart: null, topEnd: null, bottomStart: null, bottomEnd: null},
    });
  }
  for (const element of waiting) {
    if (!element.checkVisibility()) continue;
    waiting.delete(element);
    const stored = JSON.parse(element.querySelector("script[type='application/json']").textContent);
    idle().then(() => unpackedData(stored)).then((told) => { loadPlots(); explore(element, told); });
  }
}

function idle() {
  return new Promise((done) => {
    if (window.requestIdleCallback) requestIdleCallback(done, {timeout: 500});
    else setTimeout(done);
  });
}

/** The library of plots runs when the first plot is due: the search does not wait the second that it takes. */
function loadPlots() {
  for (const stored of document.querySelectorAll("script[type='text/plain']")) {
    stored.replaceWith(Object.assign(document.createElement("script"), {textContent: stored.textContent}));
  }
}
document.addEventListener("toggle", wake, true);

/** Several contrasts: one at a time, chosen by a button each or, where there are many, from a list. */
const panels = [...document.querySelectorAll("section.panel")];
function choose(chosen) {
  for (const panel of panels) panel.hidden = panel !== chosen;
  for (const button of document.querySelectorAll(".panels button")) {
    const selected = button.dataset.panel === chosen.id;
    button.setAttribute("aria-selected", String(selected));
    button.tabIndex = selected ? 0 : -1; // arrows lead to the others
  }
  const list = document.querySelector(".panels select");
  if (list) list.value = chosen.id;
  wake();
  unpackFigures(chosen);
  document.dispatchEvent(new CustomEvent("contrast", {detail: chosen.dataset.name}));
}
if (panels.length > 1) {
  const bar = document.querySelector("[data-part=panels]");
  if (panels.length <= 6) {
    bar.setAttribute("role", "tablist");
    bar.setAttribute("aria-label", "Contrasts");
    for (const panel of panels) {
      const button = document.createElement("button");
      Object.assign(button, {type: "button", textContent: panel.dataset.name});
      button.setAttribute("role", "tab");
      button.setAttribute("aria-controls", panel.id);
      button.dataset.panel = panel.id;
      button.addEventListener("click", () => choose(panel));
      bar.append(button);
    }
    bar.addEventListener("keydown", (event) => {
      const tabs = [...bar.children];
      const at = tabs.indexOf(document.activeElement);
      const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1}[event.key];
      if (to === undefined || at < 0) return;
      event.preventDefault();
      const next = tabs[(to + tabs.length) % tabs.length];
      next.focus();
      next.click();
    });
  } else {
    const label = document.createElement("label");
    const list = document.createElement("select");
    for (const panel of panels) list.append(new Option(panel.dataset.name, panel.id));
    list.addEventListener("change", () => choose(document.getElementById(list.value)));
    label.append("Contrast ", list);
    bar.append(label);
  }
  choose(panels[0]);
}

/** What a link leads to is shown: its panel chosen, and whatever is folded around it open. */
function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const panel = target.closest("section.panel");
  if (panel && panel.hidden) choose(panel);
  for (let one = target; one; one = one.parentElement) if (one.localName === "details") one.open = true;
  const own = target.querySelector(":scope > details.chapter");
  if (own) own.open = true;
  wake();
  target.scrollIntoView();
}
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (link && link.hash === location.hash) reveal();
});
wake();
reveal();

/** A number as the tables of this page write it. */
function written(value, field) {
  if (value === null) return "NA";
  if (field.form === "pvalue") {
    if (value === 0) return "< 1e-300";
    if (value < 0.001) return value.toExponential(1).replace(/e([+-])(\d)$/, "e$10$2");
    return String(Number(value.toPrecision(3)));
  }
  if (field.form !== "number") return String(value);
  const digits = field.decimals ?? (Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2);
  const options = {minimumFractionDigits: digits, maximumFractionDigits: digits};
  return value.toLocaleString("en", options).replace(/^-/, "\u2212");
}

/** A table of rows with filters and, tied to it, plots of the same rows. */
function explore(element, told) {
  const {fields, rows} = told;
  const n = rows[fields[0].name].length;
  const part = (name) => element.querySelector(`[data-part='${name}']`);
  element.querySelector(".live").hidden = false;
  element.classList.add("ready");
  unpackFigures(element);

  const chosen = {points: null, marked: null};
  const inputs = [...element.querySelectorAll("[data-filter]")];
  const keep = (i) => inputs.every((input) => passes(input, i));
  const passes = (input, i) => {
    if (input.value === "" || input.dataset.filter === "text") return true;
    const value = rows[input.dataset.filter][i];
    if (input.dataset.kind === "most") return value !== null && value <= input.valueAsNumber;
    if (input.dataset.kind === "least") return value !== null && Math.abs(value) >= input.valueAsNumber;
    return input.value === "*" ? told.begin.includes(value) : value === input.value;
  };

  const table = new DataTable(part("rows"), {
    data: Array.from({length: n}, (_, i) => [...fields.map((field) => rows[field.name][i]), i]),
    columns: fields.map((field, j) => column(field, j, (i) => mark(chosen.marked === i ? null : i))),
    deferRender: true, autoWidth: false, order: [], pageLength: 15, lengthMenu: [15, 50, 200],
    language: {
      info: "_START_ to _END_ of _TOTAL_", infoEmpty: "none", infoFiltered: "", lengthMenu: "_MENU_ rows a page",
      zeroRecords: "No row passes these filters",
    },
    createdRow: (tr, data) => { tr.dataset.row = data[fields.length]; },
    layout: {
      topStart: null, topEnd: null, bottomStart: ["info", "pageLength"],
      bottomEnd: ["paging", {buttons: [{
        extend: "csvHtml5", text: "Download these rows (CSV)", filename: told.file, bom: false,
        exportOptions: {
          columns: fields.map((_, j) => j), orthogonal: "export", stripHtml: false, decodeEntities: false,
          format: {header: (_, j) => fields[j].name},
        },
        customize: placed,
      }]}],
    },
  });
  table.search.fixed("filters", (_, data) => keep(data[fields.length]));
  table.search.fixed("points", (_, data) => chosen.points === null || chosen.points.has(data[fields.length]));

  const plots = draw(part("plots"), told, (indices) => {
    chosen.points = indices.length ? new Set(indices) : null;
    refresh();
  });

  function refresh() {
    table.search(inputs.find((input) => input.dataset.filter === "text").value).draw();
    const found = table.rows({search: "applied"}).data().toArray().map((data) => data[fields.length]);
    if (chosen.points === null) plots.show(found);
    const lasso = chosen.points === null ? "" : `, of ${chosen.points.size.toLocaleString("en")} chosen in a plot`;
    part("status").textContent = `${found.length.toLocaleString("en")} of ${n.toLocaleString("en")} rows${lasso}`;
    for (const button of element.querySelectorAll("button.row")) show(button);
  }

  const show = (button) => {
    const pressed = Number(button.closest("tr").dataset.row) === chosen.marked;
    button.setAttribute("aria-pressed", String(pressed));
    button.closest("tr").classList.toggle("marked", pressed);
  };

  function mark(i) {
    chosen.marked = i;
    plots.mark(i);
    for (const button of element.querySelectorAll("button.row")) show(button);
  }

  table.on("draw", () => element.querySelectorAll("button.row").forEach(show));
  for (const input of inputs) input.addEventListener("input", refresh);
  part("columns")?.addEventListener("click", () => {
    const all = part("columns").getAttribute("aria-pressed") !== "true";
    part("columns").setAttribute("aria-pressed", String(all));
    for (const [j, field] of fields.entries()) if (field.extra) table.column(j).visible(all);
  });
  part("clear").addEventListener("click", () => {
    for (const input of inputs) input.value = "";
    chosen.points = null;
    plots.clear();
    mark(null);
    refresh();
  });
  refresh();
}

/** Rows to download, with contig, start and end before the peak that they are written in. */
function placed(csv) {
  return csv.split("\n").map((line, i) => {
    if (!line) return line;
    if (i === 0) return `"chrom","start","end",${line}`;
    const place = /^"(.+):(\d+)-(\d+)"/.exec(line);
    return place ? `"${place[1]}",${place[2]},${place[3]},${line}` : `"","","",${line}`;
  }).join("\n");
}

/** How DataTables treats a field: what names hold is text, never markup. */
function column(field, j, chooses) {
  const isNumber = field.form === "number" || field.form === "pvalue";
  return {
    data: j,
    type: isNumber ? "num" : "string",
    className: isNumber ? "num" : "",
    visible: !field.extra,
    searchable: field.form === "name",
    orderSequence: ["asc", "desc"],
    render: (value, type) => {
      if (type === "export") return value === null ? "NA" : String(value);
      if (isNumber && type !== "display") return value ?? -Infinity;
      // The search decodes entities by parsing markup, so that it too must be given escaped text.
      if (type === "display" || type === "filter") return DataTable.render.text().display(written(value, field));
      return value ?? "";
    },
    createdCell: (td, value, data) => {
      if (value === "up" || value === "down") td.classList.add(value);
      if (j) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "row";
      button.title = "Mark in the plots";
      button.textContent = value;
      button.addEventListener("click", () => chooses(data[data.length - 1]));
      td.replaceChildren(button);
    },
  };
}

/** Scatter plots over one source, so that what is chosen in one is chosen in all. */
function draw(place, told, onChoice) {
  const {fields, rows, backdrop, plots, colours} = told;
  const n = rows[fields[0].name].length;
  const scaled = (values, axis) => values.map((value) => {
    if (value === null || (axis.scale === "log" && value <= 0)) return NaN;
    return axis.scale === "minuslog10" ? -Math.log10(Math.max(value, 1e-300)) : value;
  });
  const data = {};
  for (const [k, field] of fields.entries()) {
    data[`text${k}`] = rows[field.name].map((value) => written(value, field));
  }
  const words = rows[told.colour];
  data.colour = words.map((word) => colours[word] ?? colours.none);
  data.marker = words.map((word) => ({up: "triangle", down: "inverted_triangle"})[word] ?? "circle");
  for (const [k, plot] of plots.entries()) {
    data[`x${k}`] = scaled(rows[plot.x.field], plot.x);
    data[`y${k}`] = scaled(rows[plot.y.field], plot.y);
  }
  const source = new Bokeh.ColumnDataSource({data});
  const filter = new Bokeh.IndexFilter({indices: [...Array(n).keys()]});
  const view = new Bokeh.CDSView({filter});
  const rings = [];
  const figures = [];

  for (const [k, plot] of plots.entries()) {
    const behind = {
      x: [...scaled(backdrop[plot.x.field], plot.x), ...data[`x${k}`]],
      y: [...scaled(backdrop[plot.y.field], plot.y), ...data[`y${k}`]],
    };
    const figure = Bokeh.Plotting.figure({
      title: plot.title, tools: "lasso_select,tap,pan,wheel_zoom,reset", active_drag: "lasso_select",
      x_axis_type: plot.x.scale === "log" ? "log" : "linear", x_axis_label: plot.x.label, y_axis_label: plot.y.label,
      x_range: reach(behind.x, plot.x), y_range: reach(behind.y, plot.y),
      sizing_mode: "stretch_width", height: 400, min_width: 0, toolbar_location: "above",
    });
    figure.toolbar.logo = null;
    for (const axis of [figure.xaxis, figure.yaxis]) {
      axis.axis_label_text_font_style = "normal";
      axis.axis_label_text_font_size = "13px";
      axis.major_label_text_font_size = "12px";
      axis.axis_label_text_color = axis.major_label_text_color = "#1b1f23";
    }
    if (plot.x.scale === "log") figure.xaxis.ticker = decades(behind.x);
    figure.scatter({field: "x"}, {field: "y"}, {
      source: new Bokeh.ColumnDataSource({data: behind}), size: 4, color: "#c4c8cc", line_color: null, alpha: 0.5,
    });
    const points = figure.scatter({field: `x${k}`}, {field: `y${k}`}, {
      source, view, marker: {field: "marker"}, size: 7, color: {field: "colour"}, line_color: null, alpha: 0.75,
      nonselection_alpha: 0.12,
    });
    rings.push(new Bokeh.ColumnDataSource({data: {x: [], y: []}}));
    figure.scatter({field: "x"}, {field: "y"}, {
      source: rings[k], size: 18, fill_color: null, line_color: "#000000", line_width: 2.5,
    });
    figure.add_tools(new Bokeh.HoverTool({
      renderers: [points], visible: false, tooltips: fields.map((field, j) => [field.heading, `@text${j}`]),
    }));
    if (plot.level !== null) {
      figure.add_layout(new Bokeh.Span({
        location: plot.level, dimension: "width", line_color: "#000000", line_dash: "dashed", line_width: 1,
      }));
    }
    figures.push(figure);
  }
  Bokeh.set_log_level("warn");
  Bokeh.Plotting.show(figures, place);
  source.selected.properties.indices.change.connect(() => onChoice([...source.selected.indices]));

  return {
    show: (indices) => { filter.indices = indices; },
    clear: () => { source.selected.indices = []; },
    mark: (i) => rings.forEach((ring, k) => {
      ring.data = i === null ? {x: [], y: []} : {x: [data[`x${k}`][i]], y: [data[`y${k}`][i]]};
    }),
  };
}

/** Ticks of a log axis: powers of ten, and where these are few their doubles and halves. */
function decades(values) {
  const known = values.filter((value) => value > 0);
  const [low, high] = [known.reduce((a, b) => Math.min(a, b), 1), known.reduce((a, b) => Math.max(a, b), 1)];
  const powers = [];
  for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k++) powers.push(10 ** k);
  const wide = Math.log10(high / low) > 3.5;
  return new Bokeh.FixedTicker({ticks: wide ? powers : powers.flatMap((value) => [value, 2 * value, 5 * value])});
}

/** A range of an axis around all points, with some room; fixed, so that filters do not move the axes. */
function reach(values, axis) {
  const known = values.filter(Number.isFinite);
  const move = axis.scale === "log" ? [Math.log10, (value) => 10 ** value] : [(value) => value, (value) => value];
  let [low, high] = [Infinity, -Infinity];
  for (const value of known.map(move[0])) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!known.length) [low, high] = [0, 1];
  const room = 0.05 * (high - low || 1);
  return new Bokeh.Range1d({
    start: move[1](axis.scale === "minuslog10" ? 0 : low - room), end: move[1](high + room),
  });
}
