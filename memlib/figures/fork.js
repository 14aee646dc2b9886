// The fork: every branch a little, or one that is drawn, and what a baseline does to the noise.
import { html, label, picture, plot, svg } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say, slider } from "./controls.js";
import { LABELS, MOST, amount, play, questionFor, sentence } from "./fork_rules.js";

const WORDS = [
  "Five branches. The bar is the weight of a branch, R its reward, and the last number says how often it was drawn. Soft reading takes every " +
    "branch by its weight; each draw takes one.",
  "Below, for each branch, the gradient of the mean reward in its score. The outline is the exact one, the sum over all branches. The two bars " +
    "are estimates from the same draws: the upper, grey one without a baseline, the lower, coloured one with it.",
  "The curves show how far each estimate was off after each draw, relative to the length of the gradient, on a logarithmic scale: the thin one " +
    "without a baseline, the thick one with it. The dashed lines are the laws: the spread of one draw, divided by the root of their number.",
  "The baseline acts on all draws made so far at once, so that you can move it and see. The same seed gives the same draws.",
];

function branchesPicture(rewards, shown) {
  const node = picture(340, 30 + 24 * rewards.length, "The branches: weight, reward, and how often each was drawn");
  const last = shown.taken.at(-1);
  node.append(label("weight", 2, 14, { anchor: "start", kind: "ml-strong" }), label("R", 262, 14, { kind: "ml-strong" }), label("drawn", 336, 14, { kind: "ml-strong" }));
  rewards.forEach((reward, i) => {
    const y = 26 + i * 24;
    node.append(
      label(String(i + 1), 14, y + 13), svg("rect", { x: 24, y, width: 180 * shown.weights[i], height: 16, rx: 2, class: "ml-bar" }),
      label(shown.weights[i].toFixed(2), 30 + 180 * shown.weights[i], y + 13, { anchor: "start" }),
      label(amount(reward), 262, y + 13), label(String(shown.counts[i]), 336, y + 13),
    );
    if (i === last) node.append(svg("rect", { x: 1, y: y - 3, width: 338, height: 22, class: "ml-now" }));
  });
  return node;
}

function gradientPicture(shown) {
  const count = shown.exact.length;
  const node = picture(340, 40 + 34 * count, "The gradient in each score: exact, and the two estimates");
  const top = 1.6 * Math.max(...shown.exact.map(Math.abs));
  const at = (number) => 180 + 140 * Math.max(-1, Math.min(1, number / top));
  const bar = (number, y, kind) => svg("rect", { x: Math.min(180, at(number)), y, width: Math.abs(at(number) - 180), height: 9, rx: 1.5, class: kind });
  node.append(svg("rect", { x: 196, y: 5, width: 10, height: 9, class: "ml-bar" }), label("without b", 211, 14, { anchor: "start", kind: "ml-soft" }));
  node.append(svg("rect", { x: 282, y: 5, width: 10, height: 9, class: "ml-bar ml-longest" }), label("with b", 297, 14, { anchor: "start", kind: "ml-soft" }));
  node.append(label("gradient in the score", 2, 14, { anchor: "start", kind: "ml-strong" }), svg("path", { d: `M180,22V${34 + 34 * count}`, class: "ml-axis" }));
  shown.exact.forEach((exact, i) => {
    const y = 26 + i * 34;
    node.append(
      label(String(i + 1), 14, y + 15), bar(shown.sides[0].estimate[i], y + 2, "ml-bar"), bar(shown.sides[1].estimate[i], y + 12, "ml-bar ml-longest"),
      svg("rect", { x: Math.min(180, at(exact)), y, width: Math.abs(at(exact) - 180), height: 23, class: "ml-now" }),
    );
    shown.sides.forEach((side, k) => {
      if (Math.abs(side.estimate[i]) <= top) return;
      const sign = Math.sign(side.estimate[i]);
      node.append(svg("path", { d: `M${180 + 143 * sign},${y + 2 + 10 * k}l${6 * sign},4.5l${-6 * sign},4.5`, class: "ml-seen" }));
    });
  });
  return node;
}

function errorPicture(shown) {
  const node = picture(340, 200, "How far off the estimates were after each draw");
  const wide = [10, 100, MOST].find((count) => count >= shown.taken.length);
  const axes = plot({ width: 340, height: 200, x: [0, wide], y: [0.01, 100], xTicks: [0, wide / 2, wide], yTicks: [0.01, 0.1, 1, 10, 100], xName: "draws", yName: "off by", dashedName: "law", log: true });
  node.append(axes.node);
  const kept = (_, m, all) => all.length <= 200 || m < 50 || m % 5 === 0 || m === all.length - 1;
  const inside = (off) => Math.max(0.01, Math.min(100, off));
  shown.sides.forEach((side, k) => {
    const steps = Array.from({ length: 60 }, (_, i) => 1 + ((wide - 1) * i) / 59);
    node.append(svg("path", { d: axes.line(steps.map((n) => [n, inside(side.spread / Math.sqrt(n))])), class: "ml-theory" }));
    const points = side.off.map((off, m) => [m + 1, inside(off)]).filter(kept);
    if (points.length > 1) node.append(svg("path", { d: axes.line(points), class: k ? "ml-seen ml-with" : "ml-seen ml-without" }));
    if (points.length) node.append(svg("circle", { cx: axes.sx(points.at(-1)[0]), cy: axes.sy(points.at(-1)[1]), r: k ? 5 : 3.5, class: k ? "ml-here" : "ml-trail" }));
    // The name of the upper law stands above it, that of the lower one below, so that they never meet.
    const upper = side.spread > shown.sides[1 - k].spread || (k === 0 && side.spread === shown.sides[1].spread);
    const height = axes.sy(inside(side.spread / Math.sqrt(wide))) + (upper ? -7 : 15);
    node.append(label(k ? "with b" : "without", axes.box.right, height, { kind: "ml-halo ml-soft" }));
  });
  return node;
}

function render({ model, el }) {
  const data = model.get("data");
  const { root, question, controls, stage, status } = frame(el, { title: "The fork: every branch, or one", words: WORDS });
  const [left, right] = [html("div"), html("div")];
  stage.append(left, right);
  const draw = () => {
    const [draws, baseline] = [model.get("draws"), model.get("baseline")];
    const shown = { ...play(data, draws, baseline), rewards: data.rewards, baseline };
    left.replaceChildren(branchesPicture(data.rewards, shown), gradientPicture(shown));
    right.replaceChildren(errorPicture(shown));
    base.update(Math.round(10 * baseline), { text: `${amount(baseline)}${Math.abs(baseline - shown.mean) < 0.051 ? " (mean reward)" : ""}` });
    [one, ten, hundred].forEach((node) => idle(node, draws >= MOST));
    idle(again, !draws);
    ask(question, ...questionFor(shown));
    say(status, sentence(shown));
  };
  const bound = bindModel(model, ["draws", "baseline"], draw);
  const more = (count) => model.get("draws") < MOST && bound.set({ draws: Math.min(MOST, model.get("draws") + count) });
  const one = button(LABELS.one, () => more(1), "ml-first");
  const ten = button(LABELS.ten, () => more(10));
  const hundred = button(LABELS.hundred, () => more(100));
  const again = button(LABELS.again, () => bound.set({ draws: 0 }));
  const base = slider(LABELS.baseline, { min: -50, max: 10, onMove: (n) => bound.set({ baseline: n / 10 }) });
  controls.append(...rows([one, ten, hundred, again], [base.node]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
