// The keyboard.
const EDITABLE = "input, select, textarea, [contenteditable]";
const editing = (target) => target instanceof Element && target.matches(EDITABLE);
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
const search = () => {
  control.text.focus();
  control.text.select();
};
const singleKeys = { j: () => move(1), k: () => move(-1), "/": search, "?": () => byId("x-keys").showModal() };
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
