// What two memories did at one step of a sequence, and how to say it.

export const LABELS = {
  road: "Sequence", step: "Step", next: "Next step", again: "Start again", show: "Relational memory", stands: "as it stands", new: "what this step added",
};

// How large a matrix is: the root of the sum of its squares. Matrices of several queries count together.
export function size(numbers) {
  return Math.sqrt(numbers.flat().reduce((sum, x) => sum + x * x, 0));
}

export const amount = (number) => number.toFixed(2).replace("-", "−");
const percent = (share) => `${Math.round(100 * share)} %`;

// The strongest colour of each picture: the largest number that it shows in the whole sequence.
export function largest(road, parts) {
  const most = Math.max(...road.steps.flatMap((step) => parts.map((part) => Math.max(...step[part].flat().map(Math.abs)))));
  return most || 1;
}

export function told(road, step) {
  if (step < road.houses.length) return `${road.houses[step][0]} lives at ${amount(road.houses[step][1])}`;
  return `how far is ${road.asked[0]} from ${road.asked[1]}?`;
}

export function sentence(road, step) {
  const { shares, handed, found, relations } = road.steps[step];
  const head = `Step ${step + 1} of ${road.steps.length}: ${told(road, step)}`;
  if (step === road.houses.length) {
    const off = Math.abs(road.said - road.right);
    return `${head} It says ${amount(road.said)}, right is ${amount(road.right)}: off by ${amount(off)}.`;
  }
  const before = step ? `${percent(shares[0])} of the items is kept, ${percent(shares[1])}` : `The items were empty; ${percent(shares[1])}`;
  return `${head}. ${before} of the new pair is taken. The relations gain ${amount(size(found))} and now have size ${amount(size(relations))}; ` +
    `they hand on ${amount(size(handed))}.`;
}

export function questionFor(road, step, show, others) {
  const last = road.steps.length - 1;
  const next = `Before you press “${LABELS.next}”:`;
  if (step === 0) return [next, "the second house comes. In which picture will both houses be mixed in one cell?"];
  if (step < last - 1) return [next, "which changes more, the items or the relations?"];
  if (step === last - 1) return [next, "the question comes. It names two houses and no place. Where must the places be by now?"];
  if (show === "stands") return [`Before you choose “${LABELS.new}”:`, "does the step of the question still write to the relations?"];
  if (others) return [`Before you choose another “${LABELS.road}”:`, "if the same houses are told in another order, which pictures will be as they are here?"];
  return [`Before you press “${LABELS.again}”:`, "at which step did the relations gain most?"];
}
