//! Bar charts as SVG, made by pure functions. Coordinates are in the units of the data, and the SVG is stretched to its
//! box. Labels and scales are text around it, and colours are CSS classes. The parts are links for pointer users. The
//! table beside each chart has the same links for everyone else.

use std::fmt::Write as _;

/// A part of a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub amount: i64,
    /// The CSS class of its colour.
    pub class: &'static str,
    /// The tooltip: "12 succeeded on 3 Nov".
    pub words: String,
    /// The search that lists what the part counts.
    pub href: String,
}

/// A vertical bar per column, with stacked parts. `highest` is the top of the scale.
pub fn columns(bars: &[Vec<Part>], highest: i64) -> String {
    let mut drawn = open(bars.len().max(1) as i64, highest.max(1), "columns");
    for (at, bar) in bars.iter().enumerate() {
        let mut below = highest.max(1);
        for part in bar.iter().filter(|part| part.amount > 0) {
            below -= part.amount;
            let place = format!("x=\"{at}.1\" y=\"{below}\" width=\"0.8\" height=\"{}\"", part.amount);
            link(&mut drawn, part, &place);
        }
    }
    drawn + "</svg>"
}

/// One horizontal bar, with its parts side by side. `longest` is the end of the scale.
pub fn row(parts: &[Part], longest: i64) -> String {
    let mut drawn = open(longest.max(1), 1, "bar");
    let mut before = 0;
    for part in parts.iter().filter(|part| part.amount > 0) {
        let place = format!("x=\"{before}\" y=\"0\" width=\"{}\" height=\"1\"", part.amount);
        link(&mut drawn, part, &place);
        before += part.amount;
    }
    drawn + "</svg>"
}

fn open(width: i64, height: i64, class: &str) -> String {
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\" \
         focusable=\"false\">"
    )
}

fn link(drawn: &mut String, part: &Part, place: &str) {
    let (href, words) = (escaped(&part.href), escaped(&part.words));
    // Writing to a string cannot fail.
    let _written = write!(
        drawn,
        "<a href=\"{href}\" tabindex=\"-1\"><rect class=\"{}\" {place}><title>{words}</title></rect></a>",
        part.class
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A round number at or above `highest`, for the top of a scale.
pub fn top_of_scale(highest: i64) -> i64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if highest <= step * factor {
                return step * factor;
            }
        }
        step *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, columns, row, top_of_scale};

    fn part(amount: i64, words: &str) -> Part {
        Part { amount, class: "ok", words: words.to_owned(), href: "/audit?q=a&b".to_owned() }
    }

    #[test]
    fn parts_are_stacked_and_empty_parts_are_left_out() {
        let drawn = columns(&[vec![part(2, "two"), part(0, "none"), part(3, "three")], vec![]], 10);
        assert_eq!(drawn.matches("<rect").count(), 2);
        assert!(drawn.contains("viewBox=\"0 0 2 10\""), "{drawn}");
        assert!(drawn.contains("x=\"0.1\" y=\"8\" width=\"0.8\" height=\"2\""), "{drawn}");
        assert!(drawn.contains("x=\"0.1\" y=\"5\" width=\"0.8\" height=\"3\""), "{drawn}");
    }

    #[test]
    fn parts_of_a_row_are_side_by_side() {
        let drawn = row(&[part(2, "two"), part(3, "three")], 10);
        assert!(drawn.contains("x=\"0\" y=\"0\" width=\"2\""), "{drawn}");
        assert!(drawn.contains("x=\"2\" y=\"0\" width=\"3\""), "{drawn}");
    }

    #[test]
    fn names_are_escaped_and_there_are_no_inline_styles() {
        let drawn = row(&[part(1, "<b>\"Olga\" & co</b>")], 1);
        assert!(drawn.contains("<title>&lt;b&gt;&quot;Olga&quot; &amp; co&lt;/b&gt;</title>"), "{drawn}");
        assert!(drawn.contains("href=\"/audit?q=a&amp;b\""), "{drawn}");
        assert!(!drawn.contains("style="), "{drawn}");
    }

    #[test]
    fn a_chart_without_data_is_an_empty_svg() {
        assert!(columns(&[], 0).contains("viewBox=\"0 0 1 1\""));
        assert!(row(&[], 0).ends_with("</svg>"));
    }

    #[test]
    fn a_scale_ends_at_a_round_number() {
        assert_eq!([0, 1, 2, 3, 7, 10, 11, 49, 51, 1_200].map(top_of_scale), [1, 1, 2, 5, 10, 10, 20, 50, 100, 2_000]);
    }
}
