//! What a User-Agent header says about somebody's device, as far as people recognise it: the browser and the system.
//! Browsers imitate each other in this header, so the order of the tables matters. A header is only a claim.

/// The words by which a browser names itself, the more special first, and its name.
const BROWSERS: [(&str, &str); 17] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
];

/// The words by which a system is named, the more special first, and its name.
const SYSTEMS: [(&str, &str); 9] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
];

/// A device, as its browser describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The browser's name, if it is a known one.
    pub browser: Option<&'static str>,
    /// The browser's major version.
    pub version: Option<u32>,
    /// The system's name, if it is a known one.
    pub system: Option<&'static str>,
}

impl Device {
    /// Reads a User-Agent header.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let browser = BROWSERS.iter().find_map(|(word, name)| {
            // Every browser with Safari's engine says "Version/", and nothing but Safari says nothing else.
            let is_real = *name != "Safari" || user_agent.contains("Safari/");
            user_agent.split_once(word).filter(|_| is_real).map(|(_, rest)| (*name, major(rest)))
        });
        let system = SYSTEMS.iter().find(|(word, _)| user_agent.contains(word)).map(|(_, name)| *name);
        Self { browser: browser.map(|(name, _)| name), version: browser.and_then(|(_, version)| version), system }
    }
}

/// Whether these two headers cannot be of one browser: the browser or the system differs, or the version went back. A
/// browser that was updated is the same one.
pub(super) fn differ(began: Option<&str>, now: Option<&str>) -> bool {
    if began == now {
        return false;
    }
    let (Some(began), Some(now)) = (began.map(Device::of), now.map(Device::of)) else { return true };
    let is_known = began.browser.is_some() && began.system.is_some();
    !is_known || began.browser != now.browser || began.system != now.system || now.version < began.version
}

/// The number before the first dot.
fn major(version: &str) -> Option<u32> {
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::differ;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

    #[test]
    fn an_update_is_the_same_browser_and_a_step_back_is_another() {
        let (older, newer) = (CHROME.replace("142", "141"), CHROME.replace("142", "143"));
        assert!(!differ(Some(CHROME), Some(&newer)));
        assert!(differ(Some(CHROME), Some(&older)));
        assert!(differ(Some(CHROME), Some(FIREFOX)));
        assert!(differ(Some(CHROME), Some(&CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64"))));
        for (began, now) in [(Some(CHROME), None), (None, Some(CHROME)), (Some("a program"), Some("another"))] {
            assert!(differ(began, now), "{began:?} {now:?}");
        }
        for same in [None, Some(CHROME), Some("a program")] {
            assert!(!differ(same, same), "{same:?}");
        }
    }
}
