//! What people call the device of a session.

use portal::accounts::Device;

/// The browser and the system, such as "Firefox on Linux".
pub fn device(user_agent: Option<&str>) -> String {
    let Some(user_agent) = user_agent else { return "Unknown device".to_owned() };
    let device = Device::of(user_agent);
    match (device.browser, device.system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

    #[test]
    fn a_browser_and_its_system_are_recognised() {
        for (user_agent, expected) in [
            (FIREFOX, "Firefox on Linux"),
            (CHROME, "Chrome on Windows"),
            (&format!("{CHROME} Edg/142.0.0.0"), "Edge on Windows"),
            (&format!("{CHROME} OPR/120.0.0.0"), "Opera on Windows"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                "Chrome on iOS",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/144.0 Mobile/15E148 Safari/605.1.15",
                "Firefox on iPadOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            ("curl/8.14.1", "curl"),
            ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
            ("a browser of the tests", "Unknown device"),
            ("", "Unknown device"),
            ("Firefox/", "Firefox"),
            ("Firefox/99999999999999999999999", "Firefox"),
        ] {
            assert_eq!(device(Some(user_agent)), expected, "{user_agent}");
        }
    }
}
