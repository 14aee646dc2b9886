// One step of a soft program on a table, and how to say what it did. A test compares the numbers with
// memlib.mechanisms.programs.

export const NAMES = ["greater", "lesser", "both", "either"];

// What stands over the narrow columns of the picture.
export const SIGNS = { greater: ">", lesser: "<", both: "and", either: "or" };

export const LABELS = {
  greater: "greater", lesser: "lesser", both: "and", either: "or", column: "Column 2", pivot: "Pivot",
  decide: "Decide", again: "Start again",
};

export function softmax(scores) {
  const top = Math.max(...scores);
  const raised = scores.map((x) => Math.exp(x - top));
  const all = raised.reduce((sum, x) => sum + x, 0);
  return raised.map((x) => x / all);
}

// Σ_i w_i v_i, for rows v_i.
export function softSelect(values, weights) {
  return values[0].map((_, j) => values.reduce((sum, row, i) => sum + weights[i] * row[j], 0));
}

const transposed = (table) => table[0].map((_, j) => table.map((row) => row[j]));

export const greater = (table, pivot) => table.map((row) => row.map((cell) => (cell > pivot ? 1 : 0)));
export const lesser = (table, pivot) => table.map((row) => row.map((cell) => (cell < pivot ? 1 : 0)));
export const both = (one, other) => one.map((x, i) => Math.min(x, other[i]));
export const either = (one, other) => one.map((x, i) => Math.max(x, other[i]));

// Every operation's own selection of rows, their average, and what the average counts and adds up.
export function step({ table, earlier, column, pivot, ...scores }) {
  const columns = [1 - column / 10, column / 10];
  const above = softSelect(transposed(greater(table, pivot)), columns);
  const below = softSelect(transposed(lesser(table, pivot)), columns);
  const selections = [above, below, both(above, earlier), either(above, earlier)];
  const weights = softmax(NAMES.map((name) => scores[name]));
  const selected = softSelect(selections, weights);
  const count = selected.reduce((sum, x) => sum + x, 0);
  return { columns, selections, weights, selected, count, sums: softSelect(table, selected) };
}

// The likeliest of everything: what remains when the program decides.
export function decided(now) {
  const best = NAMES.reduce((a, b) => (now[b] > now[a] ? b : a));
  const scores = Object.fromEntries(NAMES.map((name) => [name, name === best ? 8 : 0]));
  return { ...scores, column: now.column > 5 ? 10 : 0 };
}

export const brief = (x) => (x < 0.005 ? "0" : x > 0.995 ? "1" : x.toFixed(2).slice(1));

export function sentence({ weights, count, sums, column, pivot }) {
  const best = weights.indexOf(Math.max(...weights));
  const share = Math.round(100 * weights[best]);
  const told = column === 0 ? "the first column" : column === 10 ? "the second column" : `${100 - 10 * column} % of the first column and ${10 * column} % of the second`;
  return `Likeliest is “${LABELS[NAMES[best]]}” with ${share} %, on ${told} and pivot ${pivot}. It selects ${count.toFixed(2)} rows; ` +
    `their sums are ${sums[0].toFixed(1)} and ${sums[1].toFixed(1)}.`;
}

export function questionFor({ column, pivot, ...scores }) {
  const open = NAMES.filter((name) => scores[name] > 0);
  if (column !== 0 && column !== 10) return [`Before you press “${LABELS.decide}”:`, "will the count go up or down, and become whole?"];
  if (open.length > 1) return [`Before you move “${LABELS.pivot}” by one:`, "how many of the rows can change?"];
  if (scores.both === 0) return [`Before you move “${LABELS.both}” to 4:`, "which rows will lose half of their weight?"];
  return [`Before you move “${LABELS.column}” to the middle:`, "which rows will be neither in nor out?"];
}
