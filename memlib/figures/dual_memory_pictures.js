// The pictures of two sentences and one memory: the sentences' words, the memory as dials, the similarities as bars and cells.
import { cells, dials, html, label, picture, pill, svg, tab } from "./grammar.js";
import { say } from "./controls.js";
import { number } from "./dual_memory_words.js";

const MOST_DIALS = 32;

// On the book's pages a picture is about 305 pixels wide, less than its own measure: its words are set larger.
function large(width, height, name) {
  const node = picture(width, height, name);
  node.classList.add("ml-large");
  return node;
}

// About how wide a word is in letters of 13 pixels.
const wide = (word) => [...word].reduce((sum, letter) => sum + (/[mwMW@%]/.test(letter) ? 12 : /[fijlrtI.,'!:;]/.test(letter) ? 5 : 8), 0);

export function sentence(name, words) {
  const shown = words.map((word) => html("span", { class: "ml-word" }, word));
  const node = html("p", { class: "ml-line" }, html("strong", {}, name), ...shown);
  return {
    node,
    update(now) {
      shown.forEach((word, t) => {
        word.classList.toggle("ml-done", t < now);
        word.classList.toggle("ml-at", t === now - 1);
      });
    },
  };
}

export function memoryPicture(most, width) {
  const count = Math.min(width, MOST_DIALS);
  const pitch = Math.min(16, 330 / count);
  const start = 170 - (count * pitch) / 2;
  const y = { key: 0, written: 36 + pitch };
  y.write = y.written + pitch + 46;
  y.memory = y.write + 20;
  y.read = y.memory + 24 + most * pitch + 24;
  y.found = y.read + 18;
  const node = large(340, y.found + 28 + pitch, "The key, what is written, the memory in copies, and what is read");
  const line = (role, top) => {
    const [sign, name] = [tab(role, 12, top + 11), label("", 28, top + 16, { anchor: "start" })];
    const row = dials(count, { x: start, y: top + 25, pitch, role });
    const group = svg("g", {}, sign, name, row.node);
    node.append(group);
    return { group, name, row, sign };
  };
  const [key, written, found] = [line("key", y.key), line("value", y.written), line("value", y.found)];
  const asked = tab("query", 12, 11);
  key.group.append(asked);
  const writing = pill("bind, and add to every copy", 170, y.write, 236);
  const reads = pill("turn each copy back, average", 170, y.read, 236);
  const size = label("", 28, y.memory + 16, { anchor: "start" });
  const copies = Array.from({ length: most }, (_, s) => dials(count, { x: start, y: y.memory + 25 + s * pitch, pitch }));
  const outline = svg("rect", { x: start - 2, y: y.memory + 24, width: count * pitch + 4, rx: 3, class: "ml-frame" });
  node.append(writing, reads, tab("memory", 12, y.memory + 11), size, ...copies.map((row) => row.node), svg("g", { class: "ml-memory" }, outline));
  const part = (vector) => ({ re: vector.re.slice(0, count), im: vector.im.slice(0, count) });
  const few = count < width ? `, ${count} drawn` : "";
  return {
    node,
    update({ memory, unit, shownKey, content, back, reads: isRead, names }) {
      const [wrote, asks] = [Boolean(content), isRead];
      key.group.classList.toggle("ml-faint", !wrote && !asks);
      key.sign.style.display = asks ? "none" : "";
      asked.style.display = asks ? "" : "none";
      key.row.node.setAttribute("class", `ml-dials ml-${asks ? "query" : "key"}`);
      [written.group, writing].forEach((it) => it.classList.toggle("ml-faint", !wrote));
      [found.group, reads].forEach((it) => it.classList.toggle("ml-faint", !asks));
      say(key.name, names.key);
      say(written.name, names.written);
      say(found.name, names.found);
      key.row.update(part(shownKey ?? memory.empty));
      written.row.update(part(content ?? memory.empty), { unit: unit.content });
      found.row.update(part(back ?? memory.empty), { unit: unit.back });
      say(size, `the memory: ${memory.copies.length === 1 ? "1 row" : `${memory.copies.length} rows`} of ${width}${few}`);
      outline.setAttribute("height", memory.copies.length * pitch + 2);
      copies.forEach((row, s) => (row.node.style.display = s < memory.copies.length ? "" : "none"));
      memory.copies.forEach((copy, s) => copies[s].update(part(copy), { unit: unit.memory }));
    },
  };
}

// Bars over the premise's words for the word just read, and below them a row of cells for each word of the hypothesis.
export function heatPicture(premise, hypothesis) {
  const longest = (words, size) => (Math.max(...words.map(wide)) * size) / 13;
  const [whole, least, letters] = [310, 17, 13.5];
  const gutter = Math.max(52, 12 + 1.05 * longest(hypothesis, 14.5));
  const step = Math.max(least, (whole - 2 - gutter) / premise.length);
  const width = Math.max(whole, gutter + step * premise.length + 2);
  const wordsWide = longest(premise, letters);
  const upright = wordsWide > step + 2;
  const [zero, one] = [104, 40];
  const chipTop = 122;
  const chipHeight = upright ? 12 + wordsWide : 21;
  const top = chipTop + chipHeight + 8;
  const pitch = 25;
  const node = large(width, top + pitch * hypothesis.length + 2, "Similarity of what is read to what each word of the premise wrote");
  const height = (value) => (zero - one) * Math.max(-0.25, Math.min(1, value));
  node.append(label("cosine with what each word wrote", width - 2, 14, { kind: "ml-strong" }));
  for (const [tick, y] of [[0, zero], [1, one]]) {
    node.append(svg("path", { d: `M${gutter},${y}H${width - 2}`, class: tick ? "ml-grid" : "ml-axis" }));
    node.append(label(String(tick), gutter - 6, y + 4, { kind: "ml-tick" }));
  }
  const asking = svg("g", {}, tab("query", gutter - 18, (zero + one) / 2 - 12));
  const asker = label("", gutter - 8, (zero + one) / 2 + 16, { kind: "ml-strong" });
  asking.append(asker);
  const chips = premise.map((word, t) => {
    const [x, middle] = [gutter + t * step, chipTop + chipHeight / 2];
    const turn = upright ? `rotate(-90 ${x + step / 2 + 0.36 * letters} ${middle})` : "";
    const text = upright
      ? svg("text", { x: x + step / 2 + 0.36 * letters, y: middle, "text-anchor": "middle", transform: turn }, word)
      : svg("text", { x: x + step / 2, y: middle + 4.5, "text-anchor": "middle" }, word);
    return svg("g", { class: "ml-chip" }, svg("rect", { x: x + 1, y: chipTop, width: step - 2, height: chipHeight, rx: 4 }), text);
  });
  const bars = premise.map((_, t) => svg("rect", { class: "ml-bar", x: gutter + t * step + step * 0.2, width: step * 0.6, rx: 2 }));
  const value = label("", 0, 0, { anchor: "middle", kind: "ml-strong ml-halo" });
  const nothing = label("nothing has been read yet", (gutter + width) / 2, (zero + one) / 2 + 4, { anchor: "middle", kind: "ml-soft" });
  const now = svg("rect", { y: chipTop - 1, width: step + 2, height: chipHeight + 2, rx: 5, class: "ml-now" });
  node.append(asking, ...chips, ...bars, value, nothing, now);
  const lines = hypothesis.map((word, i) => {
    const y = top + i * pitch;
    const name = label(word, gutter - 8, y + 16);
    const row = cells(1, premise.length, { x: gutter, y, width: step * premise.length, height: pitch - 3 });
    const strongest = svg("rect", { y: y + 1, width: step - 2, height: pitch - 5, rx: 2, class: "ml-now" });
    node.append(name, row.node, strongest);
    return { name, row, strongest };
  });
  return {
    node,
    update(step_, found) {
      const [written, read_] = [Math.min(step_, premise.length), step_ - premise.length];
      chips.forEach((chip, t) => chip.classList.toggle("ml-coming", t >= written));
      now.style.display = read_ <= 0 && written ? "" : "none";
      now.setAttribute("x", gutter + (written - 1) * step - 1);
      const row = read_ > 0 ? found[read_ - 1] : null;
      const best = row ? row.indexOf(Math.max(...row)) : -1;
      nothing.style.display = row ? "none" : "";
      asking.style.display = row ? "" : "none";
      if (row) say(asker, hypothesis[read_ - 1]);
      bars.forEach((bar, t) => {
        const size = row ? height(row[t]) : 0;
        bar.setAttribute("y", zero - Math.max(0, size));
        bar.setAttribute("height", Math.abs(size));
        bar.classList.toggle("ml-longest", t === best);
      });
      say(value, row ? number(row[best]) : "");
      if (row) {
        value.setAttribute("x", Math.min(gutter + (best + 0.5) * step, width - 16));
        value.setAttribute("y", zero - Math.max(0, height(row[best])) - 5);
      }
      lines.forEach(({ name, row: line, strongest }, i) => {
        const seen = i < read_;
        name.classList.toggle("ml-soft", !seen);
        name.classList.toggle("ml-strong", i === read_ - 1);
        line.node.style.display = strongest.style.display = seen ? "" : "none";
        if (!seen) return;
        line.update(found[i], 1);
        strongest.setAttribute("x", gutter + found[i].indexOf(Math.max(...found[i])) * step + 1);
      });
    },
  };
}
