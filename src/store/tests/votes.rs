//! Votes come back as they were cast, once for each prompt, pair and voter, and go when they are old.

use super::*;
use crate::domain::{Preference, Side, VoteSource};

fn ballot(voter: &str, [left, right]: [&str; 2], preference: Preference) -> Ballot {
    let side = |target: &str| Side { target: Name::new(target).unwrap(), provenance: Fingerprint::from_text(target) };
    Ballot {
        scenario: Name::new("s").unwrap(),
        item: ItemId::new("i\0"),
        prompt: Fingerprint::from_text("p"),
        left: side(left),
        right: side(right),
        preference,
        swapped: None,
        voter: voter.into(),
        source: VoteSource::Human,
        tags: tags(),
        at_unix_ms: 5_000,
    }
}

fn all() -> VotePage {
    VotePage { limit: 100, ..VotePage::default() }
}

#[tokio::test]
async fn a_voter_votes_once_on_a_prompt_and_a_pair_whatever_their_sides() {
    let (store, _) = memory().await;
    let first = ballot("v", ["b", "a"], Preference::Left);
    assert_eq!(store.vote(first.clone()).await.unwrap(), Cast::Counted);
    assert_eq!(store.vote(ballot("v", ["a", "b"], Preference::Left)).await.unwrap(), Cast::Twice);
    let judged = Ballot {
        swapped: Some(Preference::BothBad),
        source: VoteSource::Judge,
        ..ballot("w", ["a", "b"], Preference::Right)
    };
    let others = [judged, ballot("v", ["a", "c"], Preference::Tie)];
    for other in others.clone() {
        assert_eq!(store.vote(other).await.unwrap(), Cast::Counted);
    }
    let got: Vec<Ballot> = store.votes(all()).await.unwrap().into_iter().map(|voted| voted.ballot).collect();
    assert_eq!(got, [first.clone(), others[0].clone(), others[1].clone()]);
    assert_eq!(got[1].counts_as(), Preference::Tie);
    let of = store.votes(VotePage { voter: Some("v".into()), ..all() }).await.unwrap();
    assert_eq!(of.iter().map(|voted| voted.id).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(store.votes(VotePage { after: 1, limit: 1, voter: None }).await.unwrap().len(), 1);
    let itself = store.vote(ballot("v", ["a", "a"], Preference::Tie)).await;
    assert!(itself.unwrap_err().to_string().contains("between a and itself"));
}

#[tokio::test]
async fn a_vote_is_no_older_than_what_is_kept() {
    let (store, _) = memory().await;
    store.vote(ballot("v", ["a", "b"], Preference::Left)).await.unwrap();
    store.vote(Ballot { at_unix_ms: 50_000, ..ballot("w", ["a", "b"], Preference::Left) }).await.unwrap();
    store.prune(60_000, Some(Duration::from_secs(20)), None).await.unwrap();
    let left = store.votes(all()).await.unwrap();
    assert_eq!(left.iter().map(|voted| &*voted.ballot.voter).collect::<Vec<_>>(), ["w"]);
}

#[tokio::test]
async fn what_is_kept_under_a_name_stays() {
    let (store, _) = memory().await;
    assert_eq!(store.keep("key", "one".into()).await.unwrap(), "one");
    assert_eq!(store.keep("key", "two".into()).await.unwrap(), "one");
}
