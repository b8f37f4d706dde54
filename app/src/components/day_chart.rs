//! A chart with one column a day, as SVG with axis, scale and hover titles, and the same numbers as a table.

use std::fmt::Write as _;

use leptos::prelude::*;

use super::top_of_scale;
use crate::wording::home::Day;

/// The parts of a day's column, from the bottom up: the class of the colour, and how many.
const fn parts(day: &Day) -> [(&'static str, i64); 3] {
    [("f-ok", day.succeeded), ("f-bad", day.failed), ("f-unk", day.unknown)]
}

/// The left end of the axis, its right end, the top of the scale, and the axis.
const LEFT: f64 = 24.0;
const RIGHT: f64 = 296.0;
const TOP: f64 = 12.0;
const BASE: f64 = 84.0;

/// The chart. `words` say what it shows, for those who don't see it.
pub fn day_chart(days: &[Day], words: String) -> AnyView {
    let drawn = drawing(days);
    view! { <svg class="chart" viewBox="0 0 296 102" role="img" aria-label=words inner_html=drawn></svg> }.into_any()
}

fn drawing(days: &[Day]) -> String {
    let top = top_of_scale(days.iter().map(Day::total).max().unwrap_or(0).max(2));
    let middle = top / 2;
    let height = |count: i64| (BASE - TOP) * count as f64 / top as f64;
    let mut drawn = String::new();
    // Writing to a string cannot fail.
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _written = drawn.write_fmt(text);
    };
    let half = BASE - height(middle);
    line(format_args!("<path class=\"grid\" d=\"M{LEFT} {TOP}H{RIGHT}M{LEFT} {half:.1}H{RIGHT}\"/>"));
    line(format_args!("<path class=\"base\" d=\"M{LEFT} {:.1}H{RIGHT}\"/>", BASE + 0.5));
    for (count, y) in [(top, TOP), (middle, half)] {
        line(format_args!("<text x=\"18\" y=\"{:.1}\" text-anchor=\"end\">{count}</text>", y + 4.0));
    }
    let step = (RIGHT - LEFT) / days.len().max(1) as f64;
    for (at, day) in days.iter().enumerate() {
        let x = LEFT + step * at as f64;
        let mut y = BASE;
        for (class, count) in parts(day).into_iter().filter(|(_, count)| *count > 0) {
            // Even one of many is seen.
            let tall = height(count).max(2.0);
            y -= tall;
            line(format_args!(
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>",
                x + 3.0,
                step - 6.0
            ));
            y -= 1.0;
        }
        line(format_args!(
            "<rect x=\"{x:.1}\" y=\"8\" width=\"{step:.1}\" height=\"76\" fill=\"none\" pointer-events=\"all\">\
             <title>{}: {} succeeded, {} failed, {} unknown</title></rect>",
            day.name, day.succeeded, day.failed, day.unknown
        ));
    }
    if let Some(first) = days.first() {
        line(format_args!("<text x=\"{LEFT}\" y=\"99\">{}</text>", first.name));
        line(format_args!("<text x=\"{RIGHT}\" y=\"99\" text-anchor=\"end\">Today</text>"));
    }
    drawn
}

/// The numbers of the chart, newest day first, without days on which nothing happened.
pub fn day_table(days: &[Day], caption: &'static str) -> AnyView {
    let rows = days.iter().rev().filter(|day| day.total() > 0).map(|day| {
        view! {
            <tr>
                <th scope="row">{day.name.clone()}</th>
                <td class="num">{day.succeeded}</td>
                <td class="num">{day.failed}</td>
                <td class="num">{day.unknown}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <table class="days">
            <caption class="vh">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"Day (UTC)"</th>
                    <th scope="col" class="num">"Succeeded"</th>
                    <th scope="col" class="num">"Failed"</th>
                    <th scope="col" class="num">"Unknown"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::drawing;
    use crate::wording::home::Day;

    fn day(name: &str, succeeded: i64, failed: i64, unknown: i64) -> Day {
        Day { name: name.to_owned(), succeeded, failed, unknown }
    }

    #[test]
    fn each_day_has_its_parts_above_each_other_and_a_title() {
        let drawn = drawing(&[day("13 Nov", 6, 2, 0), day("14 Nov", 0, 0, 0)]);
        assert_eq!(drawn.matches("<rect class=").count(), 2, "{drawn}");
        assert!(drawn.contains("<title>13 Nov: 6 succeeded, 2 failed, 0 unknown</title>"), "{drawn}");
        assert!(drawn.contains("<title>14 Nov: 0 succeeded, 0 failed, 0 unknown</title>"), "{drawn}");
        // 6 of 10 on a scale of 72 pixels.
        assert!(drawn.contains("class=\"f-ok\" x=\"27.0\" y=\"40.8\" width=\"130.0\" height=\"43.2\""), "{drawn}");
        assert!(drawn.contains(">10</text>") && drawn.contains(">5</text>"), "{drawn}");
        assert!(!drawn.contains("style="));
    }

    #[test]
    fn one_of_many_is_still_seen() {
        let drawn = drawing(&[day("13 Nov", 5_000, 1, 0)]);
        assert!(drawn.contains("class=\"f-bad\"") && drawn.contains("height=\"2.0\""), "{drawn}");
    }

    #[test]
    fn a_chart_without_days_is_an_axis() {
        assert!(!drawing(&[]).contains("<rect"));
    }
}
