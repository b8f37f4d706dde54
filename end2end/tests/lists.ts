// Lists as people read them: the row headings of a table.

import type { Locator, Page } from "@playwright/test";

/** The row headings of the table with this caption. */
export function rowsOf(page: Page, caption: string): Locator {
  return page.getByRole("table", { name: caption }).getByRole("rowheader");
}

/** Text with its white space as a browser shows it. */
export function inOneLine(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}
