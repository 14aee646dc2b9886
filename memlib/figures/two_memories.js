// Two memories along a sequence of houses: what is written, what is related, what is handed on.
import { cells, html, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, select, slider } from "./controls.js";
import { LABELS, amount, largest, questionFor, sentence, told } from "./two_memories_rules.js";

const words = (data) => [
  "A model is told of houses on a road, one a step, each by its name and its place between −1 and 1. The last step names two of them, and the model says how far " +
    "apart they are. The picture on top shows the road: a ring for each house told so far, the newest with a thick border, and at the end the stretch that is asked for.",
  `“Item memory” shows ${data.d} by ${data.d} numbers. Above: what is kept of it, and what is taken of the new pair. Together they are the items ` +
    "written, below. What the relational memory hands on is added, and gives the items at the end of the step.",
  "“Relational memory” shows one matrix for each query: all of it, or only what this step added. The row below is what was read from it at the " +
    "start of the step; it joins the items before they are related.",
  "Numbers are coloured from blue with a dash (negative) to orange (positive); all pictures of one memory share a scale. “Size” is the root of the sum of squares.",
  `The model is ${data.about}. All numbers come from it; nothing is drawn by hand.`,
];

const [WIDE, GRID] = [340, 92];
const column = (i) => 3 + i * 121;
const soft = (text, x, y) => label(text, x, y, { anchor: "start", kind: "ml-soft" });
const strong = (text, x, y) => label(text, x, y, { anchor: "start", kind: "ml-strong" });

function roadPicture(road) {
  const [middle, unit, top, step] = [176, 134, 40, 26];
  const tall = top + step * road.houses.length;
  const node = picture(WIDE, tall + 34, "The houses on the road, and the stretch that is asked for");
  const head = strong("", 2, 14);
  const told = road.houses.map(([name, place], i) => {
    const [x, y] = [middle + unit * place, top + step * i];
    const ring = svg("circle", { cx: x, cy: y, r: 6, class: "ml-house" });
    const part = svg("g", {}, svg("path", { d: `M${middle - unit},${y}H${middle + unit}`, class: "ml-road" }), ring, label(name, 26, y + 5));
    return { part, ring, x, y };
  });
  const [from, to] = road.asked.map((name) => middle + unit * road.houses.find((house) => house[0] === name)[1]).sort((a, b) => a - b);
  const asked = svg("g", {}, svg("path", { d: `M${from},${tall - 8}v8H${to}v-8`, class: "ml-span" }));
  node.append(head, asked, ...told.map((house) => house.part));
  for (const tick of [-1, 0, 1]) node.append(label(amount(tick).replace(".00", ""), middle + unit * tick, tall + 20, { anchor: "middle", kind: "ml-tick" }));
  return {
    node,
    update(step, text) {
      say(head, text);
      told.forEach(({ part, ring }, i) => {
        part.style.display = i <= step ? "" : "none";
        ring.classList.toggle("ml-latest", i === step);
      });
      asked.style.display = step === road.houses.length ? "" : "none";
    },
  };
}

function itemsPicture(road, d) {
  const parts = [["kept", "kept", 0, 0], ["taken", "+ taken", 1, 0], ["written", "= written", 0, 1], ["handed", "+ handed", 1, 1], ["end", "= end", 2, 1]];
  const node = picture(WIDE, 262, "The item memory: kept, taken, written, what is handed on, and the end of the step");
  node.append(strong("item memory", 2, 14));
  const most = largest(road, parts.map(([name]) => name));
  const grids = parts.map(([name, text, i, j]) => {
    const [x, y] = [column(i), 44 + j * 122];
    const grid = cells(d, d, { x, y, width: GRID, height: GRID, role: name === "end" || name === "written" ? "memory" : "" });
    node.append(soft(text, x, y - 8), grid.node);
    return { name, grid };
  });
  return { node, update: (step) => grids.forEach(({ name, grid }) => grid.update(road.steps[step][name], most)) };
}

function relationsPicture(road, d, queries) {
  const high = Math.ceil(queries / 3);
  const node = picture(WIDE, 66 + high * 122, "The relational memory, a matrix for each query, and what was read from it");
  node.append(strong("relational memory", 2, 14));
  const most = largest(road, ["relations", "found"]);
  const grids = Array.from({ length: queries }, (_, s) => {
    const [x, y] = [column(s % 3), 44 + Math.floor(s / 3) * 122];
    const grid = cells(d, d, { x, y, width: GRID, height: GRID, role: "memory" });
    node.append(soft(`query ${s + 1}`, x, y - 8), grid.node);
    return grid;
  });
  const y = 36 + high * 122;
  const read = cells(1, d, { x: column(1), y, width: GRID, height: 16, role: "value" });
  node.append(soft("read before", 2, y + 12), read.node);
  const widest = largest(road, ["read"]);
  return {
    node,
    update(step, show) {
      const shown = road.steps[step][show === "new" ? "found" : "relations"];
      grids.forEach((grid, s) => grid.update(shown[s], most));
      read.update(road.steps[step].read, widest);
    },
  };
}

const TRAITS = ["road", "step", "show"];

function render({ model, el }) {
  const data = model.get("data");
  const { root, question, controls, stage, status } = frame(el, { title: "Two memories, step by step", words: words(data) });
  let [drawn, parts] = [-1, []];

  const draw = () => {
    const [number, road, show] = [model.get("road"), data.roads[model.get("road")], model.get("show")];
    const last = road.steps.length - 1;
    const step = Math.max(0, Math.min(model.get("step"), last));
    if (drawn !== number) {
      drawn = number;
      parts = [roadPicture(road), itemsPicture(road, data.d), relationsPicture(road, data.d, data.queries)];
      stage.replaceChildren(html("div", {}, parts[0].node, parts[2].node), html("div", {}, parts[1].node));
    }
    parts[0].update(step, told(road, step));
    parts[1].update(step);
    parts[2].update(step, show);
    which.update(String(number));
    at.update(step, { text: `${step + 1} of ${last + 1}`, upTo: last });
    shown.update(show);
    idle(next, step >= last);
    idle(again, !step);
    ask(question, ...questionFor(road, step, show, data.roads.length > 1));
    say(status, sentence(road, step));
  };

  const bound = bindModel(model, TRAITS, draw);
  const which = select(LABELS.road, data.roads.map((road, i) => [String(i), road.title]), (road) => bound.set({ road: Number(road) }));
  const at = slider(LABELS.step, { min: 0, max: data.roads[0].steps.length - 1, onMove: (step) => bound.set({ step }) });
  const shown = choice(LABELS.show, [["stands", LABELS.stands], ["new", LABELS.new]], (show) => bound.set({ show }));
  const next = button(LABELS.next, () => {
    if (next.getAttribute("aria-disabled") !== "true") bound.set({ step: model.get("step") + 1 });
  }, "ml-first");
  const again = button(LABELS.again, () => bound.set({ step: 0 }));
  controls.append(...rows([which.node], [at.node], [shown.node], [next, again]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
