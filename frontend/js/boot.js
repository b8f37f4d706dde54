// Hydrates the islands of a page. A page without islands loads only this script.
// Leptos has an inline script that does the same; as a file, this one needs no 'unsafe-inline'.

// Leptos looks here for resources sent with the page. Islands get their data as props, so there are none.
globalThis.__RESOLVED_RESOURCES ??= [];
globalThis.__SERIALIZED_ERRORS ??= [];
globalThis.__INCOMPLETE_CHUNKS ??= [];

if (document.querySelector("leptos-island")) {
  const { module, wasm } = document.querySelector("script[data-module]").dataset;
  const bytes = fetch(wasm); // in parallel with the module
  const exports = await import(module);
  await exports.default({ module_or_path: bytes });
  exports.hydrate();
  await hydrateIslands(document.body, exports, []);
}

// Hydrates outer islands before inner ones. `parents` are functions that outer islands left on their `leptos-children`.
// Calling one makes that island the owner of the next.
async function hydrateIslands(element, exports, parents) {
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
    await hydrateIslands(child, exports, inner);
  }
}
