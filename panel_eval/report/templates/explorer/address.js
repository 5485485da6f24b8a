// Filters, order and the open item in the page's address.
const encoded = (text) => {
  try {
    return encodeURIComponent(text);
  } catch {
    return encodeURIComponent(text.toWellFormed ? text.toWellFormed() : "");
  }
};
const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
const writeHash = () => {
  const parts = [];
  if (openItem !== null) parts.push(`item=${encoded(key(openItem))}`);
  for (const name of ["text", ...selects]) {
    const standard = name === "sort" ? "kl" : "";
    if (control[name].value !== standard) parts.push(`${name}=${encoded(control[name].value)}`);
  }
  if (ascending === SORTS[control.sort.value][3]) parts.push(`order=${ascending ? "up" : "down"}`);
  if (!parts.length && !location.hash.includes("=")) return;
  try {
    history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.href.split("#")[0]);
  } catch { /* a page inside another may not: the address stays as it is */ }
};
const readHash = () => {
  const asked = Object.fromEntries(location.hash.slice(1).split("&").map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [part, null] : [part.slice(0, at), decoded(part.slice(at + 1))];
  }));
  return Object.values(asked).some((value) => value !== null) ? asked : null;
};
const reset = () => {
  for (const name of ["text", ...selects]) control[name].value = name === "sort" ? "kl" : "";
  ascending = false;
};
const obey = (asked) => {
  reset();
  for (const name of ["text", ...selects]) {
    const value = asked[name];
    const known = name === "text" || [...control[name].options].some((option) => option.value === value);
    if (value != null && known) control[name].value = value;
  }
  ascending = asked.order ? asked.order === "up" : !SORTS[control.sort.value][3];
  update();
  if (asked.item != null) openNamed(asked.item);
};
const openNamed = (name) => {
  const i = ids.findIndex((_, at) => key(at) === name || encoded(key(at)) === encoded(name));
  if (i < 0) {
    status.textContent = "The item of this link is not on this page; items.parquet holds all items of the run.";
    root.scrollIntoView();
    return;
  }
  if (!chosen.includes(i)) {
    reset();
    update();
  }
  render(chosen.indexOf(i) + CHUNK);
  toggle(i, true);
  head(i).focus({ preventScroll: true });
  head(i).scrollIntoView({ block: "start" });
};
