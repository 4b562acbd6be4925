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
