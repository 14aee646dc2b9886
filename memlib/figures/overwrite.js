// Overwrite a binding in a matrix of fast weights, with the strength under your thumb.
import { around, cells, label, picture, plot, settle, svg, tab } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, select, slider } from "./controls.js";
import { LABELS, MOST, amount, orthonormal, play, questionFor, sentence } from "./overwrite_rules.js";

const WORDS = [
  "A matrix holds three bindings: Mary and the kitchen, John and the office, Sandra and the hallway. The matrix is fitted to the keys, " +
    "so that at the start each name reads exactly its place, whatever the keys. Choose a name and a new place, and write: once, or again and again.",
  "The scale on top is β|k|², the strength times the squared length of the key. It decides what a write of the delta rule " +
    "does to the old value: at 0 nothing, at 1 it is replaced, between 1 and 2 the write goes past the goal and comes back, " +
    "at 2 the error only changes its sign, and beyond 2 it grows with each write.",
  "The bars show how much of each place each name reads. The coloured bar is the place where the name was last sent, with ✓ if " +
    "it is the longest and ✗ if it is not; a thin line marks where a bar stood before the present round of writes. Bars that leave the picture end in an arrow.",
  "The curve is the error of the name that is written, after each write of the round: the length of the difference between " +
    "what it reads and the place it should read. The dashed curve is the larger error of the other two. Where the error " +
    "explodes the scale becomes logarithmic. The figure stops at a million.",
  "Strength and rule act on the whole present round at once, so that you can move them and see. Another name or place " +
    "begins a new round; the rounds before keep their strength and their rule. Length and likeness belong to the keys of all " +
    "rounds: move them, and everything is written again from the start, with the new keys. Likeness is the cosine of every " +
    "two keys. The vectors of the places are at right angles to each other.",
];

function meterPicture() {
  const node = picture(340, 78, "The factor of the delta rule, on a scale with the points 0, 1 and 2");
  const [left, unit] = [16, 92];
  const at = (factor) => left + unit * Math.min(factor, 3.2);
  const title = label("", 2, 14, { anchor: "start", kind: "ml-strong" });
  const marker = svg("path", { d: "M0,36L-7,24H7Z", class: "ml-here" });
  const beyond = svg("rect", { x: at(2), y: 36, width: at(3.2) - at(2), height: 12, class: "ml-high", "fill-opacity": 0.45 });
  node.append(title, svg("rect", { x: left, y: 36, width: at(2) - left, height: 12, class: "ml-zero" }), beyond);
  for (const [x, name, anchor] of [[0, "nothing", "start"], [1, "replaced", "middle"], [2, "sign turned", "middle"]]) {
    node.append(svg("path", { d: `M${at(x)},33V51`, class: "ml-axis" }), label(String(x), at(x), 62, { anchor: "middle", kind: "ml-tick" }));
    node.append(label(name, anchor === "start" ? 2 : at(x), 76, { anchor, kind: "ml-soft" }));
  }
  node.append(label("unstable", at(3.2), 76, { kind: "ml-soft" }), marker);
  return {
    node,
    update(factor, rule) {
      say(title, `${rule === "hebb" ? "Hebb adds β|k|² each time:" : "β|k|² ="} ${amount(factor)}${factor > 3.2 ? " →" : ""}`);
      marker.setAttribute("transform", `translate(${at(factor)},0)`);
      node.classList.toggle("ml-faint", rule === "hebb");
    },
  };
}

const [FROM, TO, ZERO, UNIT] = [-0.6, 1.6, 142, 76];

function readsPicture(names, places) {
  const step = 18;
  const tall = 22 + places.length * step + 10;
  const node = picture(340, names.length * tall, "How much of each place each name reads");
  const groups = names.map((name, i) => {
    const top = i * tall;
    const title = label("", 2, top + 14, { anchor: "start", kind: "ml-strong" });
    node.append(title, svg("path", { d: `M${ZERO},${top + 20}v${places.length * step}`, class: "ml-axis" }),
      svg("path", { d: `M${ZERO + UNIT},${top + 20}v${places.length * step}`, class: "ml-grid" }));
    const bars = places.map((place, j) => {
      const y = top + 22 + j * step;
      const bar = svg("rect", { class: "ml-bar", y, height: 13, rx: 2 });
      const was = svg("path", { class: "ml-seen" });
      const tip = svg("path", { class: "ml-seen" });
      const text = label(place, ZERO - 0.6 * UNIT - 6, y + 11);
      const number = label("", 0, y + 11, { anchor: "start", kind: "ml-halo" });
      node.append(bar, was, tip, text, number);
      return { bar, was, tip, text, number, y };
    });
    return { title, bars };
  });
  const place = (score) => ZERO + UNIT * Math.max(FROM, Math.min(TO, score));
  return {
    node,
    update({ before, after, truth, done }, chosen) {
      groups.forEach(({ title, bars }, i) => {
        say(title, `${names[i]} reads${i === chosen ? " (written now)" : ""}`);
        bars.forEach(({ bar, was, tip, text, number, y }, j) => {
          const [score, here] = [after[i][j], truth[i] === j];
          const x = place(score);
          bar.setAttribute("x", Math.min(ZERO, x));
          bar.setAttribute("width", Math.abs(x - ZERO));
          bar.classList.toggle("ml-longest", here);
          text.classList.toggle("ml-strong", here);
          const moved = done && Math.abs(place(score) - place(before[i][j])) > 2;
          was.setAttribute("d", moved ? `M${place(before[i][j])},${y - 2}v17` : "");
          const out = score > TO ? 1 : score < FROM ? -1 : 0;
          tip.setAttribute("d", out ? `M${x - 4 * out},${y + 1.5}l${5 * out},5l${-5 * out},5` : "");
          say(number, `${amount(score)}${here ? (score >= Math.max(...after[i]) ? " ✓" : " ✗") : ""}`);
          number.classList.toggle("ml-strong", here);
          number.setAttribute("x", Math.max(ZERO, x, moved ? place(before[i][j]) : 0) + 7);
        });
      });
    },
  };
}

const nice = (top) => {
  const unit = 10 ** Math.floor(Math.log10(top));
  return unit * [1, 2, 5, 10].find((factor) => factor * unit >= top * 0.999);
};

function curvePicture(errors, others, times, rule) {
  const node = picture(340, 190, "The error after each write");
  const most = Math.max(...errors, ...others);
  const log = rule === "delta" && most > 10;
  const width = times > 10 ? MOST : 10;
  const top = log ? 10 ** Math.ceil(Math.log10(3 * most)) : Math.max(2, nice(most));
  const power = Math.max(1, Math.ceil(Math.log10(top) / 3));
  const yTicks = log ? Array.from({ length: Math.floor(Math.log10(top) / power) + 1 }, (_, i) => 10 ** (i * power)) : [0, top / 2, top];
  const axes = plot({
    width: 340, height: 190, x: [0, width], y: [log ? 0.5 : 0, top], xTicks: [0, width / 2, width], yTicks, xName: "writes", log,
    yName: log ? "error (log)" : "error", dashedName: "the others, the worse",
  });
  const points = errors.map((error, i) => [i, Math.max(error, log ? 0.5 : 0)]);
  const beside = others.map((error, i) => [i, Math.max(error, log ? 0.5 : 0)]);
  const [x, y] = [axes.sx(points.length - 1), axes.sy(points.at(-1)[1])];
  const number = label(amount(errors.at(-1)), 0, 0, { kind: "ml-strong ml-halo" });
  node.append(axes.node, svg("path", { d: axes.line(beside), class: "ml-theory" }), svg("path", { d: axes.line(points), class: "ml-seen" }));
  points.slice(0, -1).forEach(([a, b]) => node.append(svg("circle", { cx: axes.sx(a), cy: axes.sy(b), r: 2.5, class: "ml-trail" })));
  node.append(svg("circle", { cx: x, cy: y, r: 6, class: "ml-here" }), number);
  settle(number, around(x, y), [...axes.points(points), ...axes.points(beside)], axes.box);
  return node;
}

function matrixPicture(names, places, depth, keyWidth) {
  const node = picture(340, 300, "The keys of the names, the matrix, the vectors of the places, and what is read");
  const [x, y, w, h] = [164, 34, 144, 140];
  const keys = names.map((name, i) => {
    const part = cells(keyWidth, 1, { x: 14 + i * 46, y, width: 18, height: h, role: "key" });
    const text = label(name, 23 + i * 46, 28, { anchor: "middle" });
    node.append(part.node, text);
    return { ...part, text };
  });
  const memory = cells(keyWidth, depth, { x, y, width: w, height: h, role: "memory" });
  node.append(tab("key", 9, 8), label("keys", 22, 12, { anchor: "start", kind: "ml-soft" }), tab("memory", x + 8, 20),
    label("fast weights", x + 22, 25, { anchor: "start", kind: "ml-soft" }), memory.node);
  const values = places.map((place, i) => {
    const part = cells(1, depth, { x, y: 190 + i * 20, width: w, height: 13, role: "value" });
    const text = label(place, x - 10, 201 + i * 20);
    node.append(part.node, text);
    return { ...part, text };
  });
  const read = cells(1, depth, { x, y: 278, width: w, height: 16, role: "query" });
  const who = label("", x - 10, 290, { kind: "ml-strong" });
  node.append(tab("value", x + w + 18, 226), read.node, who);
  return {
    node,
    update({ keys: vectors, memory: numbers, read: row }, chosen, wanted, rowsOf) {
      keys.forEach((part, i) => {
        part.update(vectors[i], 0.9);
        part.text.classList.toggle("ml-strong", i === chosen);
        part.node.classList.toggle("ml-idle", i !== chosen);
      });
      memory.update(numbers.flat(), 0.6);
      values.forEach((part, i) => {
        part.update(rowsOf[i], 0.9);
        part.text.classList.toggle("ml-strong", i === wanted);
      });
      read.update(row, 0.9);
      say(who, `${names[chosen]} reads`);
    },
  };
}

const TRAITS = ["name", "place", "strength", "length", "alike", "rule", "times", "history"];

function render({ model, el }) {
  const data = model.get("data");
  const { names, places, start } = data;
  const [basis, values] = [orthonormal(data.keys), orthonormal(data.values)];
  const { root, question, controls, stage, status } = frame(el, { title: "Overwrite a binding in a matrix of fast weights", words: WORDS });
  const meter = meterPicture();
  const reads = readsPicture(names, places);
  const matrix = matrixPicture(names, places, values[0].length, basis[0].length);
  const [left, right] = [document.createElement("div"), document.createElement("div")];
  left.append(meter.node, reads.node);
  stage.append(left, right);
  let full = false;

  const now = () => {
    const own = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
    return { ...own, name: names.indexOf(own.name), place: places.indexOf(own.place) };
  };
  const draw = () => {
    const state = now();
    const shown = play({ basis, values, start, ...state });
    full = shown.done < state.times;
    const stuck = full || (shown.errors.at(-1) > 1e6 && !(state.rule === "delta" && shown.factor <= 2));
    meter.update(shown.factor, state.rule);
    reads.update(shown, state.name);
    right.replaceChildren(curvePicture(shown.errors, shown.others, state.times, state.rule), matrix.node);
    matrix.update(shown, state.name, state.place, values);
    who.update(names[state.name]);
    where.update(places[state.place]);
    law.update(state.rule);
    beta.update(Math.round(state.strength * 20), { text: state.strength.toFixed(2) });
    long.update(Math.round(state.length * 10), { text: state.length.toFixed(1) });
    like.update(Math.round(state.alike * 10), { text: state.alike.toFixed(1) });
    idle(once, stuck || state.times >= MOST);
    idle(ten, stuck || state.times >= MOST);
    idle(again, !state.times && !state.history.length);
    const was = places[shown.before[state.name].indexOf(Math.max(...shown.before[state.name]))];
    ask(question, ...questionFor({
      who: names[state.name], place: places[state.place], was, rule: state.rule, factor: shown.factor, alike: state.alike,
      times: state.times, there: shown.errors[0] < 0.005,
    }));
    say(status, sentence({ ...shown, names, places, name: state.name, place: state.place, rule: state.rule, alike: state.alike, stuck }));
  };

  const bound = bindModel(model, TRAITS, draw);
  const write = (count) => {
    if (once.getAttribute("aria-disabled") === "true") return;
    bound.set({ times: Math.min(MOST, model.get("times") + count) });
  };
  // Another name or place begins a new round; the one that ends is kept as it stands.
  const turn = (changes) => {
    const { name, place, times, strength, rule, history } = now();
    const kept = times ? [...history, [name, place, times, strength, rule]] : history;
    bound.set({ ...changes, times: 0, history: kept });
  };
  const once = button(LABELS.once, () => write(1), "ml-first");
  const ten = button(LABELS.ten, () => write(10));
  const again = button(LABELS.again, () => bound.set({ times: 0, history: [] }));
  const who = select(LABELS.name, names.map((name) => [name, name]), (name) => turn({ name }));
  const where = select(LABELS.place, places.map((place) => [place, place]), (place) => turn({ place }));
  const law = choice("Rule", Object.entries(LABELS.rules), (rule) => bound.set({ rule }));
  const beta = slider(LABELS.strength, { min: 0, max: 50, onMove: (n) => bound.set({ strength: n / 20 }) });
  const long = slider(LABELS.length, { min: 5, max: 20, onMove: (n) => bound.set({ length: n / 10 }) });
  const like = slider(LABELS.alike, { min: 0, max: 9, onMove: (n) => bound.set({ alike: n / 10 }) });
  controls.append(...rows([who.node, where.node, law.node], [long.node, like.node], [beta.node], [once, ten, again]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
