// A premise written into a holographic memory word by word, then read along a hypothesis.
import { ask, bindModel, button, choice, frame, idle, rows, say, slider } from "./controls.js";
import { emptyMemory, read, similarity, write } from "./complex.js";
import { heatPicture, memoryPicture, sentence } from "./dual_memory_pictures.js";
import { answerFor, NAMES, NEXT, questionFor, quoted, SOURCE, WORDS } from "./dual_memory_words.js";

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

// The root of the mean square modulus: what the hands of the dials are shortened by.
function strength(vectors) {
  const mean = vectors.reduce((sum, vector) => sum + similarity(vector, vector), 0) / vectors.length;
  return Math.sqrt(mean) || 1;
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
  const time = slider("Words", { min: 0, max: last, onMove: (n) => bound.set({ step: n }) });
  const spread = slider("Copies", { min: 1, max: most, onMove: (n) => bound.set({ copies: n }) });
  const kind = choice("Keys", Object.entries(NAMES), (keying) => bound.set({ keying }));
  controls.append(...rows([next, again, kind.node], most > 1 ? [time.node, spread.node] : [time.node]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
