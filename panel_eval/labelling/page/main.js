// The page: who labels, the item in turn, and what becomes of each answer.

import {Clock} from "./clock.js";
import {byId, el, plural, say, text} from "./elements.js";
import {introduction, toggleGuide} from "./guide.js";
import {ItemForm} from "./item.js";
import {Keeping} from "./keeping.js";
import {listen, showHelp} from "./keys.js";
import {showDone, showOverview} from "./overview.js";
import {Refused, Sender, ask, key} from "./sending.js";
import {Session} from "./session.js";

const CATCH_UP_MS = 10_000;
const REFUSED = "panel-eval/refused";
const WHO = "panel-eval/reviewer/"; // in this window only: two windows may have two reviewers

const main = byId("main");
let session, keeping, sender, form, isOwnLink;
const clock = new Clock();

// Who labels

async function arrive() {
  try {
    const who = await ask("who", {});
    isOwnLink = who.own !== null;
    const earlier = sessionStorage.getItem(WHO + key());
    if (isOwnLink) await begin(who.own);
    else if (earlier) await begin(earlier).catch(() => askName(who));
    else askName(who);
  } catch (error) {
    if (error instanceof Refused) turnAway(error);
    else {
      banner("The server does not answer. This page tries again by itself.");
      setTimeout(arrive, 2000);
    }
  }
}

function turnAway(error) {
  banner("");
  main.replaceChildren(el("section", {class: "door"}, el("h1", {}, "This link does not open the door"),
    el("p", {}, error.status === 401
      ? "It is not complete, or new links were made since. Ask whoever sent it for the one that counts now. Answers that this browser still keeps are sent when that one is opened here."
      : error.message)));
}

function askName({task, items, reviewers}) {
  banner("");
  byId("bar").hidden = true;
  const problem = el("p", {id: "problem", role: "alert"});
  const enter = async name => {
    try {
      await begin(name);
    } catch (error) {
      problem.textContent = error instanceof Refused ? error.message : "The server does not answer; try again.";
    }
  };
  const input = el("input", {id: "name", name: "name", maxlength: 80, autocomplete: "off", dir: "auto", required: true});
  main.replaceChildren(el("section", {class: "door"},
    text("p", task, {class: "kicker"}), el("h1", {}, "Who labels?"),
    el("p", {}, `${plural(items, "item")} to label. Other reviewers do not see your answers, and you do not see theirs.`),
    reviewers.length
      ? el("ul", {class: "names"}, reviewers.map(name => el("li", {}, text("button", name, {type: "button", onclick: () => enter(name)}))))
      : el("form", {id: "name-form", onsubmit: event => { event.preventDefault(); enter(input.value); }},
        el("label", {for: "name"}, "Your name or code"), el("div", {class: "row"}, input, el("button", {class: "main"}, "Begin")),
        el("p", {class: "hint"}, "Use the same one each time: it brings you back to where you were.")),
    problem));
  (reviewers.length ? main.querySelector("button") : input).focus();
}

async function begin(name) {
  const begun = await ask("begin", {reviewer: name});
  keeping = new Keeping(begun.study, begun.reviewer);
  session = new Session(begun, keeping);
  sessionStorage.setItem(WHO + key(), session.reviewer);
  sender = new Sender(keeping, {onSaved, onRefused, onState});
  form = new ItemForm(session, {save, skip, withdraw, back: () => turn(-1), next: () => turn(1), changed: keepDraft});
  banner(sessionStorage.getItem(REFUSED) ?? "");
  sessionStorage.removeItem(REFUSED);
  byId("bar").hidden = false;
  byId("task").textContent = session.rubric.task;
  const who = byId("who");
  who.textContent = session.reviewer;
  who.hidden = false;
  who.disabled = isOwnLink;
  who.title = isOwnLink ? "You" : "Not you? Choose another name";
  sender.flush();
  if (session.isDone) go(null);
  else if (session.labelled || session.skipped.size) go(session.position);
  else introduce();
}

/** Before the first item: what the labels mean. */
function introduce() {
  showProgress();
  showState();
  main.replaceChildren(introduction(session, () => go(session.position)));
  byId("begin").focus({preventScroll: true});
}

// Where the reviewer is

/** Show the item at a position, or the end. */
function go(position) {
  showProgress();
  if (position === null) {
    showDone(main, session, go);
    showState();
  } else {
    session.position = position;
    const draft = keeping.draft(session.item.id);
    const kept = draft ?? session.answer() ?? {};
    const {label = null, confidence = null, evidence = null, criterion = null} = kept;
    clock.start(Math.max(draft?.seconds ?? 0, session.answer()?.seconds ?? 0));
    form.show(main, {label, confidence, evidence, criterion});
  }
  scrollTo(0, 0);
  byId("place").focus({preventScroll: true});
}

const isAtItem = () => byId("form") !== null;

function turn(step) {
  const position = session.position + step;
  if (!isAtItem() || position < 0 || position >= session.items.length) return;
  keepTime();
  go(position);
}

function skip() {
  const {id} = session.item;
  if (!session.isLabelled(id)) session.skip(id);
  keepTime();
  const next = session.nextOpen();
  if (next === null) return go(null);
  say(next === session.position ? "This is the only item left." : "Left for later.");
  go(next);
}

function showProgress() {
  const {labelled, items} = session;
  byId("done-count").textContent = `${labelled} of ${items.length} labelled`;
  byId("fill").style.inlineSize = `${100 * labelled / items.length}%`;
  const track = byId("track");
  track.setAttribute("aria-valuenow", labelled);
  track.setAttribute("aria-valuemax", items.length);
}

// Answers

function keepDraft(state) {
  if (form.isChanged()) keeping.keepDraft(session.item.id, {...state, seconds: clock.seconds});
  else keeping.dropDraft(session.item.id);
}

/** An item that is left without an answer keeps the time spent on it. */
function keepTime() {
  if (!session.isLabelled(session.item.id)) keeping.keepDraft(session.item.id, {...form.state, seconds: clock.seconds});
}

function save() {
  const {label, confidence} = form.state;
  if (label === null) return form.complain("Choose a label first, or leave the item for later.");
  if (confidence === null && session.requireConfidence) {
    byId("confidence").focus();
    return form.complain("Say how sure you are: a digit, or the arrows.");
  }
  if (form.isChanged()) send(form.state);
  else session.leaveSkipped(session.item.id);
  go(session.nextOpen());
}

function withdraw() {
  send({label: null, confidence: null, evidence: null, criterion: null});
  say("Your label is withdrawn.");
  go(session.position);
}

function send(state) {
  const {id} = session.item;
  const answer = {
    reviewer: session.reviewer, item_id: id, edition: session.item.edition, label: state.label, confidence: state.confidence,
    evidence: (state.evidence ?? "").trim() || null, criterion: state.criterion, seconds: clock.seconds,
    seen: session.answer()?.version ?? 0, save_id: makeId(),
  };
  session.take(answer);
  keeping.dropDraft(id);
  sender.add(answer);
}

function makeId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

function onSaved(answer, {version, overtook}) {
  const own = session.answer(answer.item_id);
  if (own?.saveId === answer.save_id) own.version = version;
  if (overtook) say("You had answered this item in another window too. Your last answer counts.");
}

/** The server will never take this answer: it becomes a draft again, and is asked about anew. */
function onRefused(answer, message) {
  const {label, confidence, evidence, criterion, seconds, item_id: id} = answer;
  keeping.keepDraft(id, {label, confidence, evidence, criterion, seconds});
  sessionStorage.setItem(REFUSED, `An answer was not taken: ${message}. It is kept as a draft.`);
  isOutdated = true; // page and server differ in what is labelled, or in what was said
}

// What became of them

let isOutdated = false;
let unsent = 0;
let trouble = null;

function onState(waiting, why) {
  unsent = waiting;
  trouble = why;
  showState();
  if (isOutdated && !waiting) location.reload();
}

function showState() {
  const state = byId("state");
  state.className = `state ${trouble ? "away" : unsent ? "sending" : "saved"}`;
  state.textContent = trouble ? `${plural(unsent, "answer")} not sent yet` : unsent ? "Saving …" : "All saved";
  document.body.dataset.unsent = unsent;
  if (trouble) banner(`${reason()} ${kept()}`);
  else if (byId("banner").dataset.of === "sending") banner("");
  if (trouble) byId("banner").dataset.of = "sending";
  const closing = byId("closing");
  if (closing) closing.textContent = unsent
    ? "Not all of it has reached the server yet. Leave this window open."
    : "Everything is saved. You can close this window. Thank you.";
}

function reason() {
  if (trouble.status === 401) return "New links were made: ask for yours, and open it in this browser.";
  return trouble.status ? `The server could not take your answers (${trouble.message}).` : "The server does not answer.";
}

function kept() {
  const count = plural(unsent, "answer");
  const isOne = unsent === 1;
  return keeping.isFrail()
    ? `${count} ${isOne ? "is" : "are"} kept in this window only: leave it open.`
    : `Go on: ${count} ${isOne ? "is" : "are"} kept in this browser, and sent as soon as it is back.`;
}

function banner(words) {
  const place = byId("banner");
  if (place.textContent !== words) place.textContent = words;
  if (!words) delete place.dataset.of;
}

/** What this reviewer did in other windows. */
async function catchUp() {
  if (!session || document.hidden) return;
  try {
    const foreign = session.merge(await ask("changes", {reviewer: session.reviewer, since: session.revision}));
    if (sender.trouble) sender.flush();
    if (!foreign.length) return;
    showProgress();
    if (isAtItem() && foreign.includes(session.item.id)) {
      if (keeping.draft(session.item.id) === null || !form.isChanged()) go(session.position);
      say("You changed this item in another window.");
    }
  } catch { /* sending tells where the server is away */ }
}

// What the page listens to

listen({
  save, skip,
  next: () => turn(1),
  back: () => turn(-1),
  choose: place => form.choose(place),
  confident: share => form.setConfidence(share),
  confidence: () => byId("confidence").focus(),
  evidence: () => byId("evidence").focus(),
  criterion: () => byId("criterion")?.focus(),
  leave: () => byId("place").focus({preventScroll: true}),
  guide: () => toggleGuide(),
  overview: () => showOverview(byId("overview"), session, go),
  help: () => showHelp(byId("help")),
});
byId("open-overview").addEventListener("click", () => showOverview(byId("overview"), session, go));
byId("open-help").addEventListener("click", () => showHelp(byId("help")));
byId("who").addEventListener("click", () => {
  sessionStorage.removeItem(WHO + key());
  location.reload();
});
addEventListener("hashchange", () => location.reload());
addEventListener("focus", catchUp);
document.addEventListener("visibilitychange", catchUp);
setInterval(catchUp, CATCH_UP_MS);
addEventListener("beforeunload", event => { if (unsent > 0) event.preventDefault(); });
arrive();
