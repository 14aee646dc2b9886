// What the figure of alignment computes and says; nothing here touches the page.

// Weights over the places that may be read: softmax of the scores, divided by the temperature; 0 where hidden.
export function weightsOf(scores, temperature, hidden) {
  const seen = scores.map((score, i) => (hidden.includes(i) ? -Infinity : score / temperature));
  const top = Math.max(...seen);
  const raised = seen.map((score) => Math.exp(score - top));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((number) => number / sum);
}

// As how many equal places the weights count: the exponential of their entropy.
export const placesOf = (weights) => Math.exp(-weights.reduce((sum, a) => sum + (a > 0 ? a * Math.log(a) : 0), 0));

const mixed = (weights, rows) => rows[0].map((_, j) => weights.reduce((sum, a, i) => sum + a * rows[i][j], 0));
const logistic = (x) => 1 / (1 + Math.exp(-x));

// The probabilities of the words at one step, when the writer reads with these weights.
export function oddsOf({ out }, one, step, weights) {
  const [gates, votes] = [mixed(weights, one.valueGate), mixed(weights, one.valueLogit)];
  const [state, size] = [one.state[step], one.state[step].length];
  const fed = one.gateIn[step].map((number, j) => number + gates[j]);
  const held = one.gateState[step];
  const next = state.map((old, j) => {
    const reset = logistic(fed[j] + held[j]);
    const keep = logistic(fed[size + j] + held[size + j]);
    const fresh = Math.tanh(fed[2 * size + j] + reset * held[2 * size + j]);
    return (1 - keep) * fresh + keep * old;
  });
  const logits = out.map((row, v) => one.logit[step][v] + votes[v] + row.reduce((sum, number, j) => sum + number * next[j], 0));
  const top = Math.max(...logits);
  const raised = logits.map((number) => Math.exp(number - top));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((number) => number / sum);
}

// The likeliest words, the best first: [word, probability].
export const likeliest = (words, probabilities, count) =>
  probabilities.map((p, v) => [words[v], p]).sort((a, b) => b[1] - a[1]).slice(0, count);

// A whole sentence: for each step the weights, the words and their probabilities.
export function play(data, { sentence, temperature, hidden }) {
  const one = data.sentences[sentence];
  return one.target.map((right, step) => {
    const weights = weightsOf(one.scores[step], temperature, hidden);
    const probabilities = oddsOf(data, one, step, weights);
    const best = likeliest(data.words, probabilities, 4);
    return { right, weights, best, p: probabilities[data.words.indexOf(right)], good: best[0][0] === right };
  });
}

const percent = (p) => (p > 0.995 ? "100 %" : p < 0.005 ? "0 %" : `${Math.round(100 * p)} %`);
export const share = (weight) => weight.toFixed(2);
export const warmth = (temperature) => (temperature < 0.95 ? temperature.toFixed(2) : temperature.toFixed(temperature < 9.5 ? 1 : 0));

export const LABELS = { sentence: "Sentence", word: "Written word", temperature: "Temperature", hide: "Hide a source word", again: "Show all, temperature 1" };

// The result in words.
export function sentence({ source, steps, word, hidden, temperature }) {
  const { right, weights, best, p, good } = steps[word];
  const top = weights.indexOf(Math.max(...weights));
  const even = Math.max(...weights) - Math.min(...weights.filter((_, i) => !hidden.includes(i))) < 0.01 && weights.length - hidden.length > 1;
  const looks = even ? "all places that may be read get about the same weight" : `the largest weight, ${share(weights[top])}, lies on “${source[top]}”`;
  const says = good ? `The network writes “${right}” (${percent(p)}).` : `It writes “${best[0][0]}” (${percent(best[0][1])}); right is “${right}” (${percent(p)}).`;
  const wrong = steps.filter((step) => !step.good).length;
  const changed = hidden.length || Math.abs(temperature - 1) > 1e-6;
  const rest = changed || wrong ? ` With these settings ${wrong ? `${wrong} of ${steps.length}` : "none of the"} words ${wrong === 1 ? "is" : "are"} wrong.` : "";
  return `For “${right}” ${looks}; the weights count as ${placesOf(weights).toFixed(1)} places. ${says}${rest}`;
}

// The question before the act: [the act, the question].
export function questionFor({ source, steps, word, hidden, temperature }) {
  const top = steps[word].weights.indexOf(Math.max(...steps[word].weights));
  if (hidden.length) {
    if (!steps[word].good) return [`Before you choose another “${LABELS.word}”:`, "which other words will have gone wrong with it?"];
    return [`Before you press another word at “${LABELS.hide}”:`, "who still knew this one? Which neighbour must go too?"];
  }
  if (temperature > 1.01) return [`Before you move “${LABELS.temperature}” further up:`, "which words go wrong first: articles, nouns or verbs?"];
  if (temperature < 0.99) return [`Before you move “${LABELS.temperature}” down to its end:`, "does the writer lose anything when it reads one place only?"];
  if (!word) return [`Before you choose another “${LABELS.word}”:`, "on which source word will its weight lie?"];
  return [`Before you press “${source[top]}” at “${LABELS.hide}”:`, `will “${steps[word].right}” still be written?`];
}
