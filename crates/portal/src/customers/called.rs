//! Which customers a typed name could mean. Names are not unique, and a name can look like another customer's id. No
//! customer must get what was meant for another, so anything that could mean two customers is ambiguous.

use workato::{Customer, CustomerId};

use super::name::name;
use crate::{
    names::{folded, look_alike},
    one_line,
};

/// The customers that a typed name fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called<'a> {
    /// Exactly one customer has this name, and nobody else could be meant.
    One(&'a Customer),
    /// Several customers have this name.
    Several(Vec<&'a Customer>),
    /// One customer has this name, or none; these could be meant too, by a name that looks like it or by an id in it.
    Ambiguous(Vec<&'a Customer>),
    /// No customer has this name, but these have it as a part of theirs.
    Alike(Vec<&'a Customer>),
    /// The name fits no customer.
    Nobody,
}

impl<'a> Called<'a> {
    /// The customers to choose from, if it is not certain who is meant.
    #[must_use]
    pub fn candidates(self) -> Vec<&'a Customer> {
        match self {
            Self::Several(customers) | Self::Ambiguous(customers) | Self::Alike(customers) => customers,
            Self::One(_) | Self::Nobody => Vec::new(),
        }
    }

    /// Whether this customer could be meant.
    #[must_use]
    pub fn could_be(self, id: CustomerId) -> bool {
        match self {
            Self::One(one) => one.id == id,
            other => other.candidates().iter().any(|customer| customer.id == id),
        }
    }
}

/// How a typed name fits one customer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// It is the customer's name, or its label.
    Exact,
    /// It looks like the name, or it has the customer's id in it.
    Near,
    /// It is a part of the name.
    Part,
    None,
}

/// What was typed, in the forms in which it is compared.
struct Typed {
    name: String,
    alike: String,
    /// The account id that it may stand for: `9`, `#9`, `Acme (9)`.
    id: Option<CustomerId>,
}

impl Typed {
    fn new(text: &str) -> Self {
        let name = folded(text);
        let bare = name.strip_prefix('#').unwrap_or(&name).trim();
        let in_parentheses = || name.strip_suffix(')')?.rsplit_once('(').map(|(_, id)| id.trim());
        let id = bare.parse().ok().or_else(|| in_parentheses()?.parse().ok());
        Self { alike: look_alike(text), id, name }
    }

    fn fit(&self, customer: &Customer) -> Fit {
        let called = name(customer).unwrap_or_default();
        let folded_name = folded(called);
        if folded_name == self.name || folded(&label(customer)) == self.name {
            Fit::Exact
        } else if self.id == Some(customer.id) || look_alike(called) == self.alike {
            Fit::Near
        } else if folded_name.contains(&self.name) {
            Fit::Part
        } else {
            Fit::None
        }
    }
}

/// The customer's name with the account id, which forms suggest. [`called`] understands it, unless it is another
/// customer's name.
#[must_use]
pub fn label(customer: &Customer) -> String {
    match name(customer) {
        Some(name) => format!("{} ({})", one_line(name), customer.id),
        None => format!("Customer {}", customer.id),
    }
}

/// The customers that a typed name or label fits.
#[must_use]
pub fn called<'a>(customers: &'a [Customer], text: &str) -> Called<'a> {
    let typed = Typed::new(text);
    if typed.name.is_empty() {
        return Called::Nobody;
    }
    let (mut exact, mut near, mut alike) = (Vec::new(), Vec::new(), Vec::new());
    for customer in customers {
        match typed.fit(customer) {
            Fit::Exact => exact.push(customer),
            Fit::Near => near.push(customer),
            Fit::Part => alike.push(customer),
            Fit::None => {}
        }
    }
    match (exact.as_slice(), near.is_empty()) {
        ([one], true) => Called::One(one),
        ([], true) if alike.is_empty() => Called::Nobody,
        ([], true) => Called::Alike(alike),
        (several, true) if several.iter().all(|customer| name(customer).map(folded) == Some(typed.name.clone())) => {
            Called::Several(exact)
        }
        ([], false) => {
            near.append(&mut alike);
            Called::Ambiguous(near)
        }
        _ => {
            exact.append(&mut near);
            Called::Ambiguous(exact)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Customer;

    use super::{Called, called, label};

    fn customers(of: &[(i64, Option<&str>)]) -> Vec<Customer> {
        of.iter()
            .map(|(id, name)| serde_json::from_value(json!({ "id": id, "name": name })).expect("a customer"))
            .collect()
    }

    fn ids(called: Called<'_>) -> (&'static str, Vec<i64>) {
        let all = |customers: Vec<&Customer>| customers.iter().map(|one| one.id.get()).collect();
        match called {
            Called::One(one) => ("one", vec![one.id.get()]),
            Called::Several(several) => ("several", all(several)),
            Called::Ambiguous(ambiguous) => ("ambiguous", all(ambiguous)),
            Called::Alike(alike) => ("alike", all(alike)),
            Called::Nobody => ("nobody", Vec::new()),
        }
    }

    #[test]
    fn only_a_complete_and_unique_name_names_one_customer() {
        let customers = customers(&[
            (1, Some("Acme")),
            (2, Some("Acme  Nord")),
            (3, Some("acme nord")),
            (4, None),
            (5, Some("Škoda (7)")),
        ]);
        for (typed, expected) in [
            (" ACME ", ("one", vec![1])),
            ("Acme Nord", ("several", vec![2, 3])),
            ("acme n", ("alike", vec![2, 3])),
            ("Skoda", ("nobody", vec![])),
            ("škoda (7)", ("one", vec![5])),
            ("s\u{30c}koda (7)", ("one", vec![5])),
            ("  ", ("nobody", vec![])),
        ] {
            assert_eq!(ids(called(&customers, typed)), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_name_that_looks_like_another_customers_id_or_label_is_ambiguous() {
        let of = customers(&[
            (9, Some("Acme")),
            (19, Some("Acme (9)")),
            (29, Some("9")),
            (39, Some("#9")),
            (49, Some(" 19")),
            (59, None),
            (69, Some("Customer 59")),
        ]);
        for (typed, expected) in [
            ("Acme (9)", ("ambiguous", vec![9, 19])),
            ("acme  (9)", ("ambiguous", vec![9, 19])),
            ("Acme (9) (19)", ("one", vec![19])),
            ("Acme", ("one", vec![9])),
            ("9", ("ambiguous", vec![29, 9])),
            ("#9", ("ambiguous", vec![39, 9])),
            ("19", ("ambiguous", vec![49, 19])),
            (" 19 ", ("ambiguous", vec![49, 19])),
            ("Customer 59", ("ambiguous", vec![59, 69])),
            ("Acme Holding (9)", ("ambiguous", vec![9])),
            ("49", ("ambiguous", vec![49])),
            ("59", ("ambiguous", vec![59, 69])),
        ] {
            assert_eq!(ids(called(&of, typed)), expected, "{typed:?}");
        }
    }

    #[test]
    fn names_that_look_alike_are_ambiguous() {
        let of = customers(&[
            (1, Some("Acme")),
            (2, Some("\u{ff21}cme")),
            (3, Some("Ac\u{200b}me")),
            (4, Some("fine")),
            (5, Some("\u{fb01}ne")),
        ]);
        assert_eq!(ids(called(&of[..2], "Acme")), ("ambiguous", vec![1, 2]));
        // A character that does not show is no difference.
        assert!(matches!(ids(called(&of[..3], "acme")).0, "ambiguous" | "several"));
        assert_eq!(ids(called(&of, "fine")), ("ambiguous", vec![4, 5]));
        assert_eq!(ids(called(&of[4..], "fine")), ("ambiguous", vec![5]));
    }

    #[test]
    fn each_customer_is_found_by_its_label_unless_it_is_anothers_name() {
        let of = customers(&[(1, Some("Acme")), (2, Some("Acme")), (4, None), (5, Some("Škoda (6)"))]);
        for customer in &of {
            assert_eq!(called(&of, &label(customer)), Called::One(customer), "{}", label(customer));
        }
    }
}
