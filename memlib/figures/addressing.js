// One address, stage by stage, over a memory of nine slots. Slots stand side by side, so that every row of weights lies
// under the slots that it weighs; what the controller gives comes in from the right, across a dotted line.
import { cells, label, picture, svg, tab } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say, select, slider } from "./controls.js";
import { LABELS, brief, questionFor, sentence, stages } from "./addressing_rules.js";

const WORDS = [
  "On top lies a memory of nine slots, side by side; each is a column of six numbers. Orange is positive, blue with a dash negative. " +
    "Below, each row has one weight for each slot, under the slot that it weighs. The figures under a row are its weights.",
  "What the controller gives stands on the right, behind the dotted line: a key, its strength, a gate, a shift, a power. Each enters at " +
    "one row. Touch it, and that row and all below it change. Nothing above it does.",
  "Content compares the key with each slot, and makes weights of the cosines. The gate mixes them with the weights of the step before. " +
    "The shift moves them along the ring of slots; a shift between two whole ones is shared, 0.9 is one tenth of staying and nine tenths of " +
    "going on. The power makes high weights higher.",
  "“One step” takes the last row as the weights of the step before, and makes the next address with the same controls. With the gate at 0 " +
    "and a shift the head walks.",
  "The lower picture shows what the weights are for. If the head reads, the slots are added up with these weights. If it writes, it erases and then adds " +
    "the vector on the right, as much as it looks at each slot.",
];

const [LEFT, STEP, ACROSS, RIGHT] = [6, 26, 252, 270];
const ROWS = [
  ["cosines", "cosine", "of slot and key", ""],
  ["found", "content", "softmax of β · cosine", "β"],
  ["before", "before", "the last step’s weights", ""],
  ["kept", "gate", "g · content + (1 − g) · before", "g"],
  ["moved", "shift", "along the ring", "s"],
  ["weights", "sharpen", "to the power γ, sum 1", "γ"],
];
const [FIRST, PITCH] = [148, 54];

// Slots side by side: the first entries of all slots make the first row.
const columns = (slots) => slots[0].map((_, j) => slots.map((slot) => slot[j])).flat();

function dotted(from, to) {
  return svg("path", { d: `M${ACROSS},${from}V${to}`, class: "ml-dotted" });
}

function pipeline(slots, width) {
  const tall = FIRST + ROWS.length * PITCH;
  const node = picture(340, tall, "A memory, a key, and the weights after each stage of the address");
  const memory = cells(width, slots, { x: LEFT, y: 36, width: slots * STEP, height: 84, role: "memory" });
  const key = cells(width, 1, { x: RIGHT, y: 36, width: STEP, height: 84, role: "key" });
  const numbers = Array.from({ length: slots }, (_, i) => label(String(i + 1), LEFT + (i + 0.5) * STEP, 31, { anchor: "middle", kind: "ml-tick" }));
  node.append(
    tab("memory", LEFT + 8, 9), label("nine slots", LEFT + 24, 13, { anchor: "start", kind: "ml-strong" }), ...numbers, memory.node,
    tab("key", RIGHT + 8, 9), label("key", RIGHT + 24, 13, { anchor: "start", kind: "ml-strong" }), key.node, dotted(2, tall - 6),
  );
  const kernel = cells(1, 3, { x: RIGHT - 8, y: FIRST + 4 * PITCH + 6, width: 66, height: 18 });
  const drawn = ROWS.map(([name, title, rule, told], row) => {
    const y = FIRST + row * PITCH;
    const strip = cells(1, slots, { x: LEFT, y: y + 6, width: slots * STEP, height: 18, role: name === "weights" ? "query" : "" });
    const figures = Array.from({ length: slots }, (_, i) => label("", LEFT + (i + 0.5) * STEP, y + 38, { anchor: "middle", kind: "ml-tick" }));
    const number = label("", RIGHT - 8, y + 20, { anchor: "start" });
    const head = label(title, LEFT, y, { anchor: "start", kind: "ml-strong" });
    node.append(head, label(rule, LEFT + 7 + 8.3 * title.length, y, { anchor: "start", kind: "ml-soft" }), strip.node, ...figures);
    if (told === "s") {
      node.append(kernel.node);
      ["−1", "0", "+1"].forEach((text, i) => node.append(label(text, RIGHT + 3 + 22 * i, y + 38, { anchor: "middle", kind: "ml-tick" })));
    } else if (told) node.append(number);
    if (told) node.append(svg("path", { d: `M${ACROSS + 8},${y + 15}H${LEFT + slots * STEP + 5}m5,-4l-5,4l5,4`, class: "ml-flow" }));
    return { name, told, strip, figures, number };
  });
  return {
    node,
    update(shown, told) {
      memory.update(columns(shown.memory), 1.6);
      key.update(shown.key, 1.6);
      kernel.update(shown.kernel, 1);
      for (const { name, told: letter, strip, figures, number } of drawn) {
        strip.update(shown[name], 1);
        if (name !== "cosines") figures.forEach((text, i) => say(text, brief(shown[name][i])));
        if (letter && letter !== "s") say(number, `${letter} = ${told[letter]}`);
      }
    },
  };
}

function use(slots, width) {
  const node = picture(340, 288, "What is read with these weights, and the memory after a write with them");
  const box = (y) => ({ x: LEFT, y, width: slots * STEP, height: 84, role: "memory" });
  const [memory, written] = [cells(width, slots, box(28)), cells(width, slots, box(182))];
  const out = cells(width, 1, { x: RIGHT, y: 28, width: STEP, height: 84, role: "value" });
  const add = cells(width, 1, { x: RIGHT, y: 182, width: STEP, height: 84, role: "value" });
  const strip = cells(1, slots, { x: LEFT, y: 124, width: slots * STEP, height: 14, role: "query" });
  node.append(
    label("it reads", LEFT, 13, { anchor: "start", kind: "ml-strong" }), label("the slots, weighed and added", LEFT + 62, 13, { anchor: "start", kind: "ml-soft" }),
    memory.node, out.node, label("r", RIGHT + STEP + 10, 74, { anchor: "start" }), strip.node,
    label("or it writes", LEFT, 168, { anchor: "start", kind: "ml-strong" }), label("erase e = 1, then add a", LEFT + 90, 168, { anchor: "start", kind: "ml-soft" }),
    written.node, add.node, label("a", RIGHT + STEP + 10, 228, { anchor: "start" }), dotted(176, 272),
    svg("path", { d: `M${LEFT + slots * STEP + 8},70h20m-5,-4l5,4l-5,4`, class: "ml-flow" }),
  );
  return {
    node,
    update(shown) {
      memory.update(columns(shown.memory), 1.6);
      written.update(columns(shown.written), 1.6);
      strip.update(shown.weights, 1);
      out.update(shown.read, 1.6);
      add.update(shown.add, 1.6);
    },
  };
}

const TRAITS = ["slot", "likeness", "strength", "gate", "move", "power", "before", "steps"];

function render({ model, el }) {
  const { memory, noise, add, start } = model.get("data");
  const [slots, width] = [memory.length, memory[0].length];
  const { root, question, controls, stage, status } = frame(el, { title: "The address of a head, stage by stage", words: WORDS });
  const [above, below] = [pipeline(slots, width), use(slots, width)];
  stage.append(above.node, below.node);
  let last = null;

  const draw = () => {
    const now = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
    last = stages({ memory, noise, add, ...now });
    const told = { β: now.strength.toFixed(1), g: now.gate.toFixed(2), γ: now.power.toFixed(1) };
    above.update({ ...last, memory }, told);
    below.update({ ...last, memory, add });
    like.update(String(now.slot));
    likeness.update(Math.round(now.likeness * 10), { text: `${Math.round(now.likeness * 100)} %` });
    strength.update(Math.round(now.strength * 2), { text: told.β });
    gate.update(Math.round(now.gate * 20), { text: told.g });
    const [sign, size] = [now.move < 0 ? "−" : now.move > 0 ? "+" : "", Math.abs(now.move).toFixed(1)];
    move.update(Math.round(now.move * 10) + 10, { text: `${sign}${size}` });
    power.update(Math.round(now.power * 2) - 2, { text: told.γ });
    idle(again, !now.steps);
    ask(question, ...questionFor(now));
    say(status, sentence({ ...last, ...now }));
  };

  const bound = bindModel(model, TRAITS, draw);
  const like = select(LABELS.slot, memory.map((_, i) => [String(i), `slot ${i + 1}`]), (slot) => bound.set({ slot: Number(slot) }));
  const likeness = slider(LABELS.likeness, { min: 0, max: 10, onMove: (n) => bound.set({ likeness: n / 10 }) });
  const strength = slider(LABELS.strength, { min: 0, max: 40, onMove: (n) => bound.set({ strength: n / 2 }) });
  const gate = slider(LABELS.gate, { min: 0, max: 20, onMove: (n) => bound.set({ gate: n / 20 }) });
  const move = slider(LABELS.move, { min: 0, max: 20, onMove: (n) => bound.set({ move: (n - 10) / 10 }) });
  const power = slider(LABELS.power, { min: 0, max: 18, onMove: (n) => bound.set({ power: 1 + n / 2 }) });
  const step = button(LABELS.step, () => bound.set({ before: last.weights, steps: model.get("steps") + 1 }), "ml-first");
  const again = button(LABELS.again, () => bound.set({ before: start, steps: 0 }));
  controls.append(...rows([like.node, likeness.node], [strength.node, gate.node], [move.node, power.node], [step, again]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
