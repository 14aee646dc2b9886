// One step of a soft program: the table on the left, then each operation's own selection of rows, then their average.
import { cells, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, frame, rows, say, slider } from "./controls.js";
import { LABELS, NAMES, SIGNS, brief, decided, questionFor, sentence, step } from "./programs_rules.js";

const WORDS = [
  "On the left lies a table of six rows and two columns. Beside it stands the selection of the step before: which rows belonged, 1 or 0.",
  "The next four columns are what four operations would select now. “Greater”, >, and “lesser”, <, compare the chosen column with the pivot. “And” " +
    "and “or” join “greater” with the selection before: the smaller and the larger of the two. Above each stands how likely the operation is.",
  "The last column is what the soft program selects: the average of the four, by how likely they are. Below it stand the count of the selected " +
    "rows and the sum of each column over them; a row that belongs by half counts by half.",
  "“Decide” gives all weight to the likeliest operation and the likelier column.",
];

const [TOP, PITCH, HIGH] = [64, 27, 22];
const [TABLE, BEFORE, FIRST, WIDE, LAST] = [4, 86, 132, 34, 284];

function drawing(table) {
  const bottom = TOP + table.length * PITCH;
  const node = picture(340, bottom + 66, "A table, the selection of each operation, and their average");
  const text = (words, x, y, kind = "ml-tick") => label(words, x, y, { anchor: "middle", kind });
  const strip = (x, width, role = "") =>
    table.map((_, i) => {
      const cell = cells(1, 1, { x, y: TOP + i * PITCH, width, height: HIGH, role });
      const figure = text("", x + width / 2, TOP + i * PITCH + 15, "");
      node.append(cell.node, figure);
      return { update: (x) => { cell.update([0.4 * x], 1); say(figure, brief(x)); } };
    });
  node.append(text("table", TABLE + 34, 18, "ml-strong"), text("before", BEFORE + 16, 18, "ml-strong"), text("average", LAST + 24, 18, "ml-strong"));
  const shares = [0, 1].map((j) => {
    table.forEach((row, i) => node.append(text(String(row[j]), TABLE + 17 + 36 * j, TOP + i * PITCH + 15, "")));
    const share = text("", TABLE + 17 + 36 * j, 38);
    node.append(share, svg("rect", { x: TABLE + 36 * j, y: TOP - 4, width: 34, height: table.length * PITCH + 2, class: "ml-grid", fill: "none" }));
    return share;
  });
  const before = strip(BEFORE, 32);
  const operations = NAMES.map((name, o) => {
    const x = FIRST + o * (WIDE + 3);
    const weight = text("", x + WIDE / 2, 50);
    node.append(text(SIGNS[name], x + WIDE / 2, 34), weight);
    return { weight, cells: strip(x, WIDE) };
  });
  const average = strip(LAST, 48, "query");
  const count = text("", 170, bottom + 22, "ml-strong");
  const sums = text("", 170, bottom + 46, "ml-strong");
  node.append(text("operations", FIRST + 72, 18, "ml-strong"), count, sums);
  return {
    node,
    update({ columns, selections, weights, selected, ...results }, earlier) {
      shares.forEach((share, j) => say(share, `${Math.round(100 * columns[j])} %`));
      before.forEach((cell, i) => cell.update(earlier[i]));
      operations.forEach(({ weight, cells: own }, o) => {
        say(weight, `${Math.round(100 * weights[o])} %`);
        own.forEach((cell, i) => cell.update(selections[o][i]));
      });
      average.forEach((cell, i) => cell.update(selected[i]));
      say(count, `count ${results.count.toFixed(2)}`);
      say(sums, `sums ${results.sums[0].toFixed(1)} and ${results.sums[1].toFixed(1)}`);
    },
  };
}

const TRAITS = [...NAMES, "column", "pivot"];

function render({ model, el }) {
  const { table, earlier } = model.get("data");
  const { root, question, controls, stage, status } = frame(el, { title: "One step of a soft program on a table", words: WORDS });
  const drawn = drawing(table);
  stage.append(drawn.node);
  const start = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));

  const draw = () => {
    const now = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
    const found = step({ table, earlier, ...now });
    drawn.update(found, earlier);
    scores.forEach((score, o) => score.update(now[NAMES[o]]));
    column.update(now.column, { text: `${10 * now.column} %` });
    pivot.update(now.pivot);
    ask(question, ...questionFor(now));
    say(status, sentence({ ...found, ...now }));
  };

  const bound = bindModel(model, TRAITS, draw);
  const scores = NAMES.map((name) => slider(SIGNS[name] === LABELS[name] ? LABELS[name] : `${LABELS[name]} ${SIGNS[name]}`, { min: 0, max: 8, onMove: (n) => bound.set({ [name]: n }) }));
  const column = slider(LABELS.column, { min: 0, max: 10, onMove: (n) => bound.set({ column: n }) });
  const pivot = slider(LABELS.pivot, { min: 0, max: 9, onMove: (n) => bound.set({ pivot: n }) });
  const decide = button(LABELS.decide, () => bound.set(decided(Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)])))), "ml-first");
  const again = button(LABELS.again, () => bound.set(start));
  controls.append(
    ...rows([scores[0].node, scores[1].node], [scores[2].node, scores[3].node], [column.node, pivot.node], [decide, again]),
  );
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
