// Airflow shows the page in a sandboxed frame of its own origin.
"use strict";

const framed = window.parent !== window;

// The frame may open no window: a click on a link to the web is repeated in Airflow's own document, which may.
function openFromParent(event) {
  const link = event.target.closest("a[target=_blank]");
  if (!link) return;
  event.preventDefault();
  const twin = window.parent.document.createElement("a");
  twin.href = link.href;
  twin.target = "_blank";
  twin.rel = "noopener noreferrer";
  twin.click();
}

// Airflow's light or dark is a choice of its user, not of the system.
function followTheme() {
  const outer = window.parent.document.documentElement;
  const copy = () => {
    const dark = outer.classList.contains("dark");
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  };
  new MutationObserver(copy).observe(outer, { attributes: true, attributeFilter: ["class"] });
  copy();
}

if (framed) {
  document.addEventListener("click", openFromParent);
  followTheme();
}
