// An outer-product memory and its crosstalk, with three rules for writing.
import { around, cells, label, picture, pill, plot, settle, svg, tab } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, select, slider } from "./controls.js";
import { memories, recall, relativeError, square, theory, unit } from "./outer_product.js";

const NAMES = { hebb: "Hebb", delta: "Delta", sweeps: "Delta, 100 sweeps" };
const STORE = "Store the next pair";

const WORDS = [
  "The large grid is the memory M. Each press adds one pair: a column of numbers on its left, the key, times a row of " +
    "numbers above it, the value. The asked key stands on the right. Multiplying the memory by it gives the recalled row " +
    "below; under it stand the true row and the error, which is their difference.",
  "Orange is positive, blue with a dash negative, grey zero. Stronger colour means a larger number.",
  "The plot shows the relative error over all stored pairs against their number. With the Hebbian rule it follows the " +
    "square root of (n - 1) / d, where n is the number of pairs and d the width of the keys. At 1 the error is as large as " +
    "the values.",
  "With “Delta” each pair is written once: the newest is recalled exactly, and older ones fade. With “Delta, 100 sweeps” " +
    "all pairs are written in turn, 100 times over. The error vanishes while there are fewer pairs than dimensions. Close " +
    "to n = d it may still be falling after 100 sweeps. Beyond, no number of sweeps helps.",
];
const DRAW = {
  chosen: "The keys and values are one random draw, chosen because its errors lie near the law. Other draws scatter around it.",
  other: "The keys and values are one random draw. Each draw scatters around the law.",
};

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor({ stored, most, width, widths, rule, asked }) {
  const press = `Before you press “${STORE}”:`;
  if (stored === 0) return [press, "the memory is empty. What will it look like after one pair?"];
  if (stored === 1) return [press, "one pair is recalled exactly. Will it still be, once there are two?"];
  const wider = widths.includes(4 * width) ? 4 * width : widths.find((w) => w > width);
  const widen = `Before you set “Width of the keys” to ${wider}:`;
  if (rule === "sweeps") {
    if (stored > width && wider) return [widen, `${stored} pairs do not fit into ${width} dimensions. Will the error vanish in ${wider}?`];
    if (stored < most || stored > width) return ["Before you move “Pairs stored”:", "up to how many pairs will the error stay near 0?"];
    return [`Before you choose “${NAMES.hebb}”:`, "the memory is full. Will the error be larger or smaller?"];
  }
  if (rule === "delta") {
    if (stored === most) return [`Before you choose “${NAMES.hebb}”:`, "the memory is full. Will Hebb’s error be larger or smaller?"];
    return ["Before you move “Ask with key”:", `the delta rule corrects as it writes. Which of the ${stored} pairs is recalled without error?`];
  }
  if (stored === most) {
    return [`Before you choose “${NAMES.delta}” and move “Ask with key”:`, `which of the ${most} pairs will that rule recall best?`];
  }
  if (stored >= width && wider) return [widen, "what will happen to the error?"];
  return [press, `one more pair goes in. Will the error of key ${asked} grow, and by how much?`];
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
    dashedName: "theory (Hebb)",
  });
  const curve = Array.from({ length: 4 * (most - 1) + 1 }, (_, i) => [1 + i / 4, theory(1 + i / 4, width)]);
  const seen = svg("path", { class: "ml-seen" });
  const here = svg("circle", { r: 6, class: "ml-here" });
  const number = label("", 0, 0, { kind: "ml-strong ml-halo" });
  const equal = label("as large as the value", 0, 0, { kind: "ml-soft" });
  const one = axes.sy(1);
  const spot = settle(equal, [
    { x: axes.box.left + 2, y: one - 5, anchor: "start" }, { x: axes.box.right, y: one + 15, anchor: "end" },
  ], axes.points(curve), axes.box);
  const full = svg("g", {}, svg("path", { d: `M${axes.sx(width)},${axes.box.top}V${axes.box.bottom}`, class: "ml-dotted" }),
    label("pairs = width", axes.sx(width) - 5, axes.box.top + 8, { kind: "ml-soft ml-halo" }));
  node.append(
    axes.node, svg("path", { d: `M${axes.box.left},${one}H${axes.box.right}`, class: "ml-dotted" }), equal, full,
    svg("path", { d: axes.line(curve), class: "ml-theory" }), seen, here, number,
  );
  return {
    node,
    update(errors, stored, rule) {
      full.style.display = rule === "sweeps" && width < most ? "" : "none";
      for (const it of [here, number]) it.style.display = stored ? "" : "none";
      const line = errors.slice(0, stored + 1).map((error, n) => [n, error]).slice(1);
      seen.setAttribute("d", axes.line(line));
      const [x, y] = [axes.sx(stored), axes.sy(errors[stored])];
      here.setAttribute("cx", x);
      here.setAttribute("cy", y);
      say(number, stored ? errors[stored].toFixed(2) : "");
      settle(number, around(x, y), [...axes.points(curve), ...axes.points(line), ...axes.level(1), ...spot.points], axes.box);
    },
  };
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
  const words = [...WORDS, model.get("data").chosen ? DRAW.chosen : DRAW.other];
  const { root, question, controls, stage, status } = frame(el, { title: "An associative memory and its crosstalk", words });
  const known = new Map();
  let built = null;

  const numbers = (width, rule) => {
    const name = `${width} ${rule}`;
    if (!known.has(name)) {
      const keys = allKeys.map((key) => unit(key.slice(0, width)));
      const after = memories(keys, values, rule);
      const errors = after.map((memory, n) => (n ? relativeError(memory, keys.slice(0, n), values.slice(0, n)) : 0));
      known.set(name, { keys, after, errors });
    }
    return known.get(name);
  };
  const pictures = (width, keys) => {
    if (built?.width === width) return built;
    built = {
      width, memory: memoryPicture(width, values[0].length), plot: plotPicture(most, width), shelf: shelfPicture(keys, values),
    };
    const side = document.createElement("div");
    side.append(built.plot.node, built.shelf.node);
    stage.replaceChildren(built.memory.node, side);
    return built;
  };

  const draw = () => {
    const [width, rule, stored] = [model.get("width"), model.get("rule"), model.get("stored")];
    const query = Math.max(1, Math.min(model.get("asked"), stored));
    const { keys, after, errors } = numbers(width, rule);
    const shown = pictures(width, keys);
    const { part, text, newest, answer } = shown.memory;
    const scale = 2.5 / Math.sqrt(width);
    part.memory.update(after[stored].flat(), 2.4 * scale);
    for (const group of [newest, answer, part.query.node]) group.classList.toggle("ml-idle", !stored);
    const asked = keys[query - 1];
    const truth = values[query - 1];
    const recalled = recall(after[stored], asked);
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

    shown.plot.update(errors, stored, rule);
    shown.shelf.update(stored, query);

    count.update(stored);
    which.update(query, { upTo: Math.max(stored, 1), off: stored < 2 });
    wide.update(String(width));
    law.update(rule);
    idle(more, stored === most);
    idle(clear, stored === 0);
    ask(question, ...questionFor({ stored, most, width, widths, rule, asked: query }));
    const pairs = stored === 1 ? "1 pair" : `${stored} pairs`;
    const expected = rule === "hebb" ? `; theory ${theory(stored, width).toFixed(2)}` : "";
    say(status, stored === 0 ? `The memory is empty: ${width} by ${values[0].length} zeros.` :
      `${pairs} stored in ${width} dimensions. Relative error ${errors[stored].toFixed(2)}${expected}. Key ${query} alone: ${own.toFixed(2)}.`);
  };

  const bound = bindModel(model, ["stored", "width", "asked", "rule"], draw);
  const more = button(STORE, () => bound.set({ stored: Math.min(most, model.get("stored") + 1) }), "ml-first");
  const clear = button("Empty", () => bound.set({ stored: 0, asked: 1 }));
  const count = slider("Pairs stored", { min: 0, max: most, onMove: (n) => bound.set({ stored: n, asked: Math.max(1, Math.min(n, model.get("asked"))) }) });
  const which = slider("Ask with key", { min: 1, max: most, onMove: (n) => bound.set({ asked: n }) });
  const wide = select("Width of the keys", widths.map((w) => [w, `${w} numbers`]), (w) => bound.set({ width: Number(w) }));
  const law = choice("Rule", Object.entries(NAMES), (rule) => bound.set({ rule }));
  controls.append(...rows([more, clear, law.node], [count.node, which.node, wide.node]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
