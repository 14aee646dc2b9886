// Holographic memory on complex vectors. A vector is {re: [...], im: [...]}; a memory is a list of them, one a copy.
// The same equations as memlib.mechanisms.holographic; a test compares the numbers.

export function fromPhases(phases) {
  return { re: phases.map(Math.cos), im: phases.map(Math.sin) };
}

export function zeros(width) {
  return { re: new Array(width).fill(0), im: new Array(width).fill(0) };
}

export function add(a, b) {
  return { re: a.re.map((x, i) => x + b.re[i]), im: a.im.map((x, i) => x + b.im[i]) };
}

export function subtract(a, b) {
  return { re: a.re.map((x, i) => x - b.re[i]), im: a.im.map((x, i) => x - b.im[i]) };
}

export function scale(a, factor) {
  return { re: a.re.map((x) => x * factor), im: a.im.map((x) => x * factor) };
}

// r ⊛ x, entry by entry.
export function bind(key, value) {
  return {
    re: key.re.map((x, i) => x * value.re[i] - key.im[i] * value.im[i]),
    im: key.re.map((x, i) => x * value.im[i] + key.im[i] * value.re[i]),
  };
}

// conj(r) ⊛ m
export function unbind(key, memory) {
  return {
    re: key.re.map((x, i) => x * memory.re[i] + key.im[i] * memory.im[i]),
    im: key.re.map((x, i) => x * memory.im[i] - key.im[i] * memory.re[i]),
  };
}

export function permute(vector, order) {
  return { re: order.map((i) => vector.re[i]), im: order.map((i) => vector.im[i]) };
}

export function emptyMemory(copies, width) {
  return Array.from({ length: copies }, () => zeros(width));
}

// m_s + (P_s r) ⊛ x for every copy s.
export function write(memory, key, value, permutations) {
  return memory.map((copy, s) => add(copy, bind(permute(key, permutations[s]), value)));
}

// conj(P_s r) ⊛ m_s, one row a copy.
export function turnedBack(memory, key, permutations) {
  return memory.map((copy, s) => unbind(permute(key, permutations[s]), copy));
}

export function mean(vectors) {
  return scale(vectors.reduce(add), 1 / vectors.length);
}

export function read(memory, key, permutations) {
  return mean(turnedBack(memory, key, permutations));
}

// The delta rule: what the key retrieves is replaced.
export function overwrite(memory, key, value, permutations, strength) {
  const change = scale(subtract(value, read(memory, key, permutations)), strength);
  return write(memory, key, change, permutations);
}

export function store(keys, values, permutations) {
  const empty = emptyMemory(permutations.length, keys[0].re.length);
  return keys.reduce((memory, key, i) => write(memory, key, values[i], permutations), empty);
}

// Mean |read - true|² over all stored items and all entries.
export function measuredNoise(memory, keys, values, permutations) {
  let sum = 0;
  keys.forEach((key, i) => {
    const noise = subtract(read(memory, key, permutations), values[i]);
    noise.re.forEach((x, j) => (sum += x * x + noise.im[j] * noise.im[j]));
  });
  return sum / (keys.length * keys[0].re.length);
}

// (n - 1) (1/c + (1 - 1/c)/d): keys of modulus 1, values of mean square 1.
export function noiseLaw(items, copies, width) {
  return (items - 1) * (1 / copies + (1 - 1 / copies) / width);
}

// Re⟨x, y⟩ / d: 1 for two equal vectors of modulus 1, about 0 for two random ones.
export function similarity(a, b) {
  return a.re.reduce((sum, x, i) => sum + x * b.re[i] + a.im[i] * b.im[i], 0) / a.re.length;
}
