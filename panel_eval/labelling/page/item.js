// One item and the form for its label. The form's state is kept as a draft at each change, and lives nowhere else.

import {byId, cap, el, plural, text} from "./elements.js";
import {anchorsOf, criteriaAndExamples, question} from "./guide.js";
import {letterOf} from "./keys.js";

const STEP = 5;

export class ItemForm {
  /** `actions`: save, skip, back, next, withdraw, changed (called with the form's state). */
  constructor(session, actions) {
    Object.assign(this, {session, actions});
  }

  show(main, state) {
    this.state = state;
    const {rubric} = this.session;
    main.replaceChildren(el("div", {class: "sheet"},
      el("article", {"aria-labelledby": "place"}, question(rubric), this.heading(), this.fields(), criteriaAndExamples(rubric)),
      el("form", {id: "form", "aria-label": "Your label", onsubmit: event => { event.preventDefault(); this.actions.save(); }},
        this.labels(), this.confidence(), this.criterion(), this.evidence(), this.buttons())));
    this.showConfidence();
    document.title = `Item ${this.session.position + 1} · ${rubric.task}`;
  }

  heading() {
    const {position, items, item} = this.session;
    return el("div", {class: "heading"},
      el("h1", {id: "place", tabindex: "-1"}, `Item ${position + 1} `, el("small", {}, `of ${items.length}`)),
      text("code", item.id, {class: "id", title: "The item's id"}),
      el("p", {class: "status", id: "item-status"}, this.status()),
      el("div", {class: "turn"},
        el("button", {type: "button", id: "back", class: "quiet", disabled: position === 0, onclick: this.actions.back}, "Back ", cap("←")),
        el("button", {type: "button", id: "next", class: "quiet", disabled: position === items.length - 1, onclick: this.actions.next}, "Next ", cap("→"))));
  }

  status() {
    const answer = this.session.answer();
    if ((answer?.label ?? null) !== null) return this.isChanged() ? "labelled; what you changed is not saved yet" : "labelled";
    return this.session.skipped.has(this.session.item.id) ? "left for later" : "";
  }

  fields() {
    const {fields} = this.session.item;
    return el("dl", {class: "content"}, fields.map(([name, value]) => el("div", {},
      fields.length > 1 ? text("dt", name) : el("dt", {class: "hidden"}, name), text("dd", value, {class: "prose"}))));
  }

  labels() {
    return el("fieldset", {class: "labels"}, el("legend", {}, "Your label"),
      this.session.rubric.labels.map((label, place) => {
        const input = el("input", {
          type: "radio", name: "label", id: `label-${place}`, value: place, checked: this.state.label === label.name,
          "aria-labelledby": `name-${place}`, "aria-describedby": `means-${place}`,
          onchange: () => this.set({label: label.name}),
        });
        return el("label", {class: "choice", for: `label-${place}`}, input, cap(letterOf(place) ?? ""),
          el("span", {class: "words"}, text("b", label.name, {id: `name-${place}`}),
            text("span", label.definition, {id: `means-${place}`, class: "means"}), anchorsOf(label)));
      }));
  }

  confidence() {
    const optional = this.session.requireConfidence ? null : el("small", {}, "optional ");
    this.slider = el("input", {
      type: "range", id: "confidence", min: 0, max: 100, step: STEP, value: Math.round(100 * (this.state.confidence ?? 0.5)),
      "aria-describedby": "confidence-hint",
      oninput: () => this.set({confidence: this.slider.valueAsNumber / 100}),
      onpointerup: () => this.set({confidence: this.slider.valueAsNumber / 100}), // a press on the middle is no input
    });
    this.output = el("output", {for: "confidence"});
    this.clear = el("button", {type: "button", class: "plain", id: "clear-confidence", onclick: () => this.setConfidence(null)}, "clear");
    return el("div", {class: "field"},
      el("div", {class: "row"}, el("label", {for: "confidence"}, "How sure are you? ", optional, cap("C")), this.output, this.clear),
      this.slider,
      el("p", {class: "ends", id: "confidence-hint"}, el("span", {}, "a guess"), el("span", {}, "certain")));
  }

  criterion() {
    const {criteria} = this.session.rubric;
    if (!criteria.length) return null;
    const option = (value, words) => el("option", {value, selected: (this.state.criterion ?? "") === value}, words);
    return el("div", {class: "field inline"},
      el("label", {for: "criterion"}, "What decided? ", el("small", {}, "optional "), cap("R")),
      el("select", {id: "criterion", onchange: event => this.set({criterion: event.target.value || null})},
        option("", "–"), criteria.map(one => option(one.name, one.name))));
  }

  evidence() {
    const box = el("textarea", {
      id: "evidence", rows: 2, dir: "auto", maxlength: 20_000, spellcheck: "true", "aria-describedby": "evidence-hint",
      oninput: () => { this.set({evidence: box.value || null}); fit(box); },
    });
    box.value = this.state.evidence ?? "";
    requestAnimationFrame(() => fit(box));
    return el("div", {class: "field"},
      el("label", {for: "evidence"}, "What did you see? ", el("small", {}, "optional "), cap("E")), box,
      el("p", {class: "hint", id: "evidence-hint"}, "Kept as you type. Enter saves, Shift+Enter begins a line."));
  }

  buttons() {
    const hasLabel = this.session.isLabelled(this.session.item.id);
    return el("div", {class: "buttons"},
      el("p", {id: "problem", role: "alert"}),
      el("button", {type: "submit", id: "save", class: "main"}, "Save and next ", cap("⏎")),
      el("button", {type: "button", id: "skip", onclick: this.actions.skip}, "Later ", cap("S")),
      hasLabel ? el("button", {type: "button", id: "withdraw", class: "plain", onclick: this.actions.withdraw}, "withdraw my label") : null);
  }

  set(change) {
    Object.assign(this.state, change);
    byId("problem").textContent = "";
    this.showConfidence();
    this.actions.changed(this.state);
    byId("item-status").textContent = this.status();
  }

  setConfidence(value) {
    if (value !== null) this.slider.valueAsNumber = Math.round(100 * value);
    this.set({confidence: value === null ? null : this.slider.valueAsNumber / 100});
  }

  choose(place) {
    const input = byId(`label-${place}`);
    if (!input) return;
    input.checked = true;
    input.focus({preventScroll: true});
    input.closest(".choice").scrollIntoView({block: "nearest"});
    this.set({label: this.session.rubric.labels[place].name});
  }

  showConfidence() {
    const {confidence} = this.state;
    const words = confidence === null ? "not given" : `${Math.round(100 * confidence)} %`;
    this.output.textContent = words;
    this.slider.classList.toggle("unset", confidence === null);
    this.slider.setAttribute("aria-valuetext", words);
    this.clear.hidden = confidence === null;
  }

  /** Whether the form says something else than the saved answer. */
  isChanged() {
    const saved = this.session.answer() ?? {label: null, confidence: null, evidence: null, criterion: null};
    const given = this.state;
    return ["label", "confidence", "criterion"].some(name => (saved[name] ?? null) !== (given[name] ?? null))
      || (saved.evidence ?? "") !== (given.evidence ?? "").trim();
  }

  complain(words) {
    byId("problem").textContent = words;
  }
}

/** The box grows with its text. */
function fit(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 320)}px`;
}

export const timeInWords = seconds => seconds < 90 ? plural(Math.round(seconds), "second") : plural(Math.round(seconds / 60), "minute");
