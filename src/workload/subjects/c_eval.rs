//! C-Eval: 52 subjects of Chinese exams, from middle school to professions.
//!
//! Source: Huang et al. (2023), arXiv 2305.08322, and the subject map beside its data. Its average is unweighted over
//! subjects: the published 68.7 of GPT-4 is (20 × 67.1 + 10 × 77.6 + 11 × 64.5 + 11 × 67.8) / 52.

use super::{Board, Mean, Subject};

/// The board.
pub const C_EVAL: Board = Board {
    name: "C-Eval",
    language: "zh",
    mean: Mean::Macro,
    categories: &["STEM", "Social Science", "Humanities", "Other"],
    subjects: SUBJECTS,
};

/// The eight that make up C-Eval Hard: exercises with long formulas.
const fn hard(id: &'static str, name: &'static str) -> Subject {
    Subject { id, name: Some(name), category: "STEM", hard: true }
}

const fn of(id: &'static str, name: &'static str, category: &'static str) -> Subject {
    Subject { id, name: Some(name), category, hard: false }
}

const SUBJECTS: &[Subject] = &[
    of("computer_network", "计算机网络", "STEM"),
    of("operating_system", "操作系统", "STEM"),
    of("computer_architecture", "计算机组成", "STEM"),
    of("college_programming", "大学编程", "STEM"),
    hard("college_physics", "大学物理"),
    hard("college_chemistry", "大学化学"),
    hard("advanced_mathematics", "高等数学"),
    hard("probability_and_statistics", "概率统计"),
    hard("discrete_mathematics", "离散数学"),
    of("electrical_engineer", "注册电气工程师", "STEM"),
    of("metrology_engineer", "注册计量师", "STEM"),
    hard("high_school_mathematics", "高中数学"),
    hard("high_school_physics", "高中物理"),
    hard("high_school_chemistry", "高中化学"),
    of("high_school_biology", "高中生物", "STEM"),
    of("middle_school_mathematics", "初中数学", "STEM"),
    of("middle_school_biology", "初中生物", "STEM"),
    of("middle_school_physics", "初中物理", "STEM"),
    of("middle_school_chemistry", "初中化学", "STEM"),
    of("veterinary_medicine", "兽医学", "STEM"),
    of("college_economics", "大学经济学", "Social Science"),
    of("business_administration", "工商管理", "Social Science"),
    of("marxism", "马克思主义基本原理", "Social Science"),
    of("mao_zedong_thought", "毛泽东思想和中国特色社会主义理论体系概论", "Social Science"),
    of("education_science", "教育学", "Social Science"),
    of("teacher_qualification", "教师资格", "Social Science"),
    of("high_school_politics", "高中政治", "Social Science"),
    of("high_school_geography", "高中地理", "Social Science"),
    of("middle_school_politics", "初中政治", "Social Science"),
    of("middle_school_geography", "初中地理", "Social Science"),
    of("modern_chinese_history", "近代史纲要", "Humanities"),
    of("ideological_and_moral_cultivation", "思想道德修养与法律基础", "Humanities"),
    of("logic", "逻辑学", "Humanities"),
    of("law", "法学", "Humanities"),
    of("chinese_language_and_literature", "中国语言文学", "Humanities"),
    of("art_studies", "艺术学", "Humanities"),
    of("professional_tour_guide", "导游资格", "Humanities"),
    of("legal_professional", "法律职业资格", "Humanities"),
    of("high_school_chinese", "高中语文", "Humanities"),
    of("high_school_history", "高中历史", "Humanities"),
    of("middle_school_history", "初中历史", "Humanities"),
    of("civil_servant", "公务员", "Other"),
    of("sports_science", "体育学", "Other"),
    of("plant_protection", "植物保护", "Other"),
    of("basic_medicine", "基础医学", "Other"),
    of("clinical_medicine", "临床医学", "Other"),
    of("urban_and_rural_planner", "注册城乡规划师", "Other"),
    of("accountant", "注册会计师", "Other"),
    of("fire_engineer", "注册消防工程师", "Other"),
    of("environmental_impact_assessment_engineer", "环境影响评价工程师", "Other"),
    of("tax_accountant", "税务师", "Other"),
    of("physician", "医师资格", "Other"),
];
