// Views of lists: saved as tabs with counts, for oneself or for the team, and how a list looks. All of it is in the URL.

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import { navigation } from "./frame";
import { rowsOf } from "./lists";

function tabs(page: Page) {
  return page.getByRole("navigation", { name: "Views" });
}

async function save(page: Page, name: string, share?: "Share with the team"): Promise<void> {
  await tabs(page).getByRole("button", { name: "Save this view" }).click();
  const form = page.getByRole("form", { name: "Save this view" });
  await form.getByLabel("View name").fill(name);
  if (share) await form.getByLabel(share).check();
  await form.getByRole("button", { name: "Save view" }).click();
}

test("a view of connections is saved, shared with the team and deleted", async ({ operator, viewer, team }) => {
  const list = `/teams/${team.slug}/connections`;
  await operator.goto(`${list}?status=broken`);
  // The list is one of the views that everyone has.
  await expect(tabs(operator).getByRole("link", { name: /^Broken \d+$/ })).toHaveAttribute("aria-current", "page");
  await expect(tabs(operator).getByRole("button", { name: "Save this view" })).toHaveCount(0);
  await operator.goto(`${list}?status=broken&sort=name&columns=updated,tags&density=compact`);
  const rows = await rowsOf(operator, "Connections").allInnerTexts();
  await save(operator, "Broken by name", "Share with the team");
  await expect(operator.getByRole("status").filter({ hasText: "View saved." })).toBeVisible();
  const tab = tabs(operator).getByRole("link", { name: `Broken by name ${rows.length}`, exact: true });
  await expect(tab).toHaveAttribute("aria-current", "page");
  await expect(tabs(operator).locator("[aria-current]")).toHaveCount(1);

  // A viewer of the team opens it, and sees the same list.
  await viewer.goto(list);
  await tabs(viewer).getByRole("link", { name: /^Broken by name/ }).click();
  await expect(viewer).toHaveURL(/status=broken.*density=compact/);
  await expect(rowsOf(viewer, "Connections")).toHaveText(rows);
  await tabs(viewer).getByRole("link", { name: "All views" }).click();
  await expect(viewer.getByRole("row").filter({ hasText: "Broken by name" })).toContainText("shared with the team");
  await expect(viewer.getByRole("button", { name: "Delete Broken by name" })).toHaveCount(0);

  await operator.goto("/views");
  await operator.getByRole("button", { name: "Delete Broken by name" }).click();
  await expect(operator.getByRole("status").filter({ hasText: "View deleted." })).toBeVisible();
  await viewer.goto(list);
  await expect(tabs(viewer).getByRole("link", { name: /^Broken by name/ })).toHaveCount(0);
});

test("a name that is taken is a problem beside its field, and what was typed is kept", async ({ operator, team }) => {
  const list = `/teams/${team.slug}/connectors`;
  await operator.goto(`${list}?release=behind`);
  await operator.goto(`${list}?release=behind&sort=-latest`);
  await save(operator, "Updates");
  await expect(tabs(operator).getByRole("link", { name: /^Updates \d+$/ })).toHaveAttribute("aria-current", "page");
  await operator.goto(`${list}?oem_shared=false&sort=-latest`);
  await save(operator, "Updates");
  const form = operator.getByRole("form", { name: "Save this view" });
  await expect(form.getByLabel("View name")).toHaveValue("Updates");
  await expect(form.getByLabel("View name")).toHaveAttribute("aria-invalid", "true");
  await expect(form).toContainText("You already have a view with this name.");
  await form.getByLabel("View name").fill("Not shared");
  await form.getByRole("button", { name: "Save view" }).click();
  await expect(operator.getByRole("status").filter({ hasText: "View saved." })).toBeVisible();
});

test("connectors and customers have columns to choose, an order of them and a density", async ({ operator, team, viewport }) => {
  if ((viewport?.width ?? 0) < 720) {
    // A phone shows cards, which have no columns to choose.
    await operator.goto(`/teams/${team.slug}/customers?columns=plan&density=compact`);
    await expect(rowsOf(operator, "Customers")).toHaveCount(50);
    await expect(operator.getByRole("button", { name: "Columns" })).toBeHidden();
    return;
  }
  for (const [list, table, hidden, first] of [
    ["connectors", "Connectors", "Shared", "Released"],
    ["customers", "Customers", "Plan", "External ID"],
  ] as const) {
    await operator.goto(`/teams/${team.slug}/${list}`);
    const headings = operator.getByRole("table", { name: table }).getByRole("columnheader");
    const choose = async (link: string | RegExp) => {
      await operator.getByRole("button", { name: "Columns" }).click();
      await operator.getByRole("dialog", { name: "Columns and density" }).getByRole("link", { name: link }).click();
    };
    await choose(`Hide ${hidden}`);
    await expect(headings.filter({ hasText: hidden })).toHaveCount(0);
    await choose(new RegExp(`^Move ${first} before `));
    await expect(operator).toHaveURL(/columns=/);
    const texts = await headings.allInnerTexts();
    expect(texts.indexOf(first)).toBe(table === "Connectors" ? 3 : 1);
    await choose("Compact");
    await expect(operator).toHaveURL(/density=compact/);
    const [row] = await operator.locator("#list > tbody > tr").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    expect(row).toBeLessThanOrEqual(34);
    await choose("Reset columns");
    await expect(headings.filter({ hasText: hidden })).toHaveCount(1);
  }
});

test("customers are sorted by their columns, and have as many rows as the URL says", async ({ operator, team, viewport }) => {
  const { customers } = await team.workato.inside();
  await operator.goto(`/teams/${team.slug}/customers?rows=100&sort=-id`);
  await expect(rowsOf(operator, "Customers")).toHaveCount(Math.min(100, customers.length));
  const highest = customers.toSorted((one, other) => other.id - one.id)[0];
  await expect(rowsOf(operator, "Customers").first()).toHaveText(highest?.name ?? "");
  if ((viewport?.width ?? 0) < 720) return;
  await operator.getByRole("columnheader").getByRole("link", { name: "Account ID" }).click();
  await expect(operator.getByRole("columnheader", { name: "Account ID" })).toHaveAttribute("aria-sort", "ascending");
});

test("the sidebar counts what was read, and nothing before", async ({ operator, team }) => {
  await operator.goto("/account");
  await operator.goto(`/teams/${team.slug}/connections`);
  const heading = await operator.getByRole("main").getByText(/^\d+ connections/).first().innerText();
  const all = /^\d+/.exec(heading)?.[0] ?? "";
  const broken = await tabs(operator).getByRole("link", { name: /^Broken \d+$/ }).innerText();
  const bad = /\d+/.exec(broken)?.[0] ?? "";
  const link = (await navigation(operator)).getByRole("link", { name: /^Connections/ });
  await expect(link).toHaveText(new RegExp(`Connections\\s*${bad}\\s*broken\\s*${all}$`));
});
