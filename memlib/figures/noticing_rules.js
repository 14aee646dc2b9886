// Two attentions over the same three items, and what each of them notices of a turned bit. A test compares the numbers
// with memlib.mechanisms.outer_product.

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

// A press turns one bit. Bits are numbered through: the query's first, then those of the keys, item by item.
export function turned({ query, keys }, presses) {
  const d = query.length;
  const sign = (n) => (presses.filter((p) => p === n).length % 2 ? -1 : 1);
  return { query: query.map((x, i) => sign(i) * x), keys: keys.map((key, j) => key.map((x, i) => sign(d * (j + 1) + i) * x)) };
}

// Σ_j softmax_j(q·k_j) v_j
export function dotProduct(query, keys, values) {
  const scores = keys.map((key) => dot(query, key));
  const top = Math.max(...scores);
  const raised = scores.map((score) => Math.exp(score - top));
  const total = raised.reduce((a, b) => a + b, 0);
  const weights = raised.map((x) => x / total);
  return { scores, weights, answer: values[0].map((_, t) => dot(weights, values.map((value) => value[t]))) };
}

// Σ_j tanh(q ⊙ k_j) ⊗ v_j
export function outerProduct(query, keys, values) {
  return query.map((q, i) => values[0].map((_, t) => keys.reduce((sum, key, j) => sum + Math.tanh(q * key[i]) * values[j][t], 0)));
}

export function attend(data, presses) {
  const { query, keys } = turned(data, presses);
  return { query, keys, ...dotProduct(query, keys, data.values), matrix: outerProduct(query, keys, data.values) };
}

// What differs between two situations: how far the answer is off, and which rows of the matrix are.
export function difference(one, other) {
  const far = (a, b) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));
  const moved = far(one.answer, other.answer);
  const rows = one.matrix.map((row, i) => (far(row, other.matrix[i]) > 1e-9 ? i + 1 : 0)).filter(Boolean);
  return { moved: moved > 1e-9 ? moved : 0, rows };
}

// Now, against the situation before the last press, and against the start.
export function compare(data, presses) {
  const now = attend(data, presses);
  return { now, last: difference(now, attend(data, presses.slice(0, -1))), start: difference(now, attend(data, [])) };
}

export const LABELS = { back: "Take it back", again: "Start again" };

const signed = (number) => (number < 0 ? `−${-number}` : `+${number}`);
const owner = (number, d) => (number < d ? "the query" : `key ${Math.floor(number / d)}`);

// Short enough to stand under a cell.
export function amount(number) {
  const size = Math.abs(number);
  const text = size.toFixed(size < 0.995 ? 2 : 1).replace(/^0/, "");
  return number < 0 && text !== ".00" ? `−${text}` : text;
}

export function bitName(number, d) {
  return `bit ${(number % d) + 1} of ${owner(number, d)}`;
}

const listed = (rows) => `row${rows.length > 1 ? "s" : ""} ${rows.join(", ").replace(/, (\d+)$/, " and $1")}`;

export function verdicts(difference, since) {
  const { moved, rows } = difference;
  const dots = moved ? `${since}: noticed, moved by ${moved < 0.005 ? "less than 0.01" : moved.toFixed(2)}` : `${since}: not noticed, the same answer`;
  return { dots, outer: rows.length ? `${since}: noticed, ${listed(rows)}` : `${since}: not noticed, the same matrix` };
}

export function sentence(data, presses) {
  if (!presses.length) return "Nothing is turned yet. The answers are those of the start.";
  const { last, start } = compare(data, presses);
  const number = presses[presses.length - 1];
  const [before, now] = [attend(data, presses.slice(0, -1)), attend(data, presses)];
  const by = now.scores.map((score, j) => score - before.scores[j]);
  const all = by.every((x) => x === by[0]);
  const scores = all ? `all scores by ${signed(by[0])}` : by.map((x, j) => (x ? `score ${j + 1} by ${signed(x)}` : "")).filter(Boolean).join(", ");
  const dots = last.moved ? "notices" : "notices nothing";
  const name = bitName(number, data.query.length);
  const head = `${name[0].toUpperCase()}${name.slice(1)} moved ${scores}. Dot-product attention ${dots}, outer-product attention finds row ${last.rows[0]} changed.`;
  if (presses.length < 2) return head;
  const differs = start.rows.length ? `differs in ${listed(start.rows)}` : "is the same as well";
  return `${head} Against the start, the first ${start.moved ? "differs" : "is the same"}, the second ${start.moved ? differs.replace(" as well", "") : differs}.`;
}

export function questionFor(data, presses) {
  const d = data.query.length;
  const { start } = compare(data, presses);
  const odd = [...new Set(presses)].filter((n) => presses.filter((p) => p === n).length % 2);
  const shared = data.keys[0].map((x, i) => (data.keys.every((key) => key[i] === x) ? i : -1)).find((i) => i >= 0);
  if (!odd.length) {
    return [`Before you press ${bitName(shared, d)}:`, "the three keys have the same sign there. Which of the two attentions will notice?"];
  }
  if (odd.length === 1 && !start.moved) return ["Before you press a bit of a key:", "it moves one score alone. Which of the two will notice now?"];
  if (odd.length === 1 && odd[0] >= d) {
    return [`Before you press a second bit of ${owner(odd[0], d)}:`, "which one brings its score back, and what will the two attentions say?"];
  }
  if (odd.length === 1) return [`Before you press “${LABELS.back}”:`, "in how many rows will the matrix change?"];
  if (!start.moved && start.rows.length) {
    return [`Before you press “${LABELS.again}”:`, "which bits of one column must be turned so that outer-product attention notices nothing either?"];
  }
  if (!start.moved) return ["Before you press one more bit:", "a whole column is turned and nobody can tell. Will one more be found in the right row?"];
  return ["Before you press another bit:", "which bit brings dot-product attention back to the answer of the start?"];
}
