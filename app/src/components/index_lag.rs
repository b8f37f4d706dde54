//! Says that the search index does not have the newest entries yet, or that it had to be rebuilt.

use leptos::prelude::*;
use time::OffsetDateTime;

use super::{Tone, standing_notice};
use crate::wording::numbers::grouped_i64;

/// The notices, if `entries` of the newest entries are not indexed yet, or if the index did not match the log.
pub fn index_lag_notice(entries: i64, rebuilt: Option<OffsetDateTime>) -> Option<AnyView> {
    let words: Vec<String> = [mismatch(entries, rebuilt), lag(entries)].into_iter().flatten().collect();
    let notice = |words| standing_notice(Tone::Warn, view! { <p>{words}</p> });
    (!words.is_empty()).then(|| words.into_iter().map(notice).collect_view().into_any())
}

fn lag(entries: i64) -> Option<String> {
    if entries <= 0 {
        return None;
    }
    let which = if entries == 1 {
        "The newest entry is".to_owned()
    } else {
        format!("The newest {} entries are", grouped_i64(entries))
    };
    Some(format!("{which} not searchable yet. Search again in a moment."))
}

fn mismatch(entries: i64, rebuilt: Option<OffsetDateTime>) -> Option<String> {
    let at = rebuilt?;
    let time = format!("{:02}:{:02} UTC", at.hour(), at.minute());
    let what = if entries > 0 { "is being rebuilt from the log" } else { "was rebuilt from the log" };
    Some(format!(
        "At {time} the search index did not match the audit log: one of the two files was damaged or changed. The index {what}. \
         Searches before that may have missed operations; exports and evidence bundles never use the index."
    ))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{lag, mismatch};

    #[test]
    fn an_index_that_does_not_match_is_told_with_the_time() {
        let at = Some(datetime!(2026-11-22 09:05 UTC));
        assert!(mismatch(0, at).is_some_and(|words| words.starts_with("At 09:05 UTC the search index did not match")));
        assert!(mismatch(7, at).is_some_and(|words| words.contains("The index is being rebuilt from the log.")));
        assert_eq!((mismatch(0, None), lag(0)), (None, None));
        assert!(lag(2).is_some_and(|words| words.starts_with("The newest 2 entries are not searchable yet")));
    }
}
