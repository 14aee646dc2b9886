// A memory network's arithmetic, and what the figure says of it.

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

// Numbers as shares of 1; a number that is -Infinity gets none. `zeros` more numbers, all 0, take part and are dropped.
export function softmax(scores, zeros = 0) {
  const most = Math.max(...scores, zeros ? 0 : -Infinity);
  const raised = scores.map((score) => Math.exp(score - most));
  const total = raised.reduce((a, b) => a + b, 0) + zeros * Math.exp(-most);
  return raised.map((x) => x / total);
}

// All hops over one story, without the sentence `out` (1 is the oldest, 0 none): the weights of each hop, the answers' shares.
export function read({ tables, asked }, rows, hops, memory, out) {
  let question = asked;
  const weights = [];
  for (let hop = 0; hop < hops; hop += 1) {
    const scores = tables[hop].map((key, i) => (i + 1 === out ? -Infinity : dot(question, key)));
    // Where empty slots take part, a sentence that is out leaves one more of them.
    const shares = softmax(scores, memory ? memory - scores.length + (out ? 1 : 0) : 0);
    const response = question.map((_, e) => shares.reduce((sum, p, i) => sum + p * tables[hop + 1][i][e], 0));
    weights.push(shares);
    question = question.map((x, e) => x + response[e]);
  }
  return { weights, answers: softmax(rows.map((row) => dot(row, question))) };
}

export const best = (numbers) => numbers.indexOf(Math.max(...numbers));

// What becomes of the answer without each sentence in turn: its weight, the largest of all hops, and the new answer.
export function deletions(story, rows, hops, memory) {
  const whole = read(story, rows, hops, memory, 0);
  return story.sentences.map((_, i) => ({
    weight: Math.max(...whole.weights.map((hop) => hop[i])),
    answer: best(read(story, rows, hops, memory, i + 1).answers),
  }));
}

export const LABELS = { out: "Take out", story: "Story", back: "Put it back" };

const percent = (share) => `${Math.round(100 * share)} %`;

// The result in words.
export function sentence({ story, answers, whole, now, out }) {
  const [was, is] = [best(whole.answers), best(now.answers)];
  const mark = (i) => (i === story.answer ? "right" : `wrong, it is ${answers[story.answer]}`);
  const said = (i, shares) => `“${answers[i]}” (${percent(shares[i])})`;
  if (!out) return `With all sentences the network says ${said(was, whole.answers)}: ${mark(was)}.`;
  const weight = Math.max(...whole.weights.map((hop) => hop[out - 1]));
  const much = weight >= 0.5 ? "much weight" : weight < 0.05 ? "almost no weight" : "some weight";
  const change = was === is ? `the answer stays ${said(is, now.answers)}`
    : `the answer turns from “${answers[was]}” to ${said(is, now.answers)}`;
  return `Without sentence ${out}, which had ${much} (${percent(weight)} in its best hop), ${change}.`;
}

// The question before the act: [the act, the question].
export function questionFor({ story, whole, out, title, last }) {
  const weights = story.sentences.map((_, i) => Math.max(...whole.weights.map((hop) => hop[i])));
  const heavy = best(weights) + 1;
  if (!out) return [`Before you press sentence ${heavy}:`, "it has the longest bar. Will the answer change without it?"];
  const light = weights.indexOf(Math.min(...weights)) + 1;
  if (out === heavy) return [`Before you press sentence ${light}:`, "it has the shortest bars. Can it matter?"];
  if (!last) return [`Before you choose another “${LABELS.story}”:`, `can you find a sentence of “${title}” that matters more than its bars say?`];
  return ["Before you press the next sentence:", "does a long bar always mean that the answer needs it?"];
}
