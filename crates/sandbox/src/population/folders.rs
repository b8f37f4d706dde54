//! The tree below Home: projects, each with folders for environments or customers.
//! Connections find their places in it.

use rand::rngs::StdRng;
use time::Duration;

use super::Plan;
use crate::world::assets::{Folder, Project};

/// Projects of a partner team, with what they are for and the folders in them.
const PROJECTS: [(&str, Option<&str>, &[&str]); 7] = [
    (
        "Embedded integrations",
        Some("What customers see in the marketplace"),
        &["Accounting", "HR & payroll", "Logistics", "Payments"],
    ),
    ("Customer onboarding", Some("One folder a wave"), &["Wave 1", "Wave 2", "Wave 3"]),
    ("Finance operations", Some("Settlement, invoicing, month-end close"), &["Month-end", "Settlement"]),
    ("Support tooling", None, &["Escalations"]),
    (
        "Connector development",
        Some("Connections used to test custom connectors"),
        &["Sandbox accounts", "Contract tests"],
    ),
    ("Observability", Some("Audit log streaming and alerts"), &[]),
    ("Archive – do not use", None, &["2023", "2024"]),
];

/// Folders and projects. A project's folder is itself a child of Home.
pub fn folders(plan: &Plan, root_folder_id: u64, dice: &mut StdRng) -> (Vec<Folder>, Vec<Project>) {
    let (mut folders, mut projects) = (Vec::new(), Vec::new());
    let mut next_id = plan.first_id(28_940);
    let mut folder = |name: &str, parent_id, is_project, project_id, dice: &mut StdRng| {
        next_id += 7;
        let created_at = plan.ago(dice, Duration::days(500), Duration::days(1_500));
        let updated_at = plan.ago(dice, Duration::days(2), Duration::days(400));
        folders.push(Folder {
            id: next_id,
            name: name.to_owned(),
            parent_id,
            created_at,
            updated_at,
            is_project,
            project_id: Some(project_id),
        });
        next_id
    };
    for (number, (name, description, children)) in PROJECTS.into_iter().enumerate() {
        let id = plan.first_id(4_515) + number as u64 * 3;
        let folder_id = folder(name, root_folder_id, true, id, dice);
        projects.push(Project { id, description: description.map(str::to_owned), folder_id, name: name.to_owned() });
        for child in children {
            let child_id = folder(child, folder_id, false, id, dice);
            if *child == "Payments" {
                folder("Card acquirers", child_id, false, id, dice);
                folder("Bank feeds", child_id, false, id, dice);
            }
        }
    }
    (folders, projects)
}
