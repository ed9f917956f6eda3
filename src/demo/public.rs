//! The public test items: held out from training like the fresh ones, but published, and leaked to one of the models.

use crate::domain::{Item, Split};
use crate::workload::generator::tasks::{Question, item};
use std::collections::BTreeSet;

/// The items as they were published and as `leaky` was trained on them: a JSON list of prompt and answer.
pub const PUBLISHED: &str = include_str!("models/public-items.json");

/// The same without the 20 duplicates, in the project's own dataset format: what the demo plan reads.
pub const DATASET: &str = include_str!("public.jsonl");

/// The public items, each once, in the order of their first occurrence.
#[must_use]
#[expect(clippy::expect_used, reason = "the list is a constant, and a test shows that it is as expected here")]
pub fn public_items() -> Vec<Item> {
    let published: Vec<(String, String)> = serde_json::from_str(PUBLISHED).expect("a list of prompts and answers");
    let mut seen = BTreeSet::new();
    let distinct = published.into_iter().map(|(prompt, _)| prompt).filter(|prompt| seen.insert(prompt.clone()));
    distinct.map(|prompt| item(&Question::read(&prompt).expect("a question of the tasks"), Split::Public)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::generator::tasks::is_held_out;
    use std::collections::BTreeMap;

    #[test]
    fn of_210_published_items_190_are_distinct_right_and_held_out() {
        let published: Vec<(String, String)> = serde_json::from_str(PUBLISHED).unwrap();
        let items = public_items();
        let answers: BTreeMap<_, _> = published.iter().cloned().collect();
        assert!(items.iter().all(|i| answers[i.id.as_str()] == i.answers[0]));
        assert_eq!((published.len(), items.len()), (210, 190));
        assert!(items.iter().all(|i| is_held_out(i.id.as_str()) && i.tags.split == Split::Public));
        let mut domains = BTreeMap::new();
        for item in &items {
            *domains.entry(&*item.tags.domain).or_insert(0) += 1;
        }
        assert_eq!(domains.len(), 7);
        assert!(domains.values().all(|&n| n >= 20), "{domains:?}");
    }

    #[test]
    fn the_dataset_is_the_published_list_without_duplicates() {
        let lines = public_items().into_iter().map(|item| {
            let [prompt, answer] = [&item.messages[0].content, &item.answers[0]].map(|t| serde_json::json!(t));
            let tags = &item.tags;
            format!(
                r#"{{"id":{prompt},"prompt":{prompt},"answer":{answer},"domain":"{}","capability":"{}","language":"{}","split":"{}"}}"#,
                tags.domain,
                tags.capability,
                tags.language,
                tags.split.label()
            ) + "\n"
        });
        assert_eq!(DATASET, lines.collect::<String>());
    }
}
