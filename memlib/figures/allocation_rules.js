// A memory that knows its free slots and its order of writing, and how to say what it did. The quantities are those of
// memlib.mechanisms.allocation; a test compares the numbers.

const zeros = (n) => new Array(n).fill(0);
const total = (list) => list.reduce((sum, x) => sum + x, 0);
const one = (n, at) => zeros(n).map((_, i) => (i === at ? 1 : 0));

// What is used after a write, and after a head has freed what it read.
export const use = (usage, weights) => usage.map((u, i) => u + weights[i] - u * weights[i]);
export const release = (usage, read) => usage.map((u, i) => u * (1 - read[i]));

// The slots, the freest first; of equal ones the lower one.
export const freeList = (usage) => usage.map((_, i) => i).sort((a, b) => usage[a] - usage[b] || a - b);

export function allocate(usage) {
  const offered = zeros(usage.length);
  let reaching = 1;
  for (const slot of freeList(usage)) {
    offered[slot] = (1 - usage[slot]) * reaching;
    reaching *= usage[slot];
  }
  return offered;
}

export function precede(last, weights) {
  const rest = 1 - total(weights);
  return last.map((p, i) => rest * p + weights[i]);
}

export function relink(links, last, weights) {
  return links.map((row, i) =>
    row.map((x, j) => (i === j ? 0 : (1 - weights[i] - weights[j]) * x + weights[i] * last[j])));
}

export const forward = (links, read) => links.map((row) => row.reduce((sum, x, j) => sum + x * read[j], 0));
export const backward = (links, read) => links.map((_, j) => links.reduce((sum, row, i) => sum + row[j] * read[i], 0));

export const MOST = 26; // letters
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Everything that the figure shows, after a list of actions: ["write", gate], ["look", slot], ["free"],
// ["forward", share] and ["backward", share], where share is that of content: the slot that was last looked at.
export function play(actions, slots) {
  let now = {
    memory: Array.from({ length: slots }, () => []), usage: zeros(slots), last: zeros(slots),
    links: Array.from({ length: slots }, () => zeros(slots)), read: zeros(slots), looked: 0, letters: 0, weights: zeros(slots),
  };
  for (const [kind, number] of actions) {
    if (kind === "write") {
      const weights = allocate(now.usage).map((a) => number * a);
      const memory = now.memory.map((shares, i) => {
        const kept = Array.from({ length: now.letters }, (_, k) => (shares[k] ?? 0) * (1 - weights[i]));
        return [...kept, weights[i]];
      });
      now = {
        ...now, memory, weights, letters: now.letters + 1, usage: use(now.usage, weights),
        links: relink(now.links, now.last, weights), last: precede(now.last, weights),
      };
    } else if (kind === "look") now = { ...now, looked: number, read: one(slots, number) };
    else if (kind === "free") now = { ...now, usage: release(now.usage, now.read) };
    else {
      const way = (kind === "forward" ? forward : backward)(now.links, now.read);
      const there = one(slots, now.looked);
      now = { ...now, read: way.map((x, i) => (1 - number) * x + number * there[i]) };
    }
  }
  const found = Array.from({ length: now.letters }, (_, k) => total(now.read.map((w, i) => w * (now.memory[i][k] ?? 0))));
  return { ...now, offered: allocate(now.usage), order: freeList(now.usage), found, next: ALPHABET[now.letters] ?? "" };
}

const strongest = (list) => list.reduce((best, x, i) => (x > list[best] ? i : best), 0);

// The letter that a slot holds most of, small if it is less than half; nothing where it holds hardly any.
export function holds(shares) {
  const best = strongest(shares);
  const share = shares[best] ?? 0;
  return share < 0.05 ? "" : share < 0.5 ? ALPHABET[best].toLowerCase() : ALPHABET[best];
}

export const amount = (number) => (Math.abs(number) < 0.005 ? "0" : Math.abs(number - 1) < 0.005 ? "1" : number.toFixed(2));

const list = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`);
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// "slot 3", or "slot 3 (0.50) and slot 4 (0.50)".
export function placesOf(weights) {
  const seen = weights.map((w, i) => [w, i]).filter(([w]) => w >= 0.045).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  if (!seen.length) return "no slot";
  if (seen.length === 1 && seen[0][0] > 0.995) return `slot ${seen[0][1] + 1}`;
  return list(seen.slice(0, 3).map(([w, i]) => `slot ${i + 1} (${amount(w)})`));
}

export function lettersOf(found) {
  const seen = found.map((x, k) => [x, k]).filter(([x]) => x >= 0.045).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  if (!seen.length) return "nothing";
  if (seen.length === 1 && seen[0][0] > 0.995) return ALPHABET[seen[0][1]];
  return list(seen.slice(0, 3).map(([x, k]) => `${amount(x)} of ${ALPHABET[k]}`));
}

// What the last action did, and what is free.
export function sentence(state, actions, gate = 1) {
  const used = total(state.usage);
  const left = total(state.offered);
  const next = left < 0.005 ? "No slot is free." : gate === 0 ? "With the gate shut the next write goes nowhere."
    : `The next write goes to ${placesOf(state.offered.map((a) => gate * a))}.`;
  const [kind, number] = actions.at(-1) ?? [];
  if (!kind) return `All ${state.usage.length} slots are free. ${next}`;
  const letter = ALPHABET[state.letters - 1];
  if (kind === "write") {
    const sum = total(state.weights);
    if (number === 0) return `The write gate is shut: ${letter} was written nowhere, and the order stays as it was. ${next}`;
    if (sum < 0.045) return `${letter} is lost: no slot is free. Nothing was overwritten.`;
    return `${letter} went to ${placesOf(state.weights)}. ${next}`;
  }
  if (kind === "free") return `Freed as far as the head reads it: ${placesOf(state.read)}. ${next}`;
  const reads = `The head reads ${placesOf(state.read)}: ${lettersOf(state.found)}.`;
  if (kind === "look") return `${reads} ${amount(used)} of ${plural(state.usage.length, "slot")} in use.`;
  const way = kind === "forward" ? "One write on." : "One write back.";
  const lost = total(state.read) < 0.045 ? ` No link leads ${kind === "forward" ? "on" : "back"} from there.` : "";
  return `${way} ${reads}${lost}`;
}

export const LABELS = {
  write: "Write the next letter", gate: "Write gate", slot: "Slot", look: "Look at it", free: "Free it",
  backward: "Backward", forward: "Forward", share: "Share of content", again: "Start again",
};

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor(state, actions, gate) {
  const press = (name) => `Before you press “${LABELS[name]}”:`;
  const [kind] = actions.at(-1) ?? [];
  const left = total(state.offered);
  const full = left < 0.005;
  if (!actions.length) return [press("write"), "all slots are free. Which one will be taken?"];
  if (full && kind !== "free") return [press("write"), "every slot is in use. What will become of the letter?"];
  if (kind === "look") return [press("free"), "will its content be gone? And which slot comes first in the free list then?"];
  if (kind === "free") return [press("write"), `where will ${state.next || "it"} go, and which links will fade?`];
  if (kind === "forward" || kind === "backward") {
    if (total(state.read) < 0.045) return [press("look"), "the head has lost its way. From which slot can it walk on?"];
    if (kind === "forward") return [press(kind), "to which slot will the framed columns of the links lead?"];
    return [press(kind), "from which slot came the one that is read? Its row of the links says it. Where will the head be?"];
  }
  if (state.letters < 3) return [press("write"), gate < 1 && gate > 0 ? "how will this letter be shared out?" : "which slot comes next?"];
  if (gate === 1 && state.letters === 5) return [`Before you move “${LABELS.gate}” to one half:`, "how much will a slot be in use, and how strong will the link be?"];
  return [press("look"), "which letter stands there, and which one was written after it?"];
}
