// A story in a fast-weight memory, and what each of the reads at its question matches.
import { html, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, select, slider } from "./controls.js";

export const LABELS = {
  next: "Next read", again: "Start again", read: "Read", story: "Story",
  shades: { match: "how well it matches", part: "how much it gives" },
};

// Less than this share of the best match is not shaded: specks under every word say nothing.
const FAINT = 0.08;
const COUNT = ["no", "one", "two", "three", "four", "five"];

// What stands beside each measure, in words.
const VERBS = { match: "matches best", part: "takes most from" };

// The words between two marks (. or ?) around a place, the marks left out.
export function sentenceAt(words, place) {
  const mark = (word) => word === "." || word === "?" || word === "start";
  if (mark(words[place])) {
    if (words[place] === "start" || place === 0) return "the start";
    return `the end of “${sentenceAt(words, place - 1)}”`;
  }
  let [first, last] = [place, place];
  while (first > 0 && !mark(words[first - 1])) first -= 1;
  while (last + 1 < words.length && !mark(words[last + 1])) last += 1;
  return words.slice(first, last + 1).join(" ");
}

// The places with the largest moduli, at least a third of the largest, the largest first.
export function best(row, most = 3) {
  const sizes = row.map(Math.abs);
  const top = Math.max(...sizes);
  return sizes.map((size, place) => [size, place]).filter(([size]) => top > 0 && size >= top / 3)
    .sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, most).map(([, place]) => place);
}

const amount = (share) => share.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");

const list = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`);

const named = (words, place) => {
  const where = sentenceAt(words, place);
  if (where === "the start") return where;
  return where.startsWith("the end of") ? `the mark at ${where}` : `“${words[place]}” in “${where}”`;
};

// What is to be said after a number of reads.
export function sentence({ words, matches, parts, answers, truth }, read, shade) {
  const rounds = matches.length;
  if (read === 0) return `Nothing has been read yet. The question is “${sentenceAt(words, words.length - 2)}?”, and ${COUNT[rounds] ?? rounds} reads will answer it.`;
  const row = (shade === "part" ? parts : matches)[read - 1];
  const said = `Read ${read} of ${rounds} ${VERBS[shade]} ${list(best(row).map((place) => named(words, place)))}.`;
  if (read < rounds) return said;
  const [word, share] = answers[0];
  const right = word === truth;
  return `${said} ${right ? "✓" : "✗"} The answer is “${word}” (${amount(share)})${right ? "" : `; right is “${truth}”`}.`;
}

// The question before the act: [the act, the question].
export function questionFor(read, rounds, several) {
  const press = `Before you press “${LABELS.next}”:`;
  if (read === 0) return [press, "which words must be found first, to answer the question?"];
  if (read < rounds) return [press, "the next read asks with what this one found. Which sentence does it need now?"];
  if (several) return [`Before you choose another “${LABELS.story}”:`, "where does its answer stand, and what must be found before it?"];
  return [`Before you choose “${LABELS.shades.part}”:`, "does a write that matches well also say much?"];
}

const WORDS = {
  what: "The story stands at the top, word by word. At the question mark the memory is read, several times: what a read finds, the " +
    "next one asks with. Each press makes one read.",
  shade: "A word is shaded, and underlined, by how strongly the read matches the write that was made there, compared with the best " +
    "match of the same read; the best ones, up to three, are framed. A match is the product of two numbers, entity with entity and relation with " +
    "relation, times what later writes have left of it. Its sign is left out, because the correction that it multiplies may have either sign.",
  part: "“How much it gives” multiplies the match with the size of the correction: a write may match well and say little.",
  rows: "The table below has a row for each read and a column for each word, as in the paper’s figure. Reads to come are empty.",
  bars: "The bars are what comes out after the last read.",
};

function tale(words) {
  const node = html("p", { class: "ml-tale ml-full" });
  const spans = words.map((word) => {
    const kind = /^[.?]$/.test(word) ? "ml-mark" : word === "start" ? "ml-silent" : "";
    return html("span", { class: `ml-heard ${kind}` }, word === "start" ? "▸" : word);
  });
  spans[0].setAttribute("aria-hidden", words[0] === "start");
  const answer = html("span", { class: "ml-found" });
  node.append(...spans, answer);
  return {
    node,
    update(row, found) {
      const top = row ? Math.max(...row.map(Math.abs)) || 1 : 1;
      const framed = row ? best(row) : [];
      spans.forEach((span, i) => {
        const share = row ? Math.abs(row[i]) / top : 0;
        span.style.setProperty("--ml-share", share < FAINT ? 0 : share.toFixed(3));
        span.classList.toggle("ml-best", framed.includes(i));
      });
      say(answer, found);
      answer.style.display = found ? "" : "none";
    },
  };
}

function table(words, rounds) {
  const [left, wide, tall] = [56, 280, 26];
  const node = picture(340, 20 + rounds * (tall + 6), "One row for each read, one column for each word of the story");
  node.append(label("the story’s words, from left to right", 340, 12, { kind: "ml-soft" }));
  const pitch = wide / words.length;
  const drawn = Array.from({ length: rounds }, (_, k) => {
    const y = 20 + k * (tall + 6);
    const name = label(`read ${k + 1}`, left - 8, y + 18);
    const cells = words.map((_, i) => svg("rect", { x: (left + i * pitch).toFixed(2), y, width: (pitch + 0.2).toFixed(2), height: tall, class: "ml-cell", "fill-opacity": 0 }));
    const outline = svg("rect", { x: left, y, width: wide, height: tall, rx: 3 });
    node.append(...cells, outline, name);
    return { name, cells, outline };
  });
  return {
    node,
    update(numbers, read) {
      drawn.forEach(({ name, cells, outline }, k) => {
        const row = k < read ? numbers[k] : null;
        const top = row ? Math.max(...row.map(Math.abs)) || 1 : 1;
        cells.forEach((cell, i) => cell.setAttribute("fill-opacity", row ? (Math.abs(row[i]) / top).toFixed(3) : 0));
        outline.setAttribute("class", k === read - 1 ? "ml-row-now" : "ml-row-other");
        name.classList.toggle("ml-strong", k === read - 1);
      });
    },
  };
}

function bars(most, scale) {
  const node = picture(340, 24 + most * 24, "What comes out, and how strongly");
  node.append(label(scale, 2, 13, { anchor: "start", kind: "ml-soft" }), svg("path", { d: `M110,20V${22 + most * 24}`, class: "ml-axis" }));
  const drawn = Array.from({ length: most }, (_, i) => {
    const y = 24 + i * 24;
    const bar = svg("rect", { class: "ml-bar", x: 110, y, height: 17, rx: 2 });
    const name = label("", 102, y + 13);
    const number = label("", 0, y + 13, { anchor: "start", kind: "ml-halo" });
    node.append(bar, name, number);
    return { bar, name, number };
  });
  return {
    node,
    update(answers, truth) {
      drawn.forEach(({ bar, name, number }, i) => {
        const [word, share] = answers?.[i] ?? ["", 0];
        bar.setAttribute("width", Math.max(0, share) * 150);
        bar.classList.toggle("ml-longest", i === 0);
        say(name, answers ? word : i ? "" : "not yet");
        name.classList.toggle("ml-strong", i === 0);
        say(number, word ? `${amount(share)}${i === 0 ? (word === truth ? " ✓" : " ✗") : ""}` : "");
        number.setAttribute("x", 116 + Math.max(0, share) * 150);
      });
    },
  };
}

function render({ model, el }) {
  const { stories, about, scale } = model.get("data");
  const words = [about, ...Object.values(WORDS)];
  const { root, question, controls, stage, status } = frame(el, { title: "A chain of reads through a story", words });
  const made = stories.map((story) => ({
    text: tale(story.words), grid: table(story.words, story.matches.length), out: bars(Math.max(...stories.map((s) => s.answers.length)), scale),
  }));
  let shown = -1;

  const draw = () => {
    const at = Math.max(0, Math.min(stories.length - 1, model.get("story")));
    const story = stories[at];
    const rounds = story.matches.length;
    const [read, shade] = [Math.max(0, Math.min(rounds, model.get("read"))), model.get("shade")];
    const numbers = shade === "part" ? story.parts : story.matches;
    const { text, grid, out } = made[at];
    if (shown !== at) stage.replaceChildren(text.node, grid.node, out.node);
    shown = at;
    const ended = read === rounds;
    text.update(read ? numbers[read - 1] : null, ended ? story.answers[0][0] : "");
    grid.update(numbers, read);
    out.update(ended ? story.answers : null, story.truth);
    idle(next, ended);
    idle(again, read === 0);
    which.update(String(at));
    how.update(shade);
    place.update(read, { text: read ? `${read} of ${rounds}` : "none yet", upTo: rounds });
    ask(question, ...questionFor(read, rounds, stories.length > 1));
    say(status, sentence(story, read, shade));
  };

  const bound = bindModel(model, ["story", "read", "shade"], draw);
  const move = (to) => bound.set({ read: to });
  const next = button(LABELS.next, () => next.getAttribute("aria-disabled") !== "true" && move(model.get("read") + 1), "ml-first");
  const again = button(LABELS.again, () => move(0));
  const place = slider(LABELS.read, { min: 0, max: Math.max(...stories.map((s) => s.matches.length)), onMove: move });
  const which = select(LABELS.story, stories.map((story, i) => [String(i), story.title]), (i) => bound.set({ story: Number(i), read: 0 }));
  const how = choice("Shade by", Object.entries(LABELS.shades), (shade) => bound.set({ shade }));
  controls.append(...rows(...(stories.length > 1 ? [[which.node]] : []), [place.node, how.node], [next, again]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
