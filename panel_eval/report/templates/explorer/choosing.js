// Which items are shown, in which order.
const selects = ["class", "who", "answer", "sure", "diagnosis", "sort"];
const control = Object.fromEntries(["text", ...selects].map((name) => [name, byId(`x-${name}`)]));
let ascending = false;
let chosen = [];
let shown = 0;
let openItem = null;

let haystacks = null;
const haystack = (i) => {
  const words = [ids[i], key(i), ...(column("content")[i] || []).map((field) => field[1])];
  for (const reason of (column("people")[i] || [[]])[0]) words.push(reason[2]);
  for (const reason of said(i)[0]) words.push(reason[2]);
  return folded(words.join("\n"));
};
const textFilter = () => {
  const words = folded(control.text.value).split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  haystacks ??= ids.map((_, i) => haystack(i));
  return (i) => words.every((word) => haystacks[i].includes(word));
};
const classFilter = () => (control.class.value ? (i) => classes[i] === control.class.value : null);
const diagnosisFilter = () =>
  control.diagnosis.value ? (i) => column("diagnosis")[i] === control.diagnosis.value : null;
const answerFilter = () => {
  const wanted = control.answer.value;
  const who = control.who.value === "" ? -1 : Number(control.who.value);
  const mass = (i) => (who < 0 ? column("panel")[i] : judgeMass(i, who)) ?? null;
  const failed = (i) => failures(i).filter((one) => who < 0 || one[0] === who);
  const human = column("human");
  const agrees = (i) => tops(mass(i)).some((label) => tops(human[i]).includes(label));
  if (!wanted) return null;
  if (wanted === "agrees") return (i) => mass(i) !== null && agrees(i);
  if (wanted === "differs") return (i) => mass(i) !== null && !agrees(i);
  if (wanted === "none") return (i) => mass(i) === null;
  if (wanted === "unusable") return (i) => failed(i).length > 0;
  const outcome = data.outcomes.indexOf(wanted);
  return (i) => failed(i).some((one) => one[1] === outcome);
};
// Items of equal certainty are not parted: the surest 10 % may be more.
const sureFilter = () => {
  const [kind, limit] = control.sure.value.split("-");
  const unsure = column("unsure");
  if (kind === "surest") return (i) => unsure[i] != null && unsure[i][0] < 10 * limit;
  if (kind === "least") return (i) => unsure[i] != null && unsure[i][1] > 1000 - 10 * limit;
  if (kind === "decide") return (i) => column("decided")[i] === 1;
  if (kind === "defer") return (i) => column("decided")[i] !== 1;
  return null;
};
const collator = new Intl.Collator("en", { numeric: true });
const compared = (name) => {
  if (name === "id") return (a, b) => collator.compare(ids[a], ids[b]);
  if (name === "row") return (a, b) => column("row")[a] - column("row")[b];
  const values = SORTS[name][2];
  return (a, b) => (values[a] === values[b] ? 0 : values[a] - values[b]);
};
const sorted = (rows) => {
  const values = SORTS[control.sort.value][2];
  const named = ["id", "row"].includes(control.sort.value);
  const compare = compared(control.sort.value);
  const missing = (i) => !named && Number.isNaN(values[i]);
  const sign = ascending ? 1 : -1;
  return rows.sort((a, b) => {
    if (missing(a) || missing(b)) return missing(a) - missing(b) || a - b;
    return sign * compare(a, b) || a - b;
  });
};
const choose = () => {
  const filters = [classFilter(), answerFilter(), sureFilter(), diagnosisFilter(), textFilter()].filter(Boolean);
  const rows = [];
  for (let i = 0; i < total; i += 1) if (filters.every((fits) => fits(i))) rows.push(i);
  chosen = sorted(rows);
};
