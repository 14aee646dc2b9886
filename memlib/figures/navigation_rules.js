// A city whose lines are found out by trying: its rules, who walks in it, and how to say what happened. Tests compare the
// steps with memlib.tasks.graph_navigation and the walkers with memlib.tasks.graph_walkers.

const UNKNOWN = -1;
const FAR = 99;

// A generator of numbers from 0 to 1 with a seed (mulberry32).
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const nothingKnown = (city) => city.map((row) => row.map(() => UNKNOWN));

// One step: the next state, the reward, where the action led, and what happened.
export function step(city, rules, { goal, place, timer, done }, action, [farther, beside]) {
  const target = city[place][action];
  const [arrived, nowhere] = [target === goal, target === place];
  let count = timer + 1;
  if (arrived) count = rules.reset ? 0 : timer;
  const expired = count > rules.patience;
  const elsewhere = arrived || expired;
  const n = city.length;
  const aim = elsewhere ? (goal + farther) % n : goal;
  const next = { goal: aim, place: elsewhere ? (aim + beside) % n : target, timer: expired ? 0 : count, done: done + 1 };
  const reward = (arrived ? rules.reward : 0) - (nowhere ? rules.penalty : 0);
  return { next, reward, target, arrived, nowhere, expired };
}

// What a step tells about the city. Who is put elsewhere without a reward does not see where the action led.
export function learn(known, from, action, { target, arrived, nowhere, expired }) {
  if (arrived || nowhere || !expired) known[from.place][action] = target;
}

// A game from its actions: the state, every step, the total, and what is known, also from earlier games in this city.
export function replay({ city, rules, start, offsets, actions, earlier = [] }) {
  const known = nothingKnown(city);
  const run = (list) => {
    let state = { ...start, timer: 0, done: 0 };
    const log = list.slice(0, rules.steps).map((action, t) => {
      const from = state;
      const found = step(city, rules, state, action, offsets[t]);
      const before = known[from.place][action];
      learn(known, from, action, found);
      state = found.next;
      return { ...found, from, action, fresh: before === UNKNOWN };
    });
    return { state, log, total: log.reduce((sum, one) => sum + one.reward, 0) };
  };
  const past = earlier.map((list) => run(list).total);
  return { ...run(actions), past, known };
}

// Steps to the goal by each action in each place, on the shortest known way; an untried action takes `guess` steps.
export function ways(known, goal, guess = FAR) {
  const n = known.length;
  let left = known.map((_, place) => (place === goal ? 0 : FAR + n));
  let steps = known;
  for (let i = 0; i < n; i += 1) {
    const before = left;
    steps = known.map((row) => row.map((to) => (to === UNKNOWN ? guess : 1 + before[to])));
    left = steps.map((row, place) => (place === goal ? 0 : Math.min(...row)));
  }
  return steps;
}

// The mean total of a walker over many episodes: by chance (guess null), exploring, or with the map.
export function walker({ city, rules, guess = FAR, withMap = false, episodes, seed }) {
  const draw = random(seed);
  const below = (n) => Math.floor(draw() * n);
  const n = city.length;
  let sum = 0;
  for (let episode = 0; episode < episodes; episode += 1) {
    const known = withMap ? city : nothingKnown(city);
    const goal = below(n);
    let state = { goal, place: (goal + 1 + below(n - 1)) % n, timer: 0, done: 0 };
    for (let t = 0; t < rules.steps; t += 1) {
      const steps = guess === null ? null : ways(known, state.goal, guess)[state.place];
      const worth = city[0].map((_, action) => (steps ? steps[action] : 0) + draw() * 1e-3);
      const action = worth.indexOf(Math.min(...worth));
      const found = step(city, rules, state, action, [1 + below(n - 1), 1 + below(n - 1)]);
      if (!withMap) learn(known, state, action, found);
      sum += found.reward;
      state = found.next;
    }
  }
  return sum / episodes;
}

export const BEST_GUESS = 2.5;

export function amount(number) {
  const shown = Math.abs(number) < 0.005 ? "0" : number.toFixed(2).replace(/\.?0+$/, "");
  return shown.replace("-", "−");
}

const count = (number, one, many) => `${number === 1 ? "one" : number} ${number === 1 ? one : many}`;

// The last step in words, and the score.
export function sentence({ names, lines, log, state, total, past, rules }) {
  const here = `You are in ${names[state.place]}, the goal is ${names[state.goal]}.`;
  if (!log.length) {
    return past.length ? `${here} The last time you got ${amount(past.at(-1))}.` : `${here} Nothing is known yet.`;
  }
  const { from, action, target, arrived, nowhere, expired } = log.at(-1);
  const line = `The ${lines[action].toLowerCase()} from ${names[from.place]}`;
  const moved = `You are put to ${names[state.place]}, the new goal is ${names[state.goal]}.`;
  let said = `${line} leads to ${names[target]}.`;
  if (arrived) said = `${line} leads to the goal: +${rules.reward}. ${moved}`;
  else if (nowhere) said = `${line} leads nowhere: −${rules.penalty}.${expired ? ` Six steps in vain. ${moved}` : ""}`;
  else if (expired) said = `Six steps in vain: before you see where it leads, you are put elsewhere. ${moved}`;
  if (expired) said = said.replace("Six", rules.patience === 5 ? "Six" : String(rules.patience + 1));
  if (log.length < rules.steps) return said;
  const times = log.filter((one) => one.arrived).length;
  const end = `Thirty steps are over: ${count(times, "arrival", "arrivals")}, ${amount(total)} in all.`
    .replace("Thirty", rules.steps === 30 ? "Thirty" : String(rules.steps));
  const before = past.length ? ` Before that you got ${past.map(amount).join(", ")}.` : "";
  return `${said.replace(` ${moved}`, "")} ${end}${before}`;
}

export const LABELS = { again: "Play again here", city: "City", map: "Show the map", hide: "Hide the map" };

// The question before the act: [the act, the question]. The act names a control by its label.
export function questionFor({ lines, done, steps, played, map, untried, way }) {
  const press = `Before you press “${lines.join("”, “")}”:`.replace(/, (“[^“]*)$/, " or $1");
  if (done >= steps) {
    if (!map && untried) return [`Before you press “${LABELS.map}”:`, `${count(untried, "line was", "lines were")} never tried. Where might they lead?`];
    return played ? [`Before you move “${LABELS.city}”:`, "in another city nothing of this map helps. What does?"]
      : [`Before you press “${LABELS.again}”:`, "how much more will you get, now that you know the city?"];
  }
  if (!done) {
    return [press, played ? "you know some of this city now. How often will you arrive in thirty steps?"
      : "you have thirty steps in a city that you do not know. How often will you arrive?"];
  }
  if (way) return [press, `you know a way of ${count(way, "step", "steps")}. Take it, or look for a shorter one?`];
  return [press, "no way to the goal is known. Which line tells you most?"];
}
