// SPDX-License-Identifier: Apache-2.0
// Finds headings and ids; every word typed has to be in the entry. Works from a file, without a server.
"use strict";
const field = document.getElementById("search");
const list = document.getElementById("found");
const top_ = document.body.dataset.top;

field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length === 0 ? [] : INDEX.filter(([text, , page]) => {
    const whole = `${text} ${page}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
  list.replaceChildren(...hits.slice(0, 30).map(([text, place, page]) => {
    const entry = document.createElement("li");
    const link = document.createElement("a");
    const where = document.createElement("small");
    link.href = `${top_}/${place}`;
    link.textContent = text;
    where.textContent = page;
    link.append(where);
    entry.append(link);
    return entry;
  }));
  list.hidden = hits.length === 0;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape") {
    field.value = "";
    list.hidden = true;
  }
});
