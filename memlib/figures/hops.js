// The hops of a memory network over a story, sentence by sentence, and what it says without one of them.
import { html, label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say, select, slider } from "./controls.js";
import { LABELS, best, questionFor, read, sentence } from "./hops_rules.js";

const words = (data) => [
  "The story stands from its oldest sentence to its newest. Beside each sentence there is a bar for every hop: the weight that the sentence gets " +
    "when the question looks at the memory for the first time, the second time, and so on. The weights of one hop add up to 1 over the story.",
  "Press a sentence to take it out, and again to put it back. The network then reads the story without it: the sentence's weight is 0 in every hop, " +
    "and the others share what it had. The ages of the other sentences stay as they were. The slider does the same.",
  "Below stand the probabilities of the answers. The coloured bar is the answer now, with ✓ if it is right and ✗ if not; a thin line marks " +
    "where each bar stood with the whole story. The probabilities are taken among the answers that are shown.",
  `The network is ${data.about}. All that the figure shows is computed in the page from its vectors, rounded to four decimals.`,
];

function toldList(hops, onPress) {
  const node = html("div", { class: "ml-full ml-told" });
  let lines = [];
  return {
    node,
    fill({ sentences }) {
      const heads = Array.from({ length: hops }, (_, hop) => html("span", { class: "ml-hop" }, `hop ${hop + 1}`));
      const head = html("div", { class: "ml-told-row ml-told-head", "aria-hidden": "true" }, html("span", {}, ""), ...heads);
      lines = sentences.map((text, i) => {
        const shares = Array.from({ length: hops }, () => html("span", { class: "ml-weight" }));
        const press = html("button", { type: "button", class: "ml-sentence-button", onclick: () => onPress(i + 1) },
          html("span", { class: "ml-nth" }, String(i + 1)), html("span", { class: "ml-text" }, text));
        return { press, shares, row: html("div", { class: "ml-told-row" }, press, ...shares) };
      });
      node.replaceChildren(head, ...lines.map((line) => line.row));
    },
    update(weights, out) {
      lines.forEach(({ press, shares }, i) => {
        press.setAttribute("aria-pressed", out === i + 1);
        shares.forEach((span, hop) => {
          const share = weights[hop][i];
          span.style.setProperty("--ml-share", share.toFixed(3));
          span.classList.toggle("ml-none", out === i + 1);
          say(span, out === i + 1 ? "out" : share.toFixed(2).replace(/^0/, ""));
        });
      });
    },
  };
}

function answersPicture(answers) {
  const [zero, unit, step] = [92, 180, 24];
  const node = picture(340, 26 + answers.length * step, "The probability of each answer, now and with the whole story");
  const title = label("", 2, 14, { anchor: "start", kind: "ml-strong" });
  node.append(title, svg("path", { d: `M${zero},22V${24 + answers.length * step}`, class: "ml-axis" }));
  const bars = answers.map((answer, i) => {
    const y = 27 + i * step;
    const bar = svg("rect", { class: "ml-bar", x: zero, y, height: 16, rx: 2 });
    const was = svg("path", { class: "ml-seen" });
    const name = label(answer, zero - 7, y + 13);
    const number = label("", 0, y + 13, { anchor: "start", kind: "ml-halo" });
    node.append(bar, was, name, number);
    return { bar, was, name, number, y };
  });
  return {
    node,
    update({ question, answer }, before, now, out) {
      const said = best(now);
      say(title, question);
      bars.forEach(({ bar, was, name, number, y }, i) => {
        const moved = out && Math.abs(before[i] - now[i]) * unit > 2;
        bar.setAttribute("width", now[i] * unit);
        bar.classList.toggle("ml-longest", i === said);
        was.setAttribute("d", moved ? `M${zero + before[i] * unit},${y - 3}v22` : "");
        name.classList.toggle("ml-strong", i === said);
        say(number, `${now[i].toFixed(2)}${i === said ? (i === answer ? " ✓" : " ✗") : ""}`);
        number.setAttribute("x", zero + unit * Math.max(now[i], moved ? before[i] : 0) + 6);
      });
    },
  };
}

function render({ model, el }) {
  const data = model.get("data");
  const { stories, answers, rows: vectors, hops, empty } = data;
  const { root, question, controls, stage, status } = frame(el, { title: "A memory network reads a story", words: words(data) });
  const list = toldList(hops, (i) => bound.set({ out: model.get("out") === i ? 0 : i }));
  const bars = answersPicture(answers);
  stage.append(list.node, bars.node);
  let shown = -1;

  const draw = () => {
    const at = Math.max(0, Math.min(model.get("story"), stories.length - 1));
    const story = stories[at];
    const count = story.sentences.length;
    const out = Math.max(0, Math.min(model.get("out"), count));
    if (shown !== at) list.fill(story);
    shown = at;
    const whole = read(story, vectors, hops, empty, 0);
    const now = read(story, vectors, hops, empty, out);
    list.update(now.weights, out);
    bars.update(story, whole.answers, now.answers, out);
    which.update(String(at));
    gone.update(out, { text: out ? `${out} of ${count}` : "none", upTo: count });
    idle(back, out === 0);
    ask(question, ...questionFor({ story, whole, out, title: story.title, last: at === stories.length - 1 }));
    say(status, sentence({ story, answers, whole, now, out }));
  };

  const bound = bindModel(model, ["story", "out"], draw);
  const which = select(LABELS.story, stories.map((one, i) => [String(i), one.title]), (i) => bound.set({ story: Number(i), out: 0 }));
  const gone = slider(LABELS.out, { min: 0, max: stories[0].sentences.length, onMove: (n) => bound.set({ out: n }) });
  const back = button(LABELS.back, () => bound.set({ out: 0 }));
  controls.append(...rows([which.node, gone.node, back]));
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
