// What a change touches: shown beside its form, in the words of its button, and in the audit log; and the list of
// connections by the recipes that use them.

import { expect, test } from "../fixtures";
import type { Inside } from "../sandbox";
import { missing } from "./choose";
import { applyFilters, openFilters, rowsOf } from "./lists";

/** The customers that may be read and use the connector, with how many of its recipes run. */
function users({ customers }: Inside, connector: number): { customers: number; recipes: number; active: number } {
  const uses = customers
    .filter((customer) => customer.has_access)
    .map(({ recipes }) => recipes.filter((recipe) => recipe.connector_ids.includes(connector)))
    .filter((recipes) => recipes.length > 0);
  const recipes = uses.flat();
  return { customers: uses.length, recipes: recipes.length, active: recipes.filter((recipe) => recipe.active).length };
}

test("an operator sees whom a suppression touches, and an auditor what the operator knew", async ({
  operator,
  auditor,
  team,
}) => {
  const inside = await team.workato.inside();
  const shared = inside.connectors.filter((connector) => connector.shared);
  const used = (id: number) => users(inside, id).customers;
  const connector = shared.find(({ id }) => used(id) > 1 && used(id) < 40) ?? missing("a connector that some use");
  const { customers, recipes, active } = users(inside, connector.id);
  const { length: all } = inside.customers;
  const read = inside.customers.filter((customer) => customer.has_access).length;

  await operator.goto(`/teams/${team.slug}/connectors/${connector.id}`);
  await expect(rowsOf(operator, "Customers that use it")).toHaveCount(customers);
  const version = connector.versions.filter((one) => one.released_at).at(-1)?.version ?? missing("a release");
  await operator.getByRole("heading", { name: "Suppress this connector" }).click();
  const form = operator.getByRole("form", { name: "Suppress this connector" });
  const impact = form.getByRole("region", { name: "Impact" });
  await expect(impact).toContainText(`${customers} customers use it in ${recipes} recipes, ${active} running`);
  await expect(impact).toContainText(`${read} of ${all} customers read; ${all - read} may not be read`);
  await expect(operator.locator(`#version-${version}`).getByRole("region", { name: "Impact", includeHidden: true })).toContainText(
    `${customers} customers`,
  );
  await form.getByLabel(/^Type .* to confirm$/s).fill(connector.title);
  await form.getByLabel("Reason").fill("It charges twice");
  await form.getByRole("button", { name: `Suppress ${connector.title} for ${customers} customers` }).click();

  const said = operator.getByRole("status").filter({ hasText: "View operation" });
  const operation = (await said.getByRole("link", { name: "View operation" }).getAttribute("href")) ?? missing("a link");
  await auditor.goto(operation);
  const logged = auditor.getByRole("region", { name: "Impact" });
  await expect(logged).toContainText(`${customers} customers use it in ${recipes} recipes, ${active} running`);
  await expect(logged).toContainText(`${read} of ${all} customers read`);
  await expect(logged.getByRole("listitem")).toHaveCount(customers > 20 ? 21 : customers);
});

test("a connection's page lists its recipes, and the list is filtered and sorted by them", async ({ operator, team }) => {
  const { recipes } = await team.workato.inside();
  const all = await team.workato.connections();
  const usedBy = (id: number) => recipes.filter((recipe) => recipe.connection_ids.includes(id));
  const most = all.toSorted((a, b) => usedBy(b.id).length - usedBy(a.id).length)[0] ?? missing("a connection");
  const using = usedBy(most.id);

  await operator.goto(`/teams/${team.slug}/connections/${most.id}`);
  await expect(rowsOf(operator, "Recipes that use it")).toHaveCount(using.length);
  const first = operator.getByRole("table", { name: "Recipes that use it" }).locator("tbody tr").first();
  if (using.some((recipe) => recipe.active)) await expect(first).toContainText("Running");
  await expect(first.getByRole("link")).toHaveAttribute("href", /\/recipes\/\d+$/);
  await operator.getByRole("heading", { name: "Delete this connection" }).click();
  const form = operator.getByRole("form", { name: "Delete this connection" });
  await expect(form.getByRole("region", { name: "Impact" })).toContainText(`${using.length} recipe`);
  await expect(form.getByRole("button", { name: /, used by \d+ recipes?$/ })).toBeVisible();

  const unused = all.filter((connection) => usedBy(connection.id).length === 0);
  const [free = missing("an unused connection")] = unused;
  await operator.goto(`/teams/${team.slug}/connections/${free.id}`);
  await expect(operator.getByText("Not used: no recipe of this workspace uses it.")).toBeVisible();

  await operator.goto(`/teams/${team.slug}/connections`);
  const filters = operator.getByRole("search", { name: "Filter connections" });
  const broken = ["failed", "exception"];
  const expected = {
    Unused: unused.length,
    "Used by active recipes": all.filter(({ id }) => usedBy(id).some((recipe) => recipe.active)).length,
    "Broken and in use": all.filter(
      ({ id, authorization_status }) => broken.includes(authorization_status ?? "") && usedBy(id).length > 0,
    ).length,
  };
  for (const [label, count] of Object.entries(expected)) {
    await openFilters(filters);
    await filters.getByLabel("Recipes", { exact: true }).selectOption(label);
    await applyFilters(filters);
    if (count === 0) await expect(operator.getByRole("heading", { name: "No connection matches" })).toBeVisible();
    else await expect(rowsOf(operator, "Connections")).toHaveCount(Math.min(count, 50));
  }
  await operator.goto(`/teams/${team.slug}/connections?sort=-recipes`);
  await expect(rowsOf(operator, "Connections").first()).not.toBeEmpty();
  const counts = await operator.getByRole("table", { name: "Connections" }).locator("tbody td:nth-last-child(2)").allTextContents();
  const numbers = counts.map((text) => Number.parseInt(text, 10) || 0);
  expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  expect(numbers[0]).toBe(using.length);
});
