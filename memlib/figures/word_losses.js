// Two language models word by word along a passage: what each word costs them, and where a name that comes back was introduced.
import { html, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, slider } from "./controls.js";

export const LABELS = { next: "Next name or fact", again: "Start again", word: "Word", shade: "Shade by", difference: "the difference" };

// Marks of words, as memlib has them: nothing special, a first mention, a later one, a word that follows from what was told.
const [PLAIN, FIRST, LATER, TOLD] = [0, 1, 2, 3];
const END = "<eos>";

const bits = (number) => `${number.toFixed(1).replace("-", "−")} ${number.toFixed(1) === "1.0" ? "bit" : "bits"}`;
const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;

// Bits that the second model saves on each word.
export const savings = ({ left, right }) => left.map((loss, i) => loss - right[i]);

// The next place with a mark, after `place`; -1 where there is none.
export const nextMarked = (marks, place) => marks.findIndex((mark, i) => i > place && mark !== PLAIN);

// Where a word that comes back was introduced: its latest first mention, else its latest earlier place; -1 for none.
export function introduced({ words, marks }, place) {
  if (place < 0 || marks[place] === PLAIN || marks[place] === FIRST) return -1;
  const before = words.map((word, i) => (i < place && word === words[place] ? i : -1)).filter((i) => i >= 0);
  const first = before.filter((i) => marks[i] === FIRST);
  return (first.length ? first : before).at(-1) ?? -1;
}

// The line of a place, its words with spaces.
export function lineAt(words, place) {
  let [from, to] = [place, place];
  while (from > 0 && words[from - 1] !== END) from -= 1;
  while (to < words.length && words[to] !== END) to += 1;
  return words.slice(from, to).join(" ");
}

const shorten = (text) => {
  const list = text.split(" ");
  return list.length > 12 ? `${list.slice(0, 12).join(" ")} …` : text;
};

// What is to be said: of the passage, or of one word.
export function sentence(data, place) {
  const { words, left, right, marks, names } = data;
  if (place < 0) {
    const back = marks.map((mark, i) => (mark === LATER || mark === TOLD ? i : -1)).filter((i) => i >= 0);
    const all = `A word of this passage costs ${bits(mean(left))} with the ${names[0]} and ${bits(mean(right))} with the ${names[1]}.`;
    if (!back.length) return all;
    return `${all} One that comes back costs ${bits(mean(back.map((i) => left[i])))} and ${bits(mean(back.map((i) => right[i])))}.`;
  }
  const saved = left[place] - right[place];
  const shown = words[place] === END ? "The end of the line" : `“${words[place]}”`;
  const who = saved >= 0.05 ? `${bits(saved)} less` : saved <= -0.05 ? `${bits(-saved)} more` : "the same";
  const costs = `${shown} costs ${bits(left[place])} with the ${names[0]} and ${bits(right[place])} with the ${names[1]}: ${who}.`;
  if (marks[place] === FIRST) return `${costs} It is mentioned for the first time: nobody can know it.`;
  if (marks[place] === PLAIN) return costs;
  const from = introduced(data, place);
  const kind = marks[place] === TOLD ? "It follows from what was told" : "It comes back";
  if (from < 0) return `${costs} ${kind}, but stood before this passage.`;
  const ago = place - from;
  return `${costs} ${kind}: it stood ${ago} ${ago === 1 ? "word" : "words"} ago, in “${shorten(lineAt(words, from))}”.`;
}

// The question before the act: [the act, the question].
export function questionFor({ marks, names }, place, shade) {
  if (shade !== "difference") return [`Before you choose “${LABELS.difference}”:`, "on which words will the two models differ most?"];
  if (place < 0) return [`Before you press “${LABELS.next}”:`, `which words should the ${names[1]} know better than the ${names[0]}?`];
  if (nextMarked(marks, place) < 0) return [`Before you choose “${names[1]}”:`, "which words are still dear to it?"];
  if (marks[place] === FIRST) return [`Before you press “${LABELS.next}”:`, "this name is new. What will it cost when it comes back?"];
  return [`Before you press “${LABELS.next}”:`, "is the next one a name that is new, or one that comes back?"];
}

// What one word's shade is: [-1 to 1, the sign says which model is ahead].
export function shades(data, shade) {
  const numbers = shade === "difference" ? savings(data) : shade === "left" ? data.left : data.right;
  const top = shade === "difference" ? Math.max(...numbers.map(Math.abs)) : Math.max(...data.left, ...data.right);
  return numbers.map((number) => (top > 0 ? number / top : 0));
}

const about = ({ names }) => [
  `Each word is shaded by what it costs, −log₂ p in bits. With “${LABELS.difference}”, orange with a bar below says that the ${names[1]} ` +
    `is surer of the word, blue with a bar above that the ${names[0]} is. With the name of a model, the darker, the dearer.`,
  "A dashed frame marks a name that is mentioned for the first time. Bold words come back, or follow from what was told. Tap a word, or move " +
    "along with the slider: the word gets a frame, and so does the place where it was introduced.",
  "The strip below has a column for each word: what it costs the one model, the other, and the difference, as in the paper’s figure.",
];

function passage(data, onTap) {
  const node = html("div", { class: "ml-passage ml-full" });
  let line = html("p", { class: "ml-line" });
  const spans = data.words.map((word, i) => {
    const kind = { [FIRST]: "ml-new", [LATER]: "ml-back", [TOLD]: "ml-back" }[data.marks[i]] ?? "";
    const span = html("span", { class: `ml-token ${kind}`, onclick: () => onTap(i) }, word === END ? "¶" : word);
    line.append(span);
    if (word === END) {
      node.append(line);
      line = html("p", { class: "ml-line" });
    }
    return span;
  });
  if (line.childNodes.length) node.append(line);
  return {
    node,
    update(shares, place, from) {
      spans.forEach((span, i) => {
        span.style.setProperty("--ml-share", Math.abs(shares[i]).toFixed(3));
        span.classList.toggle("ml-under", shares[i] < 0);
        span.classList.toggle("ml-chosen", i === place);
        span.classList.toggle("ml-source", i === from);
      });
    },
  };
}

function bars(data) {
  const node = picture(340, 84, "What the chosen word costs with each model, in bits");
  const top = Math.max(...data.left, ...data.right, 1);
  node.append(label("bits for this word", 2, 14, { anchor: "start", kind: "ml-strong" }), svg("path", { d: "M110,22V82", class: "ml-axis" }));
  const drawn = data.names.map((name, i) => {
    const y = 28 + i * 28;
    const bar = svg("rect", { class: "ml-bar", x: 110, y, height: 18, width: 0, rx: 2 });
    const number = label("", 116, y + 14, { anchor: "start", kind: "ml-halo" });
    node.append(bar, label(name, 102, y + 14), number);
    return { bar, number };
  });
  return {
    node,
    update(place) {
      [data.left, data.right].forEach((losses, i) => {
        const wide = place < 0 ? 0 : (losses[place] / top) * 175;
        drawn[i].bar.setAttribute("width", Math.max(0, wide));
        drawn[i].number.setAttribute("x", 116 + Math.max(0, wide));
        say(drawn[i].number, place < 0 ? (i ? "" : "no word chosen") : losses[place].toFixed(1));
      });
    },
  };
}

function strip(data) {
  const [from, wide, tall] = [110, 230, 18];
  const node = picture(340, 92, "A column for each word of the passage: the losses of both models and their difference");
  const pitch = wide / data.words.length;
  const parts = [[data.names[0], "left"], [data.names[1], "right"], ["difference", "difference"]];
  parts.forEach(([name, shade], row) => {
    const y = 22 + row * 24;
    node.append(label(name, from - 8, y + 14));
    shades(data, shade).forEach((share, i) => {
      const kind = shade === "difference" ? (share < 0 ? "ml-low" : "ml-high") : "ml-cost";
      node.append(svg("rect", { x: (from + i * pitch).toFixed(2), y, width: (pitch + 0.1).toFixed(2), height: tall, class: kind, "fill-opacity": Math.abs(share).toFixed(3) }));
    });
    node.append(svg("rect", { x: from, y, width: wide, height: tall, rx: 2, class: "ml-outline" }));
  });
  const here = svg("path", { class: "ml-pointer" });
  node.append(label("the whole passage", 2, 14, { anchor: "start", kind: "ml-strong" }), here);
  return {
    node,
    update: (place) => here.setAttribute("d", place < 0 ? "" : `M${from + (place + 0.5) * pitch - 5},10h10l-5,9Z`),
  };
}

function render({ model, el }) {
  const data = model.get("data");
  const last = data.words.length - 1;
  const { root, question, controls, stage, status } = frame(el, { title: "Two language models, word by word", words: [data.about, ...about(data)] });
  const draw = () => {
    const [shade, place] = [model.get("shade"), Math.max(-1, Math.min(last, model.get("word")))];
    text.update(shades(data, shade), place, introduced(data, place));
    text.node.dataset.shade = shade === "difference" ? "difference" : "cost";
    both.update(place);
    all.update(place);
    idle(next, nextMarked(data.marks, place) < 0);
    idle(again, place < 0);
    at.update(place + 1, { text: place < 0 ? "none yet" : `${place + 1} of ${last + 1}` });
    how.update(shade);
    ask(question, ...questionFor(data, place, shade));
    say(status, sentence(data, place));
  };
  const bound = bindModel(model, ["word", "shade"], draw);
  const move = (word) => bound.set({ word });
  const [text, both, all] = [passage(data, move), bars(data), strip(data)];
  const forward = () => nextMarked(data.marks, model.get("word"));
  const next = button(LABELS.next, () => forward() >= 0 && move(forward()), "ml-first");
  const again = button(LABELS.again, () => move(-1));
  const at = slider(LABELS.word, { min: 0, max: last + 1, onMove: (n) => move(n - 1) });
  const how = choice(LABELS.shade, [["difference", LABELS.difference], ["left", data.names[0]], ["right", data.names[1]]], (shade) => bound.set({ shade }));
  controls.append(...rows([at.node, how.node], [next, again]));
  stage.append(text.node, both.node, all.node);
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
