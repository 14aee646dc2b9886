// An outer-product memory and its crosstalk. The mathematics is that of memlib.mechanisms.associative.
import { cells, label, picture, pill, plot, svg, tab } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, select, slider } from "./controls.js";

export function unit(vector) {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / Math.max(length, 1e-12));
}

export function emptyMatrix(rows, columns) {
  return Array.from({ length: rows }, () => new Array(columns).fill(0));
}

// M + k vᵀ
export function hebbianWrite(memory, key, value) {
  return memory.map((row, i) => row.map((x, j) => x + key[i] * value[j]));
}

// Mᵀ k
export function recall(memory, key) {
  return memory[0].map((_, j) => memory.reduce((sum, row, i) => sum + row[j] * key[i], 0));
}

// M + β k (v - Mᵀk)ᵀ
export function deltaWrite(memory, key, value, strength) {
  const recalled = recall(memory, key);
  return hebbianWrite(memory, key, value.map((x, j) => strength * (x - recalled[j])));
}

export function store(keys, values, rule) {
  const write = rule === "delta" ? (m, k, v) => deltaWrite(m, k, v, 1) : hebbianWrite;
  const empty = emptyMatrix(keys[0].length, values[0].length);
  return keys.reduce((memory, key, i) => write(memory, key, values[i]), empty);
}

const square = (vector) => vector.reduce((sum, x) => sum + x * x, 0);

// The root of mean square error over mean square value, over the pairs given.
export function relativeError(memory, keys, values) {
  const wrong = keys.map((key, i) => square(recall(memory, key).map((x, j) => x - values[i][j])));
  return Math.sqrt(wrong.reduce((a, b) => a + b, 0) / values.reduce((sum, value) => sum + square(value), 0));
}

// √((n - 1) / d), for the Hebbian rule and random unit keys.
export function theory(items, width) {
  return items < 1 ? 0 : Math.sqrt((items - 1) / width);
}

const WORDS = [
  "The large grid is the memory M. Each press adds one pair: a column of numbers on its left, the key, times a row of " +
    "numbers above it, the value. The asked key stands on the right. Multiplying the memory by it gives the recalled row " +
    "below; under it stand the true row and the error, which is their difference.",
  "Orange is positive, blue with a dash negative, grey zero. Stronger colour means a larger number.",
  "The plot shows the relative error over all stored pairs against their number. With the Hebbian rule it follows the " +
    "square root of (n - 1) / d, where n is the number of pairs and d the width of the keys. At 1 the error is as large as " +
    "the values. With the delta rule the newest pair is always recalled exactly, and older ones fade.",
];

function questionFor({ stored, most, width, rule, asked }) {
  const act = "Before you press:";
  if (stored === 0) return [act, "the memory is empty. What will it look like after one pair?"];
  if (stored === 1) return [act, "one pair is recalled exactly. Will it still be, once there are two?"];
  if (stored === most) return ["Before you change the rule:", "the memory is full. Which pair would the other rule recall best?"];
  if (rule === "delta") return [act, `the delta rule corrects as it writes. Which of the ${stored} pairs is recalled without error?`];
  if (stored >= width) return ["Before you widen the keys:", "with keys four times as wide, what happens to the error?"];
  return [act, `one more pair goes in. Will the error of key ${asked} grow, and by how much?`];
}

function memoryPicture(width, depth) {
  const node = picture(340, 424, "The memory, the newest pair, the asked key, and what it recalls");
  const x = 112;
  const w = 160;
  const part = {
    value: cells(1, depth, { x, y: 30, width: w, height: 22, role: "value" }),
    key: cells(width, 1, { x: 84, y: 62, width: 20, height: 240, role: "key" }),
    memory: cells(width, depth, { x, y: 62, width: w, height: 240, role: "memory" }),
    query: cells(width, 1, { x: 298, y: 62, width: 20, height: 240, role: "query" }),
    recalled: cells(1, depth, { x, y: 342, width: w, height: 22, role: "value" }),
    truth: cells(1, depth, { x, y: 370, width: w, height: 22, role: "value" }),
    error: cells(1, depth, { x, y: 398, width: w, height: 22, role: "noise" }),
  };
  const text = {
    value: label("", 56, 45), key: label("", 56, 79), query: label("", 336, 19),
    error: label("", 282, 414, { anchor: "start", kind: "ml-strong" }),
  };
  const newest = svg("g", {}, part.key.node, part.value.node, tab("value", 70, 41), tab("key", 70, 75), text.value, text.key);
  const answer = svg("g", {}, part.recalled.node, part.truth.node, part.error.node, text.error);
  answer.append(tab("value", 97, 353), tab("value", 97, 381), tab("noise", 97, 409));
  answer.append(label("recalled", 82, 358), label("true", 82, 386), label("error", 82, 414));
  node.append(
    part.memory.node, tab("memory", 97, 322), label("memory", 82, 327), newest,
    svg("path", { d: "M285,34V306", class: "ml-dotted" }), part.query.node, tab("query", 308, 41), text.query,
    svg("path", { d: "M106,322H308V306", class: "ml-flow" }), pill("multiply: Mᵀ q", x + w / 2, 322, 120), answer,
  );
  return { node, part, text, newest, answer };
}

function plotPicture(most, width) {
  const node = picture(340, 236, "Relative error against the number of stored pairs");
  const top = Math.max(1.2, theory(most, width) * 1.12);
  const ticks = [0, 0.5, 1, 1.5, 2].filter((tick) => tick < top);
  const xTicks = Array.from({ length: Math.floor(most / 6) + 1 }, (_, i) => 6 * i);
  const axes = plot({
    width: 340, height: 236, x: [0, most], y: [0, top], xTicks, yTicks: ticks, xName: "pairs stored", yName: "relative error",
  });
  const curve = Array.from({ length: 4 * (most - 1) + 1 }, (_, i) => [1 + i / 4, theory(1 + i / 4, width)]);
  const seen = svg("path", { class: "ml-seen" });
  const here = svg("circle", { r: 6, class: "ml-here" });
  const number = label("", 0, 0, { anchor: "middle", kind: "ml-strong ml-halo" });
  const end = [axes.sx(most), axes.sy(theory(most, width))];
  node.append(
    axes.node,
    svg("path", { d: `M${axes.box.left},${axes.sy(1)}H${axes.box.right}`, class: "ml-dotted" }),
    label("as large as the value", axes.box.left + 4, axes.sy(1) - 5, { anchor: "start", kind: "ml-soft" }),
    svg("path", { d: axes.line(curve), class: "ml-theory" }),
    label("theory (Hebb)", end[0], end[1] - 8 > 30 ? end[1] - 8 : end[1] + 22, { kind: "ml-soft ml-halo" }),
    seen, here, number,
  );
  return { node, axes, seen, here, number };
}

function shelfPicture(keys, values) {
  const step = 8;
  const node = picture(340, 34 + keys.length * step, "The pairs, stored ones strong, the others faint");
  node.append(tab("key", 80, 12), label("keys", 94, 17, { anchor: "start" }));
  node.append(tab("value", 260, 12), label("values", 274, 17, { anchor: "start" }));
  const rows = keys.map((key, i) => {
    const y = 28 + i * step;
    const k = cells(1, key.length, { x: 72, y, width: 172, height: step - 2 });
    const v = cells(1, values[i].length, { x: 252, y, width: 56, height: step - 2 });
    k.update(key, 2.5 / Math.sqrt(key.length));
    v.update(values[i], 2.4);
    return svg("g", { class: "ml-pair" }, k.node, v.node);
  });
  const newest = label("", 66, 0);
  const asked = tab("query", 324, 0);
  node.append(...rows, newest, asked);
  const at = (n) => 28 + (n - 1) * step + step / 2;
  return {
    node,
    update(stored, query) {
      rows.forEach((row, i) => row.classList.toggle("ml-faint", i >= stored));
      newest.textContent = stored ? "newest" : "";
      newest.setAttribute("y", at(stored) + 3);
      asked.setAttribute("transform", `translate(324,${at(query)}) scale(0.8)`);
      asked.style.display = stored ? "" : "none";
    },
  };
}

function render({ model, el }) {
  const { keys: allKeys, values, widths } = model.get("data");
  const most = values.length;
  const { root, question, controls, stage, status } = frame(el, { title: "An associative memory and its crosstalk", words: WORDS });
  let built = null;

  const prepare = (width, rule) => {
    const keys = allKeys.map((key) => unit(key.slice(0, width)));
    const memories = [emptyMatrix(width, values[0].length)];
    const write = rule === "delta" ? (m, k, v) => deltaWrite(m, k, v, 1) : hebbianWrite;
    keys.forEach((key, i) => memories.push(write(memories[i], key, values[i])));
    const errors = memories.map((memory, n) => (n ? relativeError(memory, keys.slice(0, n), values.slice(0, n)) : 0));
    return { keys, memories, errors, width, rule };
  };
  const build = (width, rule) => {
    const same = built && built.width === width;
    const pictures = same ? built.pictures : {
      memory: memoryPicture(width, values[0].length), plot: plotPicture(most, width),
    };
    built = { ...prepare(width, rule), pictures };
    if (same) return;
    built.pictures.shelf = shelfPicture(built.keys, values);
    const side = document.createElement("div");
    side.append(pictures.plot.node, pictures.shelf.node);
    stage.replaceChildren(pictures.memory.node, side);
  };

  const draw = () => {
    const [width, rule, stored] = [model.get("width"), model.get("rule"), model.get("stored")];
    const query = Math.max(1, Math.min(model.get("asked"), stored));
    if (!built || built.width !== width || built.rule !== rule) build(width, rule);
    const { keys, memories, errors, pictures } = built;
    const { part, text, newest, answer } = pictures.memory;
    const scale = 2.5 / Math.sqrt(width);
    part.memory.update(memories[stored].flat(), 2.4 * scale);
    for (const group of [newest, answer, part.query.node]) group.classList.toggle("ml-idle", !stored);
    const asked = keys[query - 1];
    const truth = values[query - 1];
    const recalled = recall(memories[stored], asked);
    const zero = (numbers) => (stored ? numbers : numbers.map(() => 0));
    part.key.update(zero(keys[Math.max(stored, 1) - 1]), scale);
    part.value.update(zero(values[Math.max(stored, 1) - 1]), 2.4);
    part.query.update(zero(asked), scale);
    part.recalled.update(recalled, 2.4);
    part.truth.update(zero(truth), 2.4);
    const wrong = recalled.map((x, j) => x - truth[j]);
    part.error.update(zero(wrong), 2.4);
    const own = Math.sqrt(square(wrong) / square(truth));
    say(text.value, stored ? `value ${stored}` : "value");
    say(text.key, stored ? `key ${stored}` : "key");
    say(text.query, stored ? `asked: key ${query}` : "asked");
    say(text.error, stored ? own.toFixed(2) : "");

    const { axes, seen, here, number } = pictures.plot;
    const points = errors.slice(0, stored + 1).map((error, n) => [n, error]).slice(1);
    seen.setAttribute("d", axes.line(points));
    const at = [axes.sx(stored), axes.sy(errors[stored])];
    here.setAttribute("cx", at[0]);
    here.setAttribute("cy", at[1]);
    number.setAttribute("x", Math.max(at[0], axes.box.left + 14));
    number.setAttribute("y", errors[stored] > theory(stored, width) ? at[1] - 12 : Math.min(at[1] + 22, axes.box.bottom - 4));
    say(number, stored ? errors[stored].toFixed(2) : "");
    here.style.display = stored ? "" : "none";
    pictures.shelf.update(stored, query);

    count.update(stored);
    which.update(query, { upTo: Math.max(stored, 1), off: stored < 2 });
    wide.update(String(width));
    law.update(rule);
    idle(more, stored === most);
    idle(clear, stored === 0);
    ask(question, ...questionFor({ stored, most, width, rule, asked: query }));
    const pairs = stored === 1 ? "1 pair" : `${stored} pairs`;
    const expected = rule === "hebb" ? `; theory ${theory(stored, width).toFixed(2)}` : "";
    say(status, stored === 0 ? `The memory is empty: ${width} by ${values[0].length} zeros.` :
      `${pairs} stored in ${width} dimensions. Relative error ${errors[stored].toFixed(2)}${expected}. Key ${query}: ${own.toFixed(2)}.`);
  };

  const bound = bindModel(model, ["stored", "width", "asked", "rule"], draw);
  const more = button("Store the next pair", () => bound.set({ stored: Math.min(most, model.get("stored") + 1) }), "ml-first");
  const clear = button("Empty", () => bound.set({ stored: 0, asked: 1 }));
  const count = slider("Pairs stored", { min: 0, max: most, onMove: (n) => bound.set({ stored: n }) });
  const which = slider("Ask with key", { min: 1, max: most, onMove: (n) => bound.set({ asked: n }) });
  const wide = select("Width of the keys", widths.map((w) => [w, `${w} numbers`]), (w) => bound.set({ width: Number(w) }));
  const law = choice("Rule", [["hebb", "Hebb"], ["delta", "Delta"]], (rule) => bound.set({ rule }));
  controls.append(...rows([more, clear, law.node], [count.node, which.node, wide.node]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
