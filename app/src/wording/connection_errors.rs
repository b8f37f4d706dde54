//! Common errors of Workato and of applications in two or three words, and what to do about each. A text that is not
//! known has no words: nothing is guessed, and the page shows the text itself.

/// What a connection's errors mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    AccessRevoked,
    AgentOffline,
    WrongPassword,
    KeyRejected,
    SignInExpired,
    ClientRejected,
    RateLimited,
    HostNotFound,
    CertificateInvalid,
    TlsFailed,
    TimedOut,
    Unreachable,
    SignInRefused,
    AccessDenied,
    AppError,
}

/// How much of a text a sign has to match.
#[derive(Clone, Copy)]
enum Sign {
    /// Anywhere in the text, which is in lower case.
    Part(&'static str),
    /// A whole word, so that a status such as 429 is not found within an id.
    Word(&'static str),
    /// All of these, anywhere.
    Parts(&'static [&'static str]),
}

use Sign::{Part, Parts, Word};

/// The signs of each cause. The more specific cause is first, because an application often answers "401 Unauthorized"
/// and gives its reason after it.
const SIGNS: &[(Cause, &[Sign])] = &[
    // Google says this for both, and its first word is the common one.
    (Cause::SignInExpired, &[Part("expired or revoked")]),
    (Cause::AccessRevoked, &[Part("revoked"), Part("access was removed"), Part("app was uninstalled")]),
    (
        Cause::AgentOffline,
        &[
            Part("on-prem agent is not"),
            Part("agent is not running"),
            Part("agent is offline"),
            Part("agent is not connected"),
        ],
    ),
    (
        Cause::WrongPassword,
        &[
            Part("password was changed"),
            Part("password authentication failed"),
            Part("wrong password"),
            Part("invalid password"),
            Part("incorrect password"),
            Part("invalid username or password"),
            Part("incorrect username or password"),
            Part("invalid username, password"),
            Part("password has expired"),
            Part("bad credentials"),
            Part("invalid credentials"),
        ],
    ),
    (
        Cause::KeyRejected,
        &[
            Parts(&["api key", "deleted"]),
            Parts(&["api key", "rotated"]),
            Parts(&["api key", "invalid"]),
            Parts(&["api key", "expired"]),
            Parts(&["api key", "not valid"]),
            Part("invalid_api_key"),
        ],
    ),
    (
        Cause::SignInExpired,
        &[
            Part("invalid_grant"),
            Part("expired access/refresh token"),
            Part("refresh token expired"),
            Part("refresh token has expired"),
            Part("access token expired"),
            Part("access token has expired"),
            Part("token is expired"),
            Part("token expired"),
            Part("expired token"),
            Part("session expired"),
            Part("session has expired"),
            Part("aadsts700082"),
            Part("aadsts50173"),
        ],
    ),
    (Cause::ClientRejected, &[Part("invalid_client"), Part("unauthorized_client")]),
    (
        Cause::RateLimited,
        &[
            Word("429"),
            Part("too many requests"),
            Part("rate limit"),
            Part("rate_limit"),
            Part("request_limit_exceeded"),
            Part("throttled"),
        ],
    ),
    (
        Cause::HostNotFound,
        &[
            Part("getaddrinfo"),
            Part("name or service not known"),
            Part("nodename nor servname"),
            Part("could not resolve host"),
            Word("nxdomain"),
            Word("enotfound"),
        ],
    ),
    (
        Cause::CertificateInvalid,
        &[
            Part("certificate verify failed"),
            Part("certificate has expired"),
            Part("self-signed certificate"),
            Part("self signed certificate"),
        ],
    ),
    (
        Cause::TlsFailed,
        &[
            Part("ssl_connect"),
            Part("sslerror"),
            Part("ssl handshake"),
            Part("tls handshake"),
            Part("handshake failure"),
        ],
    ),
    (
        Cause::TimedOut,
        &[
            Part("opentimeout"),
            Part("readtimeout"),
            Part("timed out"),
            Part("execution expired"),
            Word("etimedout"),
            Word("timeout"),
            Word("504"),
        ],
    ),
    (
        Cause::Unreachable,
        &[
            Part("connection refused"),
            Word("econnrefused"),
            Word("ehostunreach"),
            Part("no route to host"),
            Part("connection reset"),
        ],
    ),
    (
        Cause::SignInRefused,
        &[Part("invalid_login_attempt"), Part("invalid login"), Part("authentication failed"), Part("login failed")],
    ),
    (
        Cause::AccessDenied,
        &[
            Word("403"),
            Part("forbidden"),
            Part("permission denied"),
            Part("insufficient privileges"),
            Part("insufficient_scope"),
        ],
    ),
    (Cause::SignInRefused, &[Word("401"), Part("unauthorized")]),
    (
        Cause::AppError,
        &[Part("internal server error"), Part("bad gateway"), Part("service unavailable"), Word("502"), Word("503")],
    ),
];

impl Cause {
    /// What these texts of one connection mean together: its error, and why Workato lost it. `None` if neither is known.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let texts: Vec<String> = texts.into_iter().map(str::to_lowercase).collect();
        SIGNS
            .iter()
            .find(|(_, signs)| texts.iter().any(|text| signs.iter().any(|sign| sign.is_in(text))))
            .map(|(cause, _)| *cause)
    }

    /// The status in two or three words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AccessRevoked => "Access revoked",
            Self::AgentOffline => "Agent offline",
            Self::WrongPassword => "Wrong password",
            Self::KeyRejected => "API key rejected",
            Self::SignInExpired => "Sign-in expired",
            Self::ClientRejected => "OAuth app rejected",
            Self::RateLimited => "Rate limited",
            Self::HostNotFound => "Host not found",
            Self::CertificateInvalid => "Certificate invalid",
            Self::TlsFailed => "TLS failed",
            Self::TimedOut => "Timed out",
            Self::Unreachable => "Host unreachable",
            Self::SignInRefused => "Sign-in refused",
            Self::AccessDenied => "Access denied",
            Self::AppError => "App error",
        }
    }

    /// What happened and what to do.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::AccessRevoked => "Someone withdrew the access in the application. Ask its owner to connect it again.",
            Self::AgentOffline => "Workato can’t reach the on-prem agent. Start it on the customer’s network.",
            Self::WrongPassword => "The application didn’t accept the password. Enter the current one in Workato.",
            Self::KeyRejected => {
                "The application no longer accepts the API key. Create a new one and enter it in Workato."
            }
            Self::SignInExpired => "The sign-in to the application has expired. Connect it again in Workato.",
            Self::ClientRejected => "The application didn’t accept Workato’s client ID or secret. Check the OAuth app.",
            Self::RateLimited => "The application limits requests. Wait, or raise the limit in the application.",
            Self::HostNotFound => "The application’s host name doesn’t resolve. Check the address in the connection.",
            Self::CertificateInvalid => "The application’s TLS certificate isn’t valid. Its owner has to renew it.",
            Self::TlsFailed => "No secure connection could be made. Check the application’s TLS settings.",
            Self::TimedOut => "The application didn’t answer in time. Try again, or check if it is down.",
            Self::Unreachable => "The application refused or dropped the connection. Check its address and firewall.",
            Self::SignInRefused => "The application refused the sign-in. Check the credentials in Workato.",
            Self::AccessDenied => {
                "The account isn’t allowed to do this. Give it the missing permission in the application."
            }
            Self::AppError => "The application reported an error of its own. Try again later.",
        }
    }

    /// Whether it can pass without anybody changing the connection.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::RateLimited | Self::TimedOut | Self::Unreachable | Self::AppError)
    }
}

impl Sign {
    fn is_in(self, text: &str) -> bool {
        match self {
            Part(part) => text.contains(part),
            Parts(parts) => parts.iter().all(|part| text.contains(part)),
            Word(word) => text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cause;

    /// The texts of the sandbox, which are those of real applications: the error, and why Workato lost the connection.
    #[test]
    fn the_errors_of_real_applications_have_words() {
        let invalid_grant =
            "401 Unauthorized: {\"error\":\"invalid_grant\",\"error_description\":\"expired access/refresh token\"}";
        for (error, lost, words) in [
            (invalid_grant, "Refresh token expired", "Sign-in expired"),
            ("invalid_grant: Token has been expired or revoked.", "User access was revoked", "Sign-in expired"),
            ("", "User access was revoked", "Access revoked"),
            ("403 Forbidden: INVALID_LOGIN_ATTEMPT: Invalid login attempt.", "403 Forbidden", "Sign-in refused"),
            ("400 Bad Request: {\"error\":\"invalid_client\"}", "400 Bad Request", "OAuth app rejected"),
            ("Authentication failed: the API key was deleted or rotated.", "401 Unauthorized", "API key rejected"),
            ("Net::OpenTimeout: execution expired", "The on-prem agent is not running", "Agent offline"),
            (
                "Permission denied for user: password authentication failed",
                "The account's password was changed",
                "Wrong password",
            ),
            (
                "AADSTS50173: The provided grant has expired due to it being revoked.",
                "Refresh token expired",
                "Access revoked",
            ),
            ("401 Unauthorized: the credentials were not accepted", "", "Sign-in refused"),
        ] {
            assert_eq!(Cause::of([error, lost]).map(Cause::words), Some(words), "{error} / {lost}");
        }
    }

    #[test]
    fn common_errors_have_words() {
        for (error, words) in [
            ("429 Too Many Requests", "Rate limited"),
            ("REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.", "Rate limited"),
            ("SocketError: getaddrinfo: Name or service not known", "Host not found"),
            ("SSL_connect returned=1 errno=0 state=error: certificate verify failed", "Certificate invalid"),
            ("OpenSSL::SSL::SSLError: SSL_connect SYSCALL returned=5", "TLS failed"),
            ("Net::ReadTimeout with #<TCPSocket:(closed)>", "Timed out"),
            ("504 Gateway Timeout", "Timed out"),
            ("Errno::ECONNREFUSED: Connection refused - connect(2)", "Host unreachable"),
            ("403 Forbidden", "Access denied"),
            ("401 Unauthorized", "Sign-in refused"),
            ("503 Service Unavailable", "App error"),
            ("Session expired or invalid", "Sign-in expired"),
        ] {
            assert_eq!(Cause::of([error]).map(Cause::words), Some(words), "{error}");
        }
    }

    #[test]
    fn an_unknown_error_is_not_guessed() {
        for error in [
            "RuntimeError: unexpected response from the application",
            "The record 84290 is locked", // not 429
            "Field 4015 is missing",      // not 401
            "expired",
            "",
        ] {
            assert_eq!(Cause::of([error]), None, "{error}");
        }
    }

    #[test]
    fn the_more_specific_of_two_texts_wins_whichever_comes_first() {
        for texts in [["401 Unauthorized", "User access was revoked"], ["User access was revoked", "401 Unauthorized"]]
        {
            assert_eq!(Cause::of(texts), Some(Cause::AccessRevoked));
        }
    }

    #[test]
    fn words_are_two_or_three() {
        for (cause, _) in super::SIGNS {
            assert!(cause.words().split(' ').count() <= 3, "{cause:?}");
            assert!(cause.advice().ends_with('.'), "{cause:?}");
        }
    }
}
