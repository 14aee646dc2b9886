// A holographic memory in several copies: items add noise, copies average it away.
import { around, dials, html, label, picture, pill, plot, settle, svg, tab } from "./grammar.js";
import { ask, bindModel, frame, rows, say, slider } from "./controls.js";
import { fromPhases, mean, measuredNoise, noiseLaw, store, turnedBack } from "./complex.js";

const WORDS = [
  "Each dial is a complex number: the direction of its hand is the phase, its length the modulus, the ring is modulus 1.",
  "Every stored item is a value bound to a key: their phases add. The memory is the sum of all items, kept in several " +
    "copies, each under its own shuffle of the keys. In the memory the items cannot be told apart.",
  "To read one item, its key turns every dial back. What comes out is the true value, drawn as the broad hand behind, plus " +
    "noise from the other items, which differs from copy to copy. The average over the copies keeps the value and loses noise. " +
    "In the two middle blocks all hands are shortened alike, so that they fit; a hand that is still too long ends in a dot.",
  "The plot shows the noise variance against the number of copies, on a scale of powers of ten. The dashed curve is the law " +
    "(n - 1) (1/c + (1 - 1/c)/d), for n items, c copies and d dials; the dot is measured over all items of this memory. " +
    "Small rings are the counts of copies that you have visited.",
];

const DRAW = {
  chosen: "Keys and values are one random draw, chosen because its noise lies near the law. Other draws scatter around it.",
  other: "Keys and values are one random draw. Each draw scatters around the law.",
};

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor({ items, copies, mostCopies }) {
  const [few, many] = ["Before you move “Items”:", "Before you move “Copies”:"];
  if (items === 1) return [few, "one item is read back exactly. What will a second one do to it?"];
  if (copies === 1) return [many, `${items} items share one memory. Will two copies read better than one?`];
  if (2 * copies <= mostCopies) return [many, `with ${2 * copies} copies instead of ${copies}, will the noise be halved?`];
  if (copies < mostCopies) {
    const half = Math.floor(copies / 2);
    return [many, `with ${half === 1 ? "1 copy" : `${half} copies`} instead of ${copies}, how much more noise will there be?`];
  }
  return [few, "with this many copies, at how many items is the noise as strong as the value?"];
}

const GUTTER = 82;
const GAP = 32;
const CHART = 262;

// How wide the two pictures are, in a figure of this width: side by side where the dials gain by it, else one below the other.
export function widths(room) {
  if (room < 640) return { reading: Math.min(400, room), chart: Math.min(400, room) };
  return { reading: room - GAP - CHART, chart: CHART };
}

function readingPicture(copies, width, across) {
  const whole = across - GUTTER - 3;
  const pitch = Math.min(34, whole / width);
  const gutter = GUTTER + (whole - pitch * width) / 2;
  const block = copies * pitch;
  const y = { key: 4, memory: 4 + pitch + 12 };
  y.turn = y.memory + block + 18;
  y.turned = y.turn + 18;
  y.mean = y.turned + block + 18;
  y.read = y.mean + 18;
  y.truth = y.read + pitch + 8;
  const node = picture(across, y.truth + pitch + 4, "The asked key, the copies of the memory, what they give, and the value read");
  const row = (role, top) => dials(width, { x: gutter, y: top, pitch, role });
  const many = (role, top) => Array.from({ length: copies }, (_, s) => row(role, top + s * pitch));
  const part = {
    key: row("query", y.key), memory: many("", y.memory), turned: many("", y.turned),
    read: row("value", y.read), truth: row("value", y.truth),
  };
  const outline = (top, role) => svg("g", { class: `ml-${role}` },
    svg("rect", { x: gutter - 1.5, y: top - 0.5, width: width * pitch + 3, height: block + 1, rx: 3, class: "ml-frame" }));
  const middle = gutter + (width * pitch) / 2;
  const beside = (role, text, top) => {
    node.append(tab(role, gutter - 14, top + pitch / 2), label(text, gutter - 27, top + pitch / 2 + 5));
    return node.lastChild;
  };
  const name = beside("query", "", y.key);
  beside("memory", "memory", y.memory);
  beside("noise", "value", y.turned);
  node.append(label("+ noise", gutter - 27, y.turned + pitch / 2 + 20));
  beside("value", "read", y.read);
  beside("value", "true", y.truth);
  node.append(
    part.key.node, ...part.memory.map((row) => row.node), outline(y.memory, "memory"),
    pill("turn each copy back by its key", middle, y.turn, 210),
    ...part.turned.map((row) => row.node), outline(y.turned, "noise"),
    pill(copies === 1 ? "one copy: nothing to average" : `average the ${copies} copies`, middle, y.mean, 210),
    part.read.node, part.truth.node,
  );
  return { node, part, name };
}

function plotPicture(mostItems, mostCopies, width, across) {
  const height = across === CHART ? 310 : 250;
  const node = picture(across, height, "Noise variance against the number of copies");
  const low = noiseLaw(2, mostCopies, width) / 2.2;
  const high = noiseLaw(mostItems, 1, width) * 1.6;
  const ticks = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100].filter((tick) => tick > low && tick < high);
  const step = Math.ceil(mostCopies / 8);
  const xTicks = Array.from({ length: mostCopies }, (_, i) => i + 1).filter((c) => c === 1 || c % step === 0);
  const axes = plot({
    width: across, height, x: [0.6, mostCopies + 0.4], y: [low, high], xTicks, yTicks: ticks,
    xName: "copies", yName: "noise variance", log: true,
  });
  const law = svg("path", { class: "ml-theory" });
  const trail = svg("g", {});
  const here = svg("circle", { r: 6, class: "ml-here" });
  const number = label("", 0, 0, { kind: "ml-strong ml-halo" });
  const one = axes.sy(1);
  const { left, right } = axes.box;
  const equal = label("as strong as the value", 0, 0, { kind: "ml-soft" });
  node.append(axes.node, svg("path", { d: `M${left},${one}H${right}`, class: "ml-dotted" }), equal, law, trail, here, number);
  return {
    node,
    update({ items, copies, noise, visited }) {
      const none = items < 2;
      const curve = Array.from({ length: 4 * (mostCopies - 1) + 1 }, (_, i) => [1 + i / 4, noiseLaw(items, 1 + i / 4, width)]);
      law.setAttribute("d", axes.line(curve));
      axes.nameDashed(none ? "one item: no noise" : `law for ${items} items`, !none);
      const spot = settle(equal, [
        { x: right, y: one - 5, anchor: "end" }, { x: left + 4, y: one + 15, anchor: "start" },
        { x: right, y: one + 15, anchor: "end" }, { x: left + 4, y: one - 5, anchor: "start" },
      ], axes.points(curve), axes.box);
      const rings = none ? [] : axes.points([...visited].filter(([c]) => c !== copies));
      trail.replaceChildren(...rings.map(([cx, cy]) => svg("circle", { cx, cy, r: 3.5, class: "ml-trail" })));
      for (const it of [here, number]) it.style.display = none ? "none" : "";
      if (none) return;
      const [x, y] = [axes.sx(copies), axes.sy(noise)];
      here.setAttribute("cx", x);
      here.setAttribute("cy", y);
      say(number, noise.toFixed(2));
      settle(number, around(x, y), [...axes.points(curve), ...axes.level(1), ...spot.points, ...rings], axes.box);
    },
  };
}

function render({ model, el }) {
  const data = model.get("data");
  const keys = data.keys.map(fromPhases);
  const values = data.values.map(fromPhases);
  const orders = data.permutations;
  const width = data.permutations[0].length;
  const words = [...WORDS, data.chosen ? DRAW.chosen : DRAW.other];
  const { root, question, controls, stage, status } = frame(el, { title: "A holographic memory in copies", words });
  const [reading, plotted] = [html("div", { class: "ml-sized" }), html("div", { class: "ml-sized" })];
  stage.append(reading, plotted);
  let room = 0;
  let [shown, chart] = [null, null];
  const visited = new Map();

  const draw = () => {
    const items = Math.min(model.get("items"), keys.length);
    const copies = Math.min(model.get("copies"), orders.length);
    const asked = Math.min(model.get("asked"), items);
    const across = widths(room);
    if (chart?.across !== across.chart) {
      chart = { across: across.chart, ...plotPicture(keys.length, orders.length, width, across.chart) };
      plotted.replaceChildren(chart.node);
      plotted.style.setProperty("--ml-width", `${across.chart}px`);
    }
    if (shown?.copies !== copies || shown.across !== across.reading) {
      shown = { copies, across: across.reading, ...readingPicture(copies, width, across.reading) };
      reading.replaceChildren(shown.node);
      reading.style.setProperty("--ml-width", `${across.reading}px`);
    }
    const [some, true_, used] = [keys.slice(0, items), values.slice(0, items), orders.slice(0, copies)];
    const memory = store(some, true_, used);
    const key = keys[asked - 1];
    const truth = values[asked - 1];
    const turned = turnedBack(memory, key, used);
    const unit = Math.sqrt(items);
    shown.part.key.update(key);
    shown.part.memory.forEach((row, s) => row.update(memory[s], { unit }));
    shown.part.turned.forEach((row, s) => row.update(turned[s], { unit, behind: truth }));
    shown.part.read.update(mean(turned), { behind: truth });
    shown.part.truth.update(truth, { behind: truth });
    say(shown.name, `key ${asked}`);

    const noise = measuredNoise(memory, some, true_, used);
    const own = measuredNoise(memory, [key], [truth], used);
    const law = noiseLaw(items, copies, width);
    if (!visited.has(items)) visited.set(items, new Map());
    visited.get(items).set(copies, noise);
    chart.update({ items, copies, noise, visited: visited.get(items) });

    count.update(items);
    spread.update(copies);
    which.update(asked, { upTo: items, off: items < 2 });
    ask(question, ...questionFor({ items, copies, mostCopies: orders.length }));
    say(status, `${items === 1 ? "1 item" : `${items} items`} in ${copies === 1 ? "1 copy" : `${copies} copies`} of ${width} ` +
      `complex numbers. Noise variance ${noise.toFixed(2)}; law ${law.toFixed(2)}. Key ${asked} alone: ${own.toFixed(2)}.`);
  };

  const bound = bindModel(model, ["items", "copies", "asked"], draw);
  const count = slider("Items", { min: 1, max: keys.length, onMove: (n) => bound.set({ items: n }) });
  const spread = slider("Copies", { min: 1, max: orders.length, onMove: (n) => bound.set({ copies: n }) });
  const which = slider("Read with key", { min: 1, max: keys.length, onMove: (n) => bound.set({ asked: n }) });
  controls.append(...rows([count.node, spread.node, which.node]));
  const fit = (wide) => {
    if (Math.round(wide) === room) return;
    room = Math.round(wide);
    draw();
  };
  fit(controls.clientWidth || 340);
  // The controls are as wide as the pictures, and the pictures do not change their height: no loop.
  const watch = new ResizeObserver(() => controls.clientWidth && fit(controls.clientWidth));
  watch.observe(controls);
  root.dataset.ready = "yes";
  return () => {
    watch.disconnect();
    bound.stop();
  };
}

export default { render };
