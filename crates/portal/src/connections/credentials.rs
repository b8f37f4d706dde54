//! Reading credentials from a form: as fields, as JSON or as a pair of tokens. No message has a credential in it.

use std::{collections::HashSet, fmt};

use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use workato::{Credentials, CredentialsError};

use crate::{CredentialsProblem, FieldProblems, Typed};

/// The most fields. Their names go into the audit log.
const MOST_FIELDS: usize = 50;
/// The longest name of a field, in characters.
const LONGEST_NAME: usize = 100;
/// The longest value, in bytes.
const LONGEST_VALUE: usize = 16 * 1024;
/// The most levels of objects and lists in JSON.
const MOST_LEVELS: usize = 16;
/// The longest JSON, in bytes.
const LONGEST_JSON: usize = 64 * 1024;

store::words! {
    /// How a connection authenticates.
    pub enum Authentication {
        /// Without new credentials: a new connection is a shell, and an existing one keeps its credentials.
        None => "none",
        /// With connection parameters.
        Credentials => "credentials",
        /// With an access token and a refresh token.
        OauthTokenPair => "oauth_token_pair",
    }
}

/// Credentials as typed.
#[derive(Debug, Default)]
pub struct CredentialsInput {
    /// An [`Authentication`].
    pub authentication: String,
    /// Names and values by row. Empty rows are ignored.
    pub fields: Vec<(String, SecretString)>,
    /// Names and values as a JSON object.
    pub json: SecretString,
    /// The access token.
    pub access_token: SecretString,
    /// The refresh token.
    pub refresh_token: SecretString,
}

impl CredentialsInput {
    /// Reads the credentials. Returns `None` without any, and adds a problem for each invalid field.
    pub(super) fn read(&self, problems: &mut FieldProblems) -> Option<Credentials> {
        let Ok(authentication) = self.authentication.parse::<Authentication>() else {
            problems.add("authentication", CredentialsProblem::ChooseAuthentication);
            return None;
        };
        let (parameters, tokens) = (self.has_parameters(), self.has_tokens());
        match authentication {
            Authentication::None if parameters || tokens => {
                problems.add("authentication", CredentialsProblem::TypedForAnotherChoice { typed: Typed::Credentials });
                None
            }
            Authentication::Credentials if tokens => {
                problems.add("authentication", CredentialsProblem::TypedForAnotherChoice { typed: Typed::Tokens });
                None
            }
            Authentication::OauthTokenPair if parameters => {
                problems.add("authentication", CredentialsProblem::TypedForAnotherChoice { typed: Typed::Fields });
                None
            }
            Authentication::None => None,
            Authentication::Credentials => self.parameters(problems),
            Authentication::OauthTokenPair => self.tokens(problems),
        }
    }

    fn has_parameters(&self) -> bool {
        !is_blank(&self.json) || self.fields.iter().any(|(name, value)| !name.trim().is_empty() || !is_empty(value))
    }

    fn has_tokens(&self) -> bool {
        !is_blank(&self.access_token) || !is_blank(&self.refresh_token)
    }

    fn parameters(&self, problems: &mut FieldProblems) -> Option<Credentials> {
        let fields = self.fields(problems)?;
        if is_blank(&self.json) {
            if fields.is_empty() {
                problems.add(field(0), CredentialsProblem::NoFields);
            }
            return Credentials::input(fields).ok();
        }
        let problem = match (fields.is_empty(), read_json(self.json.expose_secret())) {
            (false, _) => CredentialsProblem::FieldsAndJson,
            (true, Ok(credentials)) => return Some(credentials),
            (true, Err(problem)) => problem,
        };
        problems.add("credentials_json", problem);
        None
    }

    /// The typed fields. `None` if one of them is invalid.
    fn fields(&self, problems: &mut FieldProblems) -> Option<Map<String, Value>> {
        if self.fields.len() > MOST_FIELDS {
            problems.add(field(0), TOO_MANY);
            return None;
        }
        let mut fields = Map::new();
        let mut good = true;
        for (at, (name, value)) in self.fields.iter().enumerate() {
            let (name, value) = (name.trim(), value.expose_secret());
            let problem = if name.is_empty() && value.is_empty() {
                continue;
            } else if name.is_empty() {
                Some(CredentialsProblem::ValueUnnamed)
            } else if !is_name(name) {
                Some(CredentialsProblem::NotAFieldName { most: LONGEST_NAME })
            } else if value.is_empty() {
                Some(CredentialsProblem::ValueMissing)
            } else if value.len() > LONGEST_VALUE || value.chars().any(char::is_control) {
                Some(CredentialsProblem::NotAValue { most: LONGEST_VALUE })
            } else if fields.insert(name.to_owned(), Value::from(value)).is_some() {
                Some(CredentialsProblem::FieldTwice)
            } else {
                None
            };
            if let Some(problem) = problem {
                problems.add(field(at), problem);
                good = false;
            }
        }
        good.then_some(fields)
    }

    fn tokens(&self, problems: &mut FieldProblems) -> Option<Credentials> {
        let mut good = true;
        let pair =
            [("access_token", &self.access_token), ("refresh_token", &self.refresh_token)].map(|(name, token)| {
                let token = token.expose_secret().trim();
                let problem = if token.is_empty() {
                    Some(CredentialsProblem::OauthTokenMissing)
                } else if token.len() > LONGEST_VALUE || token.chars().any(|c| c.is_control() || c.is_whitespace()) {
                    Some(CredentialsProblem::NotAnOauthToken { most: LONGEST_VALUE })
                } else {
                    None
                };
                if let Some(problem) = problem {
                    problems.add(name, problem);
                    good = false;
                }
                token
            });
        if good { Credentials::oauth_token_pair(pair[0], pair[1]).ok() } else { None }
    }
}

const TOO_MANY: CredentialsProblem = CredentialsProblem::TooMany { most: MOST_FIELDS };

/// The name of a row, for its problem.
fn field(at: usize) -> String {
    format!("fields[{at}]")
}

fn is_blank(secret: &SecretString) -> bool {
    secret.expose_secret().trim().is_empty()
}

/// White space can be a part of a password.
fn is_empty(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}

/// Whether a text can be the name of a field. Any other text may be a secret in the wrong input, so it is not shown.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control)
}

fn read_json(text: &str) -> Result<Credentials, CredentialsProblem> {
    if text.len() > LONGEST_JSON {
        return Err(CredentialsProblem::JsonTooLong { most: LONGEST_JSON });
    }
    if levels(text) > MOST_LEVELS {
        return Err(CredentialsProblem::JsonTooDeep { most: MOST_LEVELS });
    }
    if let Err(error) = serde_json::from_str::<NothingTwice>(text)
        && error.is_data()
    {
        return Err(CredentialsProblem::JsonNameTwice { line: error.line(), column: error.column() });
    }
    let credentials = Credentials::input_from_json(text).map_err(|error| match error {
        CredentialsError::Empty => CredentialsProblem::JsonEmpty,
        CredentialsError::NotAnObject => CredentialsProblem::NotAJsonObject,
        CredentialsError::NotJson { line, column } => CredentialsProblem::NotWholeJson { line, column },
    })?;
    if credentials.names().len() > MOST_FIELDS {
        return Err(TOO_MANY);
    }
    if credentials.names().iter().all(|name| is_name(name)) {
        Ok(credentials)
    } else {
        Err(CredentialsProblem::JsonNotAFieldName { most: LONGEST_NAME })
    }
}

/// How deeply objects and lists are nested in a text.
fn levels(text: &str) -> usize {
    let (mut level, mut deepest, mut is_in_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_text => is_escaped = true,
            b'"' => is_in_text = !is_in_text,
            b'{' | b'[' if !is_in_text => level += 1,
            b'}' | b']' if !is_in_text => level = level.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(level);
    }
    deepest
}

/// JSON in which no object has the same name twice.
struct NothingTwice;

impl<'de> Deserialize<'de> for NothingTwice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = NothingTwice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_i64<E>(self, _: i64) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_u64<E>(self, _: u64) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_f64<E>(self, _: f64) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_str<E>(self, _: &str) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_unit<E>(self) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<NothingTwice, A::Error> {
        while items.next_element::<NothingTwice>()?.is_some() {}
        Ok(NothingTwice)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<NothingTwice, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            if !names.insert(name) {
                return Err(de::Error::custom("a name stands twice"));
            }
            fields.next_value::<NothingTwice>()?;
        }
        Ok(NothingTwice)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use secrecy::SecretString;

    use super::{CredentialsInput, LONGEST_JSON, LONGEST_VALUE};
    use crate::{FieldProblem, FieldProblems};

    const SECRET: &str = "s3cr3t-value";

    /// The names of what would be sent, and the problems as `field: message`.
    fn read(input: &CredentialsInput) -> (Vec<String>, Vec<String>) {
        let mut problems = FieldProblems::default();
        let read = input.read(&mut problems);
        let problems: Vec<_> = problems
            .iter()
            .map(|FieldProblem { field, problem }| {
                let problem = serde_json::to_value(problem).unwrap();
                format!("{field}: {}", problem["code"].as_str().unwrap())
            })
            .collect();
        assert!(read.is_none() || problems.is_empty(), "{problems:?}");
        assert!(problems.iter().all(|problem| !problem.contains(SECRET)), "{problems:?}");
        (read.map(|read| read.names().to_vec()).unwrap_or_default(), problems)
    }

    fn fields(rows: &[(&str, &str)]) -> CredentialsInput {
        let fields = rows.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect();
        CredentialsInput { authentication: "credentials".to_owned(), fields, ..CredentialsInput::default() }
    }

    fn json(text: &str) -> CredentialsInput {
        CredentialsInput { json: text.into(), ..fields(&[]) }
    }

    fn tokens(access: &str, refresh: &str) -> CredentialsInput {
        CredentialsInput {
            authentication: "oauth_token_pair".to_owned(),
            access_token: access.into(),
            refresh_token: refresh.into(),
            ..CredentialsInput::default()
        }
    }

    #[test]
    fn fields_are_read_by_name_and_empty_rows_are_ignored() {
        let (names, problems) = read(&fields(&[(" host_name ", "acme"), ("", ""), ("password", "  ")]));
        assert_eq!((names, problems), (vec!["host_name".to_owned(), "password".to_owned()], vec![]));
        assert_eq!(read(&json(r#"{"a":{"b":"x"},"c":[1,true,null]}"#)).0, ["a.b", "c"]);
        assert_eq!(read(&tokens(" a ", "b\n")).0, ["access_token", "refresh_token"]);
    }

    #[rstest]
    #[case::nothing(fields(&[]), "fields[0]: no_fields")]
    #[case::no_value(fields(&[("a", "x"), ("b", "")]), "fields[1]: value_missing")]
    #[case::no_name(fields(&[(" ", SECRET)]), "fields[0]: value_unnamed")]
    #[case::twice(fields(&[("a", SECRET), ("a ", "y")]), "fields[1]: field_twice")]
    #[case::a_huge_value(fields(&[("a", &SECRET.repeat(LONGEST_VALUE))]), "fields[0]: not_a_value")]
    #[case::a_line_break(fields(&[("a", "s3cr3t-value\n")]), "fields[0]: not_a_value")]
    #[case::a_huge_name(fields(&[(&"a".repeat(101), SECRET)]), "fields[0]: not_a_field_name")]
    #[case::a_nul_in_a_name(fields(&[("a\0b", SECRET)]), "fields[0]: not_a_field_name")]
    #[case::no_json(json(r#"{"a": s3cr3t-value}"#), "credentials_json: not_whole_json")]
    #[case::half_of_it(json(r#"{"a": "s3cr3t-value"#), "credentials_json: not_whole_json")]
    #[case::a_list(json(r#"["s3cr3t-value"]"#), "credentials_json: not_a_json_object")]
    #[case::an_empty_one(json("{}"), "credentials_json: json_empty")]
    #[case::a_name_twice(json(r#"{"a":"s3cr3t-value","a":1}"#), "credentials_json: json_name_twice")]
    #[case::deep_down(json(r#"{"x":[{"a":1,"a":"s3cr3t-value"}]}"#), "credentials_json: json_name_twice")]
    #[case::huge(json(&format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST_JSON))), "credentials_json: json_too_long")]
    #[case::too_deep(json(&"[".repeat(500)), "credentials_json: json_too_deep")]
    #[case::nested_128_deep(json(&nested(128)), "credentials_json: json_too_deep")]
    #[case::nested_17_deep(json(&nested(17)), "credentials_json: json_too_deep")]
    #[case::brackets_after_a_quote(json(&format!(r#"{{"a\"":{}}}"#, nested(16))), "credentials_json: json_too_deep")]
    #[case::an_unnamed_one(json(r#"{"":"s3cr3t-value"}"#), "credentials_json: json_not_a_field_name")]
    #[case::no_access_token(tokens("", SECRET), "access_token: oauth_token_missing")]
    #[case::no_refresh_token(tokens(SECRET, " "), "refresh_token: oauth_token_missing")]
    #[case::two_words(tokens("s3cr3t-value and more", "x"), "access_token: not_an_oauth_token")]
    fn each_problem_is_at_its_field_and_has_no_secret_in_it(#[case] input: CredentialsInput, #[case] expected: &str) {
        let (names, problems) = read(&input);
        assert!(names.is_empty() && problems.len() == 1 && problems[0] == expected, "{problems:?}");
    }

    /// An object within an object, and so on.
    fn nested(levels: usize) -> String {
        format!("{}\"s3cr3t-value\"{}", r#"{"a":"#.repeat(levels), "}".repeat(levels))
    }

    #[test]
    fn brackets_in_a_text_are_no_levels() {
        assert_eq!(read(&json(&nested(16))).1, [""; 0]);
        let brackets = format!(r#"{{"a":"\"{}","b":"\\"}}"#, "[{".repeat(100));
        assert_eq!(read(&json(&brackets)), (vec!["a".to_owned(), "b".to_owned()], vec![]));
    }

    #[test]
    fn too_many_fields_are_refused() {
        let many: Vec<_> = (0..51).map(|number| format!("field_{number}")).collect();
        let rows: Vec<_> = many.iter().map(|name| (name.as_str(), "x")).collect();
        assert!(read(&fields(&rows)).1[0].ends_with(": too_many_credentials"));
        let text = format!("{{{}}}", many.iter().map(|name| format!("\"{name}\":1")).collect::<Vec<_>>().join(","));
        assert!(read(&json(&text)).1[0].ends_with(": too_many_credentials"));
    }

    #[test]
    fn credentials_for_another_choice_are_refused() {
        for (authentication, input) in [
            ("none", fields(&[("a", SECRET)])),
            ("none", json("{}")),
            ("none", tokens(SECRET, "")),
            ("credentials", tokens(SECRET, SECRET)),
            ("oauth_token_pair", json(r#"{"a":"s3cr3t-value"}"#)),
            ("", fields(&[("a", SECRET)])),
            ("password", fields(&[])),
        ] {
            let (names, problems) = read(&CredentialsInput { authentication: authentication.to_owned(), ..input });
            assert!(names.is_empty() && problems[0].starts_with("authentication: "), "{authentication}: {problems:?}");
        }
        let both = CredentialsInput { json: r#"{"b":1}"#.into(), ..fields(&[("a", SECRET)]) };
        assert_eq!(read(&both).1, ["credentials_json: fields_and_json"]);
        assert_eq!(read(&CredentialsInput { authentication: "none".to_owned(), ..fields(&[("", "")]) }).1, [""; 0]);
    }
}
