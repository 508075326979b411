// Keeps the page up to date. The server has written it whole: this only changes texts, and every text from the server is
// set as text, never as HTML. Without this script the page works with its link "Reload".
"use strict";

const { json, events } = document.body.dataset;
const pollPause = 5000;
const reconnectPause = 30000;

// Texts

// Each with its date: who copies a line into a ticket is asked about it days later.
const longTime = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const exactTime = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
// In sentences, and once on the page with the zone that all times are in.
const longMinute = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });
const zoneTime = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "long" });

function formatOf(element) {
  if (element.parentElement?.id === "as-of") return zoneTime;
  return element.dataset.precision === "minute" ? longMinute : longTime;
}

function setTime(element, text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return;
  element.dateTime = text;
  element.title = exactTime.format(date) + " (" + text + ")";
  setText(element, formatOf(element).format(date));
}

// Moments in a sentence stand between these two; see MarkedTime.swift.
const marked = /\uE0F0([^\uE0F1]*)\uE0F1/;
const sentences = new WeakMap();

function setSentence(element, text) {
  if (!marked.test(text)) {
    sentences.delete(element);
    return element.firstElementChild ? element.replaceChildren(text) : setText(element, text);
  }
  if (sentences.get(element) === text) return;
  sentences.set(element, text);
  element.replaceChildren(...text.split(marked).map((part, index) => {
    if (index % 2 === 0) return part;
    const time = document.createElement("time");
    time.dir = "auto";
    time.dataset.precision = "minute";
    setTime(time, part);
    return time;
  }));
}

// Each word on its own, so that a line never ends within `--completed`.
function setCommand(element, text) {
  if (element.textContent === text && element.firstElementChild) return;
  element.replaceChildren(...text.split(" ").flatMap((word, index) => {
    const span = document.createElement("span");
    span.textContent = word;
    return index === 0 ? [span] : [" ", span];
  }));
}

// As in HTML.swift.
const isLong = (text) => text.split(/[\s-]/).some((word) => [...word].length > 24);

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setTone(element, tone) {
  if (tone) element.dataset.tone = tone;
  else delete element.dataset.tone;
}

// Tables: the same elements as in HTML.swift

function contentElement(cell) {
  if (cell.kind === "command") return document.createElement("code");
  const element = document.createElement(cell.kind === "time" ? "time" : cell.link ? "a" : "span");
  element.dir = "auto";
  return element;
}

function fillCell(element, cell, isNew) {
  element.dataset.kind = cell.kind;
  setTone(element, cell.tone);
  element.toggleAttribute("data-long", isLong(cell.text));
  if (cell.text === "") return element.replaceChildren();
  let content = element.firstElementChild;
  const fits = content && content.tagName === contentElement(cell).tagName;
  if (!fits) {
    content = contentElement(cell);
    element.replaceChildren(content);
  }
  if (cell.link) content.setAttribute("href", cell.link);
  const before = content.textContent;
  if (cell.kind === "time") setTime(content, cell.text);
  else if (cell.kind === "command") setCommand(content, cell.text);
  else setSentence(content, cell.text);
  if (cell.kind === "command") addCopyButton(element);
  // Figures change all the time; how a row stands is news.
  if (!isNew && cell.kind === "badge" && content.textContent !== before) flash(element);
}

function flash(element) {
  element.classList.remove("changed");
  void element.offsetWidth; // Without a layout in between the animation would not begin again.
  element.classList.add("changed");
}

function makeRow(row, labels) {
  const element = document.createElement("tr");
  element.setAttribute("role", "row");
  element.dataset.key = row.key;
  row.cells.forEach((cell, index) => {
    const child = document.createElement(index === 0 ? "th" : "td");
    child.setAttribute("role", index === 0 ? "rowheader" : "cell");
    if (index === 0) child.scope = "row";
    child.dataset.label = labels[index] ?? "";
    fillCell(child, cell, true);
    element.append(child);
  });
  return element;
}

function nothingRow(text, columns) {
  const row = document.createElement("tr");
  row.className = "nothing";
  row.setAttribute("role", "row");
  const cell = document.createElement("td");
  cell.setAttribute("role", "cell");
  cell.colSpan = columns;
  cell.append(document.createElement("bdi"));
  setText(cell.firstElementChild, text);
  row.append(cell);
  return row;
}

function fillTable(table) {
  const section = document.getElementById(table.id);
  if (!section) return;
  setSentence(section.querySelector(".note bdi"), table.note);
  const labels = [...section.querySelectorAll("thead th")].map((th) => th.textContent);
  const body = section.querySelector("tbody");
  if (table.rows.length === 0) {
    const shown = body.querySelector(".nothing bdi");
    if (!shown || body.children.length > 1) body.replaceChildren(nothingRow(table.empty, labels.length));
    else setText(shown, table.empty);
    return;
  }
  const known = new Map([...body.children].map((row) => [row.dataset.key ?? "", row]));
  const wanted = table.rows.map((row) => {
    const element = known.get(row.key);
    if (!element) {
      const made = makeRow(row, labels);
      flash(made);
      return made;
    }
    row.cells.forEach((cell, index) => fillCell(element.children[index], cell, false));
    return element;
  });
  const stay = new Set(wanted);
  for (const row of [...body.children]) {
    if (stay.has(row)) continue;
    if (row.contains(document.activeElement)) document.getElementById("main").focus({ preventScroll: true });
    row.remove();
  }
  // Rows that stand right are not touched, so that the focus stays where it is.
  wanted.forEach((row, index) => {
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
}

function fillPage(page) {
  document.title = page.title;
  const lead = document.getElementById("lead");
  const before = lead.textContent;
  setSentence(lead.firstElementChild, page.lead);
  if (lead.textContent !== before) setText(document.getElementById("news"), lead.textContent);
  lead.dataset.tone = page.tone;
  setTime(document.querySelector("#as-of time"), page.asOf);
  const progress = document.getElementById("progress");
  if (progress && page.progress) {
    progress.max = Math.max(1, page.progress.all);
    progress.value = page.progress.done;
  }
  page.tables.forEach(fillTable);
  if (!page.isLive) stop("no longer changes");
}

// Copying commands

function addCopyButton(cell) {
  if (cell.querySelector("button")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  cell.append(button);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    // Only pages on https or this machine may write the clipboard: then the text is selected, to be copied by hand.
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
});

// Boxes of a table: all or none of them, and how many are ticked

function countTicks(section) {
  const boxes = [...section.querySelectorAll("td input[type=checkbox], th input[type=checkbox]")];
  const words = boxes.filter((box) => box.checked).length + " of " + boxes.length + " ticked";
  setText(section.querySelector("[data-ticked]"), words);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-tick]");
  if (!link) return;
  // Without the page being loaded again, so that a note that was typed stays.
  event.preventDefault();
  const section = link.closest("section");
  for (const box of section.querySelectorAll("input[type=checkbox]")) box.checked = link.dataset.tick === "all";
  countTicks(section);
});

document.addEventListener("change", (event) => {
  const section = event.target.closest("section");
  if (section?.querySelector("[data-ticked]")) countTicks(section);
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.getElementById("q").focus();
});

// Staying up to date: by events; where they don't come through, by asking

let source = null;
let pollTimer = null;
let reconnectTimer = null;
let isStopped = !json;

function say(text) { setText(document.getElementById("connection"), text + " ·"); }

function connect() {
  clearTimeout(reconnectTimer);
  if (isStopped || document.hidden) return;
  if (!events) return startPolling();
  source?.close();
  source = new EventSource(events);
  source.onmessage = (message) => {
    stopPolling();
    say("live");
    fillPage(JSON.parse(message.data));
  };
  source.onerror = () => {
    startPolling();
    if (source.readyState === EventSource.CLOSED) reconnectTimer = setTimeout(connect, reconnectPause);
  };
}

function startPolling() {
  if (pollTimer || isStopped) return;
  say("every 5 s");
  pollTimer = setInterval(poll, pollPause);
}

function stopPolling() {
  clearInterval(pollTimer);
  pollTimer = null;
}

async function poll() {
  try {
    const answer = await fetch(json, { cache: "no-store" });
    // Logged out elsewhere, or the session is over.
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const page = await answer.json();
    if (isStopped) return;
    say("every 5 s");
    fillPage(page);
  } catch {
    say("no connection to Sevk");
  }
}

function disconnect() {
  clearTimeout(reconnectTimer);
  source?.close();
  source = null;
  stopPolling();
}

function stop(text) {
  if (isStopped) return;
  isStopped = true;
  disconnect();
  say(text);
}

// A page that nobody sees costs nothing.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) disconnect();
  else if (!isStopped) {
    connect();
    poll();
  }
});

for (const time of document.querySelectorAll("time")) setTime(time, time.dateTime);
// A browser that goes back ticks boxes as they were.
for (const words of document.querySelectorAll("[data-ticked]")) countTicks(words.closest("section"));
for (const cell of document.querySelectorAll("[data-kind=command]")) addCopyButton(cell);
connect();
