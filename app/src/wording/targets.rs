//! What people call the targets of operations.

use portal::audit::{Target, TargetType};

/// The name, or kind and id where there is none. Says if Workato did not confirm the name.
pub fn label(target: &Target) -> String {
    match (&target.name, target.kind) {
        (Some(name), _) if target.name_from.is_some() => format!("{name} (name not confirmed)"),
        (Some(name), _) => name.clone(),
        (None, TargetType::AuditLog) => "the audit log".to_owned(),
        (None, kind) if target.id == Target::NOT_YET => format!("new {kind}"),
        (None, kind) => format!("{kind} {}", target.id),
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{NameFrom, Target, TargetType};

    use super::label;

    #[test]
    fn a_target_is_called_by_its_name_or_else_by_kind_and_id() {
        for (target, expected) in [
            (Target::new(TargetType::Connector, 3066, Some("Acme")), "Acme"),
            (Target::new(TargetType::Connection, 36, None), "connection 36"),
            (Target::new(TargetType::Connection, Target::NOT_YET, None), "new connection"),
            (Target::new(TargetType::Session, "0f1e2d3c", None), "session 0f1e2d3c"),
            (Target::new(TargetType::AuditLog, "entries", None), "the audit log"),
        ] {
            assert_eq!(label(&target), expected);
        }
        for from in NameFrom::ALL {
            let target = Target::new(TargetType::Connection, 36, None).unconfirmed("Acme".to_owned(), *from);
            assert_eq!(label(&target), "Acme (name not confirmed)");
        }
    }
}
