// The command palette: Ctrl K, or ⌘ K, opens a dialog that shows the results of the search page while you type. What was
// opened from it comes first the next time; signing out clears that with the rest of the site's storage.

const RECENT = "palette-recent";
const MOST_RECENT = 6;
/** Typing pauses this long before the server is asked, in milliseconds. */
const PAUSE = 60;

/** The label and address of what was opened last. Another version of the portal, or a person, may have left anything. */
function recent() {
  try {
    const stored = JSON.parse(localStorage.getItem(RECENT));
    return stored.filter(({ label, href }) => typeof label === "string" && new URL(href, location.href).origin === location.origin);
  } catch {
    return [];
  }
}

function remember(label, href) {
  const others = recent().filter((known) => known.href !== href);
  try {
    localStorage.setItem(RECENT, JSON.stringify([{ label, href }, ...others].slice(0, MOST_RECENT)));
  } catch {
    // Without storage there is nothing to remember.
  }
}

function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

let dialog, input, list, pause, asking;

function build() {
  input = element("input", { type: "search", name: "q", autocomplete: "off", placeholder: "Search or jump to" });
  input.setAttribute("aria-label", "Search or jump to");
  list = element("div", { className: "pal-list" });
  const form = element("form", { action: "/search" }, input, element("kbd", { textContent: "Esc" }));
  form.setAttribute("role", "search");
  const keys = element("footer", {}, "↑ ↓ to move", " · Enter to open", " · Ctrl Enter for a new tab");
  keys.setAttribute("aria-hidden", "true");
  dialog = element("dialog", { className: "pal" }, form, list, keys);
  dialog.setAttribute("aria-label", "Search or jump to");
  form.addEventListener("submit", (event) => {
    const first = list.querySelector("a");
    if (!first) return;
    event.preventDefault();
    first.click();
  });
  input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(show, PAUSE);
  });
  dialog.addEventListener("keydown", move);
  dialog.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link) remember(link.querySelector("span")?.textContent ?? link.textContent, link.getAttribute("href"));
    if (link || event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
}

/** Asks the search page, and shows its results unless a later question was asked meanwhile. */
async function show() {
  asking?.abort();
  const asked = (asking = new AbortController());
  const text = input.value.trim();
  try {
    const answer = await fetch(`/search?${new URLSearchParams({ q: text })}`, { signal: asked.signal });
    // Somebody who was signed out gets the sign-in page.
    if (answer.redirected || !answer.ok) return void location.assign(answer.redirected ? answer.url : location.href);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
    if (asked.signal.aborted || !found) return;
    list.replaceChildren(...(text ? [] : visited()), ...document.importNode(found, true).childNodes);
    list.scrollTop = 0;
  } catch (error) {
    if (error.name !== "AbortError") list.replaceChildren(element("p", { textContent: "The portal isn’t responding. Try again." }));
  }
}

function visited() {
  const links = recent().map(({ label, href }) => element("li", {}, element("a", { href }, element("span", { textContent: label }))));
  if (links.length === 0) return [];
  const rows = element("ul", {}, ...links);
  rows.setAttribute("aria-label", "Recent");
  return [element("h2", { textContent: "Recent" }), rows];
}

function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const stops = [input, ...list.querySelectorAll("a")];
    const next = (stops.indexOf(document.activeElement) + step + stops.length) % stops.length;
    stops[next].focus();
    event.preventDefault();
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && document.activeElement !== input) {
    // Typing goes on in the box.
    input.focus();
  }
}

function open() {
  if (!dialog) build();
  if (dialog.open) return;
  list.replaceChildren();
  input.value = "";
  dialog.showModal();
  show();
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open();
});

// The icon in the bar of narrow screens. With a modifier it opens the page in another tab.
document.querySelector("a[data-palette]")?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open();
});
