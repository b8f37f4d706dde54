//! The month before the demo, made through the real portal with a clock that is set to each moment of it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use portal::{
    Clock, Portal, Settings,
    accounts::SecondFactorRule,
    operations::{Observer, Step},
};
use sandbox::Running;
use secrecy::SecretString;
use workato::Limits;

use super::{
    cast::{EVERYBODY, Who, people_and_teams},
    script::{DAYS, script},
    stage::Stage,
};
use crate::command_error::CommandError;

/// How long the people and teams were there before anything happened.
const SET_UP_BEFORE: time::Duration = time::Duration::hours(3);

/// Makes the month before what the clock says now. Returns the passwords of everybody in it.
///
/// # Errors
/// One line for the person at the terminal.
pub async fn make(
    settings: Settings,
    sandbox: &Running,
    clock: &Clock,
) -> Result<HashMap<Who, SecretString>, CommandError> {
    let now = clock.now();
    clock.set(now - time::Duration::days(DAYS) - SET_UP_BEFORE);
    let mut settings = Settings { clock: clock.clone(), observer: thinking_time(clock), ..settings };
    settings.second_factor = SecondFactorRule::Optional;
    settings.upstream.limits = Limits::none();
    let portal = Portal::open(settings).await?;
    let passwords = people_and_teams(&portal, sandbox, &EVERYBODY).await?;
    let mut stage = Stage::new(Arc::clone(&portal), sandbox, passwords);
    for (at, scene) in script(now) {
        clock.set(at.max(clock.now()));
        stage.play(&scene).await?;
    }
    clock.set(now.max(clock.now()));
    portal.update_index().await?;
    portal.close().await;
    Ok(stage.passwords)
}

/// Lets each call to Workato take a part of a second by the clock: it stands still otherwise.
fn thinking_time(clock: &Clock) -> Observer {
    let clock = clock.clone();
    Arc::new(move |step| {
        if step == Step::BeforeCall {
            let now = clock.now();
            let part = u64::try_from(now.unix_timestamp() % 13).unwrap_or_default();
            clock.set(now + Duration::from_millis(170 + 61 * part));
        }
        Box::pin(std::future::ready(()))
    })
}
