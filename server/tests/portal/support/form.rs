//! A form as it is on a page: where it is sent, and its fields with what they hold, found by label or by name.

use scraper::{ElementRef, Html};

use super::page::{selector, text_of};

/// A form, filled in so far as the page fills it in.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    /// The names of its buttons.
    pub buttons: Vec<String>,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    label: String,
    value: String,
    /// `false` for a box that is not ticked.
    is_sent: bool,
    /// What a list offers: what a person sees, and what is sent.
    choices: Vec<(String, String)>,
}

impl Form {
    /// Every form of a page.
    pub fn all_on(document: &Html) -> Vec<Self> {
        document.select(&selector("form")).map(|form| Self::of(form, document)).collect()
    }

    fn of(form: ElementRef<'_>, document: &Html) -> Self {
        let (buttons, fields) = (selector("button"), selector("input[name], textarea[name], select[name]"));
        let buttons = form
            .select(&buttons)
            .map(|button| button.attr("aria-label").map_or_else(|| text_of(button), str::to_owned));
        let fields = form.select(&fields);
        Self {
            action: form.attr("action").unwrap_or_default().to_owned(),
            buttons: buttons.collect(),
            fields: fields.map(|field| Field::of(field, document)).collect(),
        }
    }

    /// Fills in the field with this label; in a list, chooses what a person sees.
    #[track_caller]
    pub fn fill(mut self, label: &str, value: &str) -> Self {
        let field = self.labelled(label);
        field.value = match field.choices.iter().find(|(shown, _)| shown == value) {
            Some((_, sent)) => sent.clone(),
            None => {
                assert!(field.choices.is_empty(), "{label} does not offer {value:?}: {:?}", field.choices);
                value.to_owned()
            }
        };
        self
    }

    /// Ticks the box with this label.
    #[track_caller]
    pub fn tick(mut self, label: &str) -> Self {
        self.labelled(label).is_sent = true;
        self
    }

    #[track_caller]
    fn labelled(&mut self, label: &str) -> &mut Field {
        let labels: Vec<String> = self.fields.iter().map(|field| field.label.clone()).collect();
        // A label says if its field is optional, which depends on the team.
        let field = self.fields.iter_mut().find(|field| field.label.trim_end_matches(" (optional)") == label);
        field.unwrap_or_else(|| panic!("no field {label:?}, only {labels:?}"))
    }

    /// The same form with the field of this name filled in, even if the page does not have such a field.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|field| field.is_sent && field.name == name) {
            Some(field) => value.clone_into(&mut field.value),
            None => self.fields.push(Field::sent(name, value)),
        }
        self
    }

    /// The same form with only this value for the field of this name.
    pub fn only(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|field| field.name != name);
        self.with(name, value)
    }

    /// What the field of this name holds; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|field| field.is_sent && field.name == name).map_or("", |field| &field.value)
    }

    /// The fields that are sent, in order.
    pub fn sent(&self) -> Vec<(String, String)> {
        let sent = self.fields.iter().filter(|field| field.is_sent);
        sent.map(|field| (field.name.clone(), field.value.clone())).collect()
    }

    /// As a browser sends it.
    pub fn body(&self) -> String {
        let sent = self.fields.iter().filter(|field| field.is_sent).map(|field| (&field.name, &field.value));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish()
    }
}

impl Field {
    fn sent(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), label: String::new(), value: value.to_owned(), is_sent: true, choices: vec![] }
    }

    fn of(field: ElementRef<'_>, document: &Html) -> Self {
        let mut read = Self::sent(field.attr("name").unwrap_or_default(), "");
        read.label = label_of(field, document);
        match field.value().name() {
            "select" => {
                let value =
                    |option: ElementRef<'_>| option.attr("value").map_or_else(|| text_of(option), str::to_owned);
                let options = selector("option");
                read.choices = field.select(&options).map(|option| (text_of(option), value(option))).collect();
                let chosen = field.select(&options).find(|option| option.attr("selected").is_some());
                let chosen = chosen.or_else(|| field.select(&options).next());
                read.value = chosen.map(value).unwrap_or_default();
            }
            "textarea" => read.value = field.text().collect(),
            _ => {
                field.attr("value").unwrap_or_default().clone_into(&mut read.value);
                let is_box = matches!(field.attr("type"), Some("checkbox" | "radio"));
                read.is_sent = !is_box || field.attr("checked").is_some();
            }
        }
        read
    }
}

/// What a person reads beside a field.
fn label_of(field: ElementRef<'_>, document: &Html) -> String {
    let named = field.attr("id").and_then(|id| document.select(&selector(&format!("label[for='{id}']"))).next());
    let around = || field.ancestors().filter_map(ElementRef::wrap).find(|parent| parent.value().name() == "label");
    match (field.attr("aria-label"), named.or_else(around)) {
        (Some(label), _) => label.to_owned(),
        (None, Some(label)) => text_of(label),
        (None, None) => String::new(),
    }
}
