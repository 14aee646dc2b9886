// A premise written into a holographic memory word by word, then read along a hypothesis.
import { cells, dials, html, label, picture, pill, svg, tab } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, slider } from "./controls.js";
import { emptyMemory, read, similarity, write } from "./complex.js";

// Complex vectors from their phases and moduli.
export function fromPolar({ phase, modulus }) {
  return phase.map((row, i) => ({
    re: row.map((angle, j) => modulus[i][j] * Math.cos(angle)),
    im: row.map((angle, j) => modulus[i][j] * Math.sin(angle)),
  }));
}

// The keys of both sentences: as they are, or the first one for every word.
export function keysFor(premise, hypothesis, mode) {
  if (mode === "own") return [premise, hypothesis];
  return [premise.map(() => premise[0]), hypothesis.map(() => premise[0])];
}

// The memory after each number of premise words.
export function memoriesAlong(keys, contents, permutations) {
  const list = [emptyMemory(permutations.length, permutations[0].length)];
  keys.forEach((key, t) => list.push(write(list[t], key, contents[t], permutations)));
  return list;
}

// Re⟨a, b⟩ / (|a| |b|); 0 where one of them is 0.
export function cosine(a, b) {
  const lengths = Math.sqrt(similarity(a, a) * similarity(b, b));
  return lengths ? similarity(a, b) / lengths : 0;
}

// What a key finds, and how similar that is to what each premise word wrote.
export function reading(memory, key, contents, permutations) {
  const found = read(memory, key, permutations);
  return { found, row: contents.map((content) => cosine(found, content)) };
}

const WORDS = [
  "Each press reads the next word. The words of the premise are written: what a word has to say, bound to the word’s key, is " +
    "added to the memory. The memory is a few rows of dials, complex numbers. It never grows, however long the sentence is.",
  "After the premise the memory stays as it is, and the words of the hypothesis read it. The key of a word turns every copy back, " +
    "and the copies are averaged. What comes back is compared with what each word of the premise wrote.",
  "The bars show this comparison for the word just read, as a cosine: 1 is the same, 0 nothing in common. Each row of cells below " +
    "keeps it for one word of the hypothesis; orange is above zero, blue with a dash below. The strongest cell of a row has an outline.",
  "A word finds what was written under a key like its own, wherever in the premise that stands. No word of the premise is looked at " +
    "again: what reading costs does not depend on how long the premise is.",
  "“All alike” gives every word one and the same key. Then every write lands on the same place, and every read brings back the " +
    "same sum of all words: the rows become equal, and no word can be told from another.",
];
const SOURCE = {
  chosen: "The sentences, their keys and their contents are made up: words that are related were given keys that are alike, all " +
    "others random ones. It is one draw, chosen because it tells the words apart well. No model has learnt this.",
  drawn: "The sentences, their keys and their contents are made up: words that are related were given keys that are alike, all " +
    "others random ones. It is one random draw. No model has learnt this.",
  model: "Keys and contents were recorded from a trained model, step by step: what a word writes is the change of the state at that " +
    "step. With fewer copies or with one key for all they stay as recorded; the model itself would have gone on from what it read.",
};
const NAMES = { own: "each its own", alike: "all alike" };
const NEXT = "Next word";
const WEAK = 0.25;
const MOST_DIALS = 32;

const number = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00");
const quoted = (word) => `“${word}”`;
const copiesOf = (n) => (n === 1 ? "1 copy" : `${n} copies`);

// About how wide a word is in letters of 13 pixels.
const wide = (word) => [...word].reduce((sum, letter) => sum + (/[mwMW@%]/.test(letter) ? 12 : /[fijlrtI.,'!:;]/.test(letter) ? 5 : 8), 0);

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor({ step, premise, hypothesis, copies, most, keying }) {
  const press = `Before you press “${NEXT}”:`;
  const left = step - premise.length;
  if (step === 0) return [press, `${premise.length} words will share one memory. Will it grow with each of them?`];
  if (left < 0) {
    if (step === 1) return [press, "the next word is added on top. Will the memory still hold both?"];
    const later = hypothesis.findLast((word) => word.length > 2) ?? hypothesis[0];
    return [press, `which word of the premise will ${quoted(later)} find later?`];
  }
  if (left < hypothesis.length) {
    const next = quoted(hypothesis[left]);
    if (keying === "alike") return [press, `the key of ${next} is the same as all others. Can its row differ?`];
    return [press, `which word of the premise will ${next} find?`];
  }
  if (keying === "alike") return [`Before you choose “${NAMES.own}”:`, "what do different keys keep apart?"];
  if (copies > 1 || most === 1) return [`Before you choose “${NAMES.alike}”:`, "with one key for every word, what will the rows look like?"];
  return [`Before you move “Copies” to ${most}:`, "which cells will get stronger, which paler?"];
}

// The answer in words.
export function answerFor({ step, premise, hypothesis, copies, width, keying, row }) {
  const size = `${copiesOf(copies)} of ${width} complex numbers`;
  const total = premise.length;
  const under = keying === "alike" ? "the one key that all words share" : "its own key";
  if (step === 0) return `The memory is empty: ${size}; ${keying === "alike" ? "one key for all words" : "a key for each word"}.`;
  if (step <= total) {
    return `Word ${step} of ${total}: ${quoted(premise[step - 1])} is written under ${under}. Still ${copiesOf(copies)} of ${width} numbers.`;
  }
  const word = quoted(hypothesis[step - total - 1]);
  const [first, second] = row.map((value, t) => [value, t]).sort((a, b) => b[0] - a[0]);
  const named = ([value, t]) => `${quoted(premise[t])} (${number(value)})`;
  const next = second ? `, then ${named(second)}` : "";
  const start = `With ${copiesOf(copies)} ${word}`;
  if (keying === "alike") return `${start} reads the sum of all ${total} words, as every word does: ${named(first)}${next}.`;
  if (first[0] < WEAK) return `${start} finds nothing clear: ${named(first)}${next} are hardly more than noise.`;
  return `${start} finds ${named(first)}${next}.`;
}

// The root of the mean square modulus: what the hands of the dials are shortened by.
function strength(vectors) {
  const mean = vectors.reduce((sum, vector) => sum + similarity(vector, vector), 0) / vectors.length;
  return Math.sqrt(mean) || 1;
}

function sentence(name, words) {
  const shown = words.map((word) => html("span", { class: "ml-word" }, word));
  const node = html("p", { class: "ml-line" }, html("strong", {}, name), ...shown);
  return {
    node,
    update(now) {
      shown.forEach((word, t) => {
        word.classList.toggle("ml-done", t < now);
        word.classList.toggle("ml-at", t === now - 1);
      });
    },
  };
}

function memoryPicture(most, width) {
  const count = Math.min(width, MOST_DIALS);
  const pitch = Math.min(16, 330 / count);
  const start = 170 - (count * pitch) / 2;
  const y = { key: 0, written: 36 + pitch };
  y.write = y.written + pitch + 46;
  y.memory = y.write + 20;
  y.read = y.memory + 24 + most * pitch + 24;
  y.found = y.read + 18;
  const node = picture(340, y.found + 28 + pitch, "The key, what is written, the memory in copies, and what is read");
  const line = (role, top) => {
    const [sign, name] = [tab(role, 12, top + 11), label("", 28, top + 16, { anchor: "start" })];
    const row = dials(count, { x: start, y: top + 25, pitch, role });
    const group = svg("g", {}, sign, name, row.node);
    node.append(group);
    return { group, name, row, sign };
  };
  const [key, written, found] = [line("key", y.key), line("value", y.written), line("value", y.found)];
  const asked = tab("query", 12, 11);
  key.group.append(asked);
  const writing = pill("bind, and add to every copy", 170, y.write, 210);
  const reads = pill("turn each copy back, average", 170, y.read, 210);
  const size = label("", 28, y.memory + 16, { anchor: "start" });
  const copies = Array.from({ length: most }, (_, s) => dials(count, { x: start, y: y.memory + 25 + s * pitch, pitch }));
  const outline = svg("rect", { x: start - 2, y: y.memory + 24, width: count * pitch + 4, rx: 3, class: "ml-frame" });
  node.append(writing, reads, tab("memory", 12, y.memory + 11), size, ...copies.map((row) => row.node), svg("g", { class: "ml-memory" }, outline));
  const part = (vector) => ({ re: vector.re.slice(0, count), im: vector.im.slice(0, count) });
  const few = count < width ? `, the first ${count} drawn` : "";
  return {
    node,
    update({ memory, unit, shownKey, content, back, reads: isRead, names }) {
      const [wrote, asks] = [Boolean(content), isRead];
      key.group.classList.toggle("ml-faint", !wrote && !asks);
      key.sign.style.display = asks ? "none" : "";
      asked.style.display = asks ? "" : "none";
      key.row.node.setAttribute("class", `ml-dials ml-${asks ? "query" : "key"}`);
      [written.group, writing].forEach((it) => it.classList.toggle("ml-faint", !wrote));
      [found.group, reads].forEach((it) => it.classList.toggle("ml-faint", !asks));
      say(key.name, names.key);
      say(written.name, names.written);
      say(found.name, names.found);
      key.row.update(part(shownKey ?? memory.empty));
      written.row.update(part(content ?? memory.empty), { unit: unit.content });
      found.row.update(part(back ?? memory.empty), { unit: unit.back });
      say(size, `the memory: ${memory.copies.length === 1 ? "1 row" : `${memory.copies.length} rows`} of ${width}${few}`);
      outline.setAttribute("height", memory.copies.length * pitch + 2);
      copies.forEach((row, s) => (row.node.style.display = s < memory.copies.length ? "" : "none"));
      memory.copies.forEach((copy, s) => copies[s].update(part(copy), { unit: unit.memory }));
    },
  };
}

// Bars over the premise's words for the word just read, and below them a row of cells for each word of the hypothesis.
function heatPicture(premise, hypothesis) {
  const longest = (words) => Math.max(...words.map(wide));
  const gutter = Math.max(52, 12 + 1.05 * longest(hypothesis));
  const step = Math.max(16, (338 - gutter) / premise.length);
  const width = Math.max(340, gutter + step * premise.length + 2);
  const upright = 0.92 * longest(premise) > step + 2;
  const [zero, one] = [104, 40];
  const chipTop = 122;
  const chipHeight = upright ? 12 + 0.92 * longest(premise) : 21;
  const top = chipTop + chipHeight + 8;
  const pitch = 25;
  const node = picture(width, top + pitch * hypothesis.length + 2, "Similarity of what is read to what each word of the premise wrote");
  const height = (value) => (zero - one) * Math.max(-0.25, Math.min(1, value));
  node.append(label("cosine similarity to what each word wrote", width - 2, 14, { kind: "ml-strong" }));
  for (const [tick, y] of [[0, zero], [1, one]]) {
    node.append(svg("path", { d: `M${gutter},${y}H${width - 2}`, class: tick ? "ml-grid" : "ml-axis" }));
    node.append(label(String(tick), gutter - 6, y + 4, { kind: "ml-tick" }));
  }
  const asking = svg("g", {}, tab("query", gutter - 18, (zero + one) / 2 - 12));
  const asker = label("", gutter - 8, (zero + one) / 2 + 16, { kind: "ml-strong" });
  asking.append(asker);
  const chips = premise.map((word, t) => {
    const [x, middle] = [gutter + t * step, chipTop + chipHeight / 2];
    const turn = upright ? `rotate(-90 ${x + step / 2 + 4} ${middle})` : "";
    const text = upright
      ? svg("text", { x: x + step / 2 + 4, y: middle, "text-anchor": "middle", transform: turn }, word)
      : svg("text", { x: x + step / 2, y: middle + 4.5, "text-anchor": "middle" }, word);
    return svg("g", { class: "ml-chip" }, svg("rect", { x: x + 1, y: chipTop, width: step - 2, height: chipHeight, rx: 4 }), text);
  });
  const bars = premise.map((_, t) => svg("rect", { class: "ml-bar", x: gutter + t * step + step * 0.2, width: step * 0.6, rx: 2 }));
  const value = label("", 0, 0, { anchor: "middle", kind: "ml-strong ml-halo" });
  const nothing = label("nothing has been read yet", (gutter + width) / 2, (zero + one) / 2 + 4, { anchor: "middle", kind: "ml-soft" });
  const now = svg("rect", { y: chipTop - 1, width: step + 2, height: chipHeight + 2, rx: 5, class: "ml-now" });
  node.append(asking, ...chips, ...bars, value, nothing, now);
  const lines = hypothesis.map((word, i) => {
    const y = top + i * pitch;
    const name = label(word, gutter - 8, y + 16);
    const row = cells(1, premise.length, { x: gutter, y, width: step * premise.length, height: pitch - 3 });
    const strongest = svg("rect", { y: y + 1, width: step - 2, height: pitch - 5, rx: 2, class: "ml-now" });
    node.append(name, row.node, strongest);
    return { name, row, strongest };
  });
  return {
    node,
    update(step_, found) {
      const [written, read_] = [Math.min(step_, premise.length), step_ - premise.length];
      chips.forEach((chip, t) => chip.classList.toggle("ml-coming", t >= written));
      now.style.display = read_ <= 0 && written ? "" : "none";
      now.setAttribute("x", gutter + (written - 1) * step - 1);
      const row = read_ > 0 ? found[read_ - 1] : null;
      const best = row ? row.indexOf(Math.max(...row)) : -1;
      nothing.style.display = row ? "none" : "";
      asking.style.display = row ? "" : "none";
      if (row) say(asker, hypothesis[read_ - 1]);
      bars.forEach((bar, t) => {
        const size = row ? height(row[t]) : 0;
        bar.setAttribute("y", zero - Math.max(0, size));
        bar.setAttribute("height", Math.abs(size));
        bar.classList.toggle("ml-longest", t === best);
      });
      say(value, row ? number(row[best]) : "");
      if (row) {
        value.setAttribute("x", Math.min(gutter + (best + 0.5) * step, width - 16));
        value.setAttribute("y", zero - Math.max(0, height(row[best])) - 5);
      }
      lines.forEach(({ name, row: line, strongest }, i) => {
        const seen = i < read_;
        name.classList.toggle("ml-soft", !seen);
        name.classList.toggle("ml-strong", i === read_ - 1);
        line.node.style.display = strongest.style.display = seen ? "" : "none";
        if (!seen) return;
        line.update(found[i], 1);
        strongest.setAttribute("x", gutter + found[i].indexOf(Math.max(...found[i])) * step + 1);
      });
    },
  };
}

function render({ model, el }) {
  const data = model.get("data");
  const { premise, hypothesis, permutations } = data;
  const contents = fromPolar(data.changes);
  const [own, asking] = [fromPolar(data.premise_keys), fromPolar(data.hypothesis_keys)];
  const [total, last] = [premise.length, premise.length + hypothesis.length];
  const [most, width] = [permutations.length, permutations[0].length];
  const words = [...WORDS, SOURCE[data.source]];
  const { root, question, controls, stage, status } = frame(el, { title: "A memory written along one sentence and read along another", words });
  const lines = [sentence("Premise", premise), sentence("Hypothesis", hypothesis)];
  const memory = memoryPicture(most, width);
  const heat = heatPicture(premise, hypothesis);
  stage.before(...lines.map((line) => line.node));
  stage.append(heat.node, memory.node);
  const unitOfContents = strength(contents);
  const empty = emptyMemory(1, width)[0];
  const kept = {};

  // All that a number of copies and a kind of keys give: the memory along the premise, and every read along the hypothesis.
  const all = (copies, mode) => {
    const used = permutations.slice(0, copies);
    const [writeKeys, readKeys] = keysFor(own, asking, mode);
    const memories = memoriesAlong(writeKeys, contents, used);
    const reads = readKeys.map((key) => reading(memories[total], key, contents, used));
    return { writeKeys, readKeys, memories, reads, unit: strength(memories[total]), back: strength(reads.map(({ found }) => found)) };
  };

  const draw = () => {
    const step = Math.max(0, Math.min(model.get("step"), last));
    const copies = Math.max(1, Math.min(model.get("copies"), most));
    const mode = model.get("keying");
    kept[`${mode} ${copies}`] ??= all(copies, mode);
    const { writeKeys, readKeys, memories, reads, unit, back } = kept[`${mode} ${copies}`];
    const [write_, read_] = [step > 0 && step <= total ? step - 1 : -1, step - total - 1];
    const word = write_ >= 0 ? premise[write_] : read_ >= 0 ? hypothesis[read_] : "";
    lines[0].update(Math.min(step, total));
    lines[1].update(step - total);
    heat.update(step, reads.map(({ row }) => row));
    memory.update({
      memory: { copies: memories[Math.min(step, total)], empty },
      unit: { content: unitOfContents, memory: unit, back },
      shownKey: write_ >= 0 ? writeKeys[write_] : readKeys[read_],
      content: contents[write_],
      back: reads[read_]?.found,
      reads: read_ >= 0,
      names: {
        key: !word ? "key" : mode === "own" ? `key of ${quoted(word)}` : `key of ${quoted(word)}, and of all words`,
        written: write_ >= 0 ? `what ${quoted(word)} writes` : "what is written",
        found: read_ >= 0 ? `what ${quoted(word)} finds` : "what is read",
      },
    });
    idle(next, step === last);
    idle(again, step === 0);
    time.update(step, { text: `${step} of ${last}` });
    spread.update(copies);
    kind.update(mode);
    ask(question, ...questionFor({ step, premise, hypothesis, copies, most, keying: mode }));
    say(status, answerFor({ step, premise, hypothesis, copies, width, keying: mode, row: reads[read_]?.row }));
  };

  const bound = bindModel(model, ["step", "copies", "keying"], draw);
  const next = button(NEXT, () => bound.set({ step: Math.min(last, model.get("step") + 1) }), "ml-first");
  const again = button("Start again", () => bound.set({ step: 0 }));
  const time = slider("Words read", { min: 0, max: last, onMove: (n) => bound.set({ step: n }) });
  const spread = slider("Copies", { min: 1, max: most, onMove: (n) => bound.set({ copies: n }) });
  const kind = choice("Keys", Object.entries(NAMES), (keying) => bound.set({ keying }));
  controls.append(...rows([next, again, kind.node], most > 1 ? [time.node, spread.node] : [time.node]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
