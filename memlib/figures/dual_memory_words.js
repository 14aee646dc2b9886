// What the figure of two sentences and one memory says: the question before the act, the answer, the description.

export const WORDS = [
  "Each press reads the next word. The words of the premise are written: what a word has to say, bound to the word’s key, is " +
    "added to the memory. The memory is a few rows of dials, complex numbers. It never grows, however long the sentence is.",
  "After the premise the memory stays as it is, and the words of the hypothesis read it. The key of a word turns every copy back, " +
    "and the copies are averaged. What comes back is compared with what each word of the premise wrote.",
  "The bars show this comparison for the word just read, as a cosine: 1 is the same, 0 nothing in common. Each row of cells below " +
    "keeps it for one word of the hypothesis; orange is above zero, blue with a dash below. The strongest cell of a row has an outline.",
  "A word finds what was written under a key like its own, wherever in the premise that stands. No word of the premise is looked at " +
    "again: what reading costs does not depend on how long the premise is.",
  "“All alike” gives every word one and the same key. Then every write lands on the same place, and every read brings back the " +
    "same sum of all words: the rows become equal, and no word can be told from another.",
];
export const SOURCE = {
  chosen: "The sentences, their keys and their contents are made up: words that are related were given keys that are alike, all " +
    "others random ones. It is one draw, chosen because it tells the words apart well. No model has learnt this.",
  drawn: "The sentences, their keys and their contents are made up: words that are related were given keys that are alike, all " +
    "others random ones. It is one random draw. No model has learnt this.",
  model: "Keys and contents were recorded from a trained model, step by step: what a word writes is the change of the state at that " +
    "step. With fewer copies or with one key for all they stay as recorded; the model itself would have gone on from what it read.",
};
export const NAMES = { own: "each its own", alike: "all alike" };
export const NEXT = "Next word";
const WEAK = 0.25;

export const number = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00");
export const quoted = (word) => `“${word}”`;
const copiesOf = (n) => (n === 1 ? "1 copy" : `${n} copies`);

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor({ step, premise, hypothesis, copies, most, keying }) {
  const press = `Before you press “${NEXT}”:`;
  const left = step - premise.length;
  if (step === 0) return [press, `${premise.length} words will share one memory. Will it grow with each of them?`];
  if (left < 0) {
    if (step === 1) return [press, "the next word is added on top. Will the memory still hold both?"];
    const later = hypothesis.findLast((word) => word.length > 2) ?? hypothesis[0];
    return [press, `which word of the premise will ${quoted(later)} find later?`];
  }
  if (left < hypothesis.length) {
    const next = quoted(hypothesis[left]);
    if (keying === "alike") return [press, `the key of ${next} is the same as all others. Can its row differ?`];
    return [press, `which word of the premise will ${next} find?`];
  }
  if (keying === "alike") return [`Before you choose “${NAMES.own}”:`, "what do different keys keep apart?"];
  if (copies > 1 || most === 1) return [`Before you choose “${NAMES.alike}”:`, "with one key for every word, what will the rows look like?"];
  return [`Before you move “Copies” to ${most}:`, "which cells will get stronger, which paler?"];
}

// The answer in words.
export function answerFor({ step, premise, hypothesis, copies, width, keying, row }) {
  const size = `${copiesOf(copies)} of ${width} complex numbers`;
  const total = premise.length;
  const under = keying === "alike" ? "the one key that all words share" : "its own key";
  if (step === 0) return `The memory is empty: ${size}; ${keying === "alike" ? "one key for all words" : "a key for each word"}.`;
  if (step <= total) {
    return `Word ${step} of ${total}: ${quoted(premise[step - 1])} is written under ${under}. Still ${copiesOf(copies)} of ${width} numbers.`;
  }
  const word = quoted(hypothesis[step - total - 1]);
  const [first, second] = row.map((value, t) => [value, t]).sort((a, b) => b[0] - a[0]);
  const named = ([value, t]) => `${quoted(premise[t])} (${number(value)})`;
  const next = second ? `, then ${named(second)}` : "";
  const start = `With ${copiesOf(copies)} ${word}`;
  if (keying === "alike") return `${start} reads the sum of all ${total} words, as every word does: ${named(first)}${next}.`;
  if (first[0] < WEAK) return `${start} finds nothing clear: ${named(first)}${next} are hardly more than noise.`;
  return `${start} finds ${named(first)}${next}.`;
}
