//! CSV files for spreadsheets, without cells that a spreadsheet would run as a formula.

/// Tells spreadsheets that the text is UTF-8.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A cell's text. Text that begins like a formula gets an apostrophe in front.
pub(crate) fn defused(text: &str) -> String {
    if text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) || text.starts_with(['\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::defused;

    #[test]
    fn cells_that_begin_like_a_formula_are_defused() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1"] {
            assert!(defused(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(defused("Acme – CRM"), "Acme – CRM");
    }
}
