//! Projects and their folders, below the Home folder.

use rand::rngs::StdRng;
use time::Duration;

use super::plan::Plan;
use crate::world::assets::{Folder, Project};

/// Projects with their descriptions and folders.
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

/// Folders and projects. The folder of a project is a child of Home.
pub fn folders(plan: &Plan, root_folder_id: u64, rng: &mut StdRng) -> (Vec<Folder>, Vec<Project>) {
    let (mut folders, mut projects) = (Vec::new(), Vec::new());
    let mut next_id = plan.id(28_940);
    let mut folder = |name: &str, parent_id, is_project, project_id, rng: &mut StdRng| {
        next_id += 7;
        let created_at = plan.ago(rng, Duration::days(500), Duration::days(1_500));
        let updated_at = plan.ago(rng, Duration::days(2), Duration::days(400));
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
        let id = plan.id(4_515) + number as u64 * 3;
        let folder_id = folder(name, root_folder_id, true, id, rng);
        projects.push(Project { id, description: description.map(str::to_owned), folder_id, name: name.to_owned() });
        for child in children {
            let child_id = folder(child, folder_id, false, id, rng);
            if *child == "Payments" {
                folder("Card acquirers", child_id, false, id, rng);
                folder("Bank feeds", child_id, false, id, rng);
            }
        }
    }
    (folders, projects)
}
