// The rubric beside the item: task, typical cases of each label, criteria, examples.

import {cap, el, plural, text} from "./elements.js";

let open = false;
let button = null;

export const guideIsOpen = () => open;

export function toggleGuide(wanted = !open) {
  open = wanted;
  document.body.classList.toggle("guided", open);
  button?.setAttribute("aria-expanded", String(open));
}

/** What is asked, and the button that unfolds the rest. */
export function question(rubric) {
  const more = rubric.criteria.length || rubric.examples.length || rubric.labels.some(label => label.anchors.length);
  button = more
    ? el("button", {type: "button", id: "toggle-guide", class: "quiet", "aria-expanded": String(open), onclick: () => toggleGuide()},
      "Task, cases and criteria ", cap("G"))
    : null;
  return el("div", {class: "question"}, text("p", rubric.description), button);
}

/** Typical cases that earn a label, shown while the guide is open. */
export function anchorsOf(label) {
  return label.anchors.length
    ? el("ul", {class: "anchors guide", dir: "auto"}, label.anchors.map(anchor => text("li", anchor)))
    : null;
}

/** What a reviewer reads before the first item; `begin` opens it. */
export function introduction(session, begin) {
  const {rubric, items} = session;
  return el("section", {class: "intro"},
    text("p", rubric.task, {class: "kicker"}), el("h1", {id: "place", tabindex: "-1"}, "Before you begin"),
    text("p", rubric.description, {class: "lead"}),
    el("h2", {}, rubric.scale === "ordinal" ? "The labels, from low to high" : "The labels"),
    el("dl", {class: "meanings"}, rubric.labels.map(label => el("div", {},
      text("dt", label.name), el("dd", {}, text("span", label.definition), anchorsOf(label))))),
    criteriaAndExamples(rubric),
    el("div", {class: "begin"},
      el("button", {type: "button", class: "main", id: "begin", onclick: begin}, `Begin with ${plural(items.length, "item")} `, cap("⏎")),
      el("p", {}, "Where experts see it differently, both answers count: give your own. Nobody here sees the others'.")));
}

/** Criteria and worked examples, shown while the guide is open. */
export function criteriaAndExamples(rubric) {
  if (!rubric.criteria.length && !rubric.examples.length) return null;
  return el("section", {class: "guide", "aria-label": "Criteria and examples"},
    rubric.criteria.length ? el("h3", {}, "Criteria") : null,
    rubric.criteria.map(criterion => el("div", {class: "criterion"},
      el("p", {}, text("b", criterion.name), " ", text("span", criterion.description)),
      anchorTable(criterion, rubric.labels))),
    rubric.examples.length ? el("h3", {}, "Examples") : null,
    rubric.examples.map(example => el("div", {class: "example"},
      Object.values(example.content).map(value => text("p", value, {class: "prose"})),
      el("p", {}, "→ ", text("b", example.label), example.rationale ? [": ", text("span", example.rationale)] : null))));
}

function anchorTable(criterion, labels) {
  const rows = labels.filter(label => Object.hasOwn(criterion.anchors, label.name));
  if (!rows.length) return null;
  return el("dl", {class: "pairs"},
    rows.map(label => el("div", {}, text("dt", label.name), text("dd", criterion.anchors[label.name]))));
}
