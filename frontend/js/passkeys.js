// Asks the browser for a passkey when a form with `data-passkey` is sent, and sends the form with the browser's answer.

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void ask(form);
  });
}

async function ask(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  const button = form.querySelector("button[type=submit]");
  if (button.getAttribute("aria-busy") === "true") return;
  if (!globalThis.PublicKeyCredential) {
    problem.textContent = "This browser has no passkeys.";
    return;
  }
  button.setAttribute("aria-busy", "true");
  problem.textContent = "";
  try {
    const options = JSON.parse(form.dataset.options).publicKey;
    const credential = form.dataset.passkey === "create" ? await create(options) : await get(options);
    form.elements.namedItem("answer").value = JSON.stringify(credential);
    // `submit` fires no second event.
    form.submit();
  } catch (error) {
    button.removeAttribute("aria-busy");
    problem.textContent = reason(error);
  }
}

async function create(options) {
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const known of options.excludeCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey: options });
  const { attestationObject, clientDataJSON } = made.response;
  return answer(made, {
    attestationObject: text(attestationObject),
    clientDataJSON: text(clientDataJSON),
    transports: made.response.getTransports?.() ?? [],
  });
}

async function get(options) {
  options.challenge = bytes(options.challenge);
  for (const allowed of options.allowCredentials ?? []) allowed.id = bytes(allowed.id);
  const found = await navigator.credentials.get({ publicKey: options });
  const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
  return answer(found, {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  });
}

function answer(credential, response) {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, extensions: {} };
}

function reason(error) {
  switch (error.name) {
    case "NotAllowedError":
      return "Nothing was sent: you cancelled, it took too long, or this device has no passkey for the portal.";
    case "InvalidStateError":
      return "Nothing was sent: this device has a passkey for your account already.";
    case "SecurityError":
      return "Nothing was sent: passkeys do not work at this address.";
    default:
      return `Nothing was sent: the browser reported ${error.name}.`;
  }
}

/** Base64 for URLs, without padding, as bytes. */
function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

/** Bytes in that spelling. */
function text(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
