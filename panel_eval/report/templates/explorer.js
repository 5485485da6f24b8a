"use strict";
// The item explorer. Texts come from data files and models: they reach the page as textContent only.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const CHUNK = 50;
  const MOST_BARS = 12;
  const PREVIEW = 160;
  const byId = (id) => document.getElementById(id);
  const root = byId("explorer");
  const list = byId("x-list");
  const more = byId("x-more");
  const told = byId("x-count");
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
  const CLASS_ORDER = ["agreement", "minor", "major", "unresolved", "insufficient"];
  const CHANCES = CLASS_ORDER.slice(0, 4);

  const element = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  };
  const decimal = (value, digits = 2) =>
    Number.isNaN(value) ? "–" : Number.isFinite(value) ? value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−")
      : value > 0 ? "∞" : "−∞";
  const percent = (thousandths) => `${(thousandths / 10).toFixed(thousandths % 10 ? 1 : 0)}%`;
  const grouped = (value) => value.toLocaleString("en-US");
  const plain = (name) => name.replaceAll("_", " ");
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const folded = (text) => text.normalize("NFKC").toLowerCase();

  // A distribution is null, a label's position (all of the mass), or positions and thousandths by turns.
  const share = (mass, label) => {
    if (mass === null || mass === undefined) return NaN;
    if (typeof mass === "number") return mass === label ? 1000 : 0;
    for (let at = 0; at < mass.length; at += 2) if (mass[at] === label) return mass[at + 1];
    return 0;
  };
  const entries = (mass) => {
    if (mass === null || mass === undefined) return [];
    if (typeof mass === "number") return [[mass, 1000]];
    return Array.from({ length: mass.length / 2 }, (_, at) => [mass[2 * at], mass[2 * at + 1]]);
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

  // ---- what is chosen -------------------------------------------------------------------------------------------
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

  // ---- rows -----------------------------------------------------------------------------------------------------
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
    const mass = (label) => Math.max(share(column("human")[i], label), share(column("panel")[i], label) || 0);
    return data.labels.map((_, label) => label).sort((a, b) => mass(b) - mass(a) || a - b);
  };
  const preview = (i) => (column("content")[i] || []).map((field) => field[1].slice(0, PREVIEW)).join(" · ").slice(0, PREVIEW);
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
    const numbersOf = chosen.length === total ? `All ${grouped(total)} items shown here` : `${grouped(chosen.length)} of ${grouped(total)} items`;
    told.textContent = chosen.length ? `${numbersOf}, by ${SORTS[control.sort.value][1]}.` : "No item fits. Clear the filters to see all.";
  };
  const update = () => {
    choose();
    shown = 0;
    openItem = null;
    list.replaceChildren();
    render(CHUNK);
    tell();
    const down = control.sort.value === "id" || control.sort.value === "row" ? ["A to Z", "Z to A"] : ["smallest first", "largest first"];
    const order = control.sort.value === "row" ? ["first to last", "last to first"] : down;
    byId("x-direction").textContent = order[ascending ? 0 : 1];
    writeHash();
  };

  // ---- one item, opened -----------------------------------------------------------------------------------------
  const bar = (name, thousandths) => {
    if (!thousandths) return null;
    const drawn = element("i", name);
    drawn.style.width = `${thousandths / 10}%`;
    drawn.setAttribute("aria-hidden", "true");
    return drawn;
  };
  const reasonOf = (names, kind) => (reason) => {
    const [who, , text, extra] = reason;
    const about = extra === undefined ? "" : kind === "people" ? ` (sure to ${decimal(extra)})` : ` (${extra} times)`;
    return element("p", "x-reason", element("b", "", names[who] + about), ` ${text}`);
  };
  const reasonsOf = (reasons, names, kind) => {
    const silent = reasons.filter((reason) => !reason[2]).map((reason) => names[reason[0]]);
    const spoken = reasons.filter((reason) => reason[2]).map(reasonOf(names, kind));
    return [silent.length ? element("p", "x-silent", silent.join(", ")) : null, ...spoken];
  };
  const judgesOn = (i, label) => {
    const of = data.judges.map((name, judge) => [name, share(judgeMass(i, judge), label)]).filter((one) => one[1] > 0);
    if (!of.length) return null;
    const rows = of.map(([name, part]) => element("li", "", element("span", "", name), element("span", "x-track", bar("j", part)), element("span", "x-part", percent(part))));
    return element("ul", "x-judges", ...rows);
  };
  const labelOf = (i) => (label) => {
    const human = share(column("human")[i], label);
    const panel = share(column("panel")[i], label);
    const reviewers = column("reviewers")[i];
    const votes = column("counted")[i] ? ` · ${Math.round((human * reviewers) / 1000)} of ${reviewers}` : "";
    const people = (column("people")[i] || [[]])[0].filter((reason) => reason[1] === label);
    const judges = said(i)[0].filter((reason) => reason[1] === label);
    return element(
      "section", "x-label", element("h4", "", data.answers[label]),
      element("div", "", Number.isNaN(human) ? "" : element("p", "x-bar", "Reviewers ", element("em", "", percent(human)), votes, bar("h", human)), ...reasonsOf(people, data.people, "people")),
      element("div", "", Number.isNaN(panel) ? "" : element("p", "x-bar", "Panel ", element("em", "", percent(panel)), bar("q", panel)), judgesOn(i, label), ...reasonsOf(judges, data.judges, "judges")),
    );
  };
  const labelsOf = (i) => {
    const reasons = [...(column("people")[i] || [[]])[0], ...said(i)[0]].map((reason) => reason[1]);
    const masses = [column("human")[i], column("panel")[i], ...(column("judges")[i] || [])];
    const known = new Set([...reasons.filter((label) => label >= 0), ...masses.flatMap((mass) => entries(mass).map((entry) => entry[0]))]);
    const order = data.labels.length > MOST_BARS ? ranked(i) : data.labels.map((_, label) => label);
    const told = [...order, ...[...known].filter((label) => label >= data.labels.length)].filter((label) => known.has(label));
    const without = order.filter((label) => !known.has(label)).map((label) => data.labels[label]);
    const rest = without.length > MOST_BARS ? `${without.length} labels that nobody chose are not shown.` : `Nobody chose: ${without.join(", ")}.`;
    return [...told.map(labelOf(i)), without.length ? element("p", "note", rest) : null];
  };
  const unusable = (i) => {
    const failed = failures(i);
    if (!failed.length) return null;
    const texts = said(i)[0].filter((reason) => reason[1] < 0);
    const lines = failed.map(([judge, outcome, times]) => element("li", "", element("b", "", data.judges[judge]), ` ${plain(data.outcomes[outcome])}${times > 1 ? ` ×${times}` : ""}`));
    return element("section", "x-failed", element("h4", "", "Votes without an answer"), element("ul", "", ...lines), ...texts.map(reasonOf(data.judges, "judges")));
  };
  const pairs = (rows) =>
    element("dl", "x-facts", ...rows.filter((row) => row).map(([name, value]) => element("div", "", element("dt", "", name), element("dd", "", value))));
  const factsOf = (i) => {
    const chances = column("chances")[i];
    const reported = column("reported")[i];
    const adjudicated = column("adjudicated")[i];
    const unsure = column("unsure")[i];
    const likely = chances && CHANCES.map((name, at) => [name, chances[at]]).filter((one) => one[1] > 0).sort((a, b) => b[1] - a[1]);
    return pairs([
      ["cross-entropy", `${decimal(SORTS.ce[2][i])} bits`],
      ["KL divergence (plug-in)", `${decimal(kl[i])} bits`],
      ["entropy of the reviewers", `${decimal(humanEntropy[i])} bits`],
      ["entropy of the panel", `${decimal(panelEntropy[i])} bits`],
      ["class", classes[i]],
      likely && ["class that many reviewers would give, by the model", likely.map(([name, part]) => `${name} ${percent(part)}`).join(", ")],
      reported && ["class in the label file", reported],
      adjudicated && ["adjudicated", [adjudicated[0] || "not collapsed to one label", adjudicated[1]].filter(Boolean).join(": ")],
      unsure != null && ["the panel's certainty", `among the surest ${percent(unsure[1])} of the items`],
      data.policy && ["the policy", column("decided")[i] === 1 ? "lets the panel decide" : "hands it to people"],
    ]);
  };
  const diagnosisOf = (i) => {
    const name = column("diagnosis")[i];
    if (!name) return null;
    const [meaning, advice] = data.diagnoses[name] || ["", ""];
    return element("p", "x-diagnosis", element("b", "", `${capital(plain(name))}.`), meaning ? ` ${meaning}` : "", advice ? ` ${advice}` : "");
  };
  const copyable = (text, label, shownAs) => {
    const code = shownAs;
    const button = element("button", "x-copy", label);
    button.type = "button";
    button.addEventListener("click", () => copy(text(), code, button, label));
    return element("p", "x-link", code, " ", button);
  };
  const copy = async (text, code, button, label) => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 2000);
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected: copy it";
    }
  };
  const permalink = (i) => `#item=${encoded(key(i))}`;
  const linksOf = (i) => {
    const link = element("a", "", "Link to this item");
    link.href = permalink(i);
    const word = column("word")[i] ?? key(i);
    const command = `panel-eval explain ${data.run || "RUN"} ${word}`;
    return [
      word ? copyable(() => command, "Copy command", element("code", "", command)) : null,
      copyable(() => location.href.split("#")[0] + permalink(i), "Copy link", link),
    ];
  };
  const bodyOf = (i) => {
    const content = column("content")[i] || [];
    const fields = content.map(([field, text]) => element("div", "", element("dt", "", data.fields[field]), element("dd", "", text)));
    const notShown = (column("people")[i] || [[], 0])[1] + said(i)[1];
    const body = element(
      "div", "x-body", content.length ? element("dl", "x-content", ...fields) : null, diagnosisOf(i),
      ...labelsOf(i), notShown ? element("p", "note", `${grouped(notShown)} more reasons are in the run's files.`) : null,
      unusable(i), factsOf(i), ...linksOf(i),
    );
    body.id = `x-body-${i}`;
    return body;
  };
  const head = (i) => byId(`x-head-${i}`);
  const toggle = (i, open = !byId(`x-body-${i}`)) => {
    const button = head(i);
    const body = byId(`x-body-${i}`);
    if (open && !body) button.closest("li").append(bodyOf(i));
    if (!open && body) body.remove();
    button.setAttribute("aria-expanded", String(open));
    if (open) button.setAttribute("aria-controls", `x-body-${i}`);
    else button.removeAttribute("aria-controls");
    openItem = open ? i : openItem === i ? null : openItem;
    writeHash();
  };

  // ---- the address ----------------------------------------------------------------------------------------------
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
      told.textContent = "The item of this link is not on this page; items.parquet holds all items of the run.";
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

  // ---- keys -----------------------------------------------------------------------------------------------------
  const editing = (target) => target instanceof Element && target.matches("input, select, textarea, [contenteditable]");
  const current = () => {
    const row = document.activeElement && document.activeElement.closest("#x-list .x-item");
    return row ? chosen.indexOf(Number(row.dataset.item)) : -1;
  };
  const move = (step) => {
    const to = Math.min(Math.max(current() + step, 0), chosen.length - 1);
    if (to < 0) return;
    if (to >= shown) render(to + CHUNK);
    head(chosen[to]).focus();
  };
  const escape = (event) => {
    if (event.target === control.text && !control.text.value) {
      move(1);
      return;
    }
    const at = editing(event.target) ? -1 : current();
    if (at < 0 || !byId(`x-body-${chosen[at]}`)) return;
    toggle(chosen[at], false);
    head(chosen[at]).focus();
  };
  const singleKeys = { "j": () => move(1), "k": () => move(-1), "/": () => { control.text.focus(); control.text.select(); }, "?": () => byId("x-keys").showModal() };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || byId("x-keys").open) return;
    if (event.key === "Escape") {
      escape(event);
      return;
    }
    if (editing(event.target)) return;
    const onHead = event.target instanceof Element && event.target.classList.contains("x-head");
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const act = arrow && onHead ? () => move(arrow) : byId("x-single").checked ? singleKeys[event.key] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  });

  // ---- beginning ------------------------------------------------------------------------------------------------
  const fill = (select, options) => {
    select.replaceChildren(...options.map(([value, text]) => {
      const option = element("option", "", text);
      option.value = value;
      return option;
    }));
  };
  const counted = (names) => {
    const counts = new Map();
    for (const name of names) if (name) counts.set(name, (counts.get(name) || 0) + 1);
    return counts;
  };
  const fillAll = () => {
    const inClasses = counted(classes);
    const byClass = [...inClasses.keys()].sort((a, b) => CLASS_ORDER.indexOf(a) - CLASS_ORDER.indexOf(b));
    fill(control.class, [["", "all classes"], ...byClass.map((name) => [name, `${name} (${grouped(inClasses.get(name))})`])]);
    fill(control.who, [["", "the panel"], ...data.judges.map((name, judge) => [String(judge), name])]);
    const outcomes = counted(ids.flatMap((_, i) => [...new Set(failures(i).map((one) => data.outcomes[one[1]]))]));
    fill(control.answer, [
      ["", "any"], ["differs", "top label differs from the reviewers'"], ["agrees", "top label is the reviewers'"],
      ["unusable", "a vote without an answer"], ...[...outcomes.keys()].map((name) => [name, `… ${plain(name)}`]), ["none", "nothing usable"],
    ]);
    const policy = data.policy ? [["decide", "the policy lets the panel decide"], ["defer", "the policy hands it to people"]] : [];
    const shares = [["surest", "surest"], ["least", "least sure"]].flatMap(([value, text]) => [10, 25, 50].map((part) => [`${value}-${part}`, `${text} ${part}%`]));
    fill(control.sure, [["", "any"], ...policy, ...shares]);
    const diagnoses = counted(column("diagnosis"));
    fill(control.diagnosis, [["", "any"], ...[...diagnoses.keys()].sort().map((name) => [name, `${plain(name)} (${grouped(diagnoses.get(name))})`])]);
    byId("x-diagnosis-label").hidden = !diagnoses.size;
    fill(control.sort, Object.entries(SORTS).map(([name, one]) => [name, one[1]]));
  };
  control.text.addEventListener("input", update);
  for (const name of selects) {
    control[name].addEventListener("change", () => {
      if (name === "sort") ascending = !SORTS[control.sort.value][3];
      update();
    });
  }
  byId("x-direction").addEventListener("click", () => { ascending = !ascending; update(); });
  byId("x-clear").addEventListener("click", () => { reset(); update(); });
  byId("x-help").addEventListener("click", () => byId("x-keys").showModal());
  byId("x-close").addEventListener("click", () => byId("x-keys").close());
  more.addEventListener("click", () => {
    const first = shown;
    render(2 * shown);
    head(chosen[first]).focus();
  });
  addEventListener("hashchange", () => {
    const asked = readHash();
    if (asked) obey(asked);
  });

  fillAll();
  reset();
  root.hidden = false;
  document.documentElement.classList.add("x-on");
  const asked = readHash();
  if (asked) obey(asked);
  else update();
})();
