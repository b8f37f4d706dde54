// The part of packaging/walk.sh that a person does in a browser, without JavaScript: signs up the first admin by the one-time
// link, makes a team against the sandbox, becomes its operator, and shares a connector.
// Usage: walk.mjs SETUP_LINK_FILE SANDBOX_URL TOKEN

import { readFileSync } from "node:fs";

const [linkFile, sandbox, token] = process.argv.slice(2);
const link = new URL(readFileSync(linkFile, "utf8").trim());
const base = link.origin;
const cookies = new Map();

async function send(path, body) {
  const response = await fetch(new URL(path, base), {
    method: body ? "POST" : "GET",
    body,
    redirect: "manual",
    headers: {
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(body ? { origin: base, "content-type": "application/x-www-form-urlencoded" } : {}),
    },
  });
  for (const cookie of response.headers.getSetCookie()) {
    const [pair] = cookie.split(";");
    const at = pair.indexOf("=");
    if (/max-age=0/i.test(cookie)) cookies.delete(pair.slice(0, at));
    else cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return response;
}

// Follows redirects, as a browser does.
async function open(path, body) {
  let response = await send(path, body);
  for (let hops = 0; response.status >= 300 && response.status < 400 && hops < 5; hops++) {
    response = await send(new URL(response.headers.get("location"), base));
  }
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status}\n${text.slice(0, 2000)}`);
  return text;
}

const plain = (text) =>
  text.replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, "'").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// The fields of a form as the page fills them in, and those that are given.
function filled(page, action, given) {
  const forms = page.match(/<form\b[\s\S]*?<\/form>/g) ?? [];
  const form = forms.find((it) => new RegExp(`action="${action}"`).test(it) && Object.entries(given.when ?? {}).every(
    ([name, value]) => it.includes(`name="${name}"`) && it.includes(`value="${value}"`)));
  if (!form) throw new Error(`there is no form ${action}: ${(page.match(/action="[^"]*"/g) ?? []).join(" ")}`);
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
    const attribute = (name) => input.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1];
    const kind = attribute("type") ?? "text";
    if (!attribute("name") || ((kind === "radio" || kind === "checkbox") && !/\bchecked\b/.test(input))) continue;
    fields.append(attribute("name"), plain(attribute("value") ?? (kind === "checkbox" ? "on" : "")));
  }
  for (const [name, value] of Object.entries(given.fields)) fields.set(name, value);
  return fields;
}

const submit = async (page, action, fields, when) => open(action, filled(page, action, { fields, when }));

await submit(await open(link.pathname + link.search), "/api/fn/set_up", {
  email: "ada@example.com", name: "Ada", password: "quiet lanterns over seven rivers",
});
console.log("walk: Ada is the first admin");

await submit(await open("/admin/teams/new"), "/api/fn/create_team", {
  name: "Payments", slug: "payments", workato_url: sandbox, token,
});
const team = await open("/admin/teams/payments");
if (!team.includes("Payments")) throw new Error("the team has no page");
console.log("walk: the team Payments uses the sandbox");

const person = team.match(/<option[^>]*value="([^"]+)"[^>]*>\s*Ada/)?.[1] ?? team.match(/name="person"[^>]*value="([^"]+)"/)?.[1];
await submit(team, "/api/fn/set_member", { ...(person ? { person } : {}), role: "operator" });
console.log("walk: Ada is an operator of Payments");

const list = await open("/teams/payments/connectors");
const ids = [...new Set([...list.matchAll(/\/teams\/payments\/connectors\/(\d+)/g)].map(([, id]) => id))];
for (const id of ids) {
  const page = await open(`/teams/payments/connectors/${id}`);
  if (!page.includes('action="/api/fn/share_version"')) continue;
  const after = await submit(page, "/api/fn/share_version", { reason: "Walking through" });
  if (!/Shared|shared/.test(after)) throw new Error("the page does not say that it was shared");
  console.log(`walk: shared connector ${id}`);
  process.exit(0);
}
throw new Error("no connector can be shared");
