// The editor that Datasette puts over its SQL box has no label of its own.
addEventListener("load", () => {
  for (const box of document.querySelectorAll(".CodeMirror textarea, .cm-content")) box.setAttribute("aria-label", "SQL");
});
