// Everything can be done without a mouse, every control has a name, and nothing is lost where text is twice as large, the
// screen is narrow, motion is unwanted or the system chooses the colours.

import type { Locator, Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import type { Team } from "../portal";
import { missing, unusedConnections } from "./choose";
import { inOneLine } from "./lists";
import { post } from "./posts";

/** More than any page has controls before the one that a walk is looking for. */
const FURTHEST = 250;

test("a version is shared by keyboard alone, and a refused form begins with its problems", async ({ operator, team }) => {
  const { connectors } = await team.workato.inside();
  const released = (one: (typeof connectors)[number]) => one.versions.filter((version) => version.released_at !== null);
  const connector = connectors.find((one) => released(one).length > 1 && one.shared) ?? missing("a shared connector");
  const version = Math.max(...released(connector).map((one) => one.version).filter((one) => one !== connector.shared?.version));
  const title = inOneLine(connector.title);
  await operator.goto(`/teams/${team.slug}/connectors?title=${encodeURIComponent(title)}`);
  await press(operator, operator.getByRole("table").getByRole("link", { name: title, exact: true }).first());
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText(title);

  const line = operator.locator(`details:has(> #version-${version})`);
  if ((await line.getAttribute("open")) === null) await press(operator, line.locator("> summary"));
  const form = operator.getByRole("form", { name: `Version ${version}`, exact: true });
  await tabTo(operator, form.getByLabel("Reason"));
  await operator.keyboard.type("x\u202ey");
  await press(operator, form.getByRole("button"));

  const summary = form.getByRole("alert");
  await expect(summary).toBeFocused();
  await expect(summary).toContainText("Not sent. Fix the fields below.");
  await press(operator, summary.getByRole("link", { name: /^Remove the invisible character/ }));
  await expect(operator).toHaveURL(/#share-\d+-reason$/);
  // Tab goes on from the field that the link leads to.
  await tabTo(operator, form.getByLabel("Reason"), 3);
  await operator.keyboard.press("ControlOrMeta+a");
  await operator.keyboard.type("Customers wait for the fix");
  await press(operator, form.getByRole("button"));
  await expect(operator.getByRole("status").filter({ hasText: "is now shared" })).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([`connector.share ${connector.id}`]);

  // The next form offers the reason that was just given.
  const offered = operator.locator("datalist#own-reasons option").first();
  await expect(offered).toHaveAttribute("value", "Customers wait for the fix");
  await operator.goto("/");
  const own = operator.getByRole("region", { name: "Your recent changes" });
  await expect(own.getByRole("listitem")).toHaveText(new RegExp(`^succeeded: Shared version ${version} of `, "i"));
  await press(operator, own.getByRole("listitem").getByRole("link"));
  await expect(operator.getByRole("heading", { level: 1 })).toContainText(`shared version ${version} of ${title}`);
});

test("a connection is deleted by keyboard alone", async ({ operator, team }) => {
  const [connection = missing("an unused connection")] = await unusedConnections(team.workato);
  await operator.goto(`/teams/${team.slug}/connections/${connection.id}`);
  await press(operator, operator.locator("#delete > summary"));
  const form = operator.getByRole("form", { name: "Delete this connection" });
  await press(operator, form.getByRole("button"));
  const summary = form.getByRole("alert");
  await expect(summary).toBeFocused();
  await expect(summary.getByRole("listitem")).toHaveCount(2);
  await tabTo(operator, form.getByLabel(/^Type .* to confirm$/s));
  await operator.keyboard.type(connection.name ?? "");
  await tabTo(operator, form.getByLabel("Reason"));
  await operator.keyboard.type("Nobody uses it");
  await press(operator, form.getByRole("button"));
  await expect(operator.getByRole("status").filter({ hasText: "was deleted" })).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([`connection.delete ${connection.id}`]);
});

test("a change is found, opened and reviewed by keyboard alone", async ({ auditor, operator, team }) => {
  await deleteOne(operator, team);
  await auditor.goto(`/audit?team=${team.slug}&action=connection.delete`);
  // The link past the frame comes first.
  await auditor.keyboard.press("Tab");
  await auditor.keyboard.press("Tab");
  await expect(auditor.getByRole("link", { name: "Skip to the list" })).toBeFocused();
  await auditor.keyboard.press("Enter");
  await press(auditor, auditor.locator("#list a[data-open]").first());
  await press(auditor, auditor.getByRole("link", { name: "Open full operation" }));
  await press(auditor, auditor.getByRole("button", { name: "Mark reviewed" }));
  await expect(auditor.getByText("Reviewed by a second person.")).toBeVisible();
});

test("every control of the main pages has a name", async ({ operator, auditor, admin, team }) => {
  const { operation } = await deleteOne(operator, team);
  for (const page of [operator, auditor, admin]) {
    for (const path of await mainPages(page === admin ? "admin" : "reader", team, operation)) {
      await page.goto(path);
      await page.locator("main details").evaluateAll((folds) => {
        for (const fold of folds) fold.removeAttribute("name");
        for (const fold of folds) fold.setAttribute("open", "");
      });
      expect(await unnamed(page), path).toEqual([]);
    }
  }
});

test("nothing is lost at 200 % or at 320 pixels", async ({ operator, admin, team }) => {
  const { operation } = await deleteOne(operator, team);
  // 1440 by 900 at 200 %.
  for (const viewport of [{ width: 720, height: 450 }, { width: 320, height: 640 }]) {
    for (const [page, who] of [[operator, "reader"], [admin, "admin"]] as const) {
      await page.setViewportSize(viewport);
      for (const path of await mainPages(who, team, operation)) {
        await page.goto(path);
        expect(await outOfReach(page), `${path} at ${viewport.width} px`).toEqual([]);
      }
    }
  }
});

test("nothing moves for people who do not want it to", async ({ operator, team }) => {
  const { operation } = await deleteOne(operator, team);
  await operator.emulateMedia({ reducedMotion: "reduce" });
  for (const path of await mainPages("reader", team, operation)) {
    await operator.goto(path);
    const moving = await operator.evaluate(() =>
      [...document.querySelectorAll("*")]
        .filter((one) => {
          const { transitionDuration, animationName } = getComputedStyle(one);
          return transitionDuration.split(", ").some((time) => time !== "0s") || animationName !== "none";
        })
        .map((one) => one.outerHTML.slice(0, 120)),
    );
    expect(moving, path).toEqual([]);
  }
});

test("with the system's colours, controls have borders, and states their shapes", async ({ operator, team }) => {
  await operator.emulateMedia({ forcedColors: "active" });
  const [connection = missing("an unused connection")] = await unusedConnections(team.workato);
  for (const path of ["/", `/teams/${team.slug}/connections`, `/teams/${team.slug}/connections/${connection.id}`, "/audit"]) {
    await operator.goto(path);
    const flat = await operator.evaluate(() => {
      const shown = (one: Element) => one.getClientRects().length > 0;
      const controls = [...document.querySelectorAll("main :is(.btn:not(.quiet), input, select, textarea):not([type=hidden])")];
      // The system draws check boxes that have no look of their own.
      const isDrawn = (one: Element) => one.matches("[type=checkbox]") && getComputedStyle(one).appearance !== "none";
      const flat = controls.filter((one) => shown(one) && !isDrawn(one) && getComputedStyle(one).borderTopStyle === "none");
      // A glyph that is as dark as the page cannot be seen.
      const ground = getComputedStyle(document.body).backgroundColor;
      const glyphs = [...document.querySelectorAll("main svg.g")].filter(shown);
      return flat.concat(glyphs.filter((one) => getComputedStyle(one).fill === ground)).map((one) => one.outerHTML.slice(0, 120));
    });
    expect(flat, path).toEqual([]);
    // What has the focus is outlined in a colour of the system.
    await operator.keyboard.press("Tab");
    const outline = await operator.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(outline, path).not.toBe("none");
  }
});

async function deleteOne(operator: Page, team: Team): Promise<{ operation: string }> {
  const [connection = missing("a connection")] = await unusedConnections(team.workato);
  const name = connection.name ?? "";
  return post(operator, "delete_connection", { team: team.slug, connection: connection.id, name, confirm: name, reason: "Nobody uses it" });
}

async function mainPages(who: "reader" | "admin", team: Team, operation: string): Promise<string[]> {
  const [connection = missing("a connection")] = await unusedConnections(team.workato);
  const { connectors, customers } = await team.workato.inside();
  const home = `/teams/${team.slug}`;
  if (who === "admin") return ["/", "/admin/teams", `/admin/teams/${team.slug}`, "/admin/teams/new", "/admin/people", "/admin/feeds"];
  return [
    "/",
    `${home}/connections`,
    `${home}/connections/${connection.id}`,
    `${home}/connectors`,
    `${home}/connectors/${connectors[0]?.id}`,
    `${home}/customers`,
    `${home}/customers/${customers[0]?.id}`,
    `${home}/recipes`,
    "/audit",
    `/audit/${operation}`,
    "/audit/figures",
    "/views",
    "/search?q=a",
    "/account",
  ];
}

/** Presses Tab until the control has the focus. */
async function tabTo(page: Page, control: Locator, most = FURTHEST): Promise<void> {
  await expect(control).toBeAttached();
  for (let pressed = 0; pressed < most; pressed++) {
    if (await control.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(control, `within ${most} times Tab`).toBeFocused({ timeout: 1_000 });
}

async function press(page: Page, control: Locator): Promise<void> {
  await tabTo(page, control);
  await page.keyboard.press("Enter");
}

/** Controls without an accessible name, as the browser tells a screen reader. */
async function unnamed(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const controls = "button link textbox searchbox combobox checkbox radio listbox menuitem slider spinbutton switch tab DisclosureTriangle";
  const roles = new Set(controls.split(" "));
  const bad = nodes.filter((node) => !node.ignored && roles.has(String(node.role?.value)) && !String(node.name?.value ?? "").trim());
  return bad.map((node) => `${node.role?.value} ${node.nodeId}: ${JSON.stringify(node.properties?.slice(0, 4))}`);
}

/** Sideways scrolling, and controls and headings that lie outside the page or are cut off by what is around them. */
async function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const told = (one: Element) => one.outerHTML.slice(0, 120);
    if (document.documentElement.scrollWidth > width) return ["the page scrolls sideways"];
    const shown = (one: Element) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== "hidden";
    const scrolls = (one: Element | null): boolean => {
      if (!one) return false;
      return ["auto", "scroll"].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement);
    };
    const all = [...document.querySelectorAll("main :is(a[href], button, input:not([type=hidden]), select, textarea, summary, h1, h2, h3)")];
    const bad = all.filter((one) => {
      if (!shown(one) || one.closest(".vh, .skip, [popover]")) return false;
      const { left, right } = one.getBoundingClientRect();
      return (left < -1 || right > width + 1) && !scrolls(one.parentElement);
    });
    return bad.map(told);
  });
}
