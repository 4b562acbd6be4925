// Tables that the theme lets scroll sideways take the keyboard, and say what they are.
document$.subscribe(() => {
  requestAnimationFrame(() => {
    for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap")) {
      const wide = wrap.scrollWidth > wrap.clientWidth;
      wrap.toggleAttribute("tabindex", wide);
      if (!wide) continue;
      wrap.tabIndex = 0;
      wrap.setAttribute("role", "region");
      wrap.setAttribute("aria-label", "Table, scrolls sideways");
    }
  });
});

// Wide tables become cards on a phone (atelier.css): each cell then says which column it is of.
for (const table of document.querySelectorAll(".md-typeset table:is(:not([class]), .at-heat)")) {
  const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  if (heads.length < 3) continue;
  table.dataset.cards = "";
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, at) => { cell.dataset.label = heads[at]; });
  }
}
