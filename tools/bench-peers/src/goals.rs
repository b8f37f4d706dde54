//! Goals and figures side by side. They are printed; no run fails on a time.

/// A figure and what it should be.
pub struct Goal {
    name: String,
    goal: String,
    figure: String,
    is_met: bool,
}

impl Goal {
    pub fn at_least(name: impl Into<String>, least: f64, figure: f64, unit: &str) -> Self {
        let (goal, is_met) = (format!("≥ {least} {unit}"), figure >= least);
        Self { name: name.into(), goal, figure: format!("{figure:.2} {unit}"), is_met }
    }

    pub fn at_most(name: impl Into<String>, most: f64, figure: f64, unit: &str) -> Self {
        let (goal, is_met) = (format!("≤ {most} {unit}"), figure <= most);
        Self { name: name.into(), goal, figure: format!("{figure:.2} {unit}"), is_met }
    }
}

pub fn print(goals: &[Goal]) {
    println!("{:64} {:>12} {:>14}", "Goals", "goal", "figure");
    for Goal { name, goal, figure, is_met } in goals {
        println!("{name:64} {goal:>12} {figure:>14} {}", if *is_met { "met" } else { "missed" });
    }
}
