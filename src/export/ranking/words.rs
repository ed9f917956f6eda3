//! The words of boards in English and Chinese, and what must be said beside the figures.

use super::{Document, From};
use crate::contest::{Board, Conduct, Standing, Voter};
use crate::export::report::instant;
use crate::export::verdict::Lang;

/// Words that stand alone.
pub(super) struct Terms {
    titles: [&'static str; 3],
    pub(super) rank: &'static str,
    pub(super) target: &'static str,
    pub(super) rating: &'static str,
    pub(super) votes: &'static str,
    pub(super) won: &'static str,
    pub(super) lost: &'static str,
    pub(super) tie: &'static str,
    pub(super) both_bad: &'static str,
    pub(super) with_flagged: &'static str,
    pub(super) voter: &'static str,
    pub(super) decided: &'static str,
    pub(super) agreed: &'static str,
    pub(super) p: &'static str,
    pub(super) conduct: &'static str,
    pub(super) flagged: &'static str,
    zh: bool,
}

const EN: Terms = Terms {
    titles: ["Ranking by items", "Ranking by people's votes", "Ranking by a judge's votes"],
    rank: "rank",
    target: "target",
    rating: "rating\n(95 %)",
    votes: "votes",
    won: "won",
    lost: "lost",
    tie: "both\ngood",
    both_bad: "both\nbad",
    with_flagged: "with flagged\nvoters",
    voter: "voter",
    decided: "decided",
    agreed: "agree with\nthe others",
    p: "p",
    conduct: "votes",
    flagged: "flagged voters",
    zh: false,
};

const ZH: Terms = Terms {
    titles: ["按题目排名", "按人工投票排名", "按评审模型投票排名"],
    rank: "名次",
    target: "目标",
    rating: "评分\n(95 %)",
    votes: "票数",
    won: "胜",
    lost: "负",
    tie: "都好",
    both_bad: "都差",
    with_flagged: "含被标记\n投票人",
    voter: "投票人",
    decided: "分出胜负",
    agreed: "与他人一致",
    p: "p",
    conduct: "投票方式",
    flagged: "被标记的投票人",
    zh: true,
};

impl Lang {
    /// The words of boards.
    pub(super) const fn ranking(self) -> &'static Terms {
        match self {
            Self::En => &EN,
            Self::Zh => &ZH,
        }
    }
}

impl Terms {
    const fn say<'w>(&self, en: &'w str, zh: &'w str) -> &'w str {
        if self.zh { zh } else { en }
    }

    pub(super) const fn title(&self, from: From) -> &'static str {
        let [items, votes, judge] = self.titles;
        match from {
            From::Items => items,
            From::Votes => votes,
            From::Judge => judge,
        }
    }

    pub(super) fn head(&self, board: &Board) -> String {
        let Board { category, votes, prompts, .. } = board;
        if self.zh {
            format!("{category}：{votes} 票，{prompts} 道题")
        } else {
            format!("{category}: {votes} votes on {prompts} prompts")
        }
    }

    pub(super) fn conduct(&self, voter: &Voter, targets: &[String]) -> String {
        let name = |target: usize| targets.get(target).cloned().unwrap_or_default();
        match &voter.conduct {
            Conduct::Usual => self.say("as others do", "与他人相同").to_owned(),
            Conduct::Chance => self.say("as by chance, or for one side", "近似随机，或总选同一侧").to_owned(),
            Conduct::Against => self.say("against the others", "与他人相反").to_owned(),
            Conduct::Partisan { target, in_favour: true } => format!("{}{}", self.say("for ", "偏向 "), name(*target)),
            Conduct::Partisan { target, .. } => format!("{}{}", self.say("against ", "反对 "), name(*target)),
        }
    }
}

/// What a reader must know beside the figures, a sentence each.
pub(super) fn notes(document: &Document) -> Vec<String> {
    let terms = document.lang.ranking();
    let mut notes = Vec::new();
    let (ranked, others) = document.split();
    let named = |boards: &[&Board]| {
        boards.iter().map(|board| format!("{} ({})", board.category, board.votes)).collect::<Vec<_>>().join(", ")
    };
    let few: Vec<&Board> = others.iter().copied().filter(|board| board.standing == Standing::TooFew).collect();
    if !few.is_empty() {
        let least = document.least_votes;
        notes.push(match terms.zh {
            false => format!("Too few votes for a board (fewer than {least}): {}.", named(&few)),
            true => format!("票数不足以排名（少于 {least}）：{}。", named(&few)),
        });
    }
    for board in &others {
        if let Standing::Unfit(error) = &board.standing {
            notes.push(format!("{}: {error}.", board.category));
        }
    }
    let with_prior: Vec<&Board> = ranked.iter().copied().filter(|board| board.with_prior).collect();
    if !with_prior.is_empty() {
        notes.push(match terms.zh {
            false => format!(
                "Some won or lost all their votes in {}: there every target was given one tie with an average one.",
                named(&with_prior)
            ),
            true => format!("{} 中有目标全胜或全负：每个目标加了一次与平均水平的平局。", named(&with_prior)),
        });
    }
    voters(document, &ranked, &mut notes);
    sides(document, &mut notes);
    if document.repeated > 0 {
        let n = document.repeated;
        notes.push(match terms.zh {
            false => {
                format!("{n} repeat another one of the same prompt (near-duplicates are one prompt) and do not count.")
            }
            true => format!("{n} 个与同一题目重复（近似重复视为同一题），不计入。"),
        });
    }
    for left in &document.left_out {
        let (votes, target, scenario) = (left.votes, &left.target, &left.scenario);
        notes.push(match terms.zh {
            false => format!("{votes} on answers of {target} to {scenario} of an older provenance are left out."),
            true => format!("{target} 在 {scenario} 上旧版本答案的 {votes} 个已排除。"),
        });
    }
    if !ranked.is_empty() {
        notes.push(terms.say(METHOD, METHOD_ZH).to_owned());
    }
    let (at, version) = (instant(document.made_unix_ms), env!("CARGO_PKG_VERSION"));
    notes.push(format!("{at}, assayd {version}, {}", document.source));
    notes
}

const METHOD: &str = "Ratings are Bradley–Terry's by maximum likelihood, a tie and \"both bad\" being half a win each: 1000 is \
    the average of the board, 400 points are odds of 10 to 1. Rank is 1 + how many have a lower end above one's upper end, to \
    the worst place that the intervals leave. Ratings of two boards are not comparable.";
const METHOD_ZH: &str = "评分为 Bradley–Terry 最大似然估计，平局与“都差”各算半胜：1000 为本榜平均，400 分相当于 10 比 1 的胜率比。\
    名次为 1 + 区间下限高于自身上限的目标数，至区间允许的最差名次。不同榜的评分不可比较。";

fn voters(document: &Document, ranked: &[&Board], notes: &mut Vec<String>) {
    let terms = document.lang.ranking();
    if document.voters.is_empty() {
        return;
    }
    let flagged = document.voters.iter().filter(|voter| voter.is_flagged()).count();
    let (all, out) = (document.voters.len(), document.flagged_left_out);
    notes.push(match (terms.zh, flagged, out) {
        (false, 0, _) => format!("{all} voters, none of whom votes oddly at a family-wise 1 % (Holm)."),
        (false, _, true) => format!(
            "{flagged} of {all} voters are flagged at a family-wise 1 % (Holm), and their votes left out; the ratings with them stand beside."
        ),
        (false, ..) => format!("{flagged} of {all} voters are flagged at a family-wise 1 % (Holm); their votes count all the same."),
        (true, 0, _) => format!("{all} 位投票人，在总体 1 %（Holm）水平下没有异常。"),
        (true, _, true) => format!("{all} 位投票人中 {flagged} 位被标记（总体 1 %，Holm），其票已排除；含其票的评分列于一旁。"),
        (true, ..) => format!("{all} 位投票人中 {flagged} 位被标记（总体 1 %，Holm）；其票仍计入。"),
    });
    if ranked.iter().any(|board| !board.over_voters) {
        let text = "With fewer than five voters, intervals speak of other prompts, but of these voters only.";
        notes.push(terms.say(text, "投票人少于五位时，区间只对其他题目有效，仅代表这些投票人。").to_owned());
    }
}

fn sides(document: &Document, notes: &mut Vec<String>) {
    let terms = document.lang.ranking();
    let Some(sides) = document.sides else { return };
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let share = sides.share;
    let (estimate, lower, upper) = (percent(share.estimate), percent(share.lower), percent(share.upper));
    let decided = sides.decided;
    let mut note = match terms.zh {
        false => {
            format!("The answer that was shown first won {estimate} % ({lower}–{upper}) of {decided} decided votes")
        }
        true => format!("先展示的答案在 {decided} 个分出胜负的票中胜 {estimate} %（{lower}–{upper}）"),
    };
    note.push_str(match (sides.is_biased(), terms.zh) {
        (true, false) => {
            ": the order decides some of them. It is balanced over targets, and makes differences look smaller than they are."
        }
        (true, true) => "：顺序影响了部分结果。顺序在各目标间均衡，但会使差异显得更小。",
        (false, false) => ": no bias of sides is shown.",
        (false, true) => "：未见位置偏差。",
    });
    notes.push(note);
    if sides.both_orders > 0 {
        let (agreed, both) = (sides.agreed, sides.both_orders);
        notes.push(match terms.zh {
            false => format!("Asked in both orders, {agreed} of {both} votes said the same; the others count as ties."),
            true => format!("两种顺序各问一次，{both} 票中 {agreed} 票一致；其余按平局计。"),
        });
    }
}
