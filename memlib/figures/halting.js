// A budget of 1 that is spent step by step, and what each halting probability does to weights, steps and cost.
import { label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, slider } from "./controls.js";
import { LABELS, questionFor, sentence, shown, under } from "./halting_rules.js";

const WORDS = [
  "On top lies a bar, the budget of 1. It fills from the left: each step takes its halting probability, and the last step, with the heavy outline, takes what is left, R. " +
    "Under the other rule the bar is shared out by the chance to stop at each step.",
  "Below, each line is a step. It shows the halting probability h that you set, the weight p that the step gets in the answer, and how the cost changes when h grows. " +
    "Steps after the last are pale: they are never computed.",
  "“Budget” is adaptive computation time: it halts once the probabilities add up to 0.99, and the cost is the number of steps N plus R. " +
    "“Chances” is PonderNet: h is the chance to stop for one that has come so far, the last step stops whoever is left, and the cost is the average number of steps.",
];

const [LEFT, WIDE, TOP, PITCH] = [6, 328, 26, 32];
const [H, P, BAR] = [46, 154, 64];

function bar(x, y, kind) {
  const fill = svg("rect", { class: kind, x, y: y - 12, height: 16, rx: 2, width: 0, "fill-opacity": 0.55 });
  const number = label("", x + BAR + 34, y + 1);
  return { parts: [svg("rect", { class: "ml-zero", x, y: y - 12, width: BAR, height: 16, rx: 2 }), fill, number], fill, number };
}

function board(count) {
  const first = TOP + 82;
  const node = picture(340, first + count * PITCH - 14, "The budget, and for each step its halting probability, its weight and its part in the cost");
  const title = label("", LEFT, 14, { anchor: "start", kind: "ml-strong" });
  const heads = [["h", H], ["weight p", P]].map(([text, x]) => label(text, x, first - 20, { anchor: "start", kind: "ml-strong" }));
  node.append(title, ...heads, label("∂cost / ∂h", LEFT + WIDE, first - 20, { kind: "ml-strong" }));
  node.append(svg("rect", { class: "ml-zero", x: LEFT, y: TOP, width: WIDE, height: 24, rx: 2 }));
  const segments = Array.from({ length: count }, (_, i) => ({
    box: svg("rect", { class: "ml-high", y: TOP, height: 24, "fill-opacity": i % 2 ? 0.3 : 0.55 }),
    name: label(String(i + 1), 0, TOP + 17, { anchor: "middle" }),
  }));
  const last = svg("path", { class: "ml-seen" });
  const rest = label("R", 0, TOP + 40, { anchor: "middle", kind: "ml-strong" });
  segments.forEach(({ box, name }) => node.append(box, name));
  node.append(last, rest);
  const lines = Array.from({ length: count }, (_, i) => {
    const y = first + i * PITCH;
    const [chance, weight] = [bar(H, y, "ml-bar"), bar(P, y, "ml-high")];
    const slope = label("", LEFT + WIDE, y + 1);
    const group = svg("g", { class: "ml-step" }, label(`step ${i + 1}`, LEFT - 4, y + 1, { anchor: "start", kind: "ml-tick" }), ...chance.parts, ...weight.parts, slope);
    node.append(group);
    return { chance, weight, slope, group };
  });
  return {
    node,
    update(h, rule, { steps, remainder, weights, gradient }) {
      const halts = rule === "budget";
      say(title, halts ? "the budget of 1, spent from the left" : "the chance to stop at each step, together 1");
      let from = LEFT;
      segments.forEach(({ box, name }, i) => {
        const width = weights[i] * WIDE;
        box.setAttribute("x", from);
        box.setAttribute("width", Math.max(0, width - 1.5));
        say(name, width > 14 ? String(i + 1) : "");
        name.setAttribute("x", from + width / 2);
        if (halts && i + 1 === steps) {
          last.setAttribute("d", `M${from + 1},${TOP}h${Math.max(2, width - 2)}v24h${-Math.max(2, width - 2)}Z`);
          say(rest, `R = ${shown(remainder)}`);
          rest.setAttribute("x", Math.min(LEFT + WIDE - 30, Math.max(LEFT + 28, from + width / 2)));
        }
        from += width;
      });
      if (!halts) {
        last.setAttribute("d", "");
        say(rest, "");
      }
      lines.forEach(({ chance, weight, slope, group }, i) => {
        const idleStep = halts && i + 1 > steps;
        group.classList.toggle("ml-faint", idleStep);
        chance.fill.setAttribute("width", h[i] * BAR);
        weight.fill.setAttribute("width", weights[i] * BAR);
        say(chance.number, shown(h[i]));
        say(weight.number, idleStep ? "—" : shown(weights[i]));
        say(slope, idleStep ? "" : halts ? shown(gradient[i], 0) : shown(gradient[i]));
      });
    },
  };
}

function render({ model, el }) {
  const { epsilon, start } = model.get("data");
  const { root, question, controls, stage, status } = frame(el, { title: "Halting: a budget spent step by step", words: WORDS });
  const drawn = board(start.length);
  stage.append(drawn.node);

  const draw = () => {
    const [h, rule] = [model.get("chances"), model.get("rule")];
    drawn.update(h, rule, under(rule, h, epsilon));
    sliders.forEach((one, i) => one.update(Math.round(h[i] * 20), { text: h[i].toFixed(2) }));
    rules.update(rule);
    idle(again, rule === "budget" && h.every((x, i) => x === start[i]));
    ask(question, ...questionFor({ rule, h, epsilon }));
    say(status, sentence({ rule, h, epsilon }));
  };

  const bound = bindModel(model, ["chances", "rule"], draw);
  const sliders = start.map((_, i) => slider(LABELS.step(i + 1), {
    min: 0, max: 20, onMove: (n) => bound.set({ chances: model.get("chances").map((x, j) => (j === i ? n / 20 : x)) }),
  }));
  const rules = choice(LABELS.rule, [["budget", LABELS.budget], ["chance", LABELS.chance]], (rule) => bound.set({ rule }));
  const again = button(LABELS.again, () => bound.set({ chances: [...start], rule: "budget" }));
  const nodes = sliders.map((one) => one.node);
  controls.append(...rows(nodes.slice(0, 2), nodes.slice(2, 4), nodes.slice(4), [rules.node, again]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
