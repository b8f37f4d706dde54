//! Words about the code of connectors' versions.

use portal::code::{CodeDiff, Comparison, MOST_LINES, TooLarge};
use workato::ConnectorVersion;

use super::{impact::number, numbers::grouped};

/// Why there is no comparison.
pub const KEPT_SINCE: &str = "It keeps the code of each version from the first time it sees it, because Workato hands out only the current code.";

/// Below a comparison.
pub const AS_SEEN: &str = "This is the code as the portal first read it. If someone saved a draft between the release and \
                           that moment, the draft is in it.";

/// What the portal has not seen of two versions. `None` if it has seen both.
pub fn unseen(comparison: &Comparison) -> Option<String> {
    let (from, to) = (comparison.from, comparison.to);
    let which = match (&comparison.from_code, &comparison.to_code) {
        (Some(_), Some(_)) => return None,
        (None, Some(_)) => format!("version {from}"),
        (Some(_), None) => format!("version {to}"),
        (None, None) => format!("version {from} or {to}"),
    };
    Some(format!("The portal hasn’t seen the code of {which}, so it can’t show what changes. {KEPT_SINCE}"))
}

/// "Code changes, 7 to 8".
pub fn title(from: ConnectorVersion, to: ConnectorVersion) -> String {
    format!("Code changes, {from} to {to}")
}

/// "in 2 places", behind the numbers of lines.
pub fn places(diff: &CodeDiff) -> String {
    match diff.sections.len() {
        1 => "in 1 place".to_owned(),
        many if diff.left_out == 0 => format!("in {many} places"),
        _ => "in many places".to_owned(),
    }
}

/// Why code is not compared.
pub fn too_large(large: TooLarge) -> String {
    let size = if large.lines > MOST_LINES {
        format!("more than {} lines", grouped(MOST_LINES))
    } else {
        let tenths = large.bytes * 10 / 1_000_000;
        format!("{}.{} MB", grouped(tenths / 10), tenths % 10)
    };
    format!("The code is too large to compare here ({size}). Compare it with a tool of your own.")
}

/// Below a comparison that is cut.
pub fn left_out(lines: usize) -> String {
    format!("{} not shown.", number(lines, "more line is", "more lines are"))
}

/// Below a comparison that took too long.
pub const ROUGH: &str =
    "The two versions differ so much that some lines are shown as replaced although both versions have them.";

/// On the page of a request whose code is gone.
pub const NO_LONGER_KEPT: &str = "The code of these versions is no longer kept. The audit log has its SHA-256.";

/// On the page of a request: why there is no comparison.
pub fn unseen_when_requested(versions: &[ConnectorVersion]) -> String {
    let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
    format!("When this was requested, the portal had not seen the code of version {}.", versions.join(" or "))
}

#[cfg(test)]
mod tests {
    use portal::code::TooLarge;

    use super::{left_out, too_large};

    #[test]
    fn sizes_and_numbers_read_as_in_a_sentence() {
        assert!(too_large(TooLarge { bytes: 2_000_000, lines: 1_000_000 }).contains("(more than 100,000 lines)"));
        assert!(too_large(TooLarge { bytes: 12_345_678, lines: 0 }).contains("(12.3 MB)"));
        assert_eq!(left_out(1), "1 more line is not shown.");
        assert_eq!(left_out(4_801), "4,801 more lines are not shown.");
    }
}
