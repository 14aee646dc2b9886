// A holographic memory in several copies: items add noise, copies average it away.
import { dials, label, picture, pill, plot, svg, tab } from "./grammar.js";
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

function questionFor({ items, copies, mostCopies }) {
  if (items === 1) return ["Before you move “items”:", "one item is read back exactly. What will a second one do to it?"];
  if (copies === 1) return ["Before you move “copies”:", `${items} items share one memory. Will two copies read better than one?`];
  if (copies < mostCopies) return ["Before you move “copies”:", "if the copies are doubled, will the noise be halved?"];
  return ["Before you move “items”:", "with this many copies, at how many items is the noise as strong as the value?"];
}

const GUTTER = 92;

function readingPicture(copies, width) {
  const pitch = 240 / width;
  const block = copies * pitch;
  const y = { key: 4, memory: 4 + pitch + 12 };
  y.turn = y.memory + block + 18;
  y.turned = y.turn + 18;
  y.mean = y.turned + block + 18;
  y.read = y.mean + 18;
  y.truth = y.read + pitch + 8;
  const node = picture(340, y.truth + pitch + 4, "The asked key, the copies of the memory, what they give, and the value read");
  const row = (role, top) => dials(width, { x: GUTTER, y: top, pitch, role });
  const many = (role, top) => Array.from({ length: copies }, (_, s) => row(role, top + s * pitch));
  const part = {
    key: row("query", y.key), memory: many("", y.memory), turned: many("", y.turned),
    read: row("value", y.read), truth: row("value", y.truth),
  };
  const outline = (top, role) => svg("g", { class: `ml-${role}` },
    svg("rect", { x: GUTTER - 1.5, y: top - 0.5, width: width * pitch + 3, height: block + 1, rx: 3, class: "ml-frame" }));
  const middle = GUTTER + 120;
  const beside = (role, text, top) => {
    node.append(tab(role, GUTTER - 16, top + pitch / 2), label(text, GUTTER - 30, top + pitch / 2 + 5));
    return node.lastChild;
  };
  const name = beside("query", "", y.key);
  beside("memory", "memory", y.memory);
  beside("noise", "value", y.turned);
  node.append(label("+ noise", GUTTER - 30, y.turned + pitch / 2 + 20));
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

function plotPicture(mostItems, mostCopies, width) {
  const node = picture(340, 250, "Noise variance against the number of copies");
  const low = noiseLaw(2, mostCopies, width) / 2.2;
  const high = noiseLaw(mostItems, 1, width) * 1.6;
  const ticks = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100].filter((tick) => tick > low && tick < high);
  const step = Math.ceil(mostCopies / 8);
  const xTicks = Array.from({ length: mostCopies }, (_, i) => i + 1).filter((c) => c === 1 || c % step === 0);
  const axes = plot({
    width: 340, height: 250, x: [0.6, mostCopies + 0.4], y: [low, high], xTicks, yTicks: ticks,
    xName: "copies", yName: "noise variance", log: true,
  });
  const law = svg("path", { class: "ml-theory" });
  const trail = svg("g", {});
  const here = svg("circle", { r: 6, class: "ml-here" });
  const lawName = label("", 0, 0, { kind: "ml-soft ml-halo" });
  const number = label("", 0, 0, { anchor: "middle", kind: "ml-strong ml-halo" });
  const loud = axes.sy(1);
  const equal = label("as strong as the value", 0, loud - 5, { kind: "ml-soft" });
  node.append(axes.node, svg("path", { d: `M${axes.box.left},${loud}H${axes.box.right}`, class: "ml-dotted" }), equal);
  node.append(law, lawName, trail, here, number);
  return { node, axes, law, lawName, trail, here, number, equal };
}

function render({ model, el }) {
  const data = model.get("data");
  const keys = data.keys.map(fromPhases);
  const values = data.values.map(fromPhases);
  const orders = data.permutations;
  const width = data.permutations[0].length;
  const { root, question, controls, stage, status } = frame(el, { title: "A holographic memory in copies", words: WORDS });
  const chart = plotPicture(keys.length, orders.length, width);
  const reading = document.createElement("div");
  stage.append(reading, chart.node);
  let shown = null;
  const visited = new Map();

  const draw = () => {
    const items = Math.min(model.get("items"), keys.length);
    const copies = Math.min(model.get("copies"), orders.length);
    const asked = Math.min(model.get("asked"), items);
    if (!shown || shown.copies !== copies) {
      shown = { copies, ...readingPicture(copies, width) };
      reading.replaceChildren(shown.node);
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
    const { axes } = chart;
    const curve = Array.from({ length: 4 * (orders.length - 1) + 1 }, (_, i) => [1 + i / 4, noiseLaw(items, 1 + i / 4, width)]);
    chart.law.setAttribute("d", axes.line(curve));
    const none = items < 2;
    const last = noiseLaw(items, orders.length, width);
    say(chart.lawName, none ? "one item: no noise at all" : `law for ${items} items`);
    chart.lawName.setAttribute("x", axes.box.right);
    chart.lawName.setAttribute("y", none ? axes.box.bottom - 12 : axes.sy(last) + 20);
    // The curve falls through 1 somewhere: its name for that line goes where the curve is not.
    const late = noiseLaw(items, 3.4, width) > 1;
    chart.equal.setAttribute("x", late ? axes.box.left + 4 : axes.box.right);
    chart.equal.setAttribute("y", axes.sy(1) + (late ? 15 : -5));
    chart.equal.setAttribute("text-anchor", late ? "start" : "end");
    if (!visited.has(items)) visited.set(items, new Map());
    visited.get(items).set(copies, noise);
    const rings = none ? [] : [...visited.get(items)].filter(([c]) => c !== copies);
    chart.trail.replaceChildren(...rings.map(([c, v]) => svg("circle", { cx: axes.sx(c), cy: axes.sy(v), r: 3.5, class: "ml-trail" })));
    for (const node of [chart.here, chart.number]) node.style.display = none ? "none" : "";
    if (!none) {
      chart.here.setAttribute("cx", axes.sx(copies));
      chart.here.setAttribute("cy", axes.sy(noise));
      chart.number.setAttribute("x", Math.min(axes.sx(copies) + 12, axes.box.right - 4));
      chart.number.setAttribute("y", axes.sy(Math.max(noise, law)) - 11);
      say(chart.number, noise.toFixed(2));
    }

    count.update(items);
    spread.update(copies);
    which.update(asked, { upTo: items, off: items < 2 });
    ask(question, ...questionFor({ items, copies, mostCopies: orders.length }));
    say(status, `${items === 1 ? "1 item" : `${items} items`} in ${copies === 1 ? "1 copy" : `${copies} copies`} of ${width} ` +
      `complex numbers. Noise variance ${noise.toFixed(2)}; law ${law.toFixed(2)}. Key ${asked}: ${own.toFixed(2)}.`);
  };

  const bound = bindModel(model, ["items", "copies", "asked"], draw);
  const count = slider("Items", { min: 1, max: keys.length, onMove: (n) => bound.set({ items: n }) });
  const spread = slider("Copies", { min: 1, max: orders.length, onMove: (n) => bound.set({ copies: n }) });
  const which = slider("Read with key", { min: 1, max: keys.length, onMove: (n) => bound.set({ asked: n }) });
  controls.append(...rows([count.node, spread.node, which.node]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
