//! Refusals in words, recognised conservatively: a text that opens as one, or says early on that it declines to answer. What
//! lacks something to answer with (a figure, a condition) or can't tell declines nothing.

use super::after;
use super::pattern::{Pattern, pattern};
use std::sync::LazyLock;

static REFUSAL: LazyLock<Pattern> = LazyLock::new(|| {
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
        r"|i\s*(?:can'?t|cannot|can\s+not|won'?t|(?:'m|am)\s+(?:not\s+able|unable)\s+to)\s+(?:identify|recogni[sz]e)\s+(?:real\s+|specific\s+|individual\s+)?(?:people|persons?|individuals|someone|anyone|who)\b[^.\n]{0,40}?\b(?:faces?|facial|photos?|photographs?|images?|pictures?|appearance)\b",
        r"|i\s*(?:'d|would)\s+(?:rather\s+not|prefer\s+not\s+to)\s+(?:answer|provide|help|say|discuss|pick|choose))",
    ))
});

static REFUSAL_ZH: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"\A[\s*_>#]*(?:(?:很|非常|十分|对此)?(?:抱歉|对不起|不好意思|遗憾)|作为(?:一个|一名)?(?:AI|人工智能|语言模型)[^。\n]{0,20})",
        r"[,，。!！\s]*(?:但是?|不过)?(?:作为(?:一个|一名)?(?:AI|人工智能|语言模型)[^。\n我]{0,12})?[,，\s]*(?:我|本助手|这个问题我)?(?:目前|暂时|现在|恐怕|们)?(?:无法|不能|不可以|没办法|没有办法|不便|拒绝)",
        // 抱歉，根据相关规定，我不能提供… / 抱歉，这个问题涉及我不能讨论的内容
        r"|\A[\s*_>#]*(?:(?:很|非常|十分|对此)?(?:抱歉|对不起|不好意思|遗憾))[,，。!！\s]*(?:(?:根据|按照|依照|由于|鉴于|出于|因为?|这|该|此|您|你|关于|对于|涉及)[^。\n]{0,30}?)(?:我|本助手|我们)?(?:目前|暂时|现在|恐怕)?(?:无法|不能|不可以|没办法|不便|拒绝|不予)(?:为|向|给|对)?(?:您|你|此|其)?[^。,，\n]{0,6}?(?:提供|回答|作答|解答|讨论|协助|帮助|满足|处理|透露|给出|作出|做出|诊断|判断病|建议)",
        // 作为一个人工智能语言模型，我还没学习如何回答这个问题
        r"|\A[\s*_>#]*(?:(?:很|非常|十分)?(?:抱歉|对不起|不好意思|遗憾)[,，。!！\s]*)?(?:作为(?:一个|一名|一款)?(?:AI|人工智能|大?语言模型)[^。\n]{0,20}[,，\s]*)?我(?:目前|暂时|现在)?(?:还没有?|尚未|没有|还未)(?:学习|学会|掌握|被授权|具备|能力|资格|权限)[^。\n]{0,16}(?:回答|作答|解答|处理|讨论|诊断|判断|建议|提供)",
        r"|\A我?(?:无法|不能|不会)(?:根据|通过|从|凭|依据)[^。,\n]{0,10}?(?:照片|图片|图像|面部|人脸|长相|外貌)[^。,\n]{0,10}?(?:识别|辨认|确认|判断)[^。,\n]{0,6}?(?:人物|身份|真人|是谁)",
        r"|\A(?:我)(?:无法|不能|拒绝)(?:为您|为你|给您|给你|向您|向你)?(?:提供|回答|协助|帮助|满足|讨论|参与)",
    ))
});

/// Words that decline in the first sentences.
static DECLINES: LazyLock<Pattern> = LazyLock::new(|| {
    const DO: &str = r"(?:answer|provid|giv|suppl|shar|offer|reveal|disclos|respond|repl|help|assist|complet|compl|fulfil|engag|participat|discuss|comment|support|facilitat|tak(?:e|ing)\s+part|tell|weigh\s+in|select|choos|pick)";
    pattern(&format!(
        concat!(
            r"(?i)(?:\b(?:i|we)(?:'m|'ll|'d|\s+am|\s+are)?\s+(?:[a-z]+\s+){{0,4}}?(?:declin(?:e|ing)\b|refus(?:e|ing)\s+to\s+{do}|refrain(?:ing)?\s+from\s+{do}|abstain(?:ing)?\b)",
            r"|\b(?:i|we)\s*(?:won'?t|will\s+not|shall\s+not|shan't)\s+(?:be\s+)?(?:solv(?:e|ing)|do(?:ing)?|work(?:ing)?\s+out)\s+(?:this|that|it|your|the)\b",
            r"|(?:\A|[.!,:;]\s*)[\s*]*declin(?:e|ing)\s+to\s+{do}",
            r"|\b(?:i|we)\s*(?:can'?t|cannot|can\s+not|won'?t|will\s+not|shall\s+not|shan't|(?:'m|am|are|'re)\s+(?:un(?:able|willing)|not\s+(?:able|willing|allowed|permitted|authori[sz]ed|prepared|going|supposed|at\s+liberty|in\s+a\s+position)))\s+(?:to\s+)?(?:(?:in\s+good\s+conscience|ethically|directly|simply|therefore|just|legally|responsibly|be\s+able\s+to|be)\s+)?{do}",
            r"|\b(?:i|we)\s+(?:do\s+not|don't)\s+(?:wish|want|feel\s+comfortable|intend|provide\s+(?:answers|medical|legal)|give\s+(?:medical|legal)|answer\s+(?:questions|this|that|such))",
            r"|\bi(?:'m|\s+am)?\s+(?:choose|chose|choosing|prefer|have\s+decided)\s+not\s+to\s+{do}|\bi(?:'d|\s+would)\s+(?:rather|prefer)\s+(?:to\s+)?not\s+(?:to\s+)?{do}",
            r"|\b(?:have\s+to|must|going\s+to|i'll|i\s+will)\s+pass\s+on\s+(?:this|that|it)|\bi\s+pass\b[.!]|\bno\s+comment\b|\brequest\s+denied\b|\bi(?:'m|\s+am)\s+not\s+comfortable\b",
            r"|\b(?:would|it's|it\s+is)\s+(?:be\s+)?(?:inappropriate|unethical|improper|irresponsible|wrong|against\s+\w+\s+\w+)\s+(?:for\s+me\s+|of\s+me\s+)?to\s+{do}",
            r"|\b(?:guidelines|polic(?:y|ies)|rules|principles|terms|instructions|programming)\s+(?:[a-z]+\s+){{0,2}}?(?:prevents?|prohibits?|forbids?|(?:don't|do\s+not|doesn't|does\s+not)\s+(?:allow|permit))\b|\b(?:violates?|goes?\s+against|contrary\s+to|conflicts?\s+with|in\s+violation\s+of)\s+(?:my|our|the)\s+(?:[a-z]+\s+){{0,2}}?(?:guidelines|polic|rules|principles|terms|values)",
            r"|\bi\s*(?:can'?t|cannot|won'?t|will\s+not|'m\s+not\s+going\s+to)\s[^.\n]{{1,80}}\.[^\n]{{0,160}}\b(?:crisis|suicide|hotline|helpline|lifeline|emergency\s+services|poison\s+control)\b",
            r"|\bnot\s+something\s+(?:that\s+)?i(?:'m|\s+am|\s+can)?\s+(?:able\s+to\s+|willing\s+to\s+|comfortable\s+)?(?:{do}|do\b))"
        ),
        do = DO
    ))
});
static DECLINES_ZH: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:恕|请原谅|本人|我们?|本助手|本AI|本模型|在下|小助手|笔者)[^。;\n]{0,8}?(?:拒绝|谢绝|婉拒|无法|不能|不便|不会|不愿意?|不想|不宜|不得|不可以|没有权限|无权|不予|不方便|没办法|没法|不打算)(?:再|继续|直接|就此|对此|为您|为你|替您|替你|帮您|帮你|给您|给你|向您|向你|对该|对这|就这|参与|在|代|[^。,;\n]{0,6}?)(?:题|问题)?(?:上|进行)?(?:回答|作答|答复|解答|答题|提供|给出|透露|告知|协助|帮助|帮忙|参与|讨论|回应|满足|代答|代做|完成|发表|评论|奉告|支持|配合)",
        r"|(?:\A|[。,;:!\n])\s*我们?不(?:会|予|想|愿意?)?(?:回答|作答|讨论|提供|参与)",
        r"|恕难(?:从命|奉告|作答|回答|相告|提供)|恕不(?:奉告|作答|回答|提供|能)|无可奉告|爱莫能助|(?:\A|[。,;:!\n]|只能|必须|故|因此|所以|选择|予以|恕)(?:拒绝|谢绝|婉拒|不予)(?:回答|作答|提供|答复|透露|置评|协助|解答|答题)|(?:我)?(?:只能|必须|选择|不得不)(?:拒绝|谢绝|婉拒)",
        r"|(?:问题|题目|请求|要求|内容|话题|提问|题)[^。;\n]{0,14}?(?:无法|不能|不便|不予|拒绝)(?:为您|为你|对此|直接)?(?:回答|作答|提供|协助|解答|处理|支持|讨论|满足)",
        r"|(?:\A|[。,;:!\n])\s*(?:很遗憾,?|暂时|目前)?(?:无法|不能|不便|不会|不可以|没办法|拒绝)(?:为|向|给|替|帮)(?:您|你)[^。,;\n]{0,6}?(?:提供|给出|回答|作答|解答|完成|代答)",
        r"|(?:违反|违背|不符合)[^。;\n]{0,16}?(?:规定|政策|准则|原则|规范|道德)[^。\n]{0,16}?(?:无法|不能|不会|拒绝|不便|不予)",
    ))
});
/// What keeps words that decline from being a refusal: something is missing, or it can't be told for certain.
static LACKS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:without\s+(?:the|more|seeing|knowing|any|further|additional|it|them|that)|missing|(?:didn't|did\s+not)\s+(?:come|load|attach|include)|(?:don't|do\s+not|can't|cannot|can\s+not)\s+(?:see|view|access|open|tell\s+which|have\s+(?:the|enough|access))|not\s+(?:attached|provided|included|enough|given|specified|shown)|insufficient|incomplete|no\s+(?:image|figure|graph|picture|options|data|table)|until\s+you|(?:a\s+)?(?:definite|definitive|exact|precise|certain|single)\s+(?:answer|number|value|figure)|rule\s+out|between\s+\(?[A-J]\b)",
        r"|缺(?:少|失|乏)|不完整|不全|(?:没有|没|未)(?:看到|看见|显示|给出|提供|上传|附上|收到|发|说明|足够)|看不到|看不见|信息不足|条件不足|补充|(?:确定|准确|确切|明确|唯一)的?(?:答案|数值|结果)|请(?:您|你)?(?:提供|上传|补充|重新)",
    ))
});
/// What goes on to an answer all the same.
static ALL_THE_SAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:but|however|that\s+said|still|nevertheless|nonetheless|though|although|if\s+i\s+(?:had|have)\s+to|if\s+(?:pressed|forced))\b[^\n]{0,60}?(?:\d|\b(?:answer|guess|estimate|is)\b)|(?:但是?|不过|然而|只是|如果(?:一定|非)要|若(?:一定|非)要|硬要)[^\n]{0,30}?(?:\d|答案|应该|大概|选)",
    )
});

/// How far into a text a refusal may stand, in characters.
const EARLY: usize = 320;

/// Whether a text (visible, folded) declines to answer. Ask only when no answer could be read out of it.
#[must_use]
pub fn refuses(text: &str) -> bool {
    // An opening is short; a long text that opens with an apology still has to say that it can't help.
    REFUSAL.is_match(text) || REFUSAL_ZH.is_match(text) || declines(text)
}

/// Whether a text opens as a refusal: with an apology, or an inability to help.
#[must_use]
pub fn opens_as_refusal(text: &str) -> bool {
    REFUSAL.is_match(text) || REFUSAL_ZH.is_match(text)
}

/// Whether a text declines to answer and gives no answer all the same: figures in it are none.
#[must_use]
pub fn only_refuses(text: &str) -> bool {
    let early = after(text, 0, EARLY);
    let ends = [&*REFUSAL, &*REFUSAL_ZH, &*DECLINES, &*DECLINES_ZH].map(|words| words.find(early).map(|m| m.end()));
    let behind = ends.into_iter().flatten().max().and_then(|end| text.get(end..)).unwrap_or("");
    refuses(text) && !ALL_THE_SAME.is_match(behind)
}

fn declines(text: &str) -> bool {
    let early = after(text, 0, EARLY);
    (DECLINES.is_match(early) || DECLINES_ZH.is_match(early)) && !LACKS.is_match(early)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_all_the_same_is_an_answer() {
        for (text, only) in [
            ("I'm sorry, but I can't help with that. Error 42.", true),
            ("I can't give legal advice, but the sum is 42.", false),
            ("I must decline to answer question 5.", true),
            ("很抱歉不能回答，但我猜应该是5。", false),
            ("It is 42.", false),
        ] {
            assert_eq!(only_refuses(&super::super::fold(text)), only, "{text}");
        }
    }

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
            "As a matter of principle I decline to answer this question.",
            "This looks like a question from an exam that is in progress, so I must decline to provide an answer.",
            "This question seeks private data. I won't be answering it.",
            "I refuse to answer.",
            "I will not help with exam questions.",
            "My guidelines do not allow me to discuss this.",
            "Answering would be cheating, and it would be unethical to provide the solution.",
            "I have chosen to abstain from this one. I abstain.",
            "That is not something I can help with.",
            "I'm choosing not to respond.",
            "恕我拒绝作答：这道题要求我协助制作违禁品。",
            "本人拒绝回答涉及歧视性排名的题目。",
            "这似乎是正在进行的考试中的题目，为了维护考试公平，我不能为您提供答案，敬请谅解。",
            "该问题违反了使用规范，因此不予回答。",
            "无可奉告。",
            "这个问题我不方便回答。",
            "涉及个人隐私，恕不奉告。",
            "作为AI，我必须拒绝这个请求。",
            "I'm not able to identify real people from their faces in photos.",
            "我无法根据照片中的面部特征识别人物身份。",
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
            "I can't identify the city from the photo.",
            "抱歉，根据题意，x 不能为零。",
            "The regulator will not help.",
            "I can't rule out B.",
            "I cannot choose between B and C.",
            "Sales declined by 5%.",
            "We decided to help.",
            "没有看到图片，我无法作答。",
            "我无法给出确定的答案。",
            "这个方程不能因式分解。",
            "他拒绝了邀请。",
        ] {
            assert!(!refuses(&super::super::fold(text)), "{text}");
        }
    }
}
