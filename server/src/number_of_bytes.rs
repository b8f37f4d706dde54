//! Reads a number of bytes from the command line.

/// Parses a number of bytes, such as `512MiB`, `2 GiB` or `1000000`.
///
/// # Errors
/// A sentence for the command line if the text is none.
pub fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kib" => Some(1_u64 << 10),
        "m" | "mib" => Some(1 << 20),
        "g" | "gib" => Some(1 << 30),
        "t" | "tib" => Some(1 << 40),
        "kb" => Some(1_000),
        "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000),
        "tb" => Some(1_000_000_000_000),
        _ => None,
    };
    let bytes = factor.and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor));
    bytes.ok_or_else(|| format!("{text:?} is not a number of bytes such as 512MiB"))
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_number_of_bytes_has_a_unit_or_none() {
        for (text, expected) in [
            ("0", 0),
            ("1000", 1_000),
            ("512MiB", 512 << 20),
            (" 2 gib ", 2 << 30),
            ("1T", 1 << 40),
            ("5MB", 5_000_000),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for bad in ["", "MiB", "-1", "1.5GiB", "1 furlong", "99999999999999999999", "99999999999 TiB"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
