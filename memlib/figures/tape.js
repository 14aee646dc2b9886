// The heads of a trained machine, played step by step.
import { cells, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say, select, slider } from "./controls.js";
import { LABELS, numbersOf, questionFor, sentence } from "./tape_rules.js";

const WORDS = [
  "A machine that was trained before reads a sequence and answers. In the first picture time runs to the right. From above: what is fed in; where it " +
    "writes and where it reads, a row for each slot; and what comes out, once it is asked. Where a bit that comes out is wrong it is crossed. " +
    "The frame is the step that the second picture shows.",
  "The second picture is the memory after that step, a row for each slot. The column on the left is the weight of writing, the one on the right " +
    "that of reading. Numbers in the memory go from blue with a dash (negative) to orange (positive).",
  "Slots that are hardly looked at in the whole sequence are left out, and never more than 24 are shown. Where a machine has several heads of a kind, the largest of their weights is drawn.",
  "The reading of a step is done before its writing. What is read at a step takes part in the answer of that step.",
];

const [LEFT, WIDE] = [6, 328];

function strip(node, rows, { y, height, title, largest = 1 }) {
  const [steps, deep] = [rows.length, rows[0].length];
  const part = cells(deep, steps, { x: LEFT, y: y + 6, width: WIDE, height });
  part.update(Array.from({ length: deep }, (_, j) => rows.map((row) => row[j])).flat(), largest);
  node.append(label(title, LEFT, y, { anchor: "start", kind: "ml-strong" }), part.node);
  return y + height + 26;
}

function times(tape) {
  const [deep, slots] = [tape.inputs[0].length, tape.slots.length];
  const [input, head] = [Math.max(20, Math.min(64, deep * 8)), Math.max(48, slots * 6)];
  const output = Math.max(20, Math.min(64, tape.outputs[0].length * 8));
  const tall = 14 + input + output + 2 * head + 4 * 26 - 6;
  const node = picture(340, tall, "What is fed in, where the machine writes and reads, and what comes out, over time");
  let y = strip(node, tape.inputs, { y: 14, height: input, title: "input" });
  y = strip(node, tape.writes, { y, height: head, title: "writes: a row for each slot" });
  y = strip(node, tape.reads, { y, height: head, title: "reads" });
  const shown = tape.outputs.map((row, t) => row.map((x) => (tape.scored[t] ? x : 0)));
  strip(node, shown, { y, height: output, title: "output" });
  const [w, h] = [WIDE / tape.inputs.length, output / tape.outputs[0].length];
  let crosses = "";
  tape.outputs.forEach((row, t) => row.forEach((x, j) => {
    if (!tape.scored[t] || x > 0.5 === tape.targets[t][j] > 0.5) return;
    const size = Math.min(w, h, 10) * 0.35;
    const [cx, cy] = [LEFT + (t + 0.5) * w, y + 6 + (j + 0.5) * h];
    crosses += `M${cx - size},${cy - size}l${2 * size},${2 * size}m0,${-2 * size}l${-2 * size},${2 * size}`;
  }));
  const now = svg("rect", { y: 18, width: w, height: tall - 24, rx: 2, class: "ml-now" });
  node.append(svg("path", { d: crosses, class: "ml-minus" }), now);
  return { node, update: (step) => now.setAttribute("x", LEFT + step * w) };
}

function memoryPicture(tape) {
  const slots = tape.slots.length;
  const deep = tape.memory[0].length / slots;
  const row = Math.min(18, 340 / slots);
  const node = picture(340, 48 + slots * row, "The memory after this step, with the weights of writing and reading");
  const column = (x) => cells(slots, 1, { x, y: 30, width: 24, height: slots * row });
  const [write, read] = [column(34), column(300)];
  const memory = cells(slots, deep, { x: 70, y: 30, width: 218, height: slots * row, role: "memory" });
  node.append(
    label("write", 46, 22, { anchor: "middle", kind: "ml-strong" }), label("read", 312, 22, { anchor: "middle", kind: "ml-strong" }),
    label("memory after the step", 179, 22, { anchor: "middle", kind: "ml-strong" }), write.node, memory.node, read.node,
  );
  const every = Math.ceil(15 / row);
  tape.slots.forEach((slot, i) => {
    if (i % every === 0) node.append(label(String(slot), 28, 30 + (i + 0.5) * row + 4, { kind: "ml-tick" }));
  });
  return {
    node,
    update(step) {
      write.update(tape.writes[step], 1);
      read.update(tape.reads[step], 1);
      memory.update(numbersOf(tape.memory[step]), 1);
    },
  };
}

const TRAITS = ["tape", "step"];

function render({ model, el }) {
  const { tapes } = model.get("data");
  const { root, question, controls, stage, status } = frame(el, { title: "The heads of a trained machine, step by step", words: WORDS });
  let [drawn, parts] = [-1, []];

  const draw = () => {
    const [number, tape] = [model.get("tape"), tapes[model.get("tape")]];
    const step = Math.min(model.get("step"), tape.inputs.length - 1);
    if (drawn !== number) {
      drawn = number;
      parts = [times(tape), memoryPicture(tape)];
      stage.replaceChildren(...parts.map((part) => part.node));
    }
    parts.forEach((part) => part.update(step));
    which.update(String(number));
    at.update(step, { text: `${step + 1} of ${tape.inputs.length}`, upTo: tape.inputs.length - 1 });
    idle(next, step >= tape.inputs.length - 1);
    idle(again, !step);
    ask(question, ...questionFor(tape, step));
    say(status, sentence(tape, step));
  };

  const bound = bindModel(model, TRAITS, draw);
  const which = select(LABELS.tape, tapes.map((tape, i) => [String(i), tape.title]), (tape) => bound.set({ tape: Number(tape), step: 0 }));
  const at = slider(LABELS.step, { min: 0, max: tapes[0].inputs.length - 1, onMove: (step) => bound.set({ step }) });
  const next = button(LABELS.next, () => {
    if (next.getAttribute("aria-disabled") !== "true") bound.set({ step: model.get("step") + 1 });
  }, "ml-first");
  const again = button(LABELS.again, () => bound.set({ step: 0 }));
  controls.append(...rows([which.node], [at.node], [next, again]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
