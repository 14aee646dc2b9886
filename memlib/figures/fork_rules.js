// The arithmetic and the words of the fork; nothing here touches the page.

export const MOST = 1000;

export function softmaxOf(scores) {
  const top = Math.max(...scores);
  const raised = scores.map((score) => Math.exp(score - top));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((number) => number / sum);
}

export const meanReward = (weights, rewards) => weights.reduce((sum, a, i) => sum + a * rewards[i], 0);

// The gradient of the mean reward in the scores, every branch walked.
export function exactGradient(weights, rewards) {
  const mean = meanReward(weights, rewards);
  return weights.map((a, j) => a * (rewards[j] - mean));
}

// The estimate from one draw.
export const oneDraw = (weights, taken, gain) => weights.map((a, j) => gain * ((j === taken ? 1 : 0) - a));

// The squared distance of one draw's estimate from the gradient, on average: what N draws divide by N.
export function variance(weights, rewards, baseline) {
  const exact = exactGradient(weights, rewards);
  return weights.reduce((sum, a, s) => {
    const one = oneDraw(weights, s, rewards[s] - baseline);
    return sum + a * one.reduce((inner, g, j) => inner + (g - exact[j]) ** 2, 0);
  }, 0);
}

// A small generator of fractions (mulberry32): the same seed gives the same draws.
export function fractions(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function drawBranches(weights, count, seed) {
  const next = fractions(seed);
  return Array.from({ length: count }, () => {
    let left = next();
    const found = weights.findIndex((a) => (left -= a) < 0);
    return found < 0 ? weights.length - 1 : found;
  });
}

const length = (vector) => Math.hypot(...vector);

// Both estimates after each draw: the last ones, and how far off they were all the way, relative to the gradient.
export function play({ scores, rewards, seed }, draws, baseline) {
  const weights = softmaxOf(scores);
  const exact = exactGradient(weights, rewards);
  const taken = drawBranches(weights, draws, seed);
  const sides = [0, baseline].map((b) => {
    const sum = weights.map(() => 0);
    const off = taken.map((s, m) => {
      oneDraw(weights, s, rewards[s] - b).forEach((g, j) => (sum[j] += g));
      return length(sum.map((total, j) => total / (m + 1) - exact[j])) / length(exact);
    });
    const spread = Math.sqrt(variance(weights, rewards, b)) / length(exact);
    return { estimate: sum.map((total) => (draws ? total / draws : 0)), off, spread };
  });
  const counts = weights.map((_, i) => taken.filter((s) => s === i).length);
  return { weights, exact, taken, counts, sides, mean: meanReward(weights, rewards) };
}

export const amount = (number) => {
  const text = Math.abs(number).toFixed(Math.abs(number) < 9.95 ? (Math.abs(number) < 0.995 ? 2 : 1) : 0);
  return number < 0 && Number(text) ? `−${text}` : text;
};
export const percent = (share) => `${Math.round(100 * share)} %`;

export const LABELS = { one: "Draw one", ten: "Draw 10", hundred: "Draw 100", again: "Start again", baseline: "Baseline b" };

// The result in words.
export function sentence({ taken, sides, mean, rewards, baseline }) {
  const ratio = (sides[0].spread / sides[1].spread) ** 2;
  const law = ratio > 1.05 ? `Without a baseline the same precision takes ${amount(ratio)} times as many draws.`
    : ratio < 0.95 ? `With this baseline the same precision takes ${amount(1 / ratio)} times as many draws as without.`
      : "This baseline changes hardly anything.";
  if (!taken.length) return `Nothing is drawn yet. The mean reward is ${amount(mean)}, the baseline ${amount(baseline)}. ${law}`;
  const last = taken.at(-1);
  const gain = rewards[last] - baseline;
  const push = Math.abs(gain) < 0.005 ? "is left as it is" : gain > 0 ? "is praised" : "is blamed";
  const many = taken.length === 1 ? "1 draw" : `${taken.length} draws`;
  return `After ${many} the estimate without a baseline is off by ${percent(sides[0].off.at(-1))} of the gradient’s length, with it by ` +
    `${percent(sides[1].off.at(-1))}. The last draw took branch ${last + 1}, which ${push}: R − b = ${amount(gain)}. ${law}`;
}

// The question before the act: [the act, the question].
export function questionFor({ taken, sides, mean, baseline }) {
  const near = Math.abs(baseline - mean) < 0.15;
  if (!taken.length) return [`Before you press “${LABELS.one}”:`, "every reward is negative. What will the draw do to its branch without a baseline?"];
  if (taken.length < 10) return [`Before you press “${LABELS.ten}”:`, "which of the two estimates will come closer to the outlines?"];
  if (taken.length < 100) return [`Before you press “${LABELS.hundred}”:`, "ten times the draws: how much of the error will be left?"];
  if (near) return [`Before you move “${LABELS.baseline}” far off:`, "will the estimate go wrong, or only waver more?"];
  if (sides[1].spread > sides[0].spread) return [`Before you move “${LABELS.baseline}” back:`, "where will the noise be smallest?"];
  return [`Before you move “${LABELS.baseline}” to ${amount(mean)}:`, "that is the mean reward. How much of the noise will be left?"];
}
