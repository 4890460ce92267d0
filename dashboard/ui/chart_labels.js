// Direct labels keep clear of each other, of lines and of the chart's edges, whatever the width of
// the chart. A figure names the annotations that may move: “label” anywhere near its point,
// “moment” along its vertical line, “level” along its horizontal one.
const CELL = 4;
const ALL = { label: [], moment: [], level: [] };
for (let dy = -96; dy <= 96; dy += 6)
  for (let dx = -132; dx <= 132; dx += 12) ALL.label.push([dx, dy]);
ALL.label.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));

// How many drawn pixels of the plot lie in a box, from sums over a coarse raster.
class Ink {
  constructor(width, height) {
    this.columns = Math.ceil(width / CELL) + 1;
    this.rows = Math.ceil(height / CELL) + 1;
    this.cells = new Float32Array(this.columns * this.rows);
  }
  dot(x, y, weight) {
    const column = Math.floor(x / CELL);
    const row = Math.floor(y / CELL);
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
    const at = row * this.columns + column;
    if (this.cells[at] < weight) this.cells[at] = weight;
  }
  line(x0, y0, x1, y1, weight) {
    if (![x0, y0, x1, y1].every(Number.isFinite)) return;
    const far = 4 * CELL * (this.columns + this.rows);
    const steps = Math.min(Math.ceil(Math.hypot(x1 - x0, y1 - y0) / (CELL - 1)), far) || 1;
    for (let i = 0; i <= steps; i++)
      this.dot(x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps, weight);
  }
  summed() {
    const { columns, rows, cells } = this;
    this.sums = new Float32Array((columns + 1) * (rows + 1));
    for (let r = 0; r < rows; r++) {
      let row = 0;
      for (let c = 0; c < columns; c++) {
        row += cells[r * columns + c];
        this.sums[(r + 1) * (columns + 1) + c + 1] = this.sums[r * (columns + 1) + c + 1] + row;
      }
    }
    return this;
  }
  within(box) {
    const clamp = (value, max) => Math.max(0, Math.min(max, value));
    const left = clamp(Math.floor(box.left / CELL), this.columns);
    const right = clamp(Math.ceil(box.right / CELL), this.columns);
    const top = clamp(Math.floor(box.top / CELL), this.rows);
    const bottom = clamp(Math.ceil(box.bottom / CELL), this.rows);
    const sum = (r, c) => this.sums[r * (this.columns + 1) + c];
    return sum(bottom, right) - sum(top, right) - sum(bottom, left) + sum(top, left);
  }
}

function inkOf(host) {
  const full = host._fullLayout;
  const ink = new Ink(full.width, full.height);
  for (const trace of host._fullData) {
    if (trace.visible !== true || !trace.x || !trace.y || !trace.mode) continue;
    const x = full["xaxis" + trace.xaxis.slice(1)];
    const y = full["yaxis" + trace.yaxis.slice(1)];
    const lines = trace.mode.includes("lines") && trace.line.width > 0;
    const marks = trace.mode.includes("markers");
    let before;
    for (let i = 0; i < trace.x.length; i++) {
      const at = [x._offset + x.d2p(trace.x[i]), y._offset + y.d2p(trace.y[i])];
      if (lines && before) ink.line(...before, ...at, 1);
      if (marks) ink.dot(...at, 0.6);
      before = at;
    }
  }
  const { l, t, w, h } = full._size;
  for (const shape of full.shapes) {
    if (shape.type !== "line") continue;
    const x = shape.xref === "paper" ? null : full["xaxis" + shape.xref.slice(1)];
    const y = shape.yref === "paper" ? null : full["yaxis" + shape.yref.slice(1)];
    const across = (value) => (x ? x._offset + x.d2p(value) : l + value * w);
    const up = (value) => (y ? y._offset + y.d2p(value) : t + (1 - value) * h);
    ink.line(across(shape.x0), up(shape.y0), across(shape.x1), up(shape.y1), 0.8);
  }
  return ink.summed();
}

const moved = (box, [dx, dy]) => ({
  left: box.left + dx,
  right: box.right + dx,
  top: box.top + dy,
  bottom: box.bottom + dy,
});

function overlap(a, b) {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left) + 4;
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 0 && down > 0 ? 8 + across * down * 0.05 : 0;
}

function candidates(label, size) {
  if (label.kind === "label") return ALL.label;
  const found = [];
  const { box } = label;
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  if (label.kind === "moment") {
    const other = label.given.xanchor === "left" ? -width - 4 : width + 4;
    const up = label.given.yanchor === "top" ? 1 : -1;
    // Across its line, where a narrow chart has room for the words on neither side.
    const inside = Math.min(0, size.l + size.w - box.right) + Math.max(0, size.l - box.left);
    for (let away = 0; away < size.h - height - 12; away += 8) {
      found.push([0, up * away], [other, up * away]);
      if (inside) found.push([inside, up * away]);
    }
  } else {
    for (let away = 0; away < size.w - width - 12; away += 12)
      found.push([away, 0], [away, height + 2]);
  }
  return found;
}

// The best place of each label in turn, twice, since a later one may leave room.
function placeLabels(labels, fixed, ink, size, width) {
  const plot = {
    left: size.l,
    right: Math.min(size.l + size.w + 4, width),
    top: 0,
    bottom: size.t + size.h,
  };
  const outside = (box) =>
    Math.max(0, plot.left - box.left) +
    Math.max(0, box.right - plot.right) +
    Math.max(0, plot.top - box.top) +
    Math.max(0, box.bottom - plot.bottom);
  for (const label of labels) label.at = [0, 0];
  for (let pass = 0; pass < 2; pass++) {
    for (const label of labels) {
      const others = [
        ...fixed,
        ...labels.filter((each) => each !== label).map((each) => moved(each.box, each.at)),
      ];
      const near = label.kind === "label" ? 0.12 : 0.02;
      let least = Infinity;
      for (const at of candidates(label, size)) {
        const way = Math.hypot(at[0] * 0.8, at[1]);
        let cost =
          way * near + (label.kind === "label" && way > 24 && !label.given.showarrow ? 2 : 0);
        if (cost >= least) continue;
        const box = moved(label.box, at);
        const beyond = outside(box);
        cost += ink.within(box) * 1.2 + (beyond > 0 ? 6 + 2 * beyond : 0);
        if (cost >= least) continue;
        for (const other of others) cost += overlap(box, other);
        if (cost < least) [least, label.at] = [cost, at];
      }
    }
  }
}

// A label in its new place. Its parts are moved as they stand, since drawing annotations anew takes
// Plotly as long as a whole chart; the layout keeps the place too, for images and for whatever
// Plotly draws next. A label far from its point is joined to it by a thin line.
function move(label, given) {
  const { element, point, at } = label;
  const full = label.given;
  const box = moved(label.box, at);
  const text = element.querySelector(".annotation-text-g");
  text.setAttribute(
    "transform",
    `translate(${at[0]},${at[1]}) ${text.getAttribute("transform") || ""}`,
  );
  const nearest = [
    Math.min(Math.max(point[0], box.left), box.right),
    Math.min(Math.max(point[1], box.top), box.bottom),
  ];
  const gap = Math.hypot(nearest[0] - point[0], nearest[1] - point[1]);
  if (full.showarrow) {
    given.ax = full.ax + at[0];
    given.ay = full.ay + at[1];
  } else if (label.kind !== "label" || gap < 16) {
    given.xshift = (full.xshift || 0) + at[0];
    given.yshift = (full.yshift || 0) - at[1];
    return;
  } else {
    const centre = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    Object.assign(given, {
      showarrow: true,
      xanchor: "center",
      yanchor: "middle",
      arrowhead: 0,
      arrowwidth: 1,
      arrowcolor: full.font.color,
      ax: centre[0] - point[0],
      ay: centre[1] - point[1],
    });
  }
  const path = `M${nearest[0]},${nearest[1]}L${point[0]},${point[1]}`;
  const arrow = element.querySelector(".annotation-arrow-g path");
  if (arrow) {
    for (const each of element.querySelectorAll(".annotation-arrow-g path"))
      each.setAttribute("d", path);
  } else {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    line.setAttribute("style", `stroke: ${full.font.color}; stroke-width: 1px; fill: none;`);
    element.insertBefore(line, text);
  }
}

// Move the labels of a chart that has just been drawn as given.
function settleLabels(host) {
  const full = host._fullLayout;
  const size = full?._size;
  if (!size || !full.annotations?.some((each) => each.name in ALL)) return;
  const labels = [];
  const fixed = [];
  const corner = host.getBoundingClientRect();
  for (const element of host.querySelectorAll("g.annotation")) {
    const index = Number(element.dataset.index);
    const given = full.annotations[index];
    const text = element.querySelector(".annotation-text-g")?.getBoundingClientRect();
    if (!given || !text?.width) continue;
    const box = {
      left: text.left - corner.left,
      right: text.right - corner.left,
      top: text.top - corner.top + 2,
      bottom: text.bottom - corner.top - 2,
    };
    if (!(given.name in ALL)) fixed.push(box);
    else {
      const x = full["xaxis" + given.xref.slice(1)];
      const y = full["yaxis" + given.yref.slice(1)];
      const point = [x ? x._offset + x.r2p(given.x) : 0, y ? y._offset + y.r2p(given.y) : 0];
      labels.push({ index, element, given, box, point, kind: given.name });
    }
  }
  placeLabels(labels, fixed, inkOf(host), size, full.width);
  for (const label of labels)
    if (label.at[0] || label.at[1]) move(label, host.layout.annotations[label.index]);
}
