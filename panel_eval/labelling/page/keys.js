// The keyboard: every step of labelling has a key, and fields in which people write keep theirs.

import {byId, el} from "./elements.js";

const COMMANDS = {
  j: "next", ArrowRight: "next", k: "back", ArrowLeft: "back", s: "skip", c: "confidence", e: "evidence", r: "criterion",
  g: "guide", o: "overview", "?": "help", Enter: "save",
};
const LETTERS = [..."123456789abdfhilmnpqtuvwxyz"];
const DIGITS_TOGETHER_MS = 1200;

/** The key of a label by its place; undefined beyond the 27th. */
export const letterOf = place => LETTERS[place];

const WORDS = [
  ["1 – 9, then letters", "choose a label"],
  ["Enter", "save and go on; in the evidence too (Shift+Enter begins a line)"],
  ["C, then 0 – 9", "how sure: 8 is 80 %, 85 is 85 %, 100 is certain; arrows step by 5"],
  ["E", "write what you saw"],
  ["R", "choose the criterion that decided, if the rubric has any"],
  ["S", "leave the item for later"],
  ["→ or J, ← or K", "next item, item before"],
  ["G", "typical cases and criteria, open or folded"],
  ["O", "all items: where you are, what is left"],
  ["Esc", "leave a field or a window"],
  ["?", "this list"],
];

let digits = "";
let digitAt = 0;

/** Listens to the whole page; `on` has a function for each command, `choose(place)` and `confident(share)`. */
export function listen(on) {
  document.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || !byId("form")) return;
    const command = commandOf(event);
    if (command === null) return;
    event.preventDefault();
    if (command === "save" && event.repeat) return; // a key held down answers one item, not the next ones
    if (typeof command === "string") on[command]?.();
    else if ("place" in command) on.choose(command.place);
    else on.confident(command.share);
  });
}

/** The command of a key press: a name, a label's place, a confidence, or null where the page leaves it alone. */
function commandOf(event) {
  const {target} = event;
  const pressed = plain(event);
  if (!/^[0-9]$/.test(pressed)) digits = "";
  if (target.closest?.("textarea")) {
    if (pressed === "Enter" && !event.shiftKey && !isTouched()) return "save";
    return pressed === "Escape" ? "leave" : null;
  }
  if (pressed === "Escape") return "leave";
  if (target.closest?.("select")) return pressed === "Enter" ? "save" : null;
  if (target.closest?.("button, a, summary") && pressed === "Enter") return null;
  if (target.id === "confidence") {
    if (/^[0-9]$/.test(pressed)) return {share: typedShare(pressed)};
    if (pressed.startsWith("Arrow")) return null;
  }
  const place = LETTERS.indexOf(pressed);
  if (place >= 0) return byId(`label-${place}`) ? {place} : null;
  return COMMANDS[pressed] ?? null;
}

/**
 * The key in lower case. Where the layout has no Latin letters, the letter that stands there on others; where digits
 * need Shift (French, Czech) or are others (Arabic), the digit of that key.
 */
function plain({key, code, shiftKey}) {
  if (/^Key[A-Z]$/.test(code) && /^\p{L}$/u.test(key) && !/^[a-z]$/i.test(key)) return code.slice(3).toLowerCase();
  if (/^Digit[0-9]$/.test(code) && !shiftKey && !/^[0-9]$/.test(key)) return code.slice(5);
  return key.length === 1 ? key.toLowerCase() : key;
}

/** Keyboards on screens have one Enter, which begins a line. */
const isTouched = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

/** One digit is tenths; two within a moment are hundredths; 100 is certain. */
function typedShare(digit) {
  const now = performance.now();
  digits = now - digitAt < DIGITS_TOGETHER_MS ? digits + digit : digit;
  digitAt = now;
  if (digits === "100") return 1;
  if (digits.length > 2) digits = digit;
  return digits.length === 1 ? Number(digits) / 10 : Number(digits) / 100;
}

export function showHelp(dialog) {
  dialog.replaceChildren(el("h2", {id: "help-title"}, "Keys"),
    el("dl", {class: "keys"}, WORDS.map(([keys, words]) => el("div", {}, el("dt", {}, keys), el("dd", {}, words)))),
    el("button", {type: "button", onclick: () => dialog.close()}, "Close"));
  dialog.showModal();
}
