// The book's visual grammar, drawn: a number is a cell, a vector a row of cells, a complex number a dial,
// an operation a pill, a role a tab with its letter. Colours come from CSS variables, so light and dark follow by themselves.

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// A picture with its own coordinates; `name` is what a screen reader says of it.
export function picture(width, height, name) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "ml-picture", role: "img", "aria-label": name });
}

export function label(text, x, y, { anchor = "end", kind = "" } = {}) {
  return svg("text", { x, y, "text-anchor": anchor, class: `ml-label ${kind}` }, text);
}

const LETTERS = { key: "k", value: "v", query: "q", memory: "M", noise: "ε" };

// The sign of a role, centred at (x, y): its colour, its letter, and a shape of its own.
export function tab(role, x, y, letter = LETTERS[role]) {
  const shapes = {
    key: "M-8,-8H3L9,0L3,8H-8Z",
    value: "M-8,0A8,8 0 1 1 8,0A8,8 0 1 1 -8,0Z",
    query: "M0,-10L10,0L0,10L-10,0Z",
    memory: "M-8,-8H8V8H-8Z",
    noise: "M-8,7L0,-9L8,7Z",
  };
  const dy = role === "noise" ? 5 : 4;
  const dx = role === "key" ? -1.5 : 0;
  return svg(
    "g", { class: `ml-tab ml-${role}`, transform: `translate(${x},${y})` },
    svg("path", { d: shapes[role] }),
    svg("text", { x: dx, y: dy, "text-anchor": "middle" }, letter),
  );
}

export function pill(text, x, y, width) {
  return svg(
    "g", { class: "ml-pill" },
    svg("rect", { x: x - width / 2, y: y - 11, width, height: 22, rx: 11 }),
    svg("text", { x, y: y + 4.5, "text-anchor": "middle" }, text),
  );
}

// A grid of numbers. Hue says the sign, strength the size, a dash marks a minus; zero is the neutral ground.
export function cells(rows, columns, { x, y, width, height, role = "" }) {
  const w = width / columns;
  const h = height / rows;
  const node = svg("g", { class: `ml-cells ml-${role}`, transform: `translate(${x},${y})` });
  node.append(svg("rect", { width, height, class: "ml-zero" }));
  const boxes = [];
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      boxes.push(svg("rect", { x: j * w, y: i * h, width: w, height: h, "fill-opacity": 0 }));
    }
  }
  let lines = "";
  for (let i = 1; i < rows; i += 1) lines += `M0,${i * h}H${width}`;
  for (let j = 1; j < columns; j += 1) lines += `M${j * w},0V${height}`;
  const minus = svg("path", { class: "ml-minus" });
  node.append(...boxes, svg("path", { d: lines, class: "ml-gaps", "stroke-width": Math.min(1.5, w / 6, h / 6) }), minus);
  if (role) node.append(svg("rect", { x: -1.5, y: -1.5, width: width + 3, height: height + 3, class: "ml-frame" }));
  return {
    node,
    update(numbers, largest) {
      let dashes = "";
      numbers.forEach((number, i) => {
        const strength = Math.min(1, Math.abs(number) / largest) ** 0.75;
        boxes[i].setAttribute("fill-opacity", strength.toFixed(3));
        boxes[i].setAttribute("class", number < 0 ? "ml-low" : "ml-high");
        if (number < 0 && strength > 0.15 && Math.min(w, h) >= 11) {
          dashes += `M${(i % columns) * w + w / 2 - 3},${Math.floor(i / columns) * h + h / 2}h6`;
        }
      });
      minus.setAttribute("d", dashes);
    },
  };
}

// A row of complex numbers. The hand's direction is the phase, its length the modulus; the ring is modulus 1.
export function dials(count, { x, y, pitch, role = "" }) {
  const radius = pitch * 0.4;
  const reach = pitch < 14 ? 1 : 1.12;
  const ring = `m${-radius},0a${radius},${radius} 0 1 1 ${2 * radius},0a${radius},${radius} 0 1 1 ${-2 * radius},0`;
  const at = (i) => [(i + 0.5) * pitch, pitch / 2];
  const node = svg("g", { class: `ml-dials ml-${role}`, transform: `translate(${x},${y})` });
  const rings = Array.from({ length: count }, (_, i) => `M${at(i)}${ring}`).join("");
  const ghost = svg("path", { class: "ml-ghost" });
  const hands = svg("path", { class: "ml-hands" });
  const beyond = svg("path", { class: "ml-beyond" });
  node.append(svg("path", { d: rings, class: "ml-rings" }), ghost, hands, beyond);
  if (role) {
    node.append(svg("rect", { x: -1.5, y: -0.5, width: count * pitch + 3, height: pitch + 1, rx: 3, class: "ml-frame" }));
  }
  const draw = (vector, unit) => {
    let path = "";
    let tips = "";
    for (let i = 0; i < count; i += 1) {
      const [cx, cy] = at(i);
      const length = Math.hypot(vector.re[i], vector.im[i]) / unit;
      const clip = length > reach ? reach / length : 1;
      const dx = ((vector.re[i] / unit) * clip * radius).toFixed(2);
      const dy = ((-vector.im[i] / unit) * clip * radius).toFixed(2);
      path += `M${cx},${cy}l${dx},${dy}`;
      if (clip < 1 && reach > 1) tips += `M${cx + Number(dx)},${cy + Number(dy)}h0`;
    }
    return [path, tips];
  };
  return {
    node,
    update(vector, { unit = 1, behind = null } = {}) {
      const [path, tips] = draw(vector, unit);
      hands.setAttribute("d", path);
      beyond.setAttribute("d", tips);
      ghost.setAttribute("d", behind ? draw(behind, unit)[0] : "");
    },
  };
}

// A number at an axis; a large power of ten is written as one, which needs less room.
const written = (number) => {
  const power = Math.round(Math.log10(number));
  const raised = [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
  return number === 10 ** power && power > 3 ? `10${raised}` : String(number);
};

// Axes with few ticks; x and y map a number to the picture. `log` makes the y axis logarithmic. What the dashed curve is
// stands above it on the right, where nothing else can run into it.
export function plot({ width, height, x, y, xTicks, yTicks, xName, yName, dashedName = "", log = false }) {
  const box = { left: 38, right: width - 14, top: 34, bottom: height - 40 };
  const f = log ? Math.log : (number) => number;
  const sx = (number) => box.left + ((number - x[0]) / (x[1] - x[0])) * (box.right - box.left);
  const sy = (number) => box.bottom - ((f(number) - f(y[0])) / (f(y[1]) - f(y[0]))) * (box.bottom - box.top);
  const node = svg("g", { class: "ml-plot-axes" });
  for (const tick of yTicks) {
    node.append(svg("path", { d: `M${box.left},${sy(tick)}H${box.right}`, class: "ml-grid" }));
    node.append(label(written(tick), box.left - 6, sy(tick) + 4, { kind: "ml-tick" }));
  }
  for (const tick of xTicks) {
    node.append(label(String(tick), sx(tick), box.bottom + 16, { anchor: "middle", kind: "ml-tick" }));
  }
  node.append(svg("path", { d: `M${box.left},${box.bottom}H${box.right}`, class: "ml-axis" }));
  node.append(label(yName, 2, 14, { anchor: "start", kind: "ml-strong" }));
  node.append(label(xName, box.right, height - 6, { kind: "ml-strong" }));
  const dashed = label(dashedName, 0, 14, { anchor: "start", kind: "ml-soft" });
  const sample = svg("path", { class: "ml-theory" });
  const nameDashed = (text, drawn = true) => {
    if (dashed.textContent !== text) dashed.textContent = text;
    const start = box.right + 8 - textWidth(dashed);
    dashed.setAttribute("x", start);
    sample.setAttribute("d", drawn ? `M${start - 28},10h22` : "");
  };
  if (dashedName) nameDashed(dashedName);
  node.append(dashed, sample);
  const points = (list) => list.filter(([, value]) => !log || value > 0).map(([a, b]) => [sx(a), sy(b)]);
  const line = (points) => {
    const inside = points.filter(([, value]) => !log || value > 0);
    return inside.map(([a, b], i) => `${i ? "L" : "M"}${sx(a).toFixed(1)},${sy(b).toFixed(1)}`).join("");
  };
  const level = (value) => Array.from({ length: 40 }, (_, i) => [box.left + ((box.right - box.left) * i) / 39, sy(value)]);
  return { node, sx, sy, box, line, points, level, nameDashed };
}

// About how wide a text is; measured letters would need it on the page, in its font.
function textWidth(text) {
  const size = text.classList.contains("ml-soft") ? 6.6 : 7.8;
  return text.textContent.length * size;
}

// Places for the number of the dot at (x, y), the best first.
export function around(x, y) {
  return [
    { x, y: y - 12, anchor: "middle" }, { x, y: y + 22, anchor: "middle" }, { x: x + 10, y: y - 4, anchor: "start" },
    { x: x + 6, y: y - 12, anchor: "end" }, { x: x - 11, y: y - 5, anchor: "end" }, { x: x + 4, y: y + 24, anchor: "start" },
    { x: x + 8, y: y - 26, anchor: "end" }, { x: x - 4, y: y + 24, anchor: "end" },
  ];
}

// Set a text down at the first of the spots where it covers the fewest points and stays in the box.
export function settle(text, spots, points, { left, right, top, bottom }) {
  const wide = textWidth(text);
  const tried = spots.map((spot) => {
    const start = spot.x - { start: 0, middle: wide / 2, end: wide }[spot.anchor];
    const covered = points.filter(([x, y]) => x > start - 3 && x < start + wide + 3 && y > spot.y - 13 && y < spot.y + 5);
    const out = start < left || start + wide > right + 16 || spot.y - 12 < top - 20 || spot.y > bottom - 3;
    return { spot, start, cost: covered.length + (out ? 1000 : 0) };
  });
  const best = tried.reduce((a, b) => (b.cost < a.cost ? b : a));
  text.setAttribute("x", best.spot.x);
  text.setAttribute("y", best.spot.y);
  text.setAttribute("text-anchor", best.spot.anchor);
  const across = Array.from({ length: Math.ceil(wide / 6) + 1 }, (_, i) => best.start + (i * wide) / Math.ceil(wide / 6));
  return { points: across.flatMap((x) => [[x, best.spot.y - 9], [x, best.spot.y - 1]]) };
}
