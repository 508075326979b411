"use strict";
// The page as it changes: what the server writes as HTML is put in the place of what is there. Without this script the
// page shows the same, and its forms work.
(() => {
  const body = document.body;
  const here = new URL(body.dataset.page, location.href);
  here.search = location.search;
  const written = new Map();
  let tag = null, socket = null, pause = 1000, busy = false;

  const sections = (root) => root.querySelectorAll("main > section[id], main > #news");

  // Times in the customer's zone and language, and what only a script can do.
  const dress = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const when = new Date(time.dateTime);
      if (isNaN(when)) continue;
      time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(when);
    }
    for (const button of root.querySelectorAll("button.copy")) button.hidden = !navigator.clipboard;
  };

  const take = (html, isAnswer) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = document.querySelector("main");
    const fresh = page.querySelector("main");
    // What went wrong is a page of its own.
    if (!page.body.dataset.page) {
      if (isAnswer && fresh) document.getElementById("news").textContent = fresh.innerText.trim();
      return;
    }
    const seen = new Set();
    let last = null;
    for (const section of sections(page)) {
      const id = section.id, text = section.outerHTML, old = document.getElementById(id);
      seen.add(id);
      const isShown = old && old.dataset.pin === "shown" && section.dataset.pin === "hidden" && !isAnswer;
      const isQuiet = id === "news" && !isAnswer;
      if (!old || (written.get(id) !== text && !isShown && !isQuiet)) {
        written.set(id, text);
        // What was said of another status is over.
        if (id === "state" && !isAnswer && old && old.dataset.status !== section.dataset.status) document.getElementById("news").textContent = "";
        const copy = document.importNode(section, true);
        if (old) old.replaceWith(copy); else if (last) last.after(copy); else main.append(copy);
        dress(copy);
      }
      last = document.getElementById(id);
    }
    for (const old of sections(document)) if (!seen.has(old.id)) { written.delete(old.id); old.remove(); }
    document.title = page.title;
  };

  const refresh = async () => {
    if (busy) return;
    try {
      const headers = { Accept: "text/html" };
      if (tag) headers["If-None-Match"] = tag;
      const answer = await fetch(here, { headers, cache: "no-store" });
      if (answer.status !== 200) return;
      tag = answer.headers.get("ETag");
      take(await answer.text(), false);
    } catch { /* It is tried again. */ }
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = busy = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST", headers: { Accept: "text/html" }, body: new URLSearchParams(new FormData(form)),
      });
      tag = null;
      take(await answer.text(), true);
    } catch {
      form.submit();
    } finally {
      button.disabled = busy = false;
    }
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    await navigator.clipboard.writeText(document.querySelector("#pin code").textContent);
    button.textContent = button.dataset.done;
  });

  const listen = () => {
    const address = new URL(body.dataset.live, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.search = "";
    const opened = new WebSocket(address);
    opened.onopen = () => { socket = opened; pause = 1000; refresh(); };
    opened.onmessage = (message) => { if (JSON.parse(message.data).type.startsWith("order_")) refresh(); };
    opened.onclose = () => {
      socket = null;
      setTimeout(listen, pause * (1 + Math.random() / 2));
      pause = Math.min(pause * 2, 60000);
    };
  };

  for (const section of sections(document)) written.set(section.id, section.outerHTML);
  dress(document);
  setInterval(() => { if (!socket && !document.hidden) refresh(); }, 30000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  listen();
})();
