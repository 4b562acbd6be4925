// The room: what JupyterLab does with a notebook of Atelier. A federated extension written by hand, so that nothing has to
// be built: JupyterLab asks `init` to take its shared modules, and `get` for the plugin.
//
// A notebook with `metadata.atelier` runs when it is opened and after a kernel restart. Its code is folded away (one button
// shows it), JupyterLab's one-letter shortcuts rest meanwhile, and buttons lead to My track and to help. It is open in one tab at a
// time. Who comes for the first time gets a tour. In a code lab JupyterLab is as programmers know it.
(() => {
  const NAME = "atelier-room";
  const TRACK = "My track.ipynb";
  const CODE = "atelier-code";
  // A cookie, because the room's port may change from day to day and a cookie does not know ports.
  const TOURED = "atelier-toured=yes";
  // What the tour points at, and what it says.
  const TOUR = [
    [".atelier-track ol", "These are your labs, in order. The mark in front says how far you are with each."],
    [".atelier-start", "This button opens the next one. A lab is one page: read, answer, check, hand in."],
    [".atelier-track progress", "Everything saves by itself. Stop in the middle and come back when you like; nothing is sent before you press “Hand in”."],
    ['[data-jp-item-name="atelier-help"]', "Stuck? Help is up here, on every page."],
  ];
  const HERE = document.currentScript?.src ?? `${document.baseURI}lab/extensions/${NAME}/static/remoteEntry.js`;
  let scope = {};

  const shared = async (name) => {
    const versions = scope[name];
    return (await versions[Object.keys(versions)[0]].get())();
  };

  const announce = (panel, text) => {
    let line = panel.node.querySelector(".atelier-room-state");
    if (!line) {
      line = document.createElement("div");
      line.className = "atelier-room-state";
      line.setAttribute("role", "status");
      panel.node.append(line);
    }
    line.textContent = text;
    line.hidden = !text;
  };

  const isOurs = (panel) => Boolean(panel.model?.getMetadata("atelier"));
  const isCodeLab = (panel) => panel.model?.getMetadata("atelier")?.mode === "code";

  // JupyterLab saves by itself every few seconds. A second saving that begins before the first has ended finds a newer file on
  // the disk, and asks the learner whether to overwrite it.
  function saveOneByOne(context) {
    const save = context.save.bind(context);
    let last = Promise.resolve();
    context.save = () => {
      last = last.catch(() => {}).then(save);
      return last;
    };
  }

  // Cell by cell in a code lab: where a learner's code fails, what stands behind it is shown all the same.
  async function runEach(panel, actions) {
    for (const cell of panel.content.widgets) await actions.runCells(panel.content, [cell], panel.sessionContext);
  }

  async function run(panel, actions) {
    panel.addClass("atelier-running");
    announce(panel, "One moment, the page is being prepared …");
    try {
      actions.clearAllOutputs(panel.content);
      await (isCodeLab(panel) ? runEach(panel, actions) : actions.runAll(panel.content, panel.sessionContext));
    } finally {
      panel.removeClass("atelier-running");
      announce(panel, "");
    }
    panel.content.deselectAll();
    panel.content.activeCellIndex = 0;
    for (const node of panel.content.node.querySelectorAll(".jp-WindowedPanel-outer, .jp-Notebook")) node.scrollTop = 0;
    panel.content.node.scrollTop = 0;
    panel.node.dataset.atelier = "ready";
    if (!panel.isDisposed) await panel.context.save();
  }

  // Shortcuts of one letter cut and insert cells, and Enter opens their source; a form needs these keys for itself. JupyterLab
  // listens on the document and asks the element typed into first; from the window, the mark is there in time.
  function restShortcuts() {
    window.addEventListener(
      "keydown",
      ({ target }) => {
        if (!(target instanceof HTMLElement) || !target.closest(".atelier-room .jp-Notebook")) return;
        if (target.closest(`.${CODE}`) && !target.closest(".jp-OutputArea-output")) delete target.dataset.lmSuppressShortcuts;
        else target.dataset.lmSuppressShortcuts = "true";
      },
      true,
    );
  }

  function quieten(panel, app) {
    const notebook = panel.content.node;
    notebook.addEventListener(
      "dblclick",
      (event) => {
        if (!panel.hasClass(CODE) && event.target.closest(".jp-MarkdownCell")) event.stopPropagation();
      },
      true,
    );
    // The file is what is handed in, and an edit of a code lab may be younger than the last saving. JupyterLab does not know:
    // when a saving ends, it takes what was typed meanwhile for saved.
    let saved = false;
    notebook.addEventListener(
      "click",
      async (event) => {
        const button = event.target.closest(".atelier-hand-in button");
        if (!button || saved) return;
        event.stopPropagation();
        try {
          await panel.context.save();
        } finally {
          saved = true;
          button.click();
          saved = false;
        }
      },
      true,
    );
    notebook.addEventListener("keydown", (event) => {
      if (event.key === "s" && (event.ctrlKey || event.metaKey) && !panel.hasClass(CODE)) {
        event.preventDefault();
        void app.commands.execute("docmanager:save");
      }
    });
  }

  // ipywidgets sends the press of a button at once, but keeps a choice or a text back until the kernel has dealt with the one
  // before: a fast learner's button would act on an older choice. While the kernel deals with something, the press waits as well.
  const STEP = 40; // ms
  const LONGEST = 10_000 / STEP; // an answer may have been lost with its connection

  function keepOrder(panel) {
    const underway = new Set();
    const count = (_kernel, { msg, direction }) => {
      if (direction === "send" && msg.header.msg_type === "comm_msg") underway.add(msg.header.msg_id);
      if (msg.header.msg_type === "status" && msg.content.execution_state === "idle") underway.delete(msg.parent_header.msg_id);
    };
    const follow = (kernel) => {
      underway.clear();
      kernel?.anyMessage.connect(count);
    };
    follow(panel.sessionContext.session?.kernel);
    panel.sessionContext.kernelChanged.connect((_session, { newValue }) => follow(newValue));

    const notebook = panel.content.node;
    const waited = new WeakSet();
    notebook.addEventListener(
      "click",
      async (event) => {
        const button = event.target.closest(".jp-OutputArea-output button.widget-button");
        if (!button || waited.delete(button) || !underway.size) return;
        event.stopImmediatePropagation();
        // ipywidgets draws a button anew when what stands before it in its box changes.
        const isAlike = (other) => other.textContent === button.textContent && other.title === button.title;
        const alike = () => [...notebook.querySelectorAll("button.widget-button")].filter(isAlike);
        const place = alike().indexOf(button);
        // What was kept back is on its way a moment after the one before has come through.
        for (let step = 0, free = 0; free < 2 && step < LONGEST; step++) {
          await new Promise((then) => setTimeout(then, STEP));
          free = underway.size ? 0 : free + 1;
        }
        underway.clear();
        const now = button.isConnected ? button : alike()[place];
        if (!now) return;
        waited.add(now);
        now.click();
        waited.delete(now);
      },
      true,
    );
  }

  const set = (node, name, value) => {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  };

  // ipywidgets shows by colour alone which toggle is chosen, leaves groups of choices without a name, and changes text without
  // a word to who cannot see it.
  function speak(node) {
    for (const group of node.querySelectorAll(".widget-radio-box, .widget-toggle-buttons > div")) {
      const label = group.parentElement.querySelector(":scope > .widget-label")?.textContent;
      const name = label || group.closest(".atelier-commit, .atelier-form")?.querySelector("strong")?.textContent;
      const role = group.matches(".widget-radio-box") ? "radiogroup" : "group";
      set(group, "role", role);
      if (name) set(group, "aria-label", name);
    }
    for (const toggle of node.querySelectorAll(".widget-toggle-button")) {
      set(toggle, "aria-pressed", String(toggle.classList.contains("mod-active")));
    }
    for (const untold of node.querySelectorAll('[title="null"]')) untold.removeAttribute("title");
    // A list has many buttons that say “Remove”; their tooltips tell them apart.
    for (const button of node.querySelectorAll(".atelier-form .widget-button[title]")) {
      const says = button.textContent.trim();
      if (says && button.title.startsWith(`${says} `)) set(button, "aria-label", button.title);
    }
    for (const fold of node.querySelectorAll(".atelier-fold")) {
      set(fold, "aria-expanded", String(fold.classList.contains("atelier-unfolded")));
    }
    for (const said of node.querySelectorAll(".atelier-spoken > .widget-html-content")) {
      set(said, "role", "status");
      set(said, "aria-atomic", "true");
    }
    for (const target of node.querySelectorAll(".atelier-target > .widget-html-content")) set(target, "tabindex", "-1");
    for (const matrix of node.querySelectorAll(".atelier-matrix")) {
      set(matrix, "role", "group");
      set(matrix, "aria-label", "Results; the arrow keys go from one to the next");
      const cells = [...matrix.querySelectorAll(".atelier-case")];
      const stop = cells.find((cell) => cell === document.activeElement) ?? cells.find((cell) => cell.classList.contains("atelier-case-shown"));
      for (const cell of cells) {
        set(cell, "aria-label", cell.title);
        set(cell, "aria-pressed", String(cell.classList.contains("atelier-case-shown")));
        set(cell, "tabindex", cell === (stop ?? cells[0]) ? "0" : "-1");
      }
    }
  }

  // One stop for Tab, whatever the number of cells; the arrow keys go through them.
  function walkMatrix(event) {
    const cell = event.target.closest?.(".atelier-case");
    if (!cell) return;
    const rows = [...cell.closest(".atelier-matrix").querySelectorAll(".atelier-cases")].map((row) => [...row.querySelectorAll(".atelier-case")]);
    const y = rows.findIndex((row) => row.includes(cell));
    const x = rows[y].indexOf(cell);
    const to = {
      ArrowLeft: () => rows[y][x - 1] ?? rows[y - 1]?.at(-1),
      ArrowRight: () => rows[y][x + 1] ?? rows[y + 1]?.[0],
      ArrowUp: () => rows[y - 1]?.[Math.min(x, rows[y - 1].length - 1)],
      ArrowDown: () => rows[y + 1]?.[Math.min(x, rows[y + 1].length - 1)],
      Home: () => rows[y][0],
      End: () => rows[y].at(-1),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    const next = to();
    if (!next) return;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  // A button that is pressed may be switched off or taken away by what it does; the focus would fall back to the top of the page.
  // It goes to what stands in its place, else to the next in its form that can be used.
  const FORMS = ".atelier-form, .atelier-commit, .atelier-check, .atelier-take, .atelier-hand-in";
  const CONTROLS = "button, select, input, textarea, a[href], summary, [tabindex='0']";
  const usable = (control) => control.isConnected && !control.disabled && control.tabIndex >= 0 && control.checkVisibility({ visibilityProperty: true });
  const usableIn = (box) => [...box.querySelectorAll(CONTROLS)].filter(usable);

  function keepFocus(node) {
    let last = null;
    let around = [];
    node.addEventListener("focusin", ({ target }) => {
      last = target;
      around = [];
      for (let box = target.parentElement; box && !target.matches(FORMS); box = box.parentElement) {
        around.push({ box, place: usableIn(box).indexOf(target) });
        if (box.matches(FORMS)) return;
      }
      last = null;
    });
    node.addEventListener("focusout", ({ target }) => setTimeout(() => {
      if (last === target && usable(target) && document.activeElement !== target) last = null;
    }));
    let due = 0;
    return () => {
      // Only the next frame takes the focus off a button that was switched off.
      if (due || !last || usable(last)) return;
      // What comes in its place takes a moment to be drawn, and a button that is only busy comes back.
      due = setTimeout(() => {
        due = 0;
        if (!last || document.activeElement !== document.body) return;
        if (usable(last)) return last.focus();
        for (const { box, place } of around) {
          const controls = box.isConnected ? usableIn(box) : [];
          if (controls.length) return controls[Math.min(Math.max(place, 0), controls.length - 1)].focus();
        }
      }, 250);
    };
  }

  function keepSpeaking(node) {
    let due = 0;
    const findFocus = keepFocus(node);
    node.addEventListener("keydown", walkMatrix);
    const observer = new MutationObserver(() => {
      cancelAnimationFrame(due);
      due = requestAnimationFrame(() => {
        speak(node);
        findFocus();
      });
    });
    observer.observe(node, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "title", "disabled"] });
  }

  // JupyterLab's own furniture stays folded away until the code is shown: its layout knows how to give the room back.
  function clear(app, panel) {
    const plain = panel.hasClass(CODE);
    document.body.classList.toggle("atelier-plain", !plain);
    for (const side of ["left", "right"]) {
      if (app.shell.isSideTabBarVisible?.(side) !== plain) app.shell.toggleSideTabBarVisibility?.(side);
    }
    // The menus, and above them the name of the file.
    for (const menu of app.shell.widgets("menu")) menu.parent.setHidden(!plain);
    if (app.shell.isTopInSimpleModeVisible?.() !== plain) app.shell.toggleTopInSimpleModeVisibility?.();
    const status = app.commands.hasCommand("statusbar:toggle") && app.commands.isToggled("statusbar:toggle");
    if (app.commands.hasCommand("statusbar:toggle") && status !== plain) void app.commands.execute("statusbar:toggle");
  }

  function furnish(panel, app, { ToolbarButton, NotebookActions: actions }) {
    panel.addClass("atelier-room");
    if (panel.context.path !== TRACK) {
      panel.toolbar.insertItem(0, "atelier-track", new ToolbarButton({
        label: "← My track",
        tooltip: "Back to all labs; this one is saved",
        onClick: async () => {
          const track = await app.commands.execute("docmanager:open", { path: TRACK });
          // It may have been open before this lab changed something.
          if (track?.node.dataset.atelier === "ready") await run(track, actions);
        },
      }));
    }
    panel.toolbar.addItem("atelier-help", new ToolbarButton({
      label: "Help",
      tooltip: "What is a cell? Is my work saved? How do I do it by keyboard?",
      onClick: () => document.querySelector("dialog.atelier-help-box").showModal(),
    }));
    if (isCodeLab(panel)) return;
    const code = new ToolbarButton({
      label: "Show the code",
      tooltip: "Show or hide the program behind this page",
      onClick: () => {
        panel.toggleClass(CODE);
        code.pressed = panel.hasClass(CODE);
        (panel.hasClass(CODE) ? actions.showAllCode : actions.hideAllCode)(panel.content);
        clear(app, panel);
      },
    });
    code.pressed = panel.hasClass(CODE);
    panel.toolbar.addItem("atelier-code", code);
  }

  async function layOutHelp() {
    const box = document.createElement("dialog");
    box.className = "atelier-help-box";
    box.setAttribute("aria-label", "Help");
    box.innerHTML = await (await fetch(new URL("help.html", HERE))).text();
    document.body.append(box);
  }

  // A card at the edge of the page that covers nothing and takes no focus: whoever knows the place goes on working.
  function tour(panel) {
    if (panel.context.path !== TRACK || document.cookie.includes(TOURED)) return;
    const card = document.createElement("section");
    card.className = "atelier-tour";
    card.setAttribute("aria-label", "Tour");
    const says = document.createElement("p");
    says.setAttribute("role", "status");
    const [next, leave] = ["Next", "No tour, thanks"].map((label) => {
      const button = document.createElement("button");
      button.textContent = label;
      return button;
    });
    let step = -1;
    const point = (on) => panel.node.querySelector(TOUR[step]?.[0])?.classList.toggle("atelier-pointed", on);
    const end = () => {
      point(false);
      card.remove();
      document.cookie = `${TOURED}; max-age=${400 * 24 * 3600}; path=/; samesite=strict`;
    };
    const go = () => {
      point(false);
      step += 1;
      if (step === TOUR.length) return end();
      point(true);
      says.textContent = `${step + 1} of ${TOUR.length}: ${TOUR[step][1]}`;
      next.textContent = step === TOUR.length - 1 ? "Done" : "Next";
    };
    next.onclick = go;
    leave.onclick = end;
    card.onkeydown = ({ key }) => {
      if (key === "Escape") end();
    };
    card.append(says, next, leave);
    panel.node.append(card);
    go();
  }

  // A page lives in one tab: its widgets are known to the tab that made them, and two tabs that save one notebook quarrel over
  // it. Who opens it in a second tab goes on there; the first saves, says where it went, and rests.
  const tabs = new BroadcastChannel(new URL(HERE).pathname);
  const SAVED_WITHIN = 3000; // ms
  const opened = () => decodeURIComponent(location.pathname.split("/tree/")[1] ?? "");

  const askForIt = (path) =>
    new Promise((then) => {
      const wait = setTimeout(then, SAVED_WITHIN); // the other tab is in another browser, or gone
      tabs.addEventListener("message", ({ data }) => {
        if (data.left !== path) return;
        clearTimeout(wait);
        then();
      });
      tabs.postMessage({ opens: path });
    });

  function giveUpWhenAsked(tracker) {
    tabs.addEventListener("message", async ({ data }) => {
      const panel = data.opens === opened() && tracker.find(({ context }) => context.path === data.opens);
      if (!panel) return;
      rest();
      await panel.context.save().catch(console.warn);
      panel.context.save = async () => {};
      tabs.postMessage({ left: data.opens });
      panel.sessionContext.dispose();
    });
  }

  function rest() {
    const box = document.createElement("dialog");
    box.className = "atelier-help-box atelier-rest";
    box.setAttribute("aria-label", "Open in another tab");
    const says = document.createElement("p");
    says.textContent = "You opened this page in another tab. It goes on there, with all that you did here. You can close this one.";
    const back = document.createElement("button");
    back.textContent = "Go on here instead";
    back.onclick = () => location.reload();
    box.oncancel = (event) => event.preventDefault();
    box.append(says, back);
    document.body.append(box);
    box.showModal();
  }

  // Kernels that an earlier tab left hold widgets which this page does not know: they end, and labs start anew. So does the
  // kernel of the page that is opened here, wherever it was open; others that a tab is connected to stay.
  async function endLeftKernels(app) {
    const sessions = app.serviceManager.sessions;
    await sessions.refreshRunning();
    const running = [...sessions.running()];
    const these = running.filter((session) => session.path === opened());
    if (these.some((session) => session.kernel?.connections)) await askForIt(opened());
    const left = running.filter((session) => these.includes(session) || session.kernel?.connections === 0);
    await Promise.allSettled(left.map((session) => sessions.shutdown(session.id)));
  }

  async function settle(panel, app, modules) {
    await panel.context.ready;
    if (!isOurs(panel)) return;
    saveOneByOne(panel.context);
    panel.toggleClass(CODE, isCodeLab(panel));
    keepOrder(panel);
    quieten(panel, app);
    clear(app, panel);
    furnish(panel, app, modules);
    keepSpeaking(panel.content.node);
    const actions = modules.NotebookActions;
    await panel.sessionContext.ready;
    let restarted = false;
    panel.sessionContext.statusChanged.connect((_session, status) => {
      if (status === "restarting" || status === "autorestarting") restarted = true;
      if (status === "idle" && restarted) {
        restarted = false;
        void run(panel, actions);
      }
    });
    await run(panel, actions);
    tour(panel);
  }

  async function plugin() {
    const [notebook, apputils] = await Promise.all([shared("@jupyterlab/notebook"), shared("@jupyterlab/apputils")]);
    const modules = { NotebookActions: notebook.NotebookActions, ToolbarButton: apputils.ToolbarButton };
    return {
      id: `${NAME}:plugin`,
      description: "Runs and furnishes Atelier's notebooks.",
      autoStart: true,
      requires: [notebook.INotebookTracker],
      activate: async (app, tracker) => {
        const style = document.createElement("link");
        style.rel = "stylesheet";
        style.href = new URL("room.css", HERE).href;
        document.head.append(style);
        restShortcuts();
        app.restored.then(() => app.shell.collapseLeft?.());
        await Promise.all([endLeftKernels(app), layOutHelp()]).catch(console.warn);
        giveUpWhenAsked(tracker);
        tracker.widgetAdded.connect((_tracker, panel) => {
          settle(panel, app, modules).catch((error) => {
            announce(panel, "This page could not be prepared. Reload it; if that does not help, tell your trainer.");
            console.error(error);
          });
        });
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = {
    init: async (modules) => {
      scope = modules;
    },
    get: async () => {
      const made = await plugin();
      return () => ({ __esModule: true, default: made });
    },
  };
})();
