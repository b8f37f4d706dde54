// A session that ends in one tab while a form is filled in in another: nothing is sent, and after signing in the form is
// back, for its person alone.

import { expect, PEOPLE, signIn, test } from "../fixtures";
import { missing, unusedConnections } from "./choose";
import { signOut } from "./frame";
import { inOneLine } from "./lists";

const NOTICE = "You were signed out. Nothing was sent.";

test("a form that is sent after signing out in another tab is back after signing in", async ({ page, team }) => {
  await page.goto("/login?next=/account");
  await signIn(page, PEOPLE.operator);
  await expect(page).toHaveURL("/account");
  const [connection = missing("an unused connection")] = await unusedConnections(team.workato);
  const name = inOneLine(connection.name ?? String(connection.id));
  const address = `/teams/${team.slug}/connections/${connection.id}`;
  await page.goto(address);
  const form = page.getByRole("form", { name: "Delete this connection" });
  await page.getByText("Delete this connection", { exact: true }).first().click();
  await form.getByLabel(/^Type .* to confirm$/s).fill(name);
  await form.getByLabel("Reason").fill("The contract ended, and nobody uses it");

  const otherTab = await page.context().newPage();
  await otherTab.goto("/account");
  await signOut(otherTab);
  await expect(otherTab).toHaveURL("/login");
  await otherTab.close();

  await form.getByRole("button", { name: /^Delete / }).click();
  await expect(page).toHaveURL(/\/login\?next=/);
  await expect(page.getByRole("alert")).toContainText(NOTICE);
  const signInPage = page.url();

  // Somebody else signs in on this browser.
  await signIn(page, PEOPLE.viewer);
  await expect(page).toHaveURL(new RegExp(`${address}\\?problem=`));
  await expect(page.getByText(NOTICE)).toHaveCount(0);
  await signOut(page);

  await page.goto(signInPage);
  await signIn(page, PEOPLE.operator);
  await expect(page.getByRole("alert")).toContainText(NOTICE);
  await expect(form.getByLabel(/^Type .* to confirm$/s)).toHaveValue(name);
  await expect(form.getByLabel("Reason")).toHaveValue("The contract ended, and nobody uses it");
  expect((await team.workato.connections()).map((one) => one.id)).toContain(connection.id);

  await form.getByRole("button", { name: /^Delete / }).click();
  await expect(page.getByRole("status").first()).toContainText("was deleted");
  expect((await team.workato.connections()).map((one) => one.id)).not.toContain(connection.id);
});
