//! MMLU: 57 subjects in English, from elementary school to professions.
//!
//! Source: Hendrycks et al. (2021), arXiv 2009.03300, and the category map beside its data. Its published averages weigh
//! every question the same, overall and within a category; many reports since average over subjects, which
//! `average = "macro"` gives.

use super::{Board, Mean, Subject};

/// The board.
pub const MMLU: Board = Board {
    name: "MMLU",
    language: "en",
    mean: Mean::Micro,
    categories: &["STEM", "humanities", "social sciences", "other"],
    subjects: SUBJECTS,
};

const fn of(id: &'static str, category: &'static str) -> Subject {
    Subject { id, name: None, category, hard: false }
}

const SUBJECTS: &[Subject] = &[
    of("abstract_algebra", "STEM"),
    of("anatomy", "other"),
    of("astronomy", "STEM"),
    of("business_ethics", "other"),
    of("clinical_knowledge", "other"),
    of("college_biology", "STEM"),
    of("college_chemistry", "STEM"),
    of("college_computer_science", "STEM"),
    of("college_mathematics", "STEM"),
    of("college_medicine", "other"),
    of("college_physics", "STEM"),
    of("computer_security", "STEM"),
    of("conceptual_physics", "STEM"),
    of("econometrics", "social sciences"),
    of("electrical_engineering", "STEM"),
    of("elementary_mathematics", "STEM"),
    of("formal_logic", "humanities"),
    of("global_facts", "other"),
    of("high_school_biology", "STEM"),
    of("high_school_chemistry", "STEM"),
    of("high_school_computer_science", "STEM"),
    of("high_school_european_history", "humanities"),
    of("high_school_geography", "social sciences"),
    of("high_school_government_and_politics", "social sciences"),
    of("high_school_macroeconomics", "social sciences"),
    of("high_school_mathematics", "STEM"),
    of("high_school_microeconomics", "social sciences"),
    of("high_school_physics", "STEM"),
    of("high_school_psychology", "social sciences"),
    of("high_school_statistics", "STEM"),
    of("high_school_us_history", "humanities"),
    of("high_school_world_history", "humanities"),
    of("human_aging", "other"),
    of("human_sexuality", "social sciences"),
    of("international_law", "humanities"),
    of("jurisprudence", "humanities"),
    of("logical_fallacies", "humanities"),
    of("machine_learning", "STEM"),
    of("management", "other"),
    of("marketing", "other"),
    of("medical_genetics", "other"),
    of("miscellaneous", "other"),
    of("moral_disputes", "humanities"),
    of("moral_scenarios", "humanities"),
    of("nutrition", "other"),
    of("philosophy", "humanities"),
    of("prehistory", "humanities"),
    of("professional_accounting", "other"),
    of("professional_law", "humanities"),
    of("professional_medicine", "other"),
    of("professional_psychology", "social sciences"),
    of("public_relations", "social sciences"),
    of("security_studies", "social sciences"),
    of("sociology", "social sciences"),
    of("us_foreign_policy", "social sciences"),
    of("virology", "other"),
    of("world_religions", "humanities"),
];
