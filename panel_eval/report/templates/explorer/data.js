// What the page holds, and reading it.
const NS = "http://www.w3.org/2000/svg";
const CHUNK = 50;
const MOST_BARS = 12;
const PREVIEW = 160;
const REST = -1;
const MOST_EXACT = 1000; // so many votes can be told from thousandths
const byId = (id) => document.getElementById(id);
const root = byId("explorer");
const list = byId("x-list");
const more = byId("x-more");
const status = byId("x-count");
const data = JSON.parse(byId("x-data").textContent);
const total = data.columns.id.length;
const column = (name) => data.columns[name] || [];
const numbers = (name) =>
  Float64Array.from({ length: total }, (_, i) => (column(name)[i] == null ? NaN : Number(column(name)[i])));
const ids = column("id");
const key = (i) => column("key")[i] ?? ids[i];
const classes = column("class");
const kl = numbers("kl");
const humanEntropy = numbers("human_entropy");
const panelEntropy = numbers("panel_entropy");
const SORTS = {
  kl: ["KL", "KL divergence", kl, true],
  ce: ["CE", "cross-entropy", numbers("ce"), true],
  human: ["entropy", "reviewers' entropy", humanEntropy, true],
  panel: ["entropy", "panel's entropy", panelEntropy, true],
  difference: ["difference", "entropy, panel − reviewers", panelEntropy.map((h, i) => h - humanEntropy[i]), true],
  id: ["KL", "id", kl, false],
  row: ["KL", "order in the file", kl, false],
};
const DIRECTIONS = {
  id: ["A to Z", "Z to A"], row: ["first to last", "last to first"], number: ["smallest first", "largest first"],
};
const CLASS_ORDER = ["agreement", "minor", "major", "unresolved", "insufficient"];
const CHANCES = CLASS_ORDER.slice(0, 4);

const element = (tag, className, ...children) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
};
const decimal = (value, digits = 2) => {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
};
const percent = (thousandths) => `${(thousandths / 10).toFixed(thousandths % 10 ? 1 : 0)}%`;
const grouped = (value) => value.toLocaleString("en-US");
const plain = (name) => name.replaceAll("_", " ");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const folded = (text) => text.normalize("NFKC").toLowerCase();

// A distribution is null, a label's position (all of the mass), or positions and thousandths by turns; where not all
// labels are listed, position -1 has what the others hold together.
const share = (mass, label) => {
  if (mass === null || mass === undefined) return NaN;
  if (typeof mass === "number") return mass === label ? 1000 : 0;
  for (let at = 0; at < mass.length; at += 2) if (mass[at] === label) return mass[at + 1];
  return label !== REST && unlisted(mass) ? NaN : 0;
};
const unlisted = (mass) => share(mass, REST) || 0;
const entries = (mass) => {
  if (mass === null || mass === undefined) return [];
  if (typeof mass === "number") return [[mass, 1000]];
  const pairs = Array.from({ length: mass.length / 2 }, (_, at) => [mass[2 * at], mass[2 * at + 1]]);
  return pairs.filter(([label]) => label !== REST);
};
const tops = (mass) => {
  const found = entries(mass);
  const most = Math.max(...found.map((entry) => entry[1]));
  return found.filter((entry) => entry[1] === most).map((entry) => entry[0]);
};
const said = (i) => column("said")[i] || [[], 0, []];
const failures = (i) => {
  const flat = said(i)[2];
  return Array.from({ length: flat.length / 3 }, (_, at) => flat.slice(3 * at, 3 * at + 3));
};
const judgeMass = (i, judge) => (column("judges")[i] || [])[judge];
