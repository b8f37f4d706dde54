// Loads what a page needs: the palette, the script for passkeys, and the islands with their module. Other pages load only this script.
// Leptos has an inline script that hydrates islands; as a file, this one needs no 'unsafe-inline'.

// Leptos looks here for resources sent with the page. Islands get their data as props, so there are none.
globalThis.__RESOLVED_RESOURCES ??= [];
globalThis.__SERIALIZED_ERRORS ??= [];
globalThis.__INCOMPLETE_CHUNKS ??= [];

const script = document.querySelector("script[data-module]");
const { module, moduleIntegrity, wasm, wasmIntegrity, passkeys, passkeysIntegrity, palette, paletteIntegrity } = script.dataset;

if (palette && document.querySelector("form[data-palette]")) {
  await verify(palette, paletteIntegrity, script.nonce);
  await import(palette);
}

if (passkeys && document.querySelector("form[data-passkey]")) {
  await verify(passkeys, passkeysIntegrity, script.nonce);
  await import(passkeys);
}

if (document.querySelector("leptos-island")) {
  const bytes = fetch(wasm, { integrity: wasmIntegrity ?? "" }); // in parallel with the module
  await verify(module, moduleIntegrity, script.nonce);
  const exports = await import(module);
  await exports.default({ module_or_path: bytes });
  exports.hydrate();
  await hydrateIslands(document.body, exports, []);
}

// Draws the progress of a job again while it runs. Without JavaScript the page refreshes itself.
if (document.querySelector("[data-live]")) setTimeout(redraw, 2000);

async function redraw() {
  const old = document.querySelector("[data-live]");
  if (!old) return;
  let next;
  try {
    const answer = await fetch(location.href, { redirect: "error" });
    if (answer.ok) next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(old.id);
  } catch {
    // The portal restarts: the next try finds it again.
  }
  if (next && !next.hasAttribute("data-live")) return location.reload();
  if (next && !next.isEqualNode(old)) old.replaceWith(next);
  setTimeout(redraw, 2000);
}

// Loads a module and compares it with its hash, for which an import has no attribute. The import then takes what was loaded.
function verify(href, integrity, nonce) {
  const link = document.createElement("link");
  if (!integrity || !link.relList.supports("modulepreload")) return;
  return new Promise((resolve, reject) => {
    Object.assign(link, { rel: "modulepreload", href, integrity, nonce, onload: resolve });
    link.onerror = () => reject(new Error(`${href} cannot be loaded, or is not the file that the portal was built with.`));
    document.head.append(link);
  });
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
