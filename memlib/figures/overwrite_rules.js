// What overwriting does to three bindings, and how to say it. The writes are those of outer_product.js; a test compares
// the numbers with memlib.mechanisms.
import { deltaWrite, emptyMatrix, hebbianWrite, recall } from "./outer_product.js";

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
export const length = (vector) => Math.sqrt(dot(vector, vector));

// Gram and Schmidt: rows at right angles, each of length 1, as exact as the page can be.
export function orthonormal(rows) {
  const done = [];
  for (const row of rows) {
    let rest = [...row];
    for (let pass = 0; pass < 2; pass += 1) {
      for (const one of done) {
        const share = dot(rest, one);
        rest = rest.map((x, i) => x - share * one[i]);
      }
    }
    const size = length(rest);
    done.push(rest.map((x) => x / size));
  }
  return done;
}

// Keys of one length, every two of them with the cosine `alike`: each mixes a direction of its own with the last row,
// which all share.
export function keysOf(basis, size, alike) {
  const shared = basis.at(-1);
  const [own, common] = [size * Math.sqrt(1 - alike), size * Math.sqrt(alike)];
  return basis.slice(0, -1).map((row) => row.map((x, i) => own * x + common * shared[i]));
}

// The smallest memory that recalls each value exactly: Σ_i d_i v_iᵀ with d_i · k_j = 1 where i = j, else 0.
export function exactMemory(keys, values, size, alike) {
  const n = keys.length;
  const common = alike / (1 + (n - 1) * alike);
  const sum = keys[0].map((_, e) => keys.reduce((total, key) => total + key[e], 0));
  const scale = 1 / (size * size * (1 - alike));
  const empty = emptyMatrix(keys[0].length, values[0].length);
  return keys.reduce((memory, key, i) => {
    const dual = key.map((x, e) => scale * (x - common * sum[e]));
    return hebbianWrite(memory, dual, values[i]);
  }, empty);
}

export const MOST = 20;
const LIMIT = 1e6;

// The same write again and again: [{ memory, error }] from none to `times`. It stops where the error passes a million.
export function round(memory, key, value, { strength, rule, times }) {
  const errorOf = (m) => length(recall(m, key).map((x, j) => x - value[j]));
  const steps = [{ memory, error: errorOf(memory) }];
  const shrinks = rule === "delta" && strength * dot(key, key) <= 2;
  while (steps.length <= times && (shrinks || steps.at(-1).error <= LIMIT)) {
    const now = steps.at(-1).memory;
    const next = rule === "delta" ? deltaWrite(now, key, value, strength)
      : hebbianWrite(now, key, value.map((x) => strength * x));
    steps.push({ memory: next, error: errorOf(next) });
  }
  return steps;
}

// Everything that the figure shows: the rounds of the past, then the present one.
export function play({ basis, values, start, length: size, alike, history, name, place, strength, rule, times }) {
  const keys = keysOf(basis, size, alike);
  let memory = exactMemory(keys, start.map((at) => values[at]), size, alike);
  const truth = [...start];
  for (const [who, where, count, power, law] of history) {
    memory = round(memory, keys[who], values[where], { strength: power, rule: law, times: count }).at(-1).memory;
    truth[who] = where;
  }
  const scores = (m) => keys.map((key) => values.map((value) => dot(value, recall(m, key))));
  const wrong = (m) => keys.map((key, i) => length(recall(m, key).map((x, j) => x - values[truth[i]][j])));
  const steps = round(memory, keys[name], values[place], { strength, rule, times });
  if (steps.length > 1) truth[name] = place;
  const others = steps.map((step) => Math.max(...wrong(step.memory).filter((_, i) => i !== name)));
  const last = steps.at(-1).memory;
  return {
    keys, memory: last, truth, others, before: scores(memory), after: scores(last), done: steps.length - 1,
    errors: steps.map((step) => step.error), factor: strength * size * size, read: recall(last, keys[name]),
  };
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function amount(number) {
  const size = Math.abs(number);
  if (size >= 1000) {
    const power = Math.floor(Math.log10(size));
    const raised = [...String(power)].map((digit) => RAISED[digit]).join("");
    return `${number < 0 ? "−" : ""}${(size / 10 ** power).toFixed(1)}·10${raised}`;
  }
  return size < 0.005 ? "0.00" : number.toFixed(2).replace("-", "−");
}

const list = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`);

// What a row of scores says: "the garden", or "0.50 of the kitchen and 0.50 of the garden".
export function reading(scores, places) {
  const kept = scores.map((score, i) => [score, places[i]]).filter(([score]) => Math.abs(score) >= 0.045);
  if (!kept.length) return "nothing";
  if (kept.length === 1 && Math.abs(kept[0][0] - 1) < 0.005) return `the ${kept[0][1]}`;
  return list(kept.map(([score, place]) => `${amount(score)} of the ${place}`));
}

const near = (a, b) => Math.abs(a - b) < 1e-9;

// What one write does to the error of the name that is written, by the factor β|k|².
export function effect(rule, factor, place) {
  if (near(factor, 0)) return "change nothing";
  if (rule === "hebb") return `add ${amount(factor)} of the ${place} and take nothing away`;
  if (near(factor, 1)) return `replace it by the ${place}`;
  if (factor < 1) return `go ${Math.round(100 * factor)} % of the way to the ${place}`;
  if (near(factor, 2)) return `go past the ${place} and end as wrong as before`;
  if (factor < 2) return `go past the ${place} by ${Math.round(100 * (factor - 1))} % of the way`;
  return `go past the ${place} and end ${amount(factor - 1)} times as wrong as before`;
}

// The result in words.
export function sentence({ names, places, name, place, rule, alike, before, after, errors, factor, done, stuck = false }) {
  const who = names[name];
  const others = list(names.filter((_, i) => i !== name));
  const keys = alike ? `Every two keys have a cosine of ${alike.toFixed(1)}.` : "The keys are at right angles.";
  if (!done) {
    const there = errors[0] < 0.005 && rule === "delta";
    const next = stuck ? `The error is ${amount(errors[0])}: the figure writes on only with β|k|² up to 2`
      : there ? `That is the ${places[place]} already: with β|k|² = ${amount(factor)} a write finds nothing to correct`
        : `With β|k|² = ${amount(factor)} one write will ${effect(rule, factor, places[place])}`;
    return `${who} reads ${reading(after[name], places)}. ${next}. ${keys}`;
  }
  const count = done === 1 ? "1 write" : `${done} writes`;
  const grown = errors.at(-1) / errors[0];
  const law = rule === "hebb" ? `Hebb adds ${amount(factor)} each time.`
    : factor > 2 && errors[0] > 0.005 ? `β|k|² = ${amount(factor)} is beyond 2: the error is ${amount(grown)} times what it was.`
      : `β|k|² = ${amount(factor)}.`;
  const changes = after.map((row, i) => row.map((x, j) => x - before[i][j]));
  const change = changes[name === 0 ? 1 : 0].map((x, j) => [x, places[j]]).filter(([x]) => Math.abs(x) >= 0.005);
  const gained = change.filter(([x]) => x > 0).map(([x, at]) => `gained ${amount(x)} of the ${at}`);
  const lost = change.filter(([x]) => x < 0).map(([x, at]) => `lost ${amount(-x)} of the ${at}`);
  const rest = change.length
    ? `${others} have each ${list([...gained, ...lost])}, because their keys resemble ${who}’s (cosine ${alike.toFixed(1)}).`
    : `${others} read what they read before${alike ? "" : ": the keys are at right angles"}.`;
  return `After ${count} ${who} reads ${reading(after[name], places)}. ${law} ${rest}`;
}

export const LABELS = {
  once: "Write once", ten: "Write 10 times", again: "Start again", strength: "Strength β", length: "Length of the keys",
  alike: "Likeness of the keys", name: "Name", place: "New place", rules: { delta: "Delta", hebb: "Hebb" },
};

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor({ who, place, was, rule, factor, alike, times, there }) {
  const press = (button) => `Before you press “${LABELS[button]}”:`;
  const move = (slider) => `Before you move “${LABELS[slider]}”:`;
  if (there && !times) return [`Before you choose another “${LABELS.place}”:`, `${who} reads the ${place} already. Where will you send ${who}?`];
  if (rule === "hebb") {
    if (!times) return [press("once"), `Hebb only adds. Will ${who} still read the ${was}?`];
    return [`Before you choose “${LABELS.rules.delta}”:`, `what will ${who} read when each write takes away what it finds?`];
  }
  if (near(factor, 0)) return [move("strength"), `at 0 nothing is written. At which strength does one write move ${who}, and leave nothing behind?`];
  if (!times) return [press("once"), `what will ${who} read? And the other two?`];
  if (near(factor, 1)) {
    if (!alike) return [move("alike"), `what will the others read when their keys resemble ${who}’s?`];
    return [move("length"), "does the same strength still replace where the keys are longer?"];
  }
  const more = times <= MOST - 10;
  if (factor < 1) {
    return more ? [press("ten"), `how much of the ${was} will be left?`] : [move("strength"), "which strength does all of this in one write?"];
  }
  if (factor < 2 && !near(factor, 2)) {
    return more ? [press("ten"), `the write went past the ${place}. Will it settle there?`] : [move("strength"), "from where on will the error grow?"];
  }
  return [move("length"), "with this strength, how short must the keys be for the error to fall?"];
}
