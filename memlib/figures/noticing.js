// A query and three items, bit by bit, under two attentions. A bit is a button; pressed, it is turned.
import { cells, html, label, picture, svg, tab } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say } from "./controls.js";
import { LABELS, amount, bitName, compare, questionFor, sentence, verdicts } from "./noticing_rules.js";

const WORDS = [
  "On top stand a query and the keys of three items, six bits each, one below the other. A bit is +1 or −1; press it to turn it. A turned bit has a " +
    "thick border.",
  "On the left is dot-product attention. It multiplies the query with each key and adds up: one score for each item. A softmax makes weights of the " +
    "scores, the bars, and the answer is the mean of the values under these weights, four numbers.",
  "On the right is outer-product attention. It multiplies the query with each key and does not add up: the six products pass a tanh and are multiplied " +
    "with the four numbers of the value, and the three tables are added. Row i of the result belongs to bit i. A frame marks the row that changed with the last " +
    "press, a dot each row that differs from the start.",
  "Below each picture stands whether this attention noticed anything: of the last press, and against the start. To notice means that a number has changed, " +
    "however little.",
];

const roleSign = (role) => {
  const drawn = svg("svg", { viewBox: "-11 -11 22 22", width: 22, height: 22, role: "img", "aria-label": `the sign of a ${role}` });
  drawn.append(tab(role, 0, 0));
  return drawn;
};

function bits(data, onPress) {
  const d = data.query.length;
  const node = html("div", { class: "ml-full ml-bits" });
  const buttons = [];
  ["query", ...data.keys.map((_, j) => `key ${j + 1}`)].forEach((name, r) => {
    const row = html("div", { class: "ml-bit-row", role: "group", "aria-label": name }, html("span", { class: "ml-bit-name" }, roleSign(r ? "key" : "query"), name));
    for (let i = 0; i < d; i += 1) {
      const press = html("button", { type: "button", class: "ml-bit", onclick: () => onPress(r * d + i) });
      buttons.push(press);
      row.append(press);
    }
    node.append(row);
  });
  return {
    node,
    update({ query, keys }, start) {
      const before = [start.query, ...start.keys].flat();
      [query, ...keys].flat().forEach((bit, n) => {
        say(buttons[n], bit < 0 ? "−" : "+");
        buttons[n].classList.toggle("ml-negative", bit < 0);
        buttons[n].setAttribute("aria-label", `${bitName(n, d)}: ${bit < 0 ? "minus" : "plus"}`);
        buttons[n].setAttribute("aria-pressed", bit !== before[n]);
      });
    },
  };
}

const strong = (text, x, y) => label(text, x, y, { anchor: "start", kind: "ml-strong" });
const soft = (text, x, y, anchor = "start") => label(text, x, y, { anchor, kind: "ml-soft" });

function dots(items, depth) {
  const [bar, wide, at, across, step] = [98, 58, 198, 138, 34];
  const node = picture(340, 262, "Dot-product attention: scores, weights and the answer");
  node.append(strong("dot-product attention", 2, 14), soft("score", 88, 38, "end"), soft("weight", bar, 38), soft("value", at, 38));
  const lines = Array.from({ length: items }, (_, j) => {
    const y = 48 + step * j;
    const row = { score: label("", 84, y + 15), weight: label("", 0, y + 15, { anchor: "start", kind: "ml-halo" }) };
    row.bar = svg("rect", { class: "ml-bar", x: bar, y: y + 1, height: 18, rx: 2 });
    row.value = cells(1, depth, { x: at, y, width: across, height: 20, role: "value" });
    node.append(label(`item ${j + 1}`, 2, y + 15, { anchor: "start" }), row.bar, row.score, row.weight, row.value.node);
    return row;
  });
  const y = 64 + step * items;
  const answer = cells(1, depth, { x: at, y, width: across, height: 20, role: "value" });
  const numbers = Array.from({ length: depth }, (_, t) => label("", at + (t + 0.5) * (across / depth), y + 37, { anchor: "middle", kind: "ml-tick" }));
  const told = [strong("", 2, 232), label("", 2, 254, { anchor: "start" })];
  node.append(svg("path", { d: `M2,${y - 11}H336`, class: "ml-flow" }), label("answer: weighted mean", 2, y + 15, { anchor: "start" }), answer.node, ...numbers, ...told);
  return {
    node,
    update({ scores, weights, answer: found }, values, text) {
      lines.forEach(({ score, weight, bar: drawn, value }, j) => {
        say(score, scores[j] < 0 ? `−${-scores[j]}` : String(scores[j]));
        drawn.setAttribute("width", wide * weights[j]);
        say(weight, weights[j].toFixed(2));
        weight.setAttribute("x", bar + wide * weights[j] + 5);
        value.update(values[j], 1.3);
      });
      answer.update(found, 1.3);
      found.forEach((x, t) => say(numbers[t], amount(x)));
      told.forEach((line, i) => say(line, text[i]));
    },
  };
}

function outer(width, depth) {
  const [left, top, high] = [98, 48, 24];
  const node = picture(340, 262, "Outer-product attention: one row of numbers for each bit");
  const grid = cells(width, depth, { x: left, y: top, width: 160, height: width * high, role: "memory" });
  const changed = svg("rect", { class: "ml-changed", x: left - 5, width: 170, height: high + 2, rx: 4 });
  const marks = Array.from({ length: width }, (_, i) => svg("circle", { class: "ml-here", r: 5, cx: left + 178, cy: top + (i + 0.5) * high }));
  node.append(strong("outer-product attention", 2, 14), soft("a row for each bit", left, 38), grid.node, changed, ...marks);
  for (let i = 0; i < width; i += 1) node.append(label(`bit ${i + 1}`, left - 14, top + i * high + 17));
  const told = [strong("", 2, 232), label("", 2, 254, { anchor: "start" })];
  node.append(...told);
  return {
    node,
    update({ matrix }, last, start, text) {
      grid.update(matrix.flat(), 2.6);
      changed.style.display = last.length ? "" : "none";
      changed.setAttribute("y", last.length ? top + (last[0] - 1) * high - 1 : 0);
      marks.forEach((mark, i) => (mark.style.display = start.includes(i + 1) ? "" : "none"));
      told.forEach((line, i) => say(line, text[i]));
    },
  };
}

function render({ model, el }) {
  const data = model.get("data");
  const { root, question, controls, stage, status } = frame(el, { title: "What two attentions notice of a turned bit", words: WORDS });
  const [d, depth] = [data.query.length, data.values[0].length];
  const draw = () => {
    const presses = model.get("presses");
    const { now, last, start } = compare(data, presses);
    const [since, from] = [verdicts(last, "last press"), verdicts(start, "since the start")];
    const none = ["last press: none yet", "since the start: nothing is turned"];
    pressed.update(now, data);
    left.update(now, data.values, presses.length ? [since.dots, from.dots] : none);
    right.update(now, presses.length ? last.rows : [], start.rows, presses.length ? [since.outer, from.outer] : none);
    for (const control of [back, again]) idle(control, !presses.length);
    ask(question, ...questionFor(data, presses));
    say(status, sentence(data, presses));
  };
  const bound = bindModel(model, ["presses"], draw);
  const press = (n) => bound.set({ presses: [...model.get("presses"), n] });
  const pressed = bits(data, press);
  const [left, right] = [dots(data.values.length, depth), outer(d, depth)];
  const back = button(LABELS.back, () => model.get("presses").length && bound.set({ presses: model.get("presses").slice(0, -1) }));
  const again = button(LABELS.again, () => model.get("presses").length && bound.set({ presses: [] }));
  controls.append(pressed.node, ...rows([back, again]));
  stage.append(html("div", {}, left.node), html("div", {}, right.node));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
