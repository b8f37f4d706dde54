//! What happened to a person's ways to sign in, told to that person.

use portal::accounts::{Notice, NoticeOf};

pub fn sentence(notice: &Notice) -> String {
    let by = &notice.by;
    match &notice.what {
        NoticeOf::BreakGlass { team } => format!("{by} changed something in {team} without approval."),
        NoticeOf::PolicyLoosened { team } => {
            format!("{by} changed the approval policy of {team}. Less needs a second person now.")
        }
        NoticeOf::LinkMade { recovers: false } => {
            format!("{by} created a one-time link for you to set a new password.")
        }
        NoticeOf::LinkMade { recovers: true } => {
            format!("{by} created a one-time link for you to set a new password and remove your second factors.")
        }
        NoticeOf::LinkReleased => format!("{by} released a one-time link for you."),
        NoticeOf::LinkUsed { recovered: false } => "Your password was changed with a one-time link.".to_owned(),
        NoticeOf::LinkUsed { recovered: true } => {
            "Your password was changed with a one-time link, and your second factors were removed.".to_owned()
        }
        NoticeOf::RecoveryCodeUsed { left } => {
            let left = match *left {
                Some(0) => "None are left. Create new ones.".to_owned(),
                Some(1) => "1 is left.".to_owned(),
                Some(left) => format!("{left} are left."),
                None => String::new(),
            };
            format!("A recovery code was used. {left}").trim_end().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use portal::{
        OperationId,
        accounts::{Notice, NoticeOf},
    };
    use time::macros::datetime;

    use super::sentence;

    #[test]
    fn a_notice_says_who_did_what() {
        for (what, expected) in [
            (NoticeOf::LinkMade { recovers: false }, "Adam created a one-time link for you to set a new password."),
            (NoticeOf::LinkReleased, "Adam released a one-time link for you."),
            (NoticeOf::RecoveryCodeUsed { left: Some(9) }, "A recovery code was used. 9 are left."),
            (NoticeOf::RecoveryCodeUsed { left: Some(0) }, "A recovery code was used. None are left. Create new ones."),
            (NoticeOf::RecoveryCodeUsed { left: None }, "A recovery code was used."),
        ] {
            let at = datetime!(2026-11-27 12:00 UTC);
            let notice = Notice { what, by: "Adam".to_owned(), at, operation: OperationId::new() };
            assert_eq!(sentence(&notice), expected);
        }
    }
}
