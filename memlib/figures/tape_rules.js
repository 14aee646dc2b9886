// What a machine did at one step of a sequence, and how to say it.

const LEVELS = "0123456789abcdefghijk"; // twenty-one, the middle one is 0

// A memory travels as a string, one letter a number, from -1 to 1 of its largest.
export function numbersOf(letters) {
  return [...letters].map((letter) => (LEVELS.indexOf(letter) - 10) / 10);
}

export const LABELS = { tape: "Sequence", step: "Step", next: "Next step", again: "Start again" };

const most = (weights) => weights.indexOf(Math.max(...weights));
const amount = (number) => number.toFixed(2);

export function wrongBits(tape, step) {
  return tape.outputs[step].filter((chance, i) => chance > 0.5 !== tape.targets[step][i] > 0.5).length;
}

export function phase(tape, step) {
  if (tape.scored[step]) return "answers";
  return tape.inputs[step].some((x) => x !== 0) ? "listens" : "waits";
}

export function sentence(tape, step) {
  const [write, read] = [most(tape.writes[step]), most(tape.reads[step])];
  const writes = `It writes most to slot ${tape.slots[write]} (${amount(tape.writes[step][write])})`;
  const reads = `reads most from slot ${tape.slots[read]} (${amount(tape.reads[step][read])})`;
  const doing = phase(tape, step);
  if (doing !== "answers") return `Step ${step + 1}: ${doing === "listens" ? "something comes in" : "nothing comes in"}. ${writes}, and ${reads}.`;
  const wrong = wrongBits(tape, step);
  const said = wrong ? `✗ ${wrong} bit${wrong > 1 ? "s" : ""} wrong` : "✓ all bits right";
  return `Step ${step + 1}: it answers, ${said}. ${writes}, and ${reads}.`;
}

export function questionFor(tape, step) {
  const first = tape.scored.indexOf(1);
  if (step >= tape.inputs.length - 1) {
    return [`Before you choose another “${LABELS.tape}”:`, "will the two heads draw the same lines?"];
  }
  if (step < first - 1) return [`Before you press “${LABELS.next}”:`, "to which slot will it write next?"];
  if (step < first) return [`Before you press “${LABELS.next}”:`, "the answer begins. Which slot must be read for the first of it?"];
  return [`Before you press “${LABELS.next}”:`, "which slot is read next, and where else could the machine have the answer from?"];
}
