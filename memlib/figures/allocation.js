// A memory of a few slots: write, look, free, and walk along the order of writing.
import { cells, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say, slider } from "./controls.js";
import { LABELS, MOST, amount, holds, play, questionFor, sentence } from "./allocation_rules.js";

const WORDS = [
  "A memory of a few slots, at first all free. Each write puts the next letter of the alphabet where the allocation says: into the freest " +
    "slot as much as it can take, the rest into the next one. The write gate says how much is written at all.",
  "The first picture has a row for each slot. From the left: its number; the letter that it holds, small where it holds less than half of one; how much " +
    "it is in use; how much of the next write will go to it, with the gate as it stands; how much it was the last one written; and how much the head reads of it. Under " +
    "the rows stands the free list, the freest slot first.",
  "Looking at a slot stands for reading by content: all of the read weight goes there. Freeing lowers the usage of what the head reads, and leaves the " +
    "content. A letter stays where it is until another one is written over it.",
  "The second picture is the link matrix. The cell in row i and column j says how much slot i was written right after slot j. Forward goes from the " +
    "columns to the rows, backward from the rows to the columns. The columns of what the head reads are framed.",
  "The share of content mixes the read modes: at 0 the head goes along the links only, at 1 it goes back to the slot that you looked at last, " +
    "and between them it does both in part.",
];

const [TOP, ROW] = [30, 24];

function slotsPicture(count) {
  const node = picture(340, TOP + count * ROW + 30, "The slots: what they hold, their usage, where the next write goes, which was the last, what is read");
  const columns = [["holds", 26, 44], ["used", 84, 66], ["next", 162, 66], ["last", 244, 36], ["read", 296, 36]];
  columns.forEach(([name, x, wide]) => node.append(label(name, x + wide / 2, 18, { anchor: "middle", kind: "ml-strong" })));
  const [last, read] = [columns[3], columns[4]].map(([, x, wide]) => {
    const part = cells(count, 1, { x, y: TOP, width: wide, height: count * ROW });
    node.append(part.node);
    return part;
  });
  const memory = svg("rect", { x: 26, y: TOP, width: 44, height: count * ROW, class: "ml-frame", rx: 2 });
  const holder = svg("g", { class: "ml-memory" }, memory);
  node.append(holder);
  const lines = Array.from({ length: count }, (_, i) => {
    const y = TOP + i * ROW;
    const text = label("", 48, y + 17, { anchor: "middle", kind: "ml-strong" });
    const bars = [columns[1], columns[2]].map(([, x, wide], k) => {
      const ground = svg("rect", { x, y: y + 4, width: wide, height: ROW - 8, class: "ml-zero" });
      const bar = svg("rect", { x, y: y + 4, width: 0, height: ROW - 8, class: k ? "ml-bar ml-longest" : "ml-bar" });
      const number = label("", x + wide - 3, y + 16, { kind: "ml-soft ml-halo" });
      node.append(ground, bar, number);
      return { bar, wide, number };
    });
    const name = label(String(i + 1), 18, y + 16, { kind: "ml-tick" });
    node.append(name, text);
    return { name, text, bars };
  });
  const free = label("", 2, TOP + count * ROW + 21, { anchor: "start" });
  node.append(free);
  return {
    node,
    update(state, gate, chosen) {
      lines.forEach(({ name, text, bars }, i) => {
        name.classList.toggle("ml-strong", i === chosen);
        say(text, holds(state.memory[i]));
        [state.usage[i], gate * state.offered[i]].forEach((share, k) => {
          bars[k].bar.setAttribute("width", bars[k].wide * share);
          say(bars[k].number, amount(share));
        });
      });
      last.update(state.last, 1);
      read.update(state.read, 1);
      const rest = state.order.filter((slot) => state.usage[slot] < 0.995);
      say(free, `free list: ${rest.map((slot) => slot + 1).join(" ") || "empty"}`);
    },
  };
}

function linksPicture(count) {
  const [x, y, side] = [70, 48, count * 30];
  const node = picture(340, y + side + 16, "The link matrix: which slot was written right after which");
  node.append(label("links: written after", 2, 14, { anchor: "start", kind: "ml-strong" }), label("slot", x + side / 2, 30, { anchor: "middle", kind: "ml-soft" }));
  const part = cells(count, count, { x, y, width: side, height: side, role: "memory" });
  node.append(part.node, label("slot", 34, y + side / 2 + 4, { anchor: "middle", kind: "ml-soft" }));
  const here = Array.from({ length: count }, (_, i) => {
    const middle = (i + 0.5) * 30;
    node.append(label(String(i + 1), x + middle, y - 6, { anchor: "middle", kind: "ml-tick" }),
      label(String(i + 1), x - 7, y + middle + 4, { kind: "ml-tick" }));
    const box = svg("rect", { x: x + i * 30 + 1, y: y + 1, width: 28, height: side - 2, class: "ml-now" });
    node.append(box);
    return box;
  });
  return {
    node,
    update(state) {
      part.update(state.links.flat(), 1);
      here.forEach((box, j) => box.setAttribute("stroke-opacity", state.read[j] < 0.045 ? 0 : 0.3 + 0.7 * state.read[j]));
    },
  };
}

const TRAITS = ["actions", "gate", "slot", "share"];

function render({ model, el }) {
  const { slots } = model.get("data");
  const { root, question, controls, stage, status } = frame(el, { title: "A memory that knows its free slots and its order", words: WORDS });
  const parts = [slotsPicture(slots), linksPicture(slots)];
  stage.append(...parts.map((part) => part.node));

  const draw = () => {
    const [actions, at, share] = [model.get("actions"), model.get("slot"), model.get("share")];
    const state = play(actions, slots);
    parts.forEach((part) => part.update(state, model.get("gate"), at));
    gate.update(Math.round(10 * model.get("gate")), { text: model.get("gate").toFixed(1) });
    slot.update(at + 1, { text: `${at + 1} of ${slots}` });
    mix.update(Math.round(10 * share), { text: share.toFixed(1) });
    const reads = state.read.some((w) => w > 0);
    idle(write, state.letters >= MOST);
    [free, back, on].forEach((one) => idle(one, !reads));
    idle(again, !actions.length);
    ask(question, ...questionFor(state, actions, model.get("gate")));
    say(status, sentence(state, actions, model.get("gate")));
  };

  const bound = bindModel(model, TRAITS, draw);
  const act = (node, action, changes = {}) => {
    if (node.getAttribute("aria-disabled") !== "true") bound.set({ ...changes, actions: [...model.get("actions"), action()] });
  };
  const write = button(LABELS.write, () => act(write, () => ["write", model.get("gate")]), "ml-first");
  const gate = slider(LABELS.gate, { min: 0, max: 10, onMove: (n) => bound.set({ gate: n / 10 }) });
  const slot = slider(LABELS.slot, { min: 1, max: slots, onMove: (n) => bound.set({ slot: n - 1 }) });
  const look = button(LABELS.look, () => act(look, () => ["look", model.get("slot")]));
  const free = button(LABELS.free, () => act(free, () => ["free", 0]));
  const mix = slider(LABELS.share, { min: 0, max: 10, onMove: (n) => bound.set({ share: n / 10 }) });
  const back = button(LABELS.backward, () => act(back, () => ["backward", model.get("share")]));
  const on = button(LABELS.forward, () => act(on, () => ["forward", model.get("share")]));
  const again = button(LABELS.again, () => {
    if (again.getAttribute("aria-disabled") !== "true") bound.set({ actions: [] });
  });
  controls.append(...rows([write, gate.node], [slot.node, look, free], [mix.node, back, on, again]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
