//! An answer of the portal, read as a browser without JavaScript reads it: status, headers, text, forms.
//! It knows as much of HTML as the portal's own pages need.

use reqwest::header::{HeaderMap, LOCATION};

/// An answer.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

/// A form as it stands on a page: where it is posted to, and its fields with what stands in them.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    fields: Vec<(String, String)>,
}

impl Page {
    /// Where the answer leads.
    pub fn leads_to(&self) -> &str {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| panic!("no redirect: {self:?}"));
        location.to_str().expect("a path in ASCII")
    }

    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 302 | 303)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The text without the tags, white space as one space.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.html.as_str();
        while let Some(at) = rest.find('<') {
            text.push_str(&rest[..at]);
            let (tag, after) = split_tag(&rest[at..]);
            // Leptos parts neighbouring texts by comments; a browser shows them as one.
            if !tag.starts_with('!') {
                text.push(' ');
            }
            rest = after;
        }
        text.push_str(rest);
        decoded(&text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// # Panics
    /// When the page does not say so.
    #[track_caller]
    pub fn assert_says(&self, words: &str) {
        assert!(self.text().contains(words), "{} does not say {words:?}: {}", self.status, self.text());
    }

    /// Every form of the page that is posted to `action`. Buttons are pressed by [`Form::with`].
    pub fn forms(&self, action: &str) -> Vec<Form> {
        let mut forms = Vec::new();
        let mut open: Option<Form> = None;
        let mut choosing = false;
        for tag in tags(&self.html) {
            match (tag.name(), &mut open) {
                ("form", _) => {
                    open = Some(Form { action: tag.attribute("action").unwrap_or_default(), fields: vec![] })
                }
                ("/form", form) => forms.extend(form.take()),
                ("input", _) if tag.is_unchecked() => {}
                ("input" | "textarea", Some(form)) => {
                    if let Some(name) = tag.attribute("name") {
                        form.fields.push((name, tag.attribute("value").unwrap_or_default()));
                    }
                }
                ("select", Some(form)) => {
                    form.fields.push((tag.attribute("name").unwrap_or_default(), String::new()));
                    choosing = true;
                }
                ("/select", _) => choosing = false,
                ("option", Some(form)) if choosing && tag.has("selected") => {
                    if let Some((_, value)) = form.fields.last_mut() {
                        *value = tag.attribute("value").unwrap_or_default();
                    }
                }
                _ => {}
            }
        }
        forms.retain(|form| form.action == action);
        forms
    }

    /// The one form that is posted to `action`.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let mut forms = self.forms(action);
        assert_eq!(forms.len(), 1, "forms to {action} on {}: {}", self.status, self.text());
        forms.remove(0)
    }

    /// The values of an attribute of every element that has it, in the order of the page.
    pub fn attributes(&self, element: &str, name: &str) -> Vec<String> {
        tags(&self.html).filter(|tag| tag.name() == element).filter_map(|tag| tag.attribute(name)).collect()
    }

    /// The value of the element with this id.
    pub fn value_of(&self, id: &str) -> Option<String> {
        tags(&self.html).find(|tag| tag.attribute("id").as_deref() == Some(id))?.attribute("value")
    }
}

impl Form {
    /// The same form with a field filled in.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some(field) => value.clone_into(&mut field.1),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// The same form with this one of a field's choices.
    pub fn only(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.with(name, value)
    }

    /// What stands in a field; empty where there is no such field.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// As it is sent.
    pub fn body(&self) -> String {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(&self.fields).finish()
    }
}

struct Tag<'a>(&'a str);

impl Tag<'_> {
    fn name(&self) -> &str {
        self.0.split([' ', '\n', '>']).next().unwrap_or_default().trim_end_matches('/')
    }

    /// Whether the tag has this attribute without a value.
    fn has(&self, name: &str) -> bool {
        self.0.split([' ', '\n', '/']).any(|word| word == name)
    }

    /// Whether it is a box or a button that is sent only when it is checked, and is not.
    fn is_unchecked(&self) -> bool {
        let kind = self.attribute("type").unwrap_or_default();
        matches!(kind.as_str(), "radio" | "checkbox") && !self.has("checked")
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.0;
        while let Some(at) = rest.find("=\"") {
            let key = rest[..at].rsplit([' ', '\n', '"']).next().unwrap_or_default();
            let value = &rest[at + 2..];
            let end = value.find('"')?;
            if key == name {
                return Some(decoded(&value[..end]));
            }
            rest = &value[end + 1..];
        }
        None
    }
}

/// Every tag of a page, without its brackets.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let (tag, after) = split_tag(&rest[rest.find('<')?..]);
        rest = after;
        Some(Tag(tag))
    })
}

/// A tag, which `html` begins with, and what comes after it. A bracket inside quotes does not end it.
fn split_tag(html: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return (&html[1..at], &html[at + 1..]),
            _ => {}
        }
    }
    (&html[1..], "")
}

fn decoded(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (coded, plain)| text.replace(coded, plain))
}
