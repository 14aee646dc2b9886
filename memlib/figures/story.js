// A story of people who move, written sentence by sentence into one holographic memory.
import { dials, html, label, picture, svg, tab } from "./grammar.js";
import { ask, bindModel, button, choice, frame, idle, rows, say, select, slider } from "./controls.js";
import { emptyMemory, fromPhases, overwrite, read, similarity, write } from "./complex.js";

// The memory after each number of facts: facts are [person, place] as indices; rule is "add" or "overwrite".
export function memories(facts, people, places, permutations, rule) {
  const list = [emptyMemory(permutations.length, permutations[0].length)];
  facts.forEach(([person, place], i) => {
    const [key, value] = [people[person], places[place]];
    list.push(rule === "overwrite" ? overwrite(list[i], key, value, permutations, 1) : write(list[i], key, value, permutations));
  });
  return list;
}

// How much of each place the memory holds for a person.
export function similarities(memory, key, places, permutations) {
  const found = read(memory, key, permutations);
  return places.map((place) => similarity(found, place));
}

// Where the person was last said to be: an index of a place, or -1.
export function whereabouts(facts, person) {
  return facts.reduce((place, [who, where]) => (who === person ? where : place), -1);
}

const WORDS = [
  "Each press reads the next sentence and writes it into the memory: the place, bound to the key of the person. The table " +
    "shows the story with time running to the right; the sentence just read is framed, those to come are empty outlines.",
  "The memory is a few rows of dials, complex numbers. It never grows, however long the story is.",
  "The bars show what comes out when the memory is asked for one person: how similar it is to each place. 1 means that the " +
    "place was written once, 0 that it was not; what is left over is noise. The longest bar, drawn in colour, is the answer; the place where the person is says so.",
  "With “Only add”, every place that a person has been to stays in the memory. With “Overwrite”, the delta rule, a write " +
    "first reads what the memory holds for the person and replaces it, so that only the last place remains.",
  "“Copies” is the number of rows in use. With one copy, everything that is read for a person counts as the person’s place, " +
    "the other people’s places included: overwriting takes all of it away, and only the newest sentence is left. With more " +
    "copies only what they agree on is replaced, and the others keep most of theirs.",
];
const DRAW = {
  chosen: "People and places are one random draw, chosen because it has little noise. Other draws make more.",
  other: "People and places are one random draw. Some draws make more noise than others.",
};
const NAMES = { add: "Only add", overwrite: "Overwrite" };
const NEXT = "Next sentence";

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor({ step, facts, asked, rule, copies, most, names }) {
  const press = `Before you press “${NEXT}”:`;
  const who = names[asked];
  if (step === 0) return [press, "nothing has been written. What will the bars look like after one sentence?"];
  if (step === facts.length) {
    if (rule === "add") return [`Before you choose “${NAMES.overwrite}”:`, `will the memory then know where ${who} is?`];
    if (copies > 1) return ["Before you set “Copies” to 1 and then try “Ask for”:", "whose place will the memory still know?"];
    if (most > 1) return [`Before you set “Copies” to ${most}:`, `will the memory know where ${who} is?`];
    return [`Before you choose “${NAMES.add}”:`, `will the memory then know where ${who} is?`];
  }
  const [person] = facts[step];
  const moved = facts.slice(0, step).some(([p]) => p === asked);
  if (person === asked && moved) {
    return [press, rule === "add" ? `${who} is about to move again. What happens to the old place?` :
      `${who} is about to move again. Which bar will be left?`];
  }
  if (person === asked) return [press, `${who} appears in the next sentence. Which bar will grow?`];
  if (!moved) return [press, `the next sentence is about ${names[person]}. Will the bars for ${who} stay near 0?`];
  if (rule === "add") return [press, `the next sentence is about ${names[person]}. Will the answer for ${who} change?`];
  return [press, `the next sentence is about ${names[person]}. What will be left of the bars for ${who}?`];
}

// The root of the mean square modulus: what the hands of the dials are shortened by.
function strength(memory) {
  const squares = memory.flatMap((copy) => copy.re.map((x, i) => x * x + copy.im[i] * copy.im[i]));
  return Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
}

// The counts of copies to choose from: 1, 2, 4 and so on, the most, and the one at the start.
export function choices(most, start) {
  const powers = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
  return [...new Set([...powers, most, start])].sort((a, b) => a - b);
}

function storyTable(facts, names, places) {
  const step = Math.min(60, 270 / facts.length);
  const width = 70 + facts.length * step;
  const node = picture(width, 26 + names.length * 26, "The story: one row for each person, time to the right");
  const frameOf = svg("rect", { y: 18, width: step, height: names.length * 26 + 4, rx: 5, class: "ml-now" });
  names.forEach((name, i) => node.append(label(name, 62, 38 + i * 26)));
  node.append(label("time →", 62, 13, { kind: "ml-soft" }), frameOf);
  const chips = facts.map(([person, place], t) => {
    const x = 70 + t * step;
    const chip = svg("g", { class: "ml-chip" },
      svg("rect", { x: x + 1.5, y: 23 + person * 26, width: step - 3, height: 21, rx: 5 }),
      svg("text", { x: x + step / 2, y: 38 + person * 26, "text-anchor": "middle" }, places[place].slice(0, 3)));
    node.append(chip, label(String(t + 1), x + step / 2, 13, { anchor: "middle", kind: "ml-tick" }));
    return chip;
  });
  return {
    node,
    update(now, asked) {
      chips.forEach((chip, t) => {
        chip.classList.toggle("ml-coming", t >= now);
        chip.classList.toggle("ml-asked", facts[t][0] === asked);
      });
      frameOf.setAttribute("x", 70 + (now - 1) * step);
      frameOf.style.display = now ? "" : "none";
    },
  };
}

function memoryPicture(most, width) {
  const pitch = 330 / width;
  const node = picture(340, 30 + most * pitch, "The memory: rows of complex numbers");
  const rows = Array.from({ length: most }, (_, s) => dials(width, { x: 5, y: 28 + s * pitch, pitch }));
  const outline = svg("rect", { x: 3, y: 27, width: 334, rx: 3, class: "ml-frame" });
  const size = label("", 28, 17, { anchor: "start" });
  node.append(tab("memory", 12, 12), size, ...rows.map((row) => row.node), svg("g", { class: "ml-memory" }, outline));
  return {
    node,
    update(memory, unit) {
      const used = memory.length;
      say(size, `the memory: ${used === 1 ? "1 row" : `${used} rows`} of ${width}`);
      outline.setAttribute("height", used * pitch + 2);
      rows.forEach((row, s) => (row.node.style.display = s < used ? "" : "none"));
      memory.forEach((copy, s) => rows[s].update(copy, { unit }));
    },
  };
}

function barsPicture(places, largest) {
  const [zero, step] = [108, 30];
  const unit = (204 - zero) / (largest + 0.2);
  const height = 46 + places.length * step;
  const node = picture(340, height, "Similarity of what is read to each place");
  const title = label("", 22, 14, { anchor: "start", kind: "ml-strong" });
  for (let tick = 0; tick <= largest; tick += 1) {
    const x = zero + tick * unit;
    node.append(svg("path", { d: `M${x},38V${height - 4}`, class: tick ? "ml-grid" : "ml-axis" }));
    node.append(label(String(tick), x, 34, { anchor: "middle", kind: "ml-tick" }));
  }
  const bars = places.map((place, i) => {
    const y = 44 + i * step;
    const bar = svg("rect", { class: "ml-bar", y, height: 20, rx: 2 });
    const name = label(place, 92, y + 15);
    const number = label("", 0, y + 15, { anchor: "start", kind: "ml-halo" });
    node.append(bar, name, number);
    return { bar, name, number };
  });
  node.append(tab("query", 10, 10), title);
  return {
    node,
    title,
    update(numbers, answer, truth, who) {
      bars.forEach(({ bar, name, number }, i) => {
        const size = Math.max(-0.15, Math.min(numbers[i], largest + 0.2)) * unit;
        bar.setAttribute("x", zero + Math.min(0, size));
        bar.setAttribute("width", Math.abs(size));
        bar.classList.toggle("ml-longest", i === answer);
        name.classList.toggle("ml-strong", i === answer);
        const mark = i !== answer ? "" : answer === truth ? " ✓" : " ✗";
        say(number, `${numbers[i].toFixed(2).replace(/^-0\.00$/, "0.00")}${mark}${i === truth ? ` ${who} is here` : ""}`);
        number.classList.toggle("ml-strong", i === answer || i === truth);
        number.setAttribute("x", zero + Math.max(0, size) + 6);
      });
    },
  };
}

function render({ model, el }) {
  const data = model.get("data");
  const [people, places] = [data.people.map(fromPhases), data.places.map(fromPhases)];
  const { facts, sentences, names, place_names: placeNames, permutations } = data;
  const last = facts.length;
  const most = permutations.length;
  const words = [...WORDS, data.chosen ? DRAW.chosen : DRAW.other];
  const visits = facts.map(([p, q]) => facts.filter(([a, b]) => a === p && b === q).length);
  const { root, question, controls, stage, status } = frame(el, { title: "A story in a holographic memory", words });
  const line = html("p", { class: "ml-sentence" });
  const table = storyTable(facts, names, placeNames);
  const memory = memoryPicture(most, permutations[0].length);
  const bars = barsPicture(placeNames, Math.max(...visits));
  const side = document.createElement("div");
  side.append(table.node, memory.node);
  stage.append(side, bars.node);
  stage.before(line);
  const kept = {};

  const draw = () => {
    const [step, asked, rule] = [Math.min(model.get("step"), last), names.indexOf(model.get("person")), model.get("rule")];
    const copies = Math.max(1, Math.min(model.get("copies"), most));
    const used = permutations.slice(0, copies);
    kept[`${rule} ${copies}`] ??= memories(facts, people, places, used, rule);
    const now = kept[`${rule} ${copies}`][step];
    const truth = whereabouts(facts.slice(0, step), asked);
    const numbers = similarities(now, people[asked], places, used);
    const answer = truth < 0 ? -1 : numbers.indexOf(Math.max(...numbers));
    table.update(step, asked);
    memory.update(now, Math.max(1, strength(now)));
    bars.update(numbers, answer, truth, names[asked]);
    say(bars.title, `Where is ${names[asked]}?`);
    ask(line, step ? `${step} of ${last}:` : "The story begins.", step ? sentences[step - 1] : `It has ${last} sentences.`);

    idle(next, step === last);
    idle(again, step === 0);
    time.update(step, { text: `${step} of ${last}` });
    who.update(names[asked]);
    law.update(rule);
    spread.update(String(copies));
    ask(question, ...questionFor({ step, facts, asked, rule, copies, most, names }));
    const right = answer === truth;
    const weak = numbers[answer] < 0.4 ? ", hardly more than noise" : "";
    root.classList.toggle("ml-is-wrong", truth >= 0 && !right);
    const inRows = copies === 1 ? "1 copy" : `${copies} copies`;
    say(status, truth < 0 ? `Nothing has been said about ${names[asked]} yet (${inRows}).` :
      `${right ? "✓ Right" : "✗ Wrong"} after ${step === 1 ? "1 sentence" : `${step} sentences`} in ${inRows}: the memory answers ` +
      `“${placeNames[answer]}” (${numbers[answer].toFixed(2)}${weak}), ${names[asked]} is in the ${placeNames[truth]}.`);
  };

  const bound = bindModel(model, ["step", "person", "rule", "copies"], draw);
  const next = button(NEXT, () => bound.set({ step: Math.min(last, model.get("step") + 1) }), "ml-first");
  const again = button("Start again", () => bound.set({ step: 0 }));
  const time = slider("Sentence", { min: 0, max: last, onMove: (n) => bound.set({ step: n }) });
  const who = select("Ask for", names.map((name) => [name, name]), (name) => bound.set({ person: name }));
  const law = choice("Rule", Object.entries(NAMES), (rule) => bound.set({ rule }));
  const counts = choices(most, model.get("copies")).map((n) => [String(n), String(n)]);
  const spread = choice("Copies", counts, (n) => bound.set({ copies: Number(n) }));
  controls.append(...rows([next, again, law.node], [time.node, who.node, spread.node]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
