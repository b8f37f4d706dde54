//! Why an operation's entries can be trusted: from their bytes to the copies that others hold. Reading an operation checks
//! that each of its entries leads to the root of the log, so this page would not be shown otherwise.

use leptos::prelude::*;
use portal::audit::{Logged, Trust};

use crate::{
    components::{Glyph, Tone, state},
    context,
    wording::{numbers::grouped_i64, times},
};

/// How many digits of a hash are shown on a screen, at each end.
const SHOWN: usize = 7;

pub fn card(logged: &Logged, trust: &Trust) -> AnyView {
    let kept = logged.entries.iter().map(|logged| (logged.entry.sequence, logged.leaf));
    let removed = logged.removed.iter().map(|removed| (removed.sequence, removed.leaf));
    let mut leaves: Vec<_> = kept.chain(removed).collect();
    leaves.sort_unstable_by_key(|(sequence, _)| *sequence);
    let entries = leaves.into_iter().map(|(sequence, leaf)| {
        let full = hex(&leaf);
        let short = shortened(&full);
        view! {
            <li>
                <b>{format!("Entry {}", grouped_i64(sequence))}</b>
                <code title=full.clone()>
                    <span class="hash-short">{short}</span>
                    <span class="hash-full">{full.clone()}</span>
                </code>
                <span>"Leaf hash, SHA-256 of the exact bytes"</span>
            </li>
        }
    });
    view! {
        <section class="card" aria-labelledby="evidence">
            <div class="card-head">
                <h2 id="evidence">"Evidence"</h2>
                <span class="push">{state(Glyph::Ok, Tone::Good, "Verified just now")}</span>
            </div>
            <div class="card-body">
                <p class="sm t2">"Each box vouches for the ones before it. A change to an entry would show."</p>
                <ol class="chain">
                    {entries.collect_view()}
                    <li>
                        <b>"Merkle tree"</b>
                        <code>"Inclusion proof"</code>
                        <span>"The entries lead to the root of the log"</span>
                    </li>
                    {witnesses(trust)}
                </ol>
            </div>
        </section>
    }
    .into_any()
}

fn witnesses(trust: &Trust) -> AnyView {
    let names: Vec<&str> = trust.witnesses.iter().map(|(name, _)| name.as_str()).collect();
    let (heading, what) = match (names.len(), trust.last_at()) {
        (0, _) | (_, None) => ("No witness".to_owned(), "No one else holds a checkpoint".to_owned()),
        (1, Some(at)) => ("1 witness".to_owned(), format!("Last checkpoint {}", times::moment(at, context::zone()))),
        (count, Some(at)) => {
            (format!("{count} witnesses"), format!("Last checkpoint {}", times::moment(at, context::zone())))
        }
    };
    let names = (!names.is_empty()).then(|| view! { <code>{names.join(", ")}</code> });
    view! { <li><b>{heading}</b>{names}<span>{what}</span></li> }.into_any()
}

fn shortened(hash: &str) -> String {
    match (hash.get(..SHOWN), hash.get(hash.len().saturating_sub(SHOWN)..)) {
        (Some(first), Some(last)) if hash.len() > 2 * SHOWN => format!("{first}…{last}"),
        _ => hash.to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{hex, shortened};

    #[test]
    fn a_hash_is_shown_in_lower_case_hex_with_both_its_ends() {
        assert_eq!(hex(&[0x00, 0x0a, 0xff]), "000aff");
        assert_eq!(shortened(&hex(&[0xab; 32])), "abababa…bababab");
        assert_eq!(shortened("000aff"), "000aff");
    }
}
