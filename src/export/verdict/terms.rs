//! The report's words in English and Chinese.

use crate::domain::Name;
use crate::export::report::usd;
use crate::verdict::{LeftOut, Part, Standing};

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Chinese, simplified.
    Zh,
}

/// Words that stand alone.
pub(super) struct Terms {
    pub(super) title: &'static str,
    pub(super) verdict: &'static str,
    pub(super) nothing: &'static str,
    pub(super) target: &'static str,
    pub(super) items: &'static str,
    pub(super) answers: &'static str,
    pub(super) accuracy: &'static str,
    pub(super) per_correct: &'static str,
    pub(super) cost: &'static str,
    pub(super) first: &'static str,
    pub(super) whole: &'static str,
    pub(super) tokens: &'static str,
    pub(super) joules: &'static str,
    pub(super) pair: &'static str,
    pub(super) difference: &'static str,
    pub(super) only: &'static str,
    pub(super) ratio: &'static str,
    pub(super) p: &'static str,
    pub(super) everything: &'static str,
    pub(super) by_scenario: &'static str,
    pub(super) by_domain: &'static str,
    pub(super) pairs: &'static str,
    pub(super) chart: &'static str,
    pub(super) latency: &'static str,
    pub(super) figures: &'static str,
    pub(super) notes: &'static str,
    pub(super) provenance: &'static str,
}

const EN: Terms = Terms {
    title: "Procurement report",
    verdict: "Verdict",
    nothing: "There is nothing to compare: no sample of these targets, scenarios and runs.",
    target: "target",
    items: "items",
    answers: "answers",
    accuracy: "accuracy %\n(95 %)",
    per_correct: "cost per correct\n(95 %)",
    cost: "cost",
    first: "TTFT ms\np50/p99",
    whole: "whole ms\np50/p99",
    tokens: "tokens\nout",
    joules: "J per\ncorrect",
    pair: "pair",
    difference: "difference, points\n(95 %)",
    only: "only first/\nonly second",
    ratio: "cost ratio\n(95 %)",
    p: "p",
    everything: "everything together",
    by_scenario: "accuracy % by scenario (95 %)",
    by_domain: "accuracy % by domain (95 %)",
    pairs: "pairs, on the items that both were graded on",
    chart: "Accuracy against cost of a correct answer",
    latency: "Time to the first token, and to the last: median and 99 of 100",
    figures: "Figures",
    notes: "What to know",
    provenance: "Where this comes from",
};

const ZH: Terms = Terms {
    title: "采购评测报告",
    verdict: "结论",
    nothing: "没有可比较的内容：所选目标、场景和运行没有任何样本。",
    target: "目标",
    items: "题目",
    answers: "回答",
    accuracy: "正确率 %\n(95 %)",
    per_correct: "每个正确答案的成本\n(95 %)",
    cost: "总成本",
    first: "首字延迟 ms\np50/p99",
    whole: "总时长 ms\np50/p99",
    tokens: "输出\n词元",
    joules: "每个正确\n答案 J",
    pair: "对比",
    difference: "正确率差，百分点\n(95 %)",
    only: "仅前者对/\n仅后者对",
    ratio: "成本之比\n(95 %)",
    p: "p 值",
    everything: "总体",
    by_scenario: "各场景正确率 % (95 %)",
    by_domain: "各领域正确率 % (95 %)",
    pairs: "两两对比（双方都被评分的题目）",
    chart: "正确率与每个正确答案的成本",
    latency: "首字与末字的时间：中位数与第 99 百分位",
    figures: "数据",
    notes: "须知",
    provenance: "数据来源",
};

const METHOD_EN: [&str; 5] = [
    "Accuracy: correct / (correct + wrong + unparsed + refused), Wilson 95 % interval; several answers to one item count as \
     one observation as far as they agree.",
    "Cost per correct: everything that was paid, failed attempts and shares of hardware too, over correct answers; log-delta \
     95 % interval; ≥ where there are too few correct answers for an upper end.",
    "Pairs: only items that both were graded on, each once; exact McNemar and Newcombe's interval, or Student's t where \
     there are several answers to one item; cost ratios by the paired delta method on the logarithm. p-values are \
     adjusted for the number of pairs (Holm); a difference is called shown below 0.05.",
    "Times count from the instant a request was due: what waited in the queue of a busy client or server is in them.",
    "No difference shown does not mean equal: the interval tells which differences are not excluded.",
];

const METHOD_ZH: [&str; 5] = [
    "正确率：正确 /（正确 + 错误 + 无法解析 + 拒答），Wilson 95 % 区间；同一题的多个回答按其一致程度合并为一次观测。",
    "每个正确答案的成本：全部花费（含失败的尝试与硬件分摊）除以正确答案数；对数 delta 法 95 % 区间；正确答案太少而没有上限时记为 ≥。",
    "两两对比：只用双方都被评分的题目，每题计一次；精确 McNemar 检验与 Newcombe 区间，同一题有多个回答时用 Student t 检验；成本之比用对数配对 \
     delta 法。p 值按对比数校正（Holm）；低于 0.05 才称为有差异。",
    "时间从请求应发出的时刻算起：在繁忙的客户端或服务器排队的时间也计入。",
    "“未显示差异”并不等于“相等”：区间给出未被排除的差异。",
];

impl Lang {
    /// Reads the word on the command line.
    ///
    /// # Errors
    /// What is expected.
    pub fn from_word(word: &str) -> Result<Self, String> {
        match word {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            _ => Err("expected en or zh".to_owned()),
        }
    }

    /// As HTML's `lang` attribute has it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-Hans",
        }
    }

    /// One of two texts.
    pub(super) const fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    pub(super) const fn terms(self) -> &'static Terms {
        match self {
            Self::En => &EN,
            Self::Zh => &ZH,
        }
    }

    pub(super) fn method(self) -> impl Iterator<Item = &'static str> {
        match self {
            Self::En => METHOD_EN,
            Self::Zh => METHOD_ZH,
        }
        .into_iter()
    }

    /// A part as an adverbial: "on domain mod".
    pub(super) fn part(self, part: &Part) -> String {
        match (self, part) {
            (Self::En, Part::All) => "over everything".to_owned(),
            (Self::En, Part::Scenario(name)) => format!("on scenario {name}"),
            (Self::En, Part::Domain(domain)) => format!("on domain {domain}"),
            (Self::Zh, Part::All) => "总体上".to_owned(),
            (Self::Zh, Part::Scenario(name)) => format!("在场景 {name} 上"),
            (Self::Zh, Part::Domain(domain)) => format!("在领域 {domain} 上"),
        }
    }

    pub(super) fn left_out(self, left: &LeftOut) -> String {
        let LeftOut { target, scenario, samples } = left;
        match self {
            Self::En => format!(
                "{samples} samples of {target} on {scenario} are left out: they are of an older provenance (another model, price, \
                 template or scorer), and are never added to the newer ones."
            ),
            Self::Zh => format!(
                "{target} 在 {scenario} 上有 {samples} 个样本未计入：它们的来源较旧（模型、价格、模板或评分器不同），不与新样本合并。"
            ),
        }
    }

    pub(super) fn adaptive(self, run: &str, scenario: &Name) -> String {
        match self {
            Self::En => format!(
                "{run} asked only what still mattered of {scenario}: what is said of it here is of the items that were asked, which are \
                 not drawn evenly, and the harder pairs were asked more. The run's own report has the intervals that hold for all items."
            ),
            Self::Zh => format!(
                "{run} 在 {scenario} 上只提问了仍有必要的题目：此处的数字仅针对已提问的题目，这些题目并非均匀抽取；对全部题目成立的区间见该运行自己的报告。"
            ),
        }
    }

    pub(super) fn failed(self, standing: &Standing, failed: u64, unknown: u64) -> String {
        let (target, samples) = (&standing.target, standing.samples());
        match self {
            Self::En => format!(
                "{target}: {failed} of {samples} samples failed and {unknown} have an unknown outcome; they are outside of \
                 accuracy, their known cost is not."
            ),
            Self::Zh => format!(
                "{target}：{samples} 个样本中有 {failed} 个失败、{unknown} 个结果未知；不计入正确率，但已知成本计入。"
            ),
        }
    }

    pub(super) fn bound(self, standing: &Standing) -> String {
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        let most = usd(standing.bound.nanos() as f64 / 1e9);
        let target = &standing.target;
        match self {
            Self::En => {
                format!("{target}: up to {most} more may have been billed, of attempts whose cost is not known.")
            }
            Self::Zh => format!("{target}：费用未知的尝试最多可能另有 {most} 的账单。"),
        }
    }

    pub(super) fn run(self, name: &str, begun: &str, result: Option<&str>) -> String {
        match self {
            Self::En => format!("run {name}, begun {begun}, {}", result.unwrap_or("not finished")),
            Self::Zh => format!("运行 {name}，开始于 {begun}，{}", self.result(result)),
        }
    }

    /// How a run ended.
    pub(super) fn result(self, result: Option<&str>) -> &'static str {
        match result {
            Some("complete") => self.pick("complete", "已完成"),
            Some("budget") => self.pick("ended by its budget", "因预算结束"),
            Some(_) => self.pick("incomplete", "未完成"),
            None => self.pick("not finished", "仍在进行"),
        }
    }

    pub(super) fn made(self, when: &str, version: &str, source: &str) -> String {
        match self {
            Self::En => format!("made {when} by assayd {version} out of {source}"),
            Self::Zh => format!("由 assayd {version} 于 {when} 根据 {source} 生成"),
        }
    }
}
