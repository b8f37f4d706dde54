// A real OpenID Connect provider (npm oidc-provider) as a process of its own, with the client secret in SECRET. Its people
// are whom a test names at POST /people; signing in takes a name and no password.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { Provider } from "oidc-provider";

const people = new Map();
const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "portal",
      client_secret: process.env.SECRET,
      redirect_uris: ["http://localhost/login/provider/callback"],
      post_logout_redirect_uris: ["http://localhost/login"],
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "first" }] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  pkce: { required: () => true },
  claims: { openid: ["sub", "amr", "auth_time"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = page("Sign out", `${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`);
      },
    },
  },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  findAccount: (_ctx, sub) => people.has(sub) && { accountId: sub, claims: () => ({ sub, ...people.get(sub) }) },
  // Nobody is asked whether the portal may know them.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid email profile groups");
    await grant.save();
    return grant;
  },
});
// With any port: the portal's is known only when it is served.
provider.Client.prototype.redirectUriAllowed = (uri) => /^http:\/\/localhost:\d+\/login\/provider\/callback$/.test(uri);
provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => /^http:\/\/localhost:\d+\/login$/.test(uri);

const page = (heading, body) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${heading}</title><h1>${heading}</h1>${body}</html>`;

const answer = provider.callback();
server.on("request", async (request, response) => {
  const [, what] = new URL(request.url, issuer).pathname.split("/");
  if (what === "favicon.ico") return response.writeHead(204).end();
  if (what === "people") {
    const { sub, ...claims } = JSON.parse(await text(request));
    people.set(sub, claims);
    return response.writeHead(204).end();
  }
  if (what !== "interaction") return answer(request, response);
  if (request.method === "GET") {
    const form = `<form method="post"><label>Your name <input name="sub"></label><button>Continue</button></form>`;
    return response.writeHead(200, { "content-type": "text/html" }).end(page("Example ID", form));
  }
  const accountId = new URLSearchParams(await text(request)).get("sub");
  const { amr } = people.get(accountId);
  return provider.interactionFinished(request, response, { login: { accountId, amr } });
});
console.log(`Identity provider on ${issuer}`);
