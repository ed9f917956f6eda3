//! Refusals in words, recognised conservatively: only a text that opens as one.

use super::statement::pattern;
use regex::Regex;
use std::sync::LazyLock;

static REFUSAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A[\s*_>#]*(?:",
        // An apology or address, then an inability to help or answer.
        r"(?:(?:i'?m|i am|we'?re)\s+(?:very\s+|really\s+|so\s+)?sorry|sorry|i\s+apologi[sz]e|my\s+apologies|unfortunately|thank\s+you[^.\n]{0,60}|as\s+an?\s+(?:ai|language|artificial)[^.,\n]{0,40})",
        r"[\s,.;:!-]*(?:for[^.\n]{0,40}[,.]\s*)?(?:but\s+|however,?\s+)?(?:as\s+an?\s+(?:ai|language|artificial)[^.,\n]{0,40}?,?\s+)?)?",
        r"(?:i\s*(?:can'?t|cannot|can\s+not|won'?t|will\s+not|am\s+(?:not\s+able|unable)\s+to|'m\s+(?:not\s+able|unable)\s+to|must\s+decline|decline\s+to|am\s+not\s+allowed\s+to|do\s+not\s+feel\s+comfortable|don'?t\s+feel\s+comfortable)",
        r"[^.\n]{0,30}?\b(?:help|assist|answer|provide|give|offer|diagnos|advise|recommend|comply|fulfil+|discuss|engage|support|share|do\s+(?:that|this)|continue|respond|with\s+(?:that|this)|complete\s+(?:that|this)|decline)",
        r"|i\s+(?:(?:must|have\s+to|need\s+to|am\s+going\s+to|would\s+have\s+to|'ll\s+have\s+to)\s+)?(?:respectfully\s+|politely\s+)?decline\b",
        r"|i\s*(?:'m|am)\s+not\s+(?:comfortable|able|willing|going|qualified|permitted|authori[sz]ed|in\s+a\s+position|designed|programmed)\s+(?:to\s+)?(?:with\s+)?(?:answer|provid|help|assist|engag|respond|discuss|choos|pick|giv|offer|diagnos|advis|comment)",
        r"|(?:sorry|i'?m\s+sorry|i\s+apologi[sz]e|unfortunately)[\s,.;!-]*(?:but\s+)?i\s*(?:'m|am)?\s*(?:can\s+only|only\s+able\s+to)\s+(?:help|assist|answer|discuss|respond)",
        r"|(?:sorry|i'?m\s+sorry)[\s,.;!-]*(?:but\s+)?i\s*(?:can'?t|cannot|don'?t)\s+do\s+(?:calculations?|math\w*|homework|exams?|that|this)",
        r"|i\s*(?:'d|would)\s+(?:rather\s+not|prefer\s+not\s+to)\s+(?:answer|provide|help|say|discuss|pick|choose))",
    ))
});

static REFUSAL_ZH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\A[\s*_>#]*(?:(?:很|非常|十分|对此)?(?:抱歉|对不起|不好意思|遗憾)|作为(?:一个|一名)?(?:AI|人工智能|语言模型)[^。\n]{0,20})",
        r"[,，。!！\s]*(?:但是?|不过)?(?:作为(?:一个|一名)?(?:AI|人工智能|语言模型)[^。\n我]{0,12})?[,，\s]*(?:我|本助手|这个问题我)?(?:目前|暂时|现在|恐怕|们)?(?:无法|不能|不可以|没办法|没有办法|不便|拒绝)",
        // 抱歉，根据相关规定，我不能提供… / 抱歉，这个问题涉及我不能讨论的内容
        r"|\A[\s*_>#]*(?:(?:很|非常|十分|对此)?(?:抱歉|对不起|不好意思|遗憾))[,，。!！\s]*(?:(?:根据|按照|依照|由于|鉴于|出于|因为?|这|该|此|您|你|关于|对于|涉及)[^。\n]{0,30}?)(?:我|本助手|我们)?(?:目前|暂时|现在|恐怕)?(?:无法|不能|不可以|没办法|不便|拒绝|不予)(?:为|向|给|对)?(?:您|你|此|其)?[^。,，\n]{0,6}?(?:提供|回答|作答|解答|讨论|协助|帮助|满足|处理|透露|给出|作出|做出|诊断|判断病|建议)",
        // 作为一个人工智能语言模型，我还没学习如何回答这个问题
        r"|\A[\s*_>#]*(?:(?:很|非常|十分)?(?:抱歉|对不起|不好意思|遗憾)[,，。!！\s]*)?(?:作为(?:一个|一名|一款)?(?:AI|人工智能|大?语言模型)[^。\n]{0,20}[,，\s]*)?我(?:目前|暂时|现在)?(?:还没有?|尚未|没有|还未)(?:学习|学会|掌握|被授权|具备|能力|资格|权限)[^。\n]{0,16}(?:回答|作答|解答|处理|讨论|诊断|判断|建议|提供)",
        r"|\A(?:我)(?:无法|不能|拒绝)(?:为您|为你|给您|给你|向您|向你)?(?:提供|回答|协助|帮助|满足|讨论|参与)",
    ))
});

/// Whether a text (visible, folded) declines to answer. Ask only when no answer could be read out of it.
#[must_use]
pub fn refuses(text: &str) -> bool {
    // An opening is short; a long text that opens with an apology still has to say that it can't help.
    REFUSAL.is_match(text) || REFUSAL_ZH.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_refuse() {
        for text in [
            "I'm sorry, but I can't help with that.",
            "I cannot assist with this request.",
            "Sorry, I can't answer that.",
            "I am unable to provide that information.",
            "As an AI language model, I cannot answer questions about that.",
            "I must decline.",
            "I must respectfully decline to answer this question.",
            "I'm not comfortable answering this one, and I have to decline.",
            "I'd rather not answer that.",
            "Unfortunately, I'm unable to help with that.",
            "抱歉，我无法回答这个问题。",
            "很抱歉，我不能提供相关信息。",
            "对不起,我无法协助。",
            "我无法为您提供该内容。",
            "很抱歉，作为AI助手，我不能提供这方面的建议。",
            "抱歉，根据相关规定，我不能提供正在进行的考试的答案。",
            "抱歉，这个问题涉及我不能讨论的内容，我无法作答。",
        ] {
            assert!(refuses(&super::super::fold(text)), "{text}");
        }
        for text in [
            "I'm sorry for the confusion. The lamp is blue.",
            "We cannot have x = 0, so the set is empty.",
            "I can't see a simpler form.",
            "Sorry, my mistake: the cat sat.",
            "抱歉，刚才算错了。",
            "无法确定",
            "抱歉，根据题意，x 不能为零。",
            "The regulator will not help.",
        ] {
            assert!(!refuses(&super::super::fold(text)), "{text}");
        }
    }
}
