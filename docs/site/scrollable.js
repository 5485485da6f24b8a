// Tables and formulas that are wider than the page scroll by themselves; who has no mouse must be able to reach them.
const reach = () => {
  for (const region of document.querySelectorAll(".md-typeset__scrollwrap, .formula")) {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }
};
addEventListener("load", reach);
addEventListener("resize", reach);
