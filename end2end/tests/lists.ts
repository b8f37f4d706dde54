// Lists as people read them: what the rows of a table are headed.

import type { Locator, Page } from "@playwright/test";

/** The headings of the rows of the table with this caption. */
export function rowsOf(page: Page, caption: string): Locator {
  return page.getByRole("table", { name: caption }).getByRole("rowheader");
}

/** White space as a browser shows it. */
export function inOneLine(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}
