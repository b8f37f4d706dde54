//! The difference of two versions of a connector's code, line by line, within bounds of size and time. Pure.

use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, TextDiff};

/// The most bytes of each version that are compared.
pub(super) const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The most lines of each version that are compared.
pub const MOST_LINES: usize = 100_000;
/// After this time, what is not compared yet counts as replaced as a whole.
const PATIENCE: Duration = Duration::from_millis(200);
/// Unchanged lines that are shown around changed ones.
const CONTEXT: usize = 3;
/// The most bytes of a line that are shown.
const LONGEST_LINE: usize = 500;

/// There is too much code to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The bytes of the larger version.
    pub bytes: usize,
    /// The lines of the version with more of them, as far as they were counted.
    pub lines: usize,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDiff {
    /// How many lines are new.
    pub added: usize,
    /// How many lines are gone.
    pub removed: usize,
    /// The changed places, in order.
    pub sections: Vec<Section>,
    /// How many lines of sections are left out because there are too many.
    pub left_out: usize,
    /// Whether there was not enough time, so that lines count as replaced that are in both.
    pub is_rough: bool,
}

/// Changed lines that are close together, with some unchanged ones around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its lines.
    pub lines: Vec<DiffLine>,
}

/// A line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// Whether it is in both versions.
    pub kind: LineKind,
    /// Its number: in the earlier version if it is gone, otherwise in the later one.
    pub number: usize,
    /// Its text, without the line break, and cut if it is very long.
    pub text: String,
}

/// Which version has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Both.
    Same,
    /// The later one alone.
    Added,
    /// The earlier one alone.
    Removed,
}

impl CodeDiff {
    /// Whether only what cannot be seen differs, such as line endings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added == 0 && self.removed == 0
    }
}

/// Compares two versions, and keeps at most `most_shown` lines.
///
/// # Errors
/// [`TooLarge`] if one of them has too many bytes or lines.
pub(super) fn diff(from: &str, to: &str, most_shown: usize) -> Result<CodeDiff, TooLarge> {
    let bytes = from.len().max(to.len());
    let lines = if bytes > MOST_BYTES { 0 } else { count(from).max(count(to)) };
    if bytes > MOST_BYTES || lines > MOST_LINES {
        return Err(TooLarge { bytes, lines });
    }
    let [from, to] = [from, to].map(unified);
    let until = Instant::now() + PATIENCE;
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).deadline(until).diff_lines(&*from, &*to);
    let mut found =
        CodeDiff { added: 0, removed: 0, sections: Vec::new(), left_out: 0, is_rough: Instant::now() >= until };
    let mut shown = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let mut section = Section { lines: Vec::new() };
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (kind, index) = match change.tag() {
                ChangeTag::Equal => (LineKind::Same, change.new_index()),
                ChangeTag::Insert => (LineKind::Added, change.new_index()),
                ChangeTag::Delete => (LineKind::Removed, change.old_index()),
            };
            match kind {
                LineKind::Same => {}
                LineKind::Added => found.added += 1,
                LineKind::Removed => found.removed += 1,
            }
            if shown == most_shown {
                found.left_out += 1;
                continue;
            }
            shown += 1;
            let text = shortened(change.value().trim_end_matches('\n'));
            section.lines.push(DiffLine { kind, number: index.map_or(0, |index| index + 1), text });
        }
        if !section.lines.is_empty() {
            found.sections.push(section);
        }
    }
    Ok(found)
}

/// Counts no further than it has to.
fn count(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n' || *byte == b'\r').take(MOST_LINES + 1).count()
}

/// With one kind of line ending, and one at the end: how lines end is no difference of theirs.
fn unified(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn shortened(line: &str) -> String {
    if line.len() <= LONGEST_LINE {
        return line.to_owned();
    }
    let mut end = LONGEST_LINE;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &line[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(diff: &CodeDiff) -> String {
        let line = |line: &DiffLine| {
            let sign = match line.kind {
                LineKind::Same => ' ',
                LineKind::Added => '+',
                LineKind::Removed => '-',
            };
            format!("{}{sign}{}", line.number, line.text)
        };
        let section = |section: &Section| section.lines.iter().map(line).collect::<Vec<_>>().join("\n");
        diff.sections.iter().map(section).collect::<Vec<_>>().join("\n...\n")
    }

    #[test]
    fn changed_lines_are_shown_with_three_lines_around_them() {
        let from = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
        let to = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n";
        let found = diff(from, to, 100).unwrap();
        assert_eq!((found.added, found.removed, found.left_out, found.is_rough), (2, 1, 0, false));
        assert_eq!(shown(&found), "2 2\n3 3\n4 4\n5-5\n5+five\n6 6\n7 7\n8 8\n...\n10 10\n11 11\n12 12\n13+13");
    }

    #[test]
    fn how_lines_end_is_no_difference() {
        for (from, to) in [("a\r\nb", "a\nb\n"), ("a\rb\n", "a\nb"), ("", "")] {
            assert!(diff(from, to, 100).unwrap().is_empty(), "{from:?} {to:?}");
        }
        assert_eq!(shown(&diff("", "a", 100).unwrap()), "1+a");
    }

    #[test]
    fn more_lines_than_are_shown_are_counted_and_long_lines_are_cut() {
        let to = "x\n".repeat(5_000);
        let found = diff("y\n", &to, 200).unwrap();
        assert_eq!((found.added, found.removed, found.sections[0].lines.len()), (5_000, 1, 200));
        assert_eq!(found.left_out, 4_801);
        let found = diff("", &"ü".repeat(1_000_000), 10).unwrap();
        assert_eq!(found.sections[0].lines[0].text.chars().count(), 251);
    }

    #[test]
    fn too_much_code_is_not_compared() {
        let million = "a\n".repeat(1_000_000);
        assert_eq!(diff(&million, "", 10), Err(TooLarge { bytes: 2_000_000, lines: MOST_LINES + 1 }));
        let huge = "a".repeat(MOST_BYTES + 1);
        assert_eq!(diff("", &huge, 10), Err(TooLarge { bytes: MOST_BYTES + 1, lines: 0 }));
    }

    #[test]
    fn lines_that_have_nothing_in_common_are_compared_in_bounded_time() {
        let lines = |seed: u64| {
            let mut state = seed;
            let mut text = String::new();
            for _ in 0..MOST_LINES {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push_str(&format!("{}\n", state >> 40));
            }
            text
        };
        let begun = Instant::now();
        let found = diff(&lines(1), &lines(2), 1_000).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert!(found.added > 90_000 && found.left_out > 0);
    }
}
