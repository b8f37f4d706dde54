//! Follows the bytes of a connection from one request's head to the next. hyper parses them; this refuses what hyper takes
//! and what a proxy in front may read differently: lines that end with a bare line feed. It also cuts a URL that is too
//! long, so that a refusal is all that it costs.

/// The longest URL, in bytes.
pub const LONGEST_URL: usize = 8 * 1024;
/// How much of a line is looked at, in bytes: enough for the headers that say how long a body is.
const LONGEST_LOOKED_AT: usize = 128;

/// Where in the stream a byte is.
#[derive(Debug, Default, PartialEq, Eq)]
enum At {
    /// Before the first byte of a request.
    #[default]
    Start,
    Method,
    Url {
        length: usize,
    },
    /// The rest of the request's first line, or a header. What is kept of it is in [`Heads::line`].
    Line,
    /// This much of the body is to come.
    Body {
        left: u64,
    },
    /// Nothing is known of what follows, so the connection serves no further request.
    Unknown,
}

/// The position in a connection's stream.
#[derive(Debug, Default)]
pub struct Heads {
    at: At,
    line: Vec<u8>,
    line_length: usize,
    last: u8,
    body: u64,
    has_length: bool,
    has_encoding: bool,
    /// The length is written in a way that no client has.
    is_odd: bool,
}

impl Heads {
    /// Whether a part of a head has arrived.
    pub fn is_within_a_head(&self) -> bool {
        matches!(self.at, At::Method | At::Url { .. } | At::Line)
    }

    /// Whether the end of the request cannot be told, so that no other can follow it on the connection.
    pub fn is_last(&self) -> bool {
        self.at == At::Unknown
    }

    /// Follows these bytes, and alters what must not be accepted so that hyper refuses it. Returns how many bytes are
    /// left.
    pub fn follow(&mut self, bytes: &mut [u8]) -> usize {
        let (mut read, mut kept) = (0, 0);
        while read < bytes.len() {
            if let At::Body { left } = self.at {
                let some = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - read);
                bytes.copy_within(read..read + some, kept);
                (read, kept) = (read + some, kept + some);
                self.at = if left == some as u64 { At::Start } else { At::Body { left: left - some as u64 } };
                continue;
            }
            if self.at == At::Unknown {
                bytes.copy_within(read.., kept);
                return kept + bytes.len() - read;
            }
            let byte = bytes[read];
            read += 1;
            if let Some(byte) = self.head_byte(byte) {
                bytes[kept] = byte;
                kept += 1;
            }
        }
        kept
    }

    /// What hyper gets of a byte of a head.
    fn head_byte(&mut self, byte: u8) -> Option<u8> {
        let before = std::mem::replace(&mut self.last, byte);
        if byte == b'\n' {
            if before != b'\r' {
                // A NUL is nowhere allowed.
                self.at = At::Unknown;
                return Some(0);
            }
            if !self.end_line() {
                self.at = At::Unknown;
                return Some(0);
            }
            return Some(byte);
        }
        match &mut self.at {
            // Empty lines before a request are ignored, as RFC 9112 has it.
            At::Start if byte == b'\r' => {}
            At::Start => self.at = At::Method,
            At::Method if byte == b' ' => self.at = At::Url { length: 0 },
            At::Url { .. } if byte == b' ' || byte == b'\r' => self.at = At::Line,
            At::Url { length } => {
                *length += 1;
                // One byte too many is left, so that it can be seen.
                if *length > LONGEST_URL + 1 {
                    return None;
                }
            }
            At::Line => {
                self.line_length += 1;
                if self.line.len() < LONGEST_LOOKED_AT {
                    self.line.push(byte);
                }
            }
            At::Method | At::Body { .. } | At::Unknown => {}
        }
        Some(byte)
    }

    /// Whether the line can be accepted.
    fn end_line(&mut self) -> bool {
        let (length, line) = (std::mem::take(&mut self.line_length), std::mem::take(&mut self.line));
        let mut is_good = true;
        match self.at {
            At::Line if length > 1 => is_good = self.note_header(&line, length),
            At::Line if length == 1 => self.end_head(),
            // A first line without a URL or a version: hyper refuses it.
            At::Line | At::Method | At::Url { .. } => self.at = At::Unknown,
            At::Start | At::Body { .. } | At::Unknown => {}
        }
        is_good
    }

    /// Whether this header fits the ones before. A length beside an encoding is how one request is hidden in another.
    fn note_header(&mut self, line: &[u8], length: usize) -> bool {
        let line = line.to_ascii_lowercase();
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return true };
        match line[..colon].trim_ascii() {
            b"transfer-encoding" => self.has_encoding = true,
            b"content-length" => {
                self.has_length = true;
                let value = std::str::from_utf8(line[colon + 1..].trim_ascii()).ok();
                match value.and_then(|value| value.parse().ok()) {
                    Some(body) if length <= LONGEST_LOOKED_AT => self.body = body,
                    // Unusual enough for the connection to end with this request.
                    _ => self.is_odd = true,
                }
            }
            _ => {}
        }
        !(self.has_encoding && self.has_length)
    }

    fn end_head(&mut self) {
        let is_known = !self.has_encoding && !self.is_odd;
        self.at = match self.body {
            _ if !is_known => At::Unknown,
            0 => At::Start,
            left => At::Body { left },
        };
        (self.body, self.has_encoding, self.has_length, self.is_odd) = (0, false, false, false);
    }
}

#[cfg(test)]
mod tests {
    use super::{At, Heads, LONGEST_URL};

    /// What is left of these bytes, however they are cut.
    fn followed(bytes: &[u8]) -> (Vec<u8>, Heads) {
        let whole = in_parts(bytes, bytes.len());
        for size in [1, 2, 3, 7, 64] {
            assert_eq!(in_parts(bytes, size).0, whole.0, "in parts of {size}");
        }
        whole
    }

    fn in_parts(bytes: &[u8], size: usize) -> (Vec<u8>, Heads) {
        let (mut heads, mut left) = (Heads::default(), Vec::new());
        for part in bytes.chunks(size.max(1)) {
            let mut part = part.to_vec();
            let kept = heads.follow(&mut part);
            left.extend_from_slice(&part[..kept]);
        }
        (left, heads)
    }

    #[test]
    fn requests_after_each_other_are_left_as_they_are() {
        let requests = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nPOST /x HTTP/1.1\r\nHost: a\r\nContent-LENGTH:  7 \r\n\r\na\n\nb\r\n\n\
                         GET /y HTTP/1.1\r\nHost: a\r\n\r\n";
        let (left, heads) = followed(requests);
        assert_eq!(left, requests);
        assert_eq!(heads.at, At::Start);
        assert!(!heads.is_within_a_head() && !heads.is_last());
        assert!(followed(b"GET / HTTP/1.1\r\nHo").1.is_within_a_head());
    }

    #[test]
    fn a_bare_line_feed_in_a_head_becomes_a_byte_that_is_nowhere_allowed() {
        for head in [
            &b"GET / HTTP/1.1\nHost: a\r\n\r\n"[..],
            b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n\n",
            b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /\nHTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            let (left, heads) = followed(head);
            assert_eq!(left.iter().filter(|byte| **byte == 0).count(), 1, "{}", head.escape_ascii());
            assert!(heads.is_last());
        }
        let second = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n\n\nGET / HTTP/1.1\nHost: a\r\n\r\n";
        assert_eq!(followed(second).0.iter().filter(|byte| **byte == 0).count(), 1);
    }

    #[test]
    fn a_length_beside_an_encoding_is_refused() {
        for head in [
            &b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"[..],
            b"POST / HTTP/1.1\r\nTRANSFER-ENCODING: chunked\r\nX: y\r\ncontent-length: 2\r\n\r\n",
        ] {
            assert!(followed(head).0.contains(&0), "{}", head.escape_ascii());
        }
    }

    #[test]
    fn after_a_body_whose_end_is_not_known_nothing_follows() {
        let padded = format!("POST / HTTP/1.1\r\nContent-Length:{}2\r\n\r\n", " ".repeat(200));
        for head in ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", &padded, "GET /\r\n"] {
            let (left, heads) = followed(head.as_bytes());
            assert!(heads.is_last(), "{head}");
            assert_eq!(left, head.as_bytes());
        }
    }

    #[test]
    fn a_url_that_is_too_long_is_cut_to_one_byte_too_many() {
        for (length, left) in
            [(LONGEST_URL, LONGEST_URL), (LONGEST_URL + 1, LONGEST_URL + 1), (1 << 20, LONGEST_URL + 1)]
        {
            let request = |length: usize| format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", "/".repeat(length));
            assert_eq!(in_parts(request(length).as_bytes(), 8_192).0, request(left).as_bytes());
        }
    }
}
