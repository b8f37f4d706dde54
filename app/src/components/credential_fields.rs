//! The fields for credentials: as name and value, as JSON, or as an OAuth token pair. They never show a typed value
//! again, only the names of fields. The style sheet shows the fields of the chosen kind, so that the form works without
//! JavaScript.

use leptos::prelude::*;
use portal::connections::Authentication;

use super::{Field, Hint, Radio, RadioField, described_by};
use crate::form_memory::Refused;

/// Rows of name and value. JSON holds more.
const ROWS: usize = 5;

/// The choice without credentials, whose meaning differs between pages.
pub struct NoCredentials {
    pub label: &'static str,
    pub hint: &'static str,
}

/// The choice and all fields, named `credentials[…]`.
pub fn credential_fields(refused: &Refused, no_credentials: NoCredentials) -> AnyView {
    let radio = |value: Authentication, label: &str, hint: &str| Radio {
        value: value.as_str(),
        label: label.to_owned(),
        hint: hint.to_owned(),
    };
    let radios = vec![
        radio(Authentication::None, no_credentials.label, no_credentials.hint),
        radio(Authentication::Credentials, "With credentials", "Workato tests them at once."),
        radio(
            Authentication::OauthTokenPair,
            "With an OAuth token pair",
            "For applications where someone has to press “Allow”. Use tokens granted elsewhere.",
        ),
    ];
    view! {
        <RadioField
            legend="Authentication"
            name="credentials[authentication]"
            id="authentication"
            radios=radios
            chosen=refused.value("authentication", Authentication::None.as_str())
            problem=refused.problem("authentication")
        />
        <div class="when credentials">{parameters(refused)}</div>
        <div class="when oauth_token_pair">
            {secret("Access token", "credentials[access_token]", "access_token", refused.problem("access_token"))}
            {secret("Refresh token", "credentials[refresh_token]", "refresh_token", refused.problem("refresh_token"))}
        </div>
        <p class="hint when credentials oauth_token_pair">
            "Credentials are sent to Workato once and aren't stored. The audit log has only the names of the fields."
        </p>
    }
    .into_any()
}

/// The name that a refused form keeps for the field name in this row.
pub fn row_name(row: usize) -> String {
    format!("fields[{row}][name]")
}

fn parameters(refused: &Refused) -> AnyView {
    let rows: Vec<_> = (0..ROWS)
        .map(|row| {
            let number = row + 1;
            let value_name = format!("credentials[fields][{row}][value]");
            let problem = refused.problem(&format!("fields[{row}]"));
            view! {
                <div class="pair">
                    <Field
                        label=format!("Field {number}")
                        name=format!("credentials[fields][{row}][name]")
                        id=format!("field-{number}")
                        value=refused.value(&row_name(row), "")
                        autocomplete="off"
                        placeholder=if row == 0 { "apitoken" } else { "" }
                        unmarked=true
                    />
                    {secret(&format!("Value {number}"), &value_name, &format!("value-{number}"), problem)}
                </div>
            }
        })
        .collect();
    let problem = refused.problem("credentials_json");
    let open = problem.is_some();
    let hint = "Use instead of the fields above for more fields, nested fields, or values with several lines.";
    view! {
        {rows}
        <details class="more" open=open>
            <summary>"Paste as JSON"</summary>
            <div class="field">
                <label for="credentials_json">"Credentials as a JSON object"</label>
                <textarea
                    id="credentials_json"
                    name="credentials[json]"
                    class="masked"
                    rows="4"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-invalid=open.then_some("true")
                    aria-describedby=described_by("credentials_json", true, open)
                ></textarea>
                <Hint id="credentials_json".to_owned() hint=Some(hint.to_owned()) problem=problem/>
            </div>
        </details>
    }
    .into_any()
}

/// A masked input that is never filled in.
fn secret(label: &str, name: &str, id: &str, problem: Option<String>) -> AnyView {
    view! { <Field label=label name=name id=id kind="password" autocomplete="off" problem=problem unmarked=true/> }
        .into_any()
}
