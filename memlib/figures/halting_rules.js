// How a budget of 1 is spent, and the same numbers read as chances to stop. A test compares with memlib.mechanisms.halting.

const total = (list) => list.reduce((sum, x) => sum + x, 0);

// The first step by which the numbers add up to 1 - ε, or the last there is; counted from 1.
export function stepsTaken(h, epsilon) {
  let spent = 0;
  for (let n = 1; n < h.length; n += 1) {
    spent += h[n - 1];
    if (spent >= 1 - epsilon - 1e-12) return n;
  }
  return h.length;
}

export function budget(h, epsilon) {
  const steps = stepsTaken(h, epsilon);
  const remainder = 1 - total(h.slice(0, steps - 1));
  const weights = h.map((x, i) => (i + 1 < steps ? x : i + 1 === steps ? remainder : 0));
  const gradient = h.map((_, i) => (i + 1 < steps ? -1 : 0));
  return { steps, remainder, weights, gradient, cost: steps + remainder };
}

// PonderNet: h is the chance to stop of one that has come so far; the last step takes the rest.
export function chance(h) {
  let reached = 1;
  const arrive = h.map((x) => {
    const here = reached;
    reached *= 1 - x;
    return here;
  });
  const last = h.length - 1;
  const weights = h.map((x, i) => arrive[i] * (i === last ? 1 : x));
  // Steps still to come after step i, for one that goes on.
  const further = h.map(() => 0);
  for (let i = last - 1; i >= 0; i -= 1) further[i] = 1 + (i + 1 === last ? 0 : (1 - h[i + 1]) * further[i + 1]);
  const gradient = h.map((_, i) => (i === last ? 0 : -arrive[i] * further[i]));
  return { steps: h.length, remainder: weights[last], weights, gradient, cost: total(weights.map((p, i) => p * (i + 1))) };
}

export const under = (rule, h, epsilon) => (rule === "chance" ? chance(h) : budget(h, epsilon));

export const LABELS = { rule: "Rule", budget: "budget", chance: "chances", again: "Start again", step: (n) => `Step ${n}` };

export const shown = (number, digits = 2) => {
  const text = Math.abs(number).toFixed(digits);
  return number < 0 && Number(text) !== 0 ? `−${text}` : text;
};

export function sentence({ rule, h, epsilon }) {
  const { steps, remainder, weights, cost } = under(rule, h, epsilon);
  if (rule === "chance") {
    const best = weights.indexOf(Math.max(...weights)) + 1;
    return `Every step may be the last; most likely it is step ${best} (${shown(weights[best - 1])}). On average ${shown(cost)} steps are taken.`;
  }
  const cut = steps === h.length && total(h) < 1 - epsilon ? ", for there is no further step" : "";
  const plural = steps === 1 ? "one step" : `${steps} steps`;
  return `It halts after ${plural}${cut}: ${shown(1 - remainder)} of the budget was spent before the last, which gets R = ${shown(remainder)}. ` +
    `The cost is ${steps} + ${shown(remainder)} = ${shown(cost)}.`;
}

export function questionFor({ rule, h, epsilon }) {
  if (rule === "chance" && h[0] === 1) {
    return [`Before you move “${LABELS.step(1)}” down to 0.50:`, "which of the other steps get the weight that it loses?"];
  }
  if (rule === "chance") return [`Before you move “${LABELS.step(1)}” to 1:`, "which of the weights will be left, and how long will it think?"];
  const { steps, remainder } = budget(h, epsilon);
  const [first, last] = [LABELS.step(1), LABELS.step(steps)];
  if (steps === 1) return [`Before you move “${first}” down a little:`, "will the cost rise by a little, or by much more?"];
  if (steps === h.length) return [`Before you move “${last}”:`, "it is the last there can be. Will any weight change?"];
  if (remainder < 0.2) return [`Before you move “${LABELS.step(steps - 1)}” up until one step fewer is taken:`, "will the cost fall smoothly?"];
  return [`Before you move “${last}”, the last that is taken, up:`, "what happens to its weight?"];
}
