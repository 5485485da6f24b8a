// What is done when the page is opened.
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
  const named = (counts) => (name) => [name, `${plain(name)} (${grouped(counts.get(name))})`];
  fill(control.class, [["", "all classes"], ...byClass.map(named(inClasses))]);
  fill(control.who, [["", "the panel"], ...data.judges.map((name, judge) => [String(judge), name])]);
  const outcomes = counted(ids.flatMap((_, i) => [...new Set(failures(i).map((one) => data.outcomes[one[1]]))]));
  fill(control.answer, [
    ["", "any"], ["differs", "top label differs from the reviewers'"], ["agrees", "top label is the reviewers'"],
    ["unusable", "a vote without an answer"],
    ...[...outcomes.keys()].map((name) => [name, `… ${plain(name)}`]), ["none", "nothing usable"],
  ]);
  const deferral = [["decide", "the policy lets the panel decide"], ["defer", "the policy hands it to people"]];
  const policy = data.policy ? deferral : [];
  const ends = [["surest", "surest"], ["least", "least sure"]];
  const shares = ends.flatMap(([end, text]) => [10, 25, 50].map((part) => [`${end}-${part}`, `${text} ${part}%`]));
  fill(control.sure, [["", "any"], ...policy, ...shares]);
  const diagnoses = counted(column("diagnosis"));
  fill(control.diagnosis, [["", "any"], ...[...diagnoses.keys()].sort().map(named(diagnoses))]);
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
