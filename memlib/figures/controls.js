// What the reader touches: real form controls, each with the one sign that says so, and the frame around a figure.
import { html } from "./grammar.js";

// The frame: a question before the act, controls, the picture, the result in words, and a description.
export function frame(el, { title, words }) {
  const question = html("p", { class: "ml-question" });
  const controls = html("div", { class: "ml-controls" });
  const stage = html("div", { class: "ml-stage" });
  const status = html("p", { class: "ml-status", role: "status", "aria-live": "polite" });
  const described = html("details", { class: "ml-words" }, html("summary", {}, "What this figure shows, in words"));
  described.append(...words.map((sentence) => html("p", {}, sentence)));
  const root = html("div", { class: "ml-fig", role: "group", "aria-label": title });
  root.append(question, controls, status, stage, described);
  el.replaceChildren(root);
  return { root, question, controls, stage, status };
}

// Controls that belong together stand in one row.
export function rows(...groups) {
  return groups.map((group) => html("div", { class: "ml-row" }, ...group));
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function ask(node, lead, text) {
  if (node.textContent === `${lead} ${text}`) return;
  node.replaceChildren(html("span", {}, html("strong", {}, lead), ` ${text}`));
}

export function button(text, onPress, kind = "") {
  return html("button", { type: "button", class: `ml-button ${kind}`, onclick: onPress }, text);
}

// A button with nothing to do keeps the focus, so that the keyboard does not lose its place.
export function idle(node, yes) {
  node.setAttribute("aria-disabled", yes);
}

export function slider(name, { min, max, onMove }) {
  const shown = html("span", { class: "ml-number", "aria-hidden": "true" });
  const input = html("input", { type: "range", min, max, step: 1 });
  input.addEventListener("input", () => onMove(Number(input.value)));
  const node = html("label", { class: "ml-slider" }, html("span", { class: "ml-name" }, name, shown), input);
  return {
    node,
    update(value, { text = String(value), upTo = max, off = false } = {}) {
      input.max = upTo;
      input.value = value;
      input.disabled = off;
      input.setAttribute("aria-valuetext", text);
      input.style.setProperty("--ml-at", upTo > min ? (value - min) / (upTo - min) : 0);
      say(shown, text);
    },
  };
}

export function select(name, options, onChoose) {
  const input = html("select", {}, ...options.map(([value, text]) => html("option", { value }, text)));
  input.addEventListener("change", () => onChoose(input.value));
  const node = html("label", { class: "ml-select" }, html("span", { class: "ml-name" }, name), input);
  return { node, update: (value) => (input.value = value) };
}

let groups = 0;

export function choice(name, options, onChoose) {
  groups += 1;
  const group = `ml-${groups}-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map(([value]) => html("input", { type: "radio", name: group, value }));
  inputs.forEach((input) => input.addEventListener("change", () => onChoose(input.value)));
  const node = html("fieldset", { class: "ml-choice" }, html("legend", { class: "ml-name" }, name));
  node.append(html("div", {}, ...inputs.map((input, i) => html("label", {}, input, options[i][1]))));
  return { node, update: (value) => inputs.forEach((input) => (input.checked = input.value === value)) };
}

// Keep the model and the picture in step, in both directions; a page without a kernel has only the picture.
export function bindModel(model, names, draw) {
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    try {
      model.save_changes();
    } catch {
      // no kernel: the picture alone follows
    }
    draw();
  };
  names.forEach((name) => model.on(`change:${name}`, draw));
  const stop = () => names.forEach((name) => model.off(`change:${name}`, draw));
  return { set, stop };
}
