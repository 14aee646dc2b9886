// The four stages of an address, reading and writing, and how to say what they do. A test compares the numbers with
// memlib.mechanisms.addressing.

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const total = (list) => list.reduce((sum, x) => sum + x, 0);

export function similarity(memory, key) {
  const size = (v) => dot(v, v) + 1e-8;
  return memory.map((slot) => dot(slot, key) / Math.sqrt(size(slot) * size(key)));
}

export function content(cosines, strength) {
  const raised = cosines.map((x) => Math.exp(strength * x));
  return raised.map((x) => x / total(raised));
}

export function interpolate(found, before, gate) {
  return found.map((x, i) => gate * x + (1 - gate) * before[i]);
}

// A move between two whole ones is shared between them: 0.9 is 0.1 of staying and 0.9 of going on.
export function kernelOf(move) {
  return [Math.max(0, -move), 1 - Math.abs(move), Math.max(0, move)];
}

export function shift(weights, kernel) {
  const n = weights.length;
  const half = (kernel.length - 1) / 2;
  return weights.map((_, i) => total(kernel.map((s, j) => s * weights[(((i - (j - half)) % n) + n) % n])));
}

export function sharpen(weights, power) {
  const top = Math.max(...weights);
  const raised = weights.map((x) => (x / top) ** power);
  return raised.map((x) => x / total(raised));
}

export function read(memory, weights) {
  return memory[0].map((_, j) => total(memory.map((slot, i) => weights[i] * slot[j])));
}

export function eraseAdd(memory, weights, erase, add) {
  return memory.map((slot, i) => slot.map((x, j) => x * (1 - weights[i] * erase[j]) + weights[i] * add[j]));
}

// A key that is like one slot, mixed with a direction of its own.
export function keyOf(slot, noise, likeness) {
  return slot.map((x, j) => likeness * x + (1 - likeness) * noise[j]);
}

// Every stage, from the top down.
export function stages({ memory, noise, add, slot, likeness, strength, gate, before, move, power }) {
  const key = keyOf(memory[slot], noise, likeness);
  const cosines = similarity(memory, key);
  const found = content(cosines, strength);
  const kept = interpolate(found, before, gate);
  const kernel = kernelOf(move);
  const moved = shift(kept, kernel);
  const weights = sharpen(moved, power);
  const written = eraseAdd(memory, weights, add.map(() => 1), add);
  return { key, cosines, found, before, kept, kernel, moved, weights, read: read(memory, weights), written };
}

export const LABELS = {
  slot: "Key like slot", likeness: "How closely", strength: "Strength β", gate: "Gate g", move: "Shift", power: "Power γ",
  step: "One step", again: "Start again",
};

export const highest = (weights) => weights.indexOf(Math.max(...weights));

export function amount(number) {
  const text = Math.abs(number).toFixed(2);
  return number < 0 && Number(text) !== 0 ? `−${text}` : text;
}

// Short enough to stand under a cell.
export function brief(number) {
  if (number < 0.045) return "";
  return number >= 0.995 ? "1" : number.toFixed(2).slice(1);
}

export function sentence({ found, weights, gate, move, power, steps }) {
  const [at, best] = [highest(found), highest(weights)];
  const much = Math.round(100 * gate);
  const taken = much === 0 ? "The gate takes none of that" : `The gate takes ${much} % of that`;
  const went = move === 0 ? "stays" : `moves by ${move > 0 ? "+" : "−"}${Math.abs(move).toFixed(1)}`;
  const after = steps ? `After ${steps} step${steps > 1 ? "s" : ""}: by` : "By";
  return `${after} content it finds slot ${at + 1} (${amount(found[at])}). ${taken}, the head ${went}, and with ` +
    `γ = ${power.toFixed(1)} it looks at slot ${best + 1} with ${amount(weights[best])}.`;
}

export function questionFor({ gate, power, steps, move }) {
  if (!steps && gate === 0) {
    return [`Before you choose another “${LABELS.slot}”:`, "the gate is at 0. Which of the rows will change, and which will not?"];
  }
  if (!steps) return [`Before you move “${LABELS.gate}” back to 0:`, "where will the head look then?"];
  if (move === 0) return [`Before you move “${LABELS.move}”:`, "which rows stand above it, and can they change?"];
  if (power < 1.25) return [`Before you press “${LABELS.step}” five times:`, "how many slots will the head look at?"];
  return [`Before you move “${LABELS.power}” down to 1 and press “${LABELS.step}” again:`, "what will become of the weights?"];
}
