//! What all importers have in common at the end: one entry for each name and day, shares where all prices of a tier are
//! one, nothing said twice.

use super::Told;
use crate::pricing::book::draft::{Draft, Rates, Tier};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn finish(mut drafts: Vec<Draft>, told: &mut Told) -> Vec<Draft> {
    drafts.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut out: Vec<Draft> = Vec::new();
    for mut draft in drafts {
        draft.context.values_mut().for_each(|rates| without(rates, &draft.rates));
        draft.context.retain(|_, rates| !rates.is_empty());
        draft.hours.iter_mut().for_each(|hours| without(&mut hours.rates, &draft.rates));
        draft.hours.retain(|hours| !hours.rates.is_empty());
        for tier in draft.tiers.values_mut() {
            if let Tier::Rates(rates, context) = tier
                && let Some(share) = share(&draft.rates, &draft.context, rates, context)
            {
                *tier = Tier::Share(share);
            }
        }
        match out.last() {
            Some(last) if last.key() == draft.key() => {
                let bare = |draft: &Draft| Draft { aliases: Vec::new(), ..draft.clone() };
                let what = if bare(last) == bare(&draft) {
                    "(models left out) named twice, with the same prices"
                } else {
                    "(models left out) named twice, with other prices"
                };
                told.note(what, &format!("{}/{}", draft.provider, draft.model));
            }
            _ => out.push(draft),
        }
    }
    aliases(&mut out, told);
    out
}

/// Takes out what is the same as where nothing is said.
fn without(rates: &mut Rates, base: &Rates) {
    rates.retain(|field, usd| base.get(field) != Some(usd));
}

type Steps = BTreeMap<u64, Rates>;

/// The share that every price by token of a tier is of the usual price, also of long contexts, where it gives one for each.
fn share(base: &Rates, steps: &Steps, tier: &Rates, tier_steps: &Steps) -> Option<Decimal> {
    let by_token = |field: &str| !matches!(field, "per_request" | "per_search");
    let names = |rates: &Rates| rates.keys().copied().filter(|field| by_token(field)).collect::<BTreeSet<_>>();
    let (field, first) = tier.iter().find(|(field, _)| base.get(*field).is_some_and(|usd| !usd.is_zero()))?;
    let share = first.checked_div(*base.get(field)?)?.normalize();
    let scaled = |base: &Rates, tier: &Rates| {
        let same =
            |(field, usd): (&&str, &Decimal)| base.get(*field).and_then(|base| base.checked_mul(share)) == Some(*usd);
        names(base) == names(tier) && tier.keys().all(|field| by_token(field)) && tier.iter().all(same)
    };
    let all = scaled(base, tier)
        && steps.keys().eq(tier_steps.keys())
        && steps.iter().zip(tier_steps).all(|((_, base), (_, tier))| scaled(base, tier));
    (all && share.scale() <= 6).then_some(share)
}

/// Takes out aliases that mean more than one model of a provider.
fn aliases(drafts: &mut [Draft], told: &mut Told) {
    let names: BTreeSet<(String, String)> = drafts.iter().map(|d| (d.provider.clone(), d.model.clone())).collect();
    let mut taken: BTreeMap<(String, String), String> = BTreeMap::new();
    for draft in drafts {
        let (provider, model) = (draft.provider.clone(), draft.model.clone());
        draft.aliases.sort();
        draft.aliases.dedup();
        draft.aliases.retain(|alias| {
            if *alias == model {
                return false;
            }
            let key = (provider.clone(), alias.clone());
            let free = !names.contains(&key) && taken.get(&key).is_none_or(|owner| *owner == model);
            if free {
                taken.insert(key, model.clone());
            } else {
                told.note("aliases that mean another model too", &format!("{provider}/{alias}"));
            }
            free
        });
    }
}
