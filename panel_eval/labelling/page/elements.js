// Elements from names, properties and children. Text stays text: nothing here reads markup.

/** `el("p", {class: "note"}, "text", child)`; properties that begin with "on" are listeners, null ones are left out. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

/** Text from data: it keeps its line breaks, and its first strong letter tells its reading direction. */
export function text(name, value, properties = {}) {
  return el(name, {dir: "auto", ...properties}, value);
}

/** A key cap, which is for the eye only: what it does is said in words beside it. */
export function cap(key) {
  return el("kbd", {"aria-hidden": "true"}, key);
}

export const byId = id => document.getElementById(id);

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

let fading = 0;

/** A short word at the foot of the page, read out as well. */
export function say(words) {
  const said = byId("said");
  said.textContent = words;
  said.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => said.classList.remove("shown"), 4000);
}
