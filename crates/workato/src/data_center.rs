//! Workato's data centres. Each workspace is in one of them, and its token is valid only there.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of Workato's data centres (Workato API reference, Base URL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataCenter {
    /// United States
    UnitedStates,
    /// Europe
    Europe,
    /// Japan
    Japan,
    /// Singapore
    Singapore,
    /// Australia
    Australia,
    /// Israel
    Israel,
    /// South Korea
    Korea,
    /// United Kingdom
    UnitedKingdom,
    /// China
    China,
    /// Trial workspaces and the developer sandbox
    Trial,
}

impl DataCenter {
    /// All data centres, in the order for a form.
    pub const ALL: [Self; 10] = [
        Self::UnitedStates,
        Self::Europe,
        Self::Japan,
        Self::Singapore,
        Self::Australia,
        Self::Israel,
        Self::Korea,
        Self::UnitedKingdom,
        Self::China,
        Self::Trial,
    ];

    /// The base URL of its API, without a final slash.
    #[must_use]
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::UnitedStates => "https://www.workato.com",
            Self::Europe => "https://app.eu.workato.com",
            Self::Japan => "https://app.jp.workato.com",
            Self::Singapore => "https://app.sg.workato.com",
            Self::Australia => "https://app.au.workato.com",
            Self::Israel => "https://app.il.workato.com",
            Self::Korea => "https://app.kr.workato.com",
            Self::UnitedKingdom => "https://app.uk.workato.com",
            Self::China => "https://app.workatoapp.cn",
            Self::Trial => "https://app.trial.workato.com",
        }
    }

    /// The name to show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnitedStates => "United States",
            Self::Europe => "Europe",
            Self::Japan => "Japan",
            Self::Singapore => "Singapore",
            Self::Australia => "Australia",
            Self::Israel => "Israel",
            Self::Korea => "South Korea",
            Self::UnitedKingdom => "United Kingdom",
            Self::China => "China",
            Self::Trial => "Trial and developer sandbox",
        }
    }

    /// The data centre with this base URL. A final slash and the case of letters do not matter.
    #[must_use]
    pub fn of_base_url(base_url: &str) -> Option<Self> {
        let base_url = base_url.strip_suffix('/').unwrap_or(base_url);
        Self::ALL.into_iter().find(|center| center.base_url().eq_ignore_ascii_case(base_url))
    }
}

impl fmt::Display for DataCenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_centre_is_found_by_its_base_url() {
        for center in DataCenter::ALL {
            assert_eq!(DataCenter::of_base_url(center.base_url()), Some(center));
            assert_eq!(DataCenter::of_base_url(&format!("{}/", center.base_url())), Some(center));
        }
    }

    #[test]
    fn a_host_that_only_looks_like_workatos_is_none_of_them() {
        assert_eq!(DataCenter::of_base_url("http://www.workato.com"), None);
        assert_eq!(DataCenter::of_base_url("https://www.workato.com.example.org"), None);
        assert_eq!(DataCenter::of_base_url("https://www.workato.com//"), None);
    }
}
