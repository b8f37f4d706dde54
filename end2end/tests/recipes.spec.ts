// Embedded customers: find one, share a recipe with it, and read the code of the connectors that recipes use. What
// reached Workato is read from the sandbox.

import { expect, test } from "../fixtures";
import type { Team } from "../portal";
import type { Connector, Customer, Recipe } from "../sandbox";
import { missing } from "./choose";
import { navigation } from "./frame";
import { rowsOf } from "./lists";
import { openNewestVersion } from "./versions";

test("a customer is found, and its page shows what Workato has about it", async ({ viewer, team }) => {
  const { customers } = await team.workato.inside();
  await viewer.goto(`/teams/${team.slug}/connections`);
  await (await navigation(viewer)).getByRole("link", { name: "Customers" }).click();
  await expect(rowsOf(viewer, "Customers")).toHaveCount(50);
  const names = await rowsOf(viewer, "Customers").allInnerTexts();
  const everyName = customers.map((one) => one.name).toSorted(byLetters);
  expect(names.map((name) => name.trim())).toEqual(everyName.slice(0, 50));
  await viewer.getByRole("link", { name: "Next" }).click();
  await expect(rowsOf(viewer, "Customers")).toHaveCount(customers.length - 50);

  const sought = customers.find((one) => one.external_id?.includes("/")) ?? missing("an awkward external id");
  const search = viewer.getByRole("search", { name: "Filter the customers" });
  await search.getByLabel("Name or ID").fill(sought.external_id ?? "");
  await search.getByLabel("Name or ID").press("Enter");
  await expect(rowsOf(viewer, "Customers")).toHaveText([sought.name]);
  await viewer.getByRole("link", { name: sought.name }).click();
  await expect(viewer.getByRole("heading", { level: 1 })).toHaveText(sought.name);
  await expect(viewer.getByRole("main")).toContainText(sought.external_id ?? "");
  await expect(rowsOf(viewer, "Connections")).not.toHaveCount(0);
  await expect(viewer.getByRole("link", { name: "Share a recipe" })).toHaveCount(0);
});

test("a recipe is refused because of its connector, and shared once the connector is", async ({ operator, team }) => {
  const { recipe, connector, customer } = await withUnsharedConnector(team);
  await operator.goto(`/teams/${team.slug}/customers/${customer.id}`);
  await operator.getByRole("link", { name: "Share a recipe" }).click();
  const form = operator.getByRole("form", { name: "Share a recipe with a customer" });
  await expect(form.getByLabel("Customer", { exact: true })).toHaveValue(`${customer.name} (${customer.id})`);
  await form.getByLabel("Recipe ID").fill(String(recipe.id));
  await form.getByLabel("Reason").fill("They go live on Monday");
  await form.getByRole("button", { name: "Share the recipe" }).click();

  await expect(operator.getByRole("alert")).toContainText(
    `Workato refused to share recipe ${recipe.id} with ${customer.name}.`,
  );
  await expect(operator.getByRole("alert")).toContainText("aren't shared with the customer");
  expect(await team.workato.carriedOut()).toEqual([]);
  const way = operator.getByRole("region", { name: "Next steps" });
  await way.getByRole("link", { name: connector.title }).click();
  await (await openNewestVersion(operator)).getByRole("button").click();
  await expect(operator.getByText("is now shared")).toBeVisible();

  await operator.goBack();
  await operator.goBack();
  await expect(form.getByLabel("Recipe ID")).toHaveValue(String(recipe.id));
  await expect(form.getByLabel("Reason")).toHaveValue("They go live on Monday");
  await form.getByRole("button", { name: "Share the recipe" }).click();
  await expect(operator.getByRole("status").filter({ hasText: `is shared with ${customer.name}.` })).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([`connector.share ${connector.id}`, `recipe.share ${recipe.id}`]);
  expect((await find(team, recipe)).shared_with).toEqual([customer.id]);
  await expect(rowsOf(operator, "Latest recipe shares").first()).toContainText(
    `Olga Operator shared recipe ${recipe.id} with ${customer.name}`,
  );
});

test("part of a name asks which customer is meant, and an external id is taken literally", async ({ operator, team }) => {
  const { recipe, customers } = await withSharedConnector(team);
  const customer = customers.find((one) => one.external_id?.includes("/")) ?? missing("an awkward external id");
  const form = operator.getByRole("form", { name: "Share a recipe with a customer" });
  await operator.goto(`/teams/${team.slug}/recipes`);
  await form.getByLabel("Recipe ID").fill(String(recipe.id));
  await form.getByLabel("Customer", { exact: true }).fill(customer.name.slice(0, 4));
  await form.getByRole("button", { name: "Share the recipe" }).click();

  await expect(form.getByLabel("Customer", { exact: true })).toHaveAccessibleDescription(/No customer has exactly this name/);
  await expect(form.getByLabel("Recipe ID")).toHaveValue(String(recipe.id));
  await form.getByRole("radio", { name: `account ${customer.id},` }).check();
  await form.getByRole("button", { name: "Share the recipe" }).click();
  await expect(operator.getByText(`is shared with ${customer.name}.`)).toBeVisible();

  await form.getByLabel("Recipe ID").fill(String(recipe.id));
  await form.getByLabel("External ID").check();
  await form.getByLabel("Customer", { exact: true }).fill(customer.external_id ?? "");
  await form.getByRole("button", { name: "Share the recipe" }).click();
  await expect(rowsOf(operator, "Latest recipe shares")).toHaveCount(2);
  expect(await team.workato.carriedOut()).toEqual([`recipe.share ${recipe.id}`, `recipe.share ${recipe.id}`]);
  expect((await find(team, recipe)).shared_with).toEqual([customer.id]);
});

test("a connector's code is shown with line numbers and copied without them", async ({
  context,
  operator,
  team,
  javaScriptEnabled,
}) => {
  const { connectors } = await team.workato.inside();
  const [connector] = connectors;
  if (!connector) throw missing("a connector");
  const code = "{\n  title: '<b>Übung</b> & 🚚',\n\n  test: lambda do |_|\n    get('/v1/ping')\n  end\n}\n";
  await team.workato.alter({ do: "rewrite_connector", connector_id: connector.id, code });
  await operator.goto(`/teams/${team.slug}/connectors/${connector.id}`);
  await operator.getByRole("link", { name: "Code" }).click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText(`Code of ${connector.title}`);
  const listing = operator.getByRole("region", { name: "Code" });
  expect(await listing.locator("code").textContent()).toBe(code);
  await expect(listing.locator(".numbers")).toHaveText("1\n2\n3\n4\n5\n6\n7", { useInnerText: true });
  if (!javaScriptEnabled) return;
  await operator.context().grantPermissions(["clipboard-write"]);
  // Pages may write to the clipboard but not read it, so what is written is looked at on its way.
  await operator.evaluate(() => {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => {
      document.body.dataset.copied = text;
      return write(text);
    };
  });
  await operator.getByRole("button", { name: "Copy code" }).click();
  await expect(operator.getByText("Copied")).toBeVisible();
  expect(await operator.locator("body").getAttribute("data-copied")).toBe(code);
  // Text selected by hand has no numbers either.
  const selected = await listing.evaluate((all) => {
    getSelection()?.selectAllChildren(all);
    return getSelection()?.toString();
  });
  expect(selected?.trim()).toBe(code.trim());
});

test("without the privilege for code the page says so, and the connector's page still works", async ({
  operator,
  team,
  complaints,
}) => {
  complaints.expect(502);
  const { connectors } = await team.workato.inside();
  const all = ["workspace", "read_connections", "read_connectors", "share_connectors", "folders", "tags", "customers"];
  await team.workato.restrict(all);
  await operator.goto(`/teams/${team.slug}/connectors/${connectors[0]?.id}/code`);
  await expect(operator.getByRole("alert")).toContainText("The code can't be shown");
  await operator.getByRole("link", { name: /^Back to / }).click();
  await expect(operator.getByRole("heading", { name: "Versions" })).toBeVisible();
});

async function withUnsharedConnector(team: Team) {
  const { recipes, connectors, customers } = await team.workato.inside();
  const unshared = connectors.filter((one) => !one.shared && one.versions.some((version) => version.released_at));
  const uses = (connector: Connector) => recipes.find((one) => one.connector_ids.join() === String(connector.id));
  const connector = unshared.find(uses) ?? missing("a recipe with a connector that is not shared");
  const customer = customers.find((one) => one.external_id?.startsWith("U-")) ?? missing("a customer");
  return { connector, recipe: uses(connector) ?? missing("its recipe"), customer };
}

async function withSharedConnector(team: Team): Promise<{ recipe: Recipe; customers: Customer[] }> {
  const { recipes, connectors, customers } = await team.workato.inside();
  const shared = new Set(connectors.filter((one) => one.shared).map((one) => one.id));
  const recipe = recipes.find((one) => one.connector_ids.every((id) => shared.has(id))) ?? missing("a recipe");
  return { recipe, customers };
}

async function find(team: Team, { id }: Recipe): Promise<Recipe> {
  const { recipes } = await team.workato.inside();
  return recipes.find((one) => one.id === id) ?? missing(`recipe ${id}`);
}

/** The order of the list: by name in lower case. */
function byLetters(a: string, b: string): number {
  const [first, second] = [a.toLowerCase(), b.toLowerCase()];
  return first < second ? -1 : Number(first > second);
}
