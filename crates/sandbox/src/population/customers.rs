//! Embedded customers, each with a few connections of its own. Their recipes are in `customer_recipes`.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use super::{
    connections::of_customer,
    plan::{Plan, one_of},
    vocabulary::CUSTOMERS,
};
use crate::world::assets::Customer;

const PLANS: [&str; 3] = ["oem_standard", "oem_business", "oem_trial"];

/// The customers, in the order of their ids.
pub fn customers(plan: &Plan, rng: &mut StdRng) -> Vec<Customer> {
    let start = rng.random_range(0..CUSTOMERS.len());
    (0..plan.customers)
        .map(|number| {
            let name = CUSTOMERS[(start + number) % CUSTOMERS.len()];
            let name = match number / CUSTOMERS.len() {
                0 => name.to_owned(),
                again => format!("{name} {}", again + 1),
            };
            let id = plan.id(19_029) + number as u64 * 13;
            let domain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
            let created_at = plan.ago(rng, Duration::days(40), Duration::days(1_200));
            let plan_id = (*one_of(&PLANS, rng)).to_owned();
            // Most external ids are alike; some need percent-encoding in a path.
            let external_id = match number % 16 {
                3 => None,
                5 => Some(format!("{domain}/eu west #{number}")),
                _ => Some(format!("U-{}", 10_482 + number * 7)),
            };
            Customer {
                id,
                external_id,
                notification_email: format!("integrations@{domain}.example"),
                in_trial: plan_id == "oem_trial",
                plan_id,
                created_at,
                updated_at: plan.ago(rng, Duration::hours(1), Duration::days(39)),
                connections: of_customer(plan, &name, plan.id(6_000_000) + number as u64 * 100, id + 500_000, rng),
                recipes: Vec::new(),
                // Every twenty-first customer has not let the vendor in.
                has_access: number % 21 != 20,
                name,
            }
        })
        .collect()
}
