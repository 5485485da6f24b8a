// One item, opened.
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
  const parts = data.judges.map((name, judge) => [name, share(judgeMass(i, judge), label)]);
  const rows = parts.filter(([, part]) => part > 0).map(([name, part]) => element(
    "li", "", element("span", "", name), element("span", "x-track", bar("j", part)),
    element("span", "x-part", percent(part)),
  ));
  return rows.length ? element("ul", "x-judges", ...rows) : null;
};
const told = (who, kind, part, votes) =>
  Number.isNaN(part) ? null : element("p", "x-bar", `${who} `, element("em", "", percent(part)), votes, bar(kind, part));
const labelOf = (i) => (label) => {
  const human = share(column("human")[i], label);
  const panel = share(column("panel")[i], label);
  const reviewers = column("reviewers")[i];
  const votes = column("counted")[i] && reviewers < MOST_EXACT ? ` · ${Math.round((human * reviewers) / 1000)} of ${reviewers}` : "";
  const people = (column("people")[i] || [[]])[0].filter((reason) => reason[1] === label);
  const judges = said(i)[0].filter((reason) => reason[1] === label);
  return element(
    "section", "x-label", element("h4", "", data.answers[label]),
    element("div", "", told("Reviewers", "h", human, votes), ...reasonsOf(people, data.people, "people")),
    element(
      "div", "", told("Panel", "q", panel, ""), judgesOn(i, label), ...reasonsOf(judges, data.judges, "judges"),
    ),
  );
};
const labelsOf = (i) => {
  const reasons = [...(column("people")[i] || [[]])[0], ...said(i)[0]].map((reason) => reason[1]);
  const masses = [column("human")[i], column("panel")[i], ...(column("judges")[i] || [])];
  const given = masses.flatMap((mass) => entries(mass).map(([label]) => label));
  const known = new Set([...reasons.filter((label) => label >= 0), ...given]);
  const order = data.labels.length > MOST_BARS ? ranked(i) : data.labels.map((_, label) => label);
  const others = [...known].filter((label) => label >= data.labels.length);
  const shownLabels = [...order.filter((label) => known.has(label)), ...others];
  const without = order.filter((label) => !known.has(label)).map((label) => data.labels[label]);
  return [...shownLabels.map(labelOf(i)), without.length ? element("p", "note", aboutOthers(i, without)) : null];
};
const aboutOthers = (i, labels) => {
  const left = [["reviewers", column("human")[i]], ["panel", column("panel")[i]]]
    .filter(([, mass]) => unlisted(mass)).map(([who, mass]) => `${percent(unlisted(mass))} of the ${who}`);
  const many = labels.length > MOST_BARS;
  if (left.length) return `${labels.length} more labels are not shown. Shares that are not listed: ${left.join(", ")}.`;
  const nobody = column("reviewers")[i] < MOST_EXACT;
  if (many) return `${labels.length} labels that ${nobody ? "nobody" : "hardly anybody"} chose are not shown.`;
  return `${nobody ? "Nobody" : "Hardly anybody"} chose: ${labels.join(", ")}.`;
};
const unusable = (i) => {
  const failed = failures(i);
  if (!failed.length) return null;
  const texts = said(i)[0].filter((reason) => reason[1] < 0);
  const lines = failed.map(([judge, outcome, times]) => {
    const what = ` ${plain(data.outcomes[outcome])}${times > 1 ? ` ×${times}` : ""}`;
    return element("li", "", element("b", "", data.judges[judge]), what);
  });
  return element(
    "section", "x-failed", element("h4", "", "Votes without an answer"), element("ul", "", ...lines),
    ...texts.map(reasonOf(data.judges, "judges")),
  );
};
const pair = ([name, value]) => element("div", "", element("dt", "", name), element("dd", "", value));
const pairs = (rows) => element("dl", "x-facts", ...rows.filter((row) => row).map(pair));
const factsOf = (i) => {
  const chances = column("chances")[i];
  const reported = column("reported")[i];
  const adjudicated = column("adjudicated")[i];
  const unsure = column("unsure")[i];
  const likely = CHANCES.map((name, at) => [name, chances ? chances[at] : 0])
    .filter(([, part]) => part > 0).sort((a, b) => b[1] - a[1]).map(([name, part]) => `${name} ${percent(part)}`);
  const reason = adjudicated && [adjudicated[0] || "not collapsed to one label", adjudicated[1]].filter(Boolean);
  return pairs([
    ["cross-entropy", `${decimal(SORTS.ce[2][i])} bits`],
    ["KL divergence (plug-in)", `${decimal(kl[i])} bits`],
    ["entropy of the reviewers", `${decimal(humanEntropy[i])} bits`],
    ["entropy of the panel", `${decimal(panelEntropy[i])} bits`],
    ["class", classes[i]],
    likely.length && ["class that many reviewers would give, by the model", likely.join(", ")],
    reported && ["class in the label file", reported],
    reason && ["adjudicated", reason.join(": ")],
    unsure != null && ["the panel's certainty", `among the surest ${percent(unsure[1])} of the items`],
    data.policy && ["the policy", column("decided")[i] === 1 ? "lets the panel decide" : "hands it to people"],
  ]);
};
const diagnosisOf = (i) => {
  const name = column("diagnosis")[i];
  if (!name) return null;
  const [meaning, advice] = data.diagnoses[name] || ["", ""];
  const sentences = [meaning, advice].filter(Boolean).map((sentence) => ` ${sentence}`);
  return element("p", "x-diagnosis", element("b", "", `${capital(plain(name))}.`), ...sentences);
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
    code.textContent = text;
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
  const fields = content.map(([field, text]) => pair([data.fields[field], text]));
  const notShown = (column("people")[i] || [[], 0])[1] + said(i)[1];
  const body = element(
    "div", "x-body", content.length ? element("dl", "x-content", ...fields) : null, diagnosisOf(i),
    ...labelsOf(i),
    notShown ? element("p", "note", `${grouped(notShown)} more reasons are in the run's files.`) : null,
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
