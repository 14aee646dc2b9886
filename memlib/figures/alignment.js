// Where a writer looks in its source: choose a written word, soften the scores, hide source words.
import { cells, html, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say, select, slider } from "./controls.js";
import { LABELS, play, sentence, share, questionFor, warmth } from "./alignment_rules.js";

const ABOUT = {
  hand: "The scores are made by hand: 4 at the true place, somewhat less at the noun that an article belongs to, noise elsewhere.",
  model: "The scores are those of a network that was trained for a few seconds.",
};

const WORDS = [
  "Choose a written word. The bars show how much weight each source word gets at that step, a ring marks the source word that it " +
    "really comes from, and below stand the likeliest words with their probabilities. The table shows the weights of all steps: a row for " +
    "each written word, a column for each source word; the rings are the true alignment.",
  "The temperature divides all scores before the softmax. Above 1 the weights become alike, below 1 the largest takes all. A hidden source " +
    "word gets no weight, and the others share it. The reading network has still read the whole sentence: what it left at the " +
    "neighbours may know the hidden word.",
  "Each word is computed on its own: the words before it are the right ones, and were written with all places open at temperature 1. " +
    "A written word that is wrong stands in the table behind an arrow.",
];

// Buttons for words, of which some are pressed.
function wordRow(name, onPress) {
  const list = html("div", { class: "ml-picks", role: "group", "aria-label": name });
  const node = html("div", { class: "ml-pick-row" }, html("span", { class: "ml-name" }, name), list);
  let shown = "";
  return {
    node,
    update(words, pressed, kind) {
      if (shown !== words.join(" ")) {
        shown = words.join(" ");
        list.replaceChildren(...words.map((word, i) => button(word, () => onPress(i), "ml-pick")));
      }
      [...list.children].forEach((one, i) => {
        one.setAttribute("aria-pressed", pressed.includes(i));
        one.classList.toggle(kind, pressed.includes(i));
      });
    },
  };
}

const ring = (x, y, r = 5) => svg("circle", { cx: x, cy: y, r, class: "ml-true" });

function barsPicture({ source, true: places }, steps, word, hidden) {
  const step = 22;
  const top = 30 + source.length * step;
  const node = picture(340, top + 122, `Weights of the source words for “${steps[word].right}”, and the likeliest words`);
  const scale = (number) => 160 * number;
  node.append(label("weights over the source", 2, 14, { anchor: "start", kind: "ml-strong" }), svg("path", { d: `M112,24V${top - 4}`, class: "ml-axis" }));
  source.forEach((text, i) => {
    const y = 26 + i * step;
    const off = hidden.includes(i);
    const weight = steps[word].weights[i];
    node.append(
      svg("rect", { x: 112, y, width: scale(weight), height: 15, rx: 2, class: `ml-bar ${places[word] === i ? "ml-longest" : ""}` }),
      label(text, 92, y + 12, { kind: off ? "ml-soft ml-gone" : "" }),
      label(off ? "hidden" : share(weight), 118 + scale(weight), y + 12, { anchor: "start", kind: off ? "ml-soft" : "" }),
    );
    if (places[word] === i) node.append(ring(102, y + 7.5));
  });
  node.append(label("what is written", 2, top + 16, { anchor: "start", kind: "ml-strong" }), svg("path", { d: `M112,${top + 26}v88`, class: "ml-axis" }));
  steps[word].best.forEach(([text, p], i) => {
    const y = top + 28 + i * step;
    const right = text === steps[word].right;
    node.append(
      svg("rect", { x: 112, y, width: scale(p), height: 15, rx: 2, class: `ml-bar ${right ? "ml-longest" : ""}` }),
      label(text, 104, y + 12, { kind: right ? "ml-strong" : "" }),
      label(`${share(p)}${right ? (i ? " ✗" : " ✓") : ""}`, 118 + scale(p), y + 12, { anchor: "start" }),
    );
  });
  return node;
}

function tablePicture({ source, true: places }, steps, word, hidden) {
  const [m, n] = [steps.length, source.length];
  const [left, right, head, tall] = [118, 336, 66, 22];
  const wide = (right - left) / n;
  const node = picture(340, head + m * tall + 8, "Weights of all steps: a row for each written word, a column for each source word");
  const table = cells(m, n, { x: left, y: head, width: right - left, height: m * tall });
  table.update(steps.flatMap((step) => step.weights), 1);
  node.append(label("all steps", 2, 14, { anchor: "start", kind: "ml-strong" }), table.node);
  source.forEach((text, i) => {
    const x = left + (i + 0.5) * wide + 4.5;
    const name = label(text, x, head - 6, { anchor: "start", kind: hidden.includes(i) ? "ml-soft ml-gone" : "" });
    name.setAttribute("transform", `rotate(-90 ${x} ${head - 6})`);
    node.append(name);
  });
  steps.forEach((step, i) => {
    const y = head + i * tall;
    const text = step.good ? step.right : `${step.right} → ${step.best[0][0]}`;
    node.append(label(text, left - 8, y + 15, { kind: i === word ? "ml-strong" : step.good ? "" : "ml-soft" }));
    if (places[i] >= 0) node.append(ring(left + (places[i] + 0.5) * wide, y + tall / 2, 6));
  });
  node.append(svg("rect", { x: left - 2, y: head + word * tall - 1, width: right - left + 4, height: tall + 2, class: "ml-now" }));
  return node;
}

const TRAITS = ["sentence", "word", "temperature", "hidden"];

function render({ model, el }) {
  const data = model.get("data");
  const words = [ABOUT[data.source], ...WORDS];
  const { root, question, controls, stage, status } = frame(el, { title: "Where the writer looks", words });
  const [left, right] = [html("div"), html("div")];
  stage.append(left, right);
  const now = () => Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
  const draw = () => {
    const state = now();
    const one = data.sentences[state.sentence];
    const steps = play(data, state);
    const shown = { ...state, source: one.source, steps };
    left.replaceChildren(barsPicture(one, steps, state.word, state.hidden));
    right.replaceChildren(tablePicture(one, steps, state.word, state.hidden));
    which.update(String(state.sentence));
    picks.update(one.target, [state.word], "ml-first");
    hide.update(one.source, state.hidden, "ml-off");
    heat.update(Math.round(2 * Math.log2(state.temperature)), { text: warmth(state.temperature) });
    idle(again, !state.hidden.length && Math.abs(state.temperature - 1) < 1e-6);
    ask(question, ...questionFor(shown));
    say(status, sentence(shown));
  };
  const bound = bindModel(model, TRAITS, draw);
  const toggle = (place) => {
    const { hidden, sentence: at } = now();
    const next = hidden.includes(place) ? hidden.filter((i) => i !== place) : [...hidden, place].sort((a, b) => a - b);
    if (next.length < data.sentences[at].source.length) bound.set({ hidden: next });
  };
  const which = select(LABELS.sentence, data.sentences.map((one, i) => [String(i), one.source.join(" ")]), (at) => bound.set({ word: 0, hidden: [], sentence: Number(at) }));
  const picks = wordRow(LABELS.word, (word) => bound.set({ word }));
  const hide = wordRow(LABELS.hide, toggle);
  const heat = slider(LABELS.temperature, { min: -8, max: 8, onMove: (n) => bound.set({ temperature: 2 ** (n / 2) }) });
  const again = button(LABELS.again, () => bound.set({ hidden: [], temperature: 1 }));
  controls.append(...rows([which.node]), picks.node, ...rows([heat.node, again]), hide.node);
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
