// An outer-product memory and its error. The same equations as memlib.mechanisms.associative; a test compares the numbers.

export function unit(vector) {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / Math.max(length, 1e-12));
}

export function emptyMatrix(rows, columns) {
  return Array.from({ length: rows }, () => new Array(columns).fill(0));
}

// M + k vᵀ
export function hebbianWrite(memory, key, value) {
  return memory.map((row, i) => row.map((x, j) => x + key[i] * value[j]));
}

// Mᵀ k
export function recall(memory, key) {
  return memory[0].map((_, j) => memory.reduce((sum, row, i) => sum + row[j] * key[i], 0));
}

// M + β k (v - Mᵀk)ᵀ
export function deltaWrite(memory, key, value, strength) {
  const recalled = recall(memory, key);
  return hebbianWrite(memory, key, value.map((x, j) => strength * (x - recalled[j])));
}

export const SWEEPS = 100;

// What each key carries after so many sweeps of delta writes (β = 1) through all pairs: the memory is Σ_i k_i c_iᵀ, so
// writing pair i is c_i += v_i - Σ_j (k_i·k_j) c_j. The overlaps are computed once, however many the sweeps; a sweep that
// changes nothing any more is the last.
export function sweep(keys, values, sweeps) {
  const [n, depth] = [values.length, values[0].length];
  const overlaps = keys.map((a) => Float64Array.from(keys, (b) => a.reduce((sum, x, i) => sum + x * b[i], 0)));
  const carried = new Float64Array(n * depth);
  const wrong = new Float64Array(depth);
  for (let round = 0, change = 1; round < sweeps && change > 1e-14; round += 1) {
    change = 0;
    for (let i = 0; i < n; i += 1) {
      const overlap = overlaps[i];
      wrong.set(values[i]);
      for (let j = 0; j < n; j += 1) {
        const share = overlap[j];
        const from = j * depth;
        for (let e = 0; e < depth; e += 1) wrong[e] -= share * carried[from + e];
      }
      for (let e = 0; e < depth; e += 1) {
        carried[i * depth + e] += wrong[e];
        change = Math.max(change, Math.abs(wrong[e]));
      }
    }
  }
  return values.map((_, i) => Array.from(carried.subarray(i * depth, (i + 1) * depth)));
}

// The memory of all pairs by one of the rules "hebb", "delta" (each pair once) and "sweeps" (again and again).
export function store(keys, values, rule) {
  const empty = emptyMatrix(keys[0].length, values[0].length);
  const stored = rule === "sweeps" ? sweep(keys, values, SWEEPS) : values;
  const write = rule === "delta" ? (m, k, v) => deltaWrite(m, k, v, 1) : hebbianWrite;
  return keys.reduce((memory, key, i) => write(memory, key, stored[i]), empty);
}

// The memory after each number of pairs, none to all.
export function memories(keys, values, rule) {
  const list = [emptyMatrix(keys[0].length, values[0].length)];
  keys.forEach((key, i) => {
    if (rule === "sweeps") list.push(store(keys.slice(0, i + 1), values.slice(0, i + 1), rule));
    else if (rule === "delta") list.push(deltaWrite(list[i], key, values[i], 1));
    else list.push(hebbianWrite(list[i], key, values[i]));
  });
  return list;
}

export const square = (vector) => vector.reduce((sum, x) => sum + x * x, 0);

// The root of mean square error over mean square value, over the pairs given.
export function relativeError(memory, keys, values) {
  const wrong = keys.map((key, i) => square(recall(memory, key).map((x, j) => x - values[i][j])));
  return Math.sqrt(wrong.reduce((a, b) => a + b, 0) / values.reduce((sum, value) => sum + square(value), 0));
}

// √((n - 1) / d), for the Hebbian rule and random unit keys.
export function theory(items, width) {
  return items < 1 ? 0 : Math.sqrt((items - 1) / width);
}
