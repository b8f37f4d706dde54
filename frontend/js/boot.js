// Wakes the islands of a page. A page without one loads nothing but this.
// Leptos' own script does the same inline; this one has a name, a hash and no need of 'unsafe-inline'.

// Leptos looks here for resources sent with the page; islands get their data as props and send none.
globalThis.__RESOLVED_RESOURCES ??= [];
globalThis.__SERIALIZED_ERRORS ??= [];
globalThis.__INCOMPLETE_CHUNKS ??= [];

if (document.querySelector("leptos-island")) {
  const { module, wasm } = document.querySelector("script[data-module]").dataset;
  const bytes = fetch(wasm); // beside the module, not after it
  const exports = await import(module);
  await exports.default({ module_or_path: bytes });
  exports.hydrate();
  await wake(document.body, exports, []);
}

// Outer islands before inner ones. `parents` holds what an outer island left on its `leptos-children` for the islands
// drawn inside it: a call that makes it their owner.
async function wake(element, exports, parents) {
  if (element.localName === "leptos-island") {
    const island = exports[element.dataset.component];
    if (island) {
      parents.at(-1)?.();
      await island(element);
    } else {
      console.warn(`This build has no island ${element.dataset.component}.`);
    }
  }
  const inner = element.localName === "leptos-children" ? [...parents, element.$$on_hydrate] : parents;
  for (const child of element.children) {
    await wake(child, exports, inner);
  }
}
