//! Leaves out of a page what HTML does not need: end tags that the next tag implies, quotes around plain values, and the
//! comments between which Leptos finds its texts, except in islands, where the browser looks for them. Text stays as it is.

/// End tags that may be left out before one of these, or before one of the end tags. "13.1.2 Optional tags" in the HTML
/// standard.
const OPTIONAL: &[(&str, &[&str])] = &[
    ("</td>", &["<td", "<th", "</tr>"]),
    ("</th>", &["<td", "<th", "</tr>"]),
    ("</tr>", &["<tr", "</tbody>", "</thead>", "</table>"]),
    ("</option>", &["<option", "</select>", "</datalist>"]),
    ("</li>", &["<li", "</ul>", "</ol>"]),
    ("</tbody>", &["</table>"]),
    ("</thead>", &["<tbody"]),
];
const COMMENT: &str = "<!>";
const ISLAND: &str = "leptos-island";

/// The same page, shorter. What is in a script, a style or a text field is not looked at.
pub fn short(html: &str) -> String {
    let mut page = String::with_capacity(html.len());
    let mut rest = html;
    let mut islands = 0_usize;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        page.push_str(text);
        if islands == 0 && tag.starts_with(COMMENT) {
            rest = &tag[COMMENT.len()..];
            continue;
        }
        let Some(length) = length_of(tag) else {
            rest = tag;
            break;
        };
        let (tag, after) = tag.split_at(length);
        rest = after;
        if let Some(name) = tag.strip_prefix("</") {
            if name.starts_with(ISLAND) {
                islands = islands.saturating_sub(1);
            }
            let next = if islands == 0 { without_comments(after) } else { after };
            if !is_implied(tag, next) {
                page.push_str(tag);
            }
            continue;
        }
        if tag[1..].starts_with(ISLAND) {
            islands += 1;
        }
        if islands > 0 || !tag[1..].starts_with(|first: char| first.is_ascii_alphabetic()) {
            page.push_str(tag);
        } else {
            push_short_tag(&mut page, tag);
        }
        if let Some(end) = end_of_raw_text(tag) {
            let (raw, after) = after.split_at(after.find(end).unwrap_or(after.len()));
            page.push_str(raw);
            rest = after;
        }
    }
    page.push_str(rest);
    page
}

/// How long the tag is, or the comment, with which this begins. A `>` in a quoted value does not end it.
fn length_of(tag: &str) -> Option<usize> {
    if tag.starts_with("<!--") {
        return tag.find("-->").map(|at| at + 3);
    }
    let mut is_quoted = false;
    let end = tag.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    end.map(|at| at + 1)
}

fn without_comments(mut html: &str) -> &str {
    while let Some(rest) = html.strip_prefix(COMMENT) {
        html = rest;
    }
    html
}

fn is_implied(end_tag: &str, next: &str) -> bool {
    let known = OPTIONAL.iter().find(|(tag, _)| *tag == end_tag);
    known.is_some_and(|(_, implied_by)| {
        implied_by.iter().any(|tag| match next.strip_prefix(tag) {
            // `<th` is not `<thead`.
            Some(rest) => tag.ends_with('>') || rest.starts_with([' ', '>']),
            None => false,
        })
    })
}

/// Writes a tag with quotes only where they are needed. The portal writes each attribute with double quotes or without a value.
fn push_short_tag(page: &mut String, tag: &str) {
    let mut rest = tag;
    while let Some(at) = rest.find("=\"") {
        let (before, value) = rest.split_at(at);
        let value = &value[2..];
        let Some(end) = value.find('"') else { break };
        let (value, after) = (&value[..end], &value[end + 1..]);
        page.push_str(before);
        if value.is_empty() {
            // An attribute without a value has the empty one.
        } else if value.contains(|letter: char| letter.is_ascii_whitespace() || "\"'=<>`".contains(letter)) {
            page.push_str("=\"");
            page.push_str(value);
            page.push('"');
        } else {
            page.push('=');
            page.push_str(value);
            // Otherwise the slash would be a part of the value.
            if after.starts_with('/') {
                page.push(' ');
            }
        }
        rest = after;
    }
    page.push_str(rest);
}

fn end_of_raw_text(tag: &str) -> Option<&'static str> {
    [("<script", "</script"), ("<style", "</style"), ("<textarea", "</textarea"), ("<title", "</title")]
        .into_iter()
        .find(|(begins, _)| tag.starts_with(begins))
        .map(|(_, end)| end)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn what_html_implies_is_left_out() {
        for (long, expected) in [
            (
                "<table><thead><tr><th scope=\"col\">A</th></tr></thead><tbody><tr><td>1</td><td class=\"a b\">2</td></tr></tbody></table>",
                "<table><thead><tr><th scope=col>A<tbody><tr><td>1<td class=\"a b\">2</table>",
            ),
            ("<ul><li>1</li><!><li>2</li><!></ul>", "<ul><li>1<li>2</ul>"),
            (
                "<select><option value=\"\">any</option><option>b</option></select>",
                "<select><option value>any<option>b</select>",
            ),
            ("<a href=\"/x/\">y</a><a href=\"/x?a=b\">y</a>", "<a href=/x/>y</a><a href=\"/x?a=b\">y</a>"),
            ("<use href=\"/i\"/>", "<use href=/i />"),
            ("<i title=\"a > b\">c</i>", "<i title=\"a > b\">c</i>"),
            ("<p title=\"&quot;x&quot;\" hidden>a</p>", "<p title=&quot;x&quot; hidden>a</p>"),
            ("<!DOCTYPE html><!--HEAD--><p>a</p>", "<!DOCTYPE html><!--HEAD--><p>a</p>"),
        ] {
            assert_eq!(short(long), expected, "{long}");
            assert_eq!(short(expected), expected, "again");
        }
    }

    #[test]
    fn text_islands_and_what_is_no_markup_stay() {
        for whole in [
            "<td>1</td> <td>2</td>",
            "<ul><li>1</li>\n</ul>",
            "<leptos-island data-x=\"y\"><p>a<!><b class=\"c\">d</b></p></leptos-island>",
            "<script>if (a<b) { c=\"d\" }</script>",
            "<textarea>a=\"b\"<!></textarea>",
            "<pre>a=\"b\" &lt;li&gt;</pre>",
            "a < b",
            "<td",
            "",
        ] {
            assert_eq!(short(whole), whole);
        }
        assert_eq!(
            short("<leptos-island><!></leptos-island><!><b id=\"c\">d</b>"),
            "<leptos-island><!></leptos-island><b id=c>d</b>"
        );
    }
}
