// Lists as people read them: the row headings of a table.

import type { Locator, Page } from "@playwright/test";

/** The row headings of the table with this caption. */
export function rowsOf(page: Page, caption: string): Locator {
  // A day's heading is one for a group of rows.
  return page.getByRole("table", { name: caption }).locator('th[scope="row"]');
}

/** Text with its white space as a browser shows it. */
export function inOneLine(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}

/** Opens the fields of a list's filter form, which are behind a button unless one has a problem. */
export async function openFilters(filters: Locator): Promise<void> {
  const button = filters.getByRole("button", { name: "Filter", exact: true });
  if (await button.isVisible()) await button.click();
}

/** Submits a list's filter form. */
export async function applyFilters(filters: Locator): Promise<void> {
  const apply = filters.getByRole("button", { name: "Apply filters" });
  if (!(await apply.isVisible())) await openFilters(filters);
  await apply.click();
}

/** The texts of cells that lie on another cell of their row. */
export async function overlapping(table: Locator): Promise<string[]> {
  return table.evaluate((element) =>
    [...element.querySelectorAll("tbody > tr")].flatMap((row) => {
      const cells = [...row.children].map((cell) => ({ cell, box: cell.getBoundingClientRect() }));
      const visible = cells.filter(({ box }) => box.width > 1 && box.height > 1);
      const lies = ({ box: one }: (typeof visible)[0], { box: other }: (typeof visible)[0]) =>
        one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;
      return visible
        .filter((one, at) => visible.slice(at + 1).some((other) => lies(one, other)))
        .map(({ cell }) => cell.textContent ?? "");
    }),
  );
}
