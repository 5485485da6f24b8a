// The list of items.
const spark = (i) => {
  const human = column("human")[i];
  const panel = column("panel")[i];
  let labels = data.labels.map((_, label) => label);
  if (labels.length > MOST_BARS) labels = ranked(i).slice(0, MOST_BARS);
  const width = 14 * labels.length;
  const drawing = document.createElementNS(NS, "svg");
  drawing.setAttribute("viewBox", `0 0 ${width} 22`);
  drawing.setAttribute("width", width);
  drawing.setAttribute("height", 22);
  drawing.setAttribute("aria-hidden", "true");
  [["h", human, 0], ["q", panel, 6]].forEach(([name, mass, left]) => {
    const bars = document.createElementNS(NS, "path");
    const bar = (label, at) => `M${14 * at + left} 22v-${((share(mass, label) || 0) * 0.021 + 1).toFixed(1)}h5V22z`;
    bars.setAttribute("class", name);
    bars.setAttribute("d", labels.map(bar).join(""));
    drawing.append(bars);
  });
  return drawing;
};
const ranked = (i) => {
  const mass = (label) => Math.max(share(column("human")[i], label) || 0, share(column("panel")[i], label) || 0);
  return data.labels.map((_, label) => label).sort((a, b) => mass(b) - mass(a) || a - b);
};
const preview = (i) =>
  (column("content")[i] || []).map((field) => field[1].slice(0, PREVIEW)).join(" · ").slice(0, PREVIEW);
const rowOf = (i) => {
  const [short, , values] = SORTS[control.sort.value];
  const button = element(
    "button", "x-head", spark(i), element("span", "id", ids[i]), element("span", "k", classes[i]),
    element("span", "x-score", `${short} ${decimal(values[i])}`), element("span", "pre", preview(i)),
  );
  button.type = "button";
  button.id = `x-head-${i}`;
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => toggle(i));
  const row = element("li", "x-item", element("h3", "", button));
  row.dataset.item = i;
  return row;
};
const render = (upTo) => {
  const until = Math.min(upTo, chosen.length);
  const rows = document.createDocumentFragment();
  for (; shown < until; shown += 1) rows.append(rowOf(chosen[shown]));
  list.append(rows);
  const left = chosen.length - shown;
  more.hidden = left === 0;
  more.textContent = `Show ${grouped(Math.min(left, shown))} more of ${grouped(left)}`;
};
const tell = () => {
  const all = chosen.length === total;
  const many = all ? `All ${grouped(total)} items shown here` : `${grouped(chosen.length)} of ${grouped(total)} items`;
  const order = SORTS[control.sort.value][1];
  status.textContent = chosen.length ? `${many}, by ${order}.` : "No item fits. Clear the filters to see all.";
};
const update = () => {
  choose();
  shown = 0;
  openItem = null;
  list.replaceChildren();
  render(CHUNK);
  tell();
  const words = DIRECTIONS[control.sort.value] || DIRECTIONS.number;
  byId("x-direction").textContent = words[ascending ? 0 : 1];
  writeHash();
};
