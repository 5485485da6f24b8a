// All items at a glance, and the end: a reviewer's own answers, nobody else's.

import {el, plural, text} from "./elements.js";
import {timeInWords} from "./item.js";

function state(session, item) {
  if (session.isLabelled(item.id)) return "labelled";
  return session.skipped.has(item.id) ? "later" : "open";
}

const IN_WORDS = {labelled: "labelled", later: "left for later", open: "not labelled yet"};

/** A field of numbered items; `go(place)` opens one. */
function grid(session, go) {
  return el("ol", {class: "grid"}, session.items.map((item, place) => {
    const is = state(session, item);
    const label = is === "labelled" ? `labelled ${session.answer(item.id).label}` : IN_WORDS[is];
    return el("li", {}, el("button", {
      type: "button", class: is, "aria-label": `Item ${place + 1}: ${label}`, title: `${item.id}: ${label}`,
      "aria-current": place === session.position ? "true" : null, onclick: () => go(place),
    }, String(place + 1)));
  }));
}

export function showOverview(dialog, session, go) {
  const left = session.items.length - session.labelled;
  const later = session.items.filter(item => state(session, item) === "later").length;
  dialog.replaceChildren(el("h2", {id: "overview-title"}, "All items"),
    el("p", {}, `${session.labelled} labelled, ${left} to go${later ? `, ${later} of them left for later` : ""}. The order is yours alone.`),
    grid(session, place => { dialog.close(); go(place); }),
    el("p", {class: "legend"}, Object.entries(IN_WORDS).map(([is, words]) => el("span", {}, el("i", {class: is}), words))),
    el("button", {type: "button", onclick: () => dialog.close()}, "Close"));
  dialog.showModal();
  dialog.querySelector("[aria-current=true]")?.focus();
}

export function showDone(main, session, go) {
  const own = session.items.map(item => session.answer(item.id)).filter(answer => answer?.label !== null);
  const given = own.filter(answer => answer.confidence !== null);
  const sure = given.reduce((sum, answer) => sum + answer.confidence, 0) / given.length;
  const evidence = own.filter(answer => answer.evidence).length;
  const seconds = own.reduce((sum, answer) => sum + (answer.seconds ?? 0), 0);
  const facts = [
    ["Items labelled", String(own.length)],
    ["With evidence", String(evidence)],
    ["How sure, on average", given.length ? `${Math.round(100 * sure)} % (${plural(given.length, "item")})` : "not given"],
    ["Time on items", timeInWords(seconds)],
  ];
  main.replaceChildren(el("section", {class: "done"},
    el("h1", {id: "place", tabindex: "-1"}, session.items.length === 1 ? "The item is labelled" : `All ${session.items.length} items are labelled`),
    el("p", {class: "lead", id: "closing"}),
    el("dl", {class: "tiles"}, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    el("h2", {}, "Your labels"), bars(session, own),
    el("h2", {}, "Look again"), el("p", {class: "note"}, "Any answer can still be changed: choose its item."), grid(session, go)));
  document.title = `Done · ${session.rubric.task}`;
}

function bars(session, own) {
  const rows = session.rubric.labels.map(label => [label.name, own.filter(answer => answer.label === label.name).length]);
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return el("table", {class: "bars"}, el("tbody", {}, rows.map(([name, count]) => {
    const bar = el("i", {});
    bar.style.inlineSize = `${100 * count / most}%`;
    return el("tr", {}, text("th", name, {scope: "row"}), el("td", {}, String(count)), el("td", {class: "bar", "aria-hidden": "true"}, bar));
  })));
}
