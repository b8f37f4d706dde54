//! The rows that all must show: taken from the portal's own page, and read back from everybody's before anything is timed.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::error::Result;

/// The file with the rows, in the folder that the peers get.
pub const FILE: &str = "rows.json";

/// The table of connections, and the one of a thousand rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Rows {
    pub headings: Vec<String>,
    pub connections: Vec<Vec<String>>,
    /// An id and a name in each row, as in the tables with which others compare frameworks.
    pub thousand: Vec<Vec<String>>,
}

impl Rows {
    pub fn read(folder: &str) -> Result<Self> {
        Ok(serde_json::from_slice(&fs::read(format!("{folder}/{FILE}"))?)?)
    }

    pub fn write(&self, folder: &str) -> Result<()> {
        Ok(fs::write(format!("{folder}/{FILE}"), serde_json::to_vec(self)?)?)
    }
}

/// A thousand rows, the same in every run.
pub fn thousand() -> Vec<Vec<String>> {
    let word = |at: u64| format!("{:016x}", (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    (0..1_000).map(|at| vec![format!("{}-{}", word(at), at), format!("Item {}", word(at + 1_000))]).collect()
}

/// The text of each cell of the longest table, and of its headings.
pub fn of_page(html: &str) -> Result<(Vec<String>, Vec<Vec<String>>)> {
    let tables =
        html.split("<table").skip(1).map(|table| table.split_once("</table>").map_or(table, |(table, _)| table));
    let table = tables.max_by_key(|table| table.matches("<tr").count()).ok_or("the page has no table")?;
    let (head, body) = table.split_once("<tbody").ok_or("the table has no body")?;
    let headings = cells(head);
    let rows = body.split("<tr").skip(1).map(|row| {
        let row = row.split_once('>').map_or(row, |(_, row)| row);
        cells(row)
    });
    Ok((headings, rows.collect()))
}

/// The cells of a row. A cell ends where the next begins, since its end tag may be left out.
fn cells(row: &str) -> Vec<String> {
    let begins: Vec<usize> = row
        .match_indices('<')
        .map(|(at, _)| at)
        .filter(|at| ["<td>", "<td ", "<th>", "<th "].iter().any(|tag| row[*at..].starts_with(tag)))
        .collect();
    let ends = begins.iter().skip(1).copied().chain([row.len()]);
    let cells = begins.iter().zip(ends).map(|(begin, end)| &row[*begin..end]);
    // Django's check box is a cell of its own.
    cells.filter(|cell| !cell[..cell.find('>').unwrap_or(0)].contains("action-checkbox")).map(text).collect()
}

/// The words of a piece of HTML, one space apart. Words in two elements are two words.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(begin) = rest.find('<') {
        text.push_str(&rest[..begin]);
        let tag = &rest[begin..];
        let end =
            if tag.starts_with("<!--") { tag.find("-->").map(|at| at + 3) } else { tag.find('>').map(|at| at + 1) };
        // React and Leptos part texts with comments, which do not part words.
        if !tag.starts_with("<!") {
            text.push(' ');
        }
        rest = end.map_or("", |end| &tag[end..]);
    }
    text.push_str(rest);
    for (written, meant) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ] {
        text = text.replace(written, meant);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::of_page;

    #[test]
    fn the_same_table_reads_the_same_however_it_is_written() {
        let plain = "<table><thead><tr><th>Name</th><th>Tags</th></tr></thead><tbody><tr><td>A &amp; B</td><td>x <b>y</b></td></tr></tbody></table>";
        let short = "<table class=t><thead><tr><th scope=col>Name<th>Tags</thead><tbody id=b><tr class=r><th scope=row><a href=/1>A<!-- --> &amp; B</a><td>x <i></i><b>y</b></table>";
        let boxed = "<table><thead><tr><th class=\"action-checkbox-column\"></th><th>Name</th><th>Tags</th></tr></thead><tbody><tr><td class=\"action-checkbox\"><input></td><th>A &amp; B</th><td>x y</td></tr></tbody></table>";
        let rows = vec![vec!["A & B".to_owned(), "x y".to_owned()]];
        for page in [plain, short, boxed] {
            assert_eq!(of_page(page).expect("a table").1, rows, "{page}");
        }
        assert_ne!(of_page(&plain.replace("x <b>", "<b>")).expect("a table").1, rows);
    }
}
