// Walk through a city whose lines are hidden until you try them.
import { label, picture, svg } from "./grammar.js";
import { ask, bindModel, button, frame, idle, rows, say, slider } from "./controls.js";
import { BEST_GUESS, LABELS, amount, questionFor, replay, sentence, walker, ways } from "./navigation_rules.js";

const WORDS = [
  "Five places lie on a circle. The dark one is where you are, the one with the double ring is where you shall go. Each " +
    "step you take the tram, the bus or the ferry. Ten of the fifteen pairs of place and line lead to another place, the " +
    "other five nowhere.",
  "Beside each place stand the letters of its lines: a question mark as long as a line was not tried, then its letter, " +
    "struck out if it leads nowhere. A connection is drawn as soon as you have used it.",
  "Arriving pays 10, then you and the goal are put elsewhere. A line that leads nowhere costs 0.05. After six steps that " +
    "do not arrive (arrivals in between do not begin the count anew) you and the goal are also put elsewhere, and you do " +
    "not see where the sixth step led.",
  "The row of thirty signs is the game: a disc for an arrival, a cross for a line that leads nowhere, a dot for a move, a " +
    "ring where you were put elsewhere without arriving.",
  "The bars compare your total with the mean of many games in the same city: by chance; of an explorer that goes the " +
    "shortest way it can think of, where an untried line is taken to need 2.5 steps; with the map from the beginning. " +
    "A trained agent has a bar where its weights are at hand.",
  "If you play the same city again, you keep what you know, and the goals come in the same order. Another city begins " +
    "anew. On the keyboard t, b " +
    "and f take the lines while one of the controls has the focus.",
];

const [CX, CY, R] = [170, 156, 104];
const EPISODES = 300;

function bow([x, y], [u, v]) {
  // Flat enough that at a place, whose ways lie 36 degrees apart, no line begins where another one ends.
  const [mx, my] = [(x + u) / 2 + 0.085 * (y - v), (y + v) / 2 + 0.085 * (u - x)];
  const at = (t) => [0, 1].map((i) => (1 - t) ** 2 * [x, y][i] + 2 * t * (1 - t) * [mx, my][i] + t * t * [u, v][i]);
  const trim = (a, b, by) => {
    const size = Math.hypot(b[0] - a[0], b[1] - a[1]);
    return [0, 1].map((i) => a[i] + ((b[i] - a[i]) * by) / size);
  };
  const [start, end] = [trim([x, y], [mx, my], 19), trim([u, v], [mx, my], 27)];
  const tip = trim([u, v], [mx, my], 20);
  const way = Math.atan2(tip[1] - end[1], tip[0] - end[0]);
  const wing = (turn) => `L${tip[0] - 11 * Math.cos(way + turn)},${tip[1] - 11 * Math.sin(way + turn)}`;
  return { path: `M${start}Q${mx},${my} ${end}`, head: `M${tip}${wing(0.42)}${wing(-0.42)}Z`, middle: at(0.42) };
}

function mapPicture(names, lines) {
  const node = picture(340, 292, "The map: places, lines that were tried, you and the goal");
  const turn = names.map((_, i) => (2 * Math.PI * i) / names.length);
  const on = (i, radius) => [CX + radius * Math.sin(turn[i]), CY - radius * Math.cos(turn[i])];
  const edges = svg("g");
  node.append(edges);
  const places = names.map((name, i) => {
    const [x, y] = on(i, R);
    const ring = svg("circle", { cx: x, cy: y, r: 21, class: "ml-seen", visibility: "hidden" });
    const disc = svg("circle", { cx: x, cy: y, r: 16, class: "ml-trail" });
    const text = label(name, x, y + 5, { anchor: "middle", kind: "ml-strong" });
    const [tx, ty] = on(i, R - 35);
    const tag = label("", tx, ty + 4, { anchor: "middle", kind: "ml-halo ml-soft" });
    const ly = on(i, R + 38)[1];
    const lx = on(i, R + 48)[0];
    const letters = lines.map((_, a) => {
      const mark = label("?", lx + (a - 1) * 15, ly + 5, { anchor: "middle", kind: "ml-soft" });
      const strike = svg("path", { d: `M${lx + (a - 1) * 15 - 6},${ly}h12`, class: "ml-seen", visibility: "hidden" });
      node.append(mark, strike);
      return { mark, strike };
    });
    node.append(ring, disc, text, tag);
    return { ring, disc, text, tag, letters };
  });
  return {
    node,
    update({ known, tried, state, over }) {
      const drawn = [];
      known.forEach((row, from) => {
        [...new Set(row)].filter((to) => to >= 0 && to !== from).forEach((to) => {
          const { path, head, middle } = bow(on(from, R), on(to, R));
          const by = row.map((target, a) => (target === to ? lines[a][0] : "")).join("");
          const sure = row.some((target, a) => target === to && tried[from][a] >= 0);
          drawn.push(svg("path", { d: path, class: sure ? "ml-seen" : "ml-theory" }),
            svg("path", { d: head, style: "fill: var(--ml-ink)" }),
            label(by, middle[0], middle[1] + 4.5, { anchor: "middle", kind: "ml-strong ml-halo" }));
        });
      });
      // Texts last, so that no line runs over them.
      edges.replaceChildren(...drawn.filter((part) => part.tagName !== "text"), ...drawn.filter((part) => part.tagName === "text"));
      places.forEach(({ ring, disc, text, tag, letters }, i) => {
        const [you, goal] = [!over && state.place === i, !over && state.goal === i];
        disc.setAttribute("class", you ? "ml-here" : "ml-trail");
        text.style.fill = you ? "var(--ml-paper)" : "";
        ring.setAttribute("visibility", goal ? "visible" : "hidden");
        say(tag, you ? "you" : goal ? "goal" : "");
        letters.forEach(({ mark, strike }, a) => {
          const to = known[i][a];
          say(mark, to < 0 ? "?" : lines[a][0]);
          mark.setAttribute("class", `ml-label ${to < 0 ? "ml-soft" : "ml-strong"}`);
          strike.setAttribute("visibility", to === i ? "visible" : "hidden");
        });
      });
    },
  };
}

function gamePicture(steps) {
  const node = picture(340, 62, "The steps of this game");
  const text = label("", 2, 14, { anchor: "start", kind: "ml-strong" });
  const marks = svg("g");
  node.append(text, marks);
  const gap = 334 / steps;
  return {
    node,
    update({ log, total, left, patience }) {
      const times = log.filter((one) => one.arrived).length;
      say(text, `${amount(total)} points, ${times} ${times === 1 ? "arrival" : "arrivals"}, ${left} ${left === 1 ? "step" : "steps"} left`);
      marks.replaceChildren(...Array.from({ length: steps }, (_, t) => {
        const [x, y, one] = [3 + gap * (t + 0.5), 34, log[t]];
        if (!one) return svg("path", { d: `M${x - 3},${y}h6`, class: "ml-axis" });
        if (one.arrived) return svg("circle", { cx: x, cy: y, r: 5, class: "ml-here", stroke: "none" });
        if (one.expired) return svg("circle", { cx: x, cy: y, r: 3.5, class: "ml-seen" });
        if (one.nowhere) return svg("path", { d: `M${x - 3.5},${y - 3.5}l7,7m0,-7l-7,7`, class: "ml-seen" });
        return svg("circle", { cx: x, cy: y, r: 2, class: "ml-here", stroke: "none" });
      }), label(left ? `put elsewhere after ${patience} more in vain` : "", 2, 58, { anchor: "start", kind: "ml-soft" }));
    },
  };
}

function barsPicture(count) {
  const step = 30;
  const node = picture(340, 26 + count * step, "Your total beside others’ in the same city");
  node.append(label("Total in this city", 2, 14, { anchor: "start", kind: "ml-strong" }));
  const [zero, wide] = [112, 186];
  const bars = Array.from({ length: count }, (_, i) => {
    const y = 26 + i * step;
    const bar = svg("rect", { class: "ml-bar", x: zero, y, height: 16, rx: 2 });
    const [name, number] = [label("", zero - 8, y + 13), label("", 0, y + 13, { anchor: "start" })];
    node.append(svg("path", { d: `M${zero},${y - 4}v24`, class: "ml-axis" }), bar, name, number);
    return { bar, name, number };
  });
  return {
    node,
    update(totals) {
      const most = Math.max(...totals.map(([, total]) => total), 1);
      totals.forEach(([who, total, own], i) => {
        const { bar, name, number } = bars[i];
        const size = (wide * Math.max(0, total)) / most;
        bar.setAttribute("width", size);
        bar.classList.toggle("ml-longest", Boolean(own));
        say(name, who);
        name.classList.toggle("ml-strong", Boolean(own));
        number.setAttribute("x", zero + size + 6);
        say(number, own ? amount(total) : total.toFixed(0));
      });
    },
  };
}

const TRAITS = ["city", "actions", "earlier", "map"];

function render({ model, el }) {
  const data = model.get("data");
  const { names, lines, rules } = data;
  const { root, question, controls, stage, status } = frame(el, { title: "Find your way in a city that you do not know", words: WORDS });
  const map = mapPicture(names, lines);
  const game = gamePicture(rules.steps);
  const bars = barsPicture(data.trained ? 5 : 4);
  const [left, right] = [document.createElement("div"), document.createElement("div")];
  left.append(map.node);
  right.append(game.node, bars.node);
  stage.append(left, right);

  const known = new Map();
  const others = (number) => {
    if (!known.has(number)) {
      const city = data.cities[number];
      const mean = (how) => walker({ city, rules, episodes: EPISODES, seed: number + 1, ...how });
      const rest = [["chance", mean({ guess: null })], ["explorer", mean({ guess: BEST_GUESS })]];
      if (data.trained) rest.push(["trained agent", data.trained[number]]);
      known.set(number, [...rest, ["with the map", mean({ withMap: true })]]);
    }
    return known.get(number);
  };
  const now = () => Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));

  const draw = () => {
    const { city: number, actions, earlier, map: open } = now();
    const city = data.cities[number];
    const shown = replay({ city, rules, start: data.starts[number], offsets: data.offsets[number], actions, earlier });
    const done = shown.log.length;
    const over = done >= rules.steps;
    const seen = open && over;
    map.update({ known: seen ? city : shown.known, tried: shown.known, state: shown.state, over });
    game.update({ ...shown, left: rules.steps - done, patience: rules.patience + 1 - shown.state.timer });
    bars.update([["you", shown.total, true], ...others(number)]);
    moves.forEach((move) => idle(move, over));
    idle(again, !done);
    idle(look, !over);
    which.update(number + 1, { text: `${number + 1} of ${data.cities.length}`, off: data.cities.length < 2 });
    say(look, seen ? LABELS.hide : LABELS.map);
    const way = Math.min(...ways(shown.known, shown.state.goal)[shown.state.place]);
    ask(question, ...questionFor({
      lines, done, steps: rules.steps, played: earlier.length, map: seen, way: way < rules.steps ? way : 0,
      untried: shown.known.flat().filter((to) => to < 0).length,
    }));
    say(status, `City ${number + 1}. ${sentence({ ...shown, names, lines, rules })}`);
  };

  const bound = bindModel(model, TRAITS, draw);
  const off = (node) => node.getAttribute("aria-disabled") === "true";
  const moves = lines.map((line, action) => button(line, () => {
    if (!off(moves[action])) bound.set({ actions: [...model.get("actions"), action] });
  }, "ml-first"));
  const again = button(LABELS.again, () => {
    if (off(again)) return;
    bound.set({ earlier: [...model.get("earlier"), model.get("actions")], actions: [], map: false });
  });
  const which = slider(LABELS.city, {
    min: 1, max: data.cities.length, onMove: (n) => bound.set({ city: n - 1, actions: [], earlier: [], map: false }),
  });
  const look = button(LABELS.map, () => {
    if (!off(look)) bound.set({ map: !model.get("map") });
  });
  controls.append(...rows(moves, [which.node, again, look]));
  controls.addEventListener("keydown", (event) => {
    const action = lines.findIndex((line) => line[0].toLowerCase() === event.key.toLowerCase());
    if (action < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[action].click();
  });
  draw();
  root.dataset.ready = "yes";
  return bound.stop;
}

export default { render };
