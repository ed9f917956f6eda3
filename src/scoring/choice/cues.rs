//! The words by which a clause takes a stance on the options that it names, in one table by language. A cue stands right
//! before an option ("I prefer B", 应选B, "rather than B") or somewhere behind it in its clause ("B fits best", B更合适).

use crate::scoring::text::{Pattern, pattern};
use std::sync::LazyLock;

/// What a clause says of the options it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// They are the answer, or the best of all.
    Chosen,
    /// They are right, or fit.
    Right,
    /// They are not.
    Wrong,
    /// They are what is wrong, said as an answer to what is asked: 说法错误的是C.
    Odd,
    /// Something that can't be told.
    Open,
}

/// What may stand between a cue and an option.
const FILLER_EN: &str = r#"(?:\s|[("'\[:*-]|,\s*(?:of\s+course|i\s+think|i\s+believe|however|then|therefore|in\s+fact|naturally|clearly|as\s+expected)\s*,|\b(?:the|an?|the\s+ones?\s+in|both|only|just|with|for|option|options|choice|choices|answer|answers|answer\s+choice|letter|letters|statement|statements|clearly|definitely|probably|therefore|thus|then|indeed|simply|actually|obviously|surely|of\s+course|in\s+fact|likely|most\s+likely|called|named|known\s+as|termed|us|me|here|number|famous|great|so-called|following|two|three|four)\b)*\z"#;
const FILLER_ZH: &str = r#"(?:\s|[("'\[:《「“*-]|选项|答案|选择|第|了|掉|的是|就是|就|只有|只|便|则|即|应该|应|也|还|分别|[一二两三四五六]个|[一二两三四五六]项|第[一二三四五六]个,?|这个|了)*\z"#;

/// One cue: what it makes of the option behind it.
struct Before {
    stance: Stance,
    finder: Pattern,
    /// Only where the option ends its clause: "is B", and not "is B's".
    ends: bool,
}

impl Before {
    fn new(stance: Stance, ends: bool, words: &str, filler: &str) -> Self {
        Self { stance, finder: pattern(&format!("(?i)(?:{words}){filler}")), ends }
    }
}

/// Cues before an option; the first that fits counts.
static BEFORE: LazyLock<Vec<Before>> = LazyLock::new(|| {
    vec![
        Before::new(
            Stance::Chosen,
            false,
            r"\b(?:rul(?:e[sd]?|ing)\s+out|eliminat(?:e[sd]?|ing)|exclud(?:e[sd]?|ing)|discard(?:s|ed|ing)?)\s+(?:all|everything)\s+(?:but|except(?:\s+for)?)|没有比",
            FILLER_ZH,
        ),
        // Asked for what is wrong.
        Before::new(
            Stance::Odd,
            true,
            r"\b(?:incorrect|wrong|false|untrue|odd)\s+(?:option|statement|answer|choice|one|claim)s?(?:\s+(?:here|out))?\s+(?:is|are|must\s+be)\b|\bonly\s+(?:incorrect|false|wrong)\s+(?:[a-z]+\s+)?is\b",
            FILLER_EN,
        ),
        Before::new(
            Stance::Odd,
            true,
            r"(?:错误|有误|不正确|不准确|不当|不恰当|不符合题意|不符合|不属于[^,。;]{0,16}|不能[^,。;]{0,12}|不包括[^,。;]{0,8}|不可能[^,。;]{0,10})的?(?:一项|选项|说法|表述|选择)?(?:应该?|只能|就|便|则)?(?:是|为|有)",
            FILLER_ZH,
        ),
        // Rejected.
        Before::new(
            Stance::Wrong,
            false,
            r"(?:(?:n't|\bnot|\bnever|\bcannot)(?:\s+[a-z]+){0,3}|\b(?:no\s+to|neither|nor|eliminat(?:e[sd]?|ing)|rul(?:e[sd]?|ing)\s+out|exclud(?:e[sd]?|ing)|reject(?:s|ed|ing)?|discard(?:s|ed|ing)?|cross(?:ed|ing)?\s+(?:out|off)|strik(?:e|ing)(?:\s+out)?|drop(?:ped|ping)?|dismiss(?:ed|ing|es)?|avoid(?:s|ed)?|skip(?:ped)?|remov(?:e[sd]?|ing)|get\s+rid\s+of|toss(?:ed)?(?:\s+out)?|throw\s+out|without|except(?:\s+for)?|unlike|rather\s+than|instead\s+of|as\s+opposed\s+to|better\s+than|than|over|versus|vs\.?|against|beats?|confus(?:e[sd]?|ing)\s+with|trap\s+is|distractors?\s+(?:is|are)|tempt(?:s|ed|ing)?(?:\s+[a-z]+){0,4}\s+(?:by|to\s+(?:pick|choose|select))))",
            FILLER_EN,
        ),
        Before::new(
            Stance::Wrong,
            false,
            r"排除|剔除|不(?:能|会|应|应该|该|可|可以|宜|要|太|想|敢)?(?:选|支持|符合|属于|包括|等于|对应)|不是|并非|而非|而不是|除了?|不同于|相比于?|相较于?|比|优于|胜过|好于|没有?选|未选|别选|勿选|误选|错选|淘汰|去掉|划掉|否定|舍弃|放弃|干扰项是|不含|不包括|不包含|无关的是",
            FILLER_ZH,
        ),
        // Chosen.
        Before::new(
            Stance::Chosen,
            false,
            r"\b(?:yes\s+to|agrees?\s+with|include|cho(?:oses?|se|osing)|pick(?:s|ed|ing)?|select(?:s|ed|ing)?|prefer(?:red)?|favou?r|go(?:ing)?\s+(?:with|for)|went\s+with|opt(?:ing|ed)?\s+for|vot(?:e|ing)\s+for|settl(?:e|ing)\s+(?:on|for)|stick(?:ing)?\s+(?:with|to)|submit|bubble\s+in|lock(?:ing)?\s+in|circle|tick|check\s+off|leaves|leaving|left\s+with|left\s+is|leave|hoist\s+the\s+colours\s+for|final(?:ly)?:|verdict:|conclusion:|decision:|i\s+(?:would\s+)?say|i'd\s+(?:say|answer)|i\s+believe\s+it's|my\s+(?:money|vote|pick|bet|choice)\s+(?:is|goes)(?:\s+(?:on|to|for))?|points?\s+(?:us\s+)?(?:[a-z]+\s+)?to|correspond(?:s|ing)?\s+to|namely|i\.e\.,?|(?:leads?|brings?)\s+(?:me|us)\s+to|supports?|confirms?|bet\s+on|confident\s+(?:about|in|of)|(?:described|stated|represented|captured|expressed)\s+(?:by|in)|(?:is|are)\s+(?:exactly\s+|just\s+)?what|what(?:'s|\s+is)?\s+(?:left|remains)\s*[,:]|(?:is|are)\s+(?:exactly\s+|precisely\s+)?(?:the|an?)\s+(?:(?:[a-z]+\s+)?(?:hallmark|definition|essence|characteristic)|defining\s+[a-z]+|[a-z]+\s+description)\s+of|(?:description|definition|scenario)\s+(?:best\s+|clearly\s+)?(?:matches|fits|describes)|only\s+one\s+that\s+[a-z]+(?:\s+[a-z]+){0,4}\s+is|(?:that|which)\s+is(?:\s+to\s+say)?)",
            FILLER_EN,
        ),
        Before::new(
            Stance::Chosen,
            true,
            r"(?:\b(?:is|are|was|were|be|includes?|comprises?|remains)|[a-z]'s)(?:\s+(?:as\s+follows|none\s+other\s+than|to))?(?:\s+(?:[a-z]+\s+)?(?:poet|author|writer|city|country|president|king|queen|philosopher|scientist|physicist|novelist|mathematician|playwright|composer|painter|element|river|planet|state))?",
            FILLER_EN,
        ),
        Before::new(
            Stance::Chosen,
            false,
            r"(?:[应只当可故就便请宜须]|本题|这题|此题|该题|我|而|,|:|;|。|\s|\A|题|会|要|将|能|终|后|此|以)选(?:择|取|出|定)?|择|把|投给?|锁定|(?:更|较)?(?:倾向|支持|偏向|推荐|认可|认同)于?|(?:剩下|剩余|只剩|余下)[^,。;:]{0,8}|对应的?(?:选项|答案)?(?:就)?(?:是|为)|唯有|当属|莫过于|首推|非",
            FILLER_ZH,
        ),
        Before::new(
            Stance::Chosen,
            true,
            r"(?:→|⇒)|(?:\A|[,;.\n]\s*)(?:(?:by\s+(?:the\s+)?(?:process\s+of\s+)?elimination|so|thus|hence|therefore|overall|all\s+things\s+considered|in\s+(?:the\s+end|conclusion|short))\b,?|(?:→|⇒)\s*|综上(?:所述)?,?|因此,?|所以,?|故|排除法[,:]|的还是)",
            FILLER_ZH,
        ),
        Before::new(
            Stance::Chosen,
            true,
            r"的还是|(?:[^不非要若或还但][是为有]|包括|包含|分别是|分别为|叫做?|称为|名为|归于|是由|当是|即|也就是|当推)(?:[^,。;:、不没非是为的()]{1,8}|[^,。;:、不没非是为()]{1,10}的)?",
            FILLER_ZH,
        ),
        Before::new(Stance::Right, false, r"只有|仅有|仅", FILLER_ZH),
        Before::new(Stance::Right, false, r"\bonly\s+(?:options?\s+|statements?\s+)?", r"[(\[]?\z"),
        Before::new(Stance::Chosen, true, r"不如|不及|逊于", FILLER_ZH),
    ]
});

/// Cues behind an option: names of groups are stances; those that begin alike are told by their order.
static AFTER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        // Words of denial that don't deny.
        r"(?i)(?P<kept>没错|不错|没有?(?:任何)?(?:问题|错误)|无误|毫无疑[问义]|无疑|无可|不仅|不但|不只|不难|不得不|not\s+only|no\s+doubt|without\s+(?:a\s+)?doubt|not\s+(?:wrong|false|incorrect|bad)|can(?:no|')t\s+be\s+(?:denied|wrong))",
        r"|(?P<wrong>\b(?:not|never|cannot|neither|nor|incorrect|wrong(?:ly)?|false|invalid|inaccurate|irrelevant|untrue|unlikely|impossible|implausible|unsupported|eliminated|excluded|discarded|rejected|disqualified|forbidden|beyond|ruled\s+out|crossed\s+out|is\s+out|are\s+out|no\b|nothing|fails?|misses|misstates?|misreads?|misrepresents?|misinterprets?|confuses?|reverses?|distorts?|overstates?|exaggerates?|contradicts?|lacks?|ignores?|violates?|conflicts?|distractors?|traps?|too\s+[a-z]+|goes\s+too|off[- ]topic|worse|weaker|less\b|opposite|the\s+reverse|requires?\b|would\s+(?:require|need)|second\s+(?:choice|best)|runner-up|hardly|barely|poor|weak|absurd|misconceptions?|(?:applies|works|true|holds|valid|correct|right)\s+only)\b|n't\b|[✗✘❌×]",
        r"|不|没|未|无|非|错|误|排除|矛盾|相反|偏离|以偏概全|片面|绝对|过于|夸大|夸张|超出|违背|混淆|颠倒|曲解|偷换|张冠李戴|缺乏|淘汰|划掉|去掉|舍弃|可弃|干扰|反了|较[弱差]|次之|欠)",
        r"|(?P<chosen>\b(?:(?:is|are|be|as|being|remains?|stands?\s+(?:out\s+)?as|makes|seems?(?:\s+to\s+be)?|looks|appears\s+to\s+be|would\s+be|must\s+be)\s+(?:[a-z]+ly\s+|still\s+|indeed\s+|thus\s+)?(?:(?:the|my|our|me|your)\s+(?:final\s+|only\s+|single\s+|one\s+)?(?:[a-z]+ly\s+)?(?:correct|right|best|better|closest|strongest|safest|most|only|answer|choice|pick|winner|ones?\b|stronger|closer|intended|exception|odd\s+one|outlier|[a-z]{3,}est\b|option\s+(?:that|which|to|i))|better|best|closer|stronger|safer|preferable|more\s+[a-z]+|what\s+[a-z]+|to\s+be\s+(?:selected|chosen|preferred)|left\b|all\s+that)|better\b|fits?\s+(?:[a-z]+\s+)?(?:best|better)|best\s+[a-z]+s\b|wins\b|prevails|gets\s+my\s+vote|(?:should|must)\s+(?:also\s+)?be\s+(?:selected|chosen|picked|marked)|it\s+is\b|(?:must|has\s+to|ought\s+to)\s+be\s+it\b|i\s+say\b|i'd\s+say|is\s+my\b|remains\b|makes\s+(?:the\s+)?most\s+sense|for\s+the\s+win)",
        r"|更(?:为|加)?(?:合适|适合|恰当|贴切|准确|精确|符合|好|佳|合理|优|全面|贴近|合乎|有说服力|能|接近)|最(?:为|能|有)?(?:合适|适合|恰当|贴切|准确|符合|好|佳|合理|优|全面|接近|贴近|契合|[\p{Han}&&[^终后初近早晚]])|才(?:是|触及|真正|符合|正确|合适|恰当|体现)|[要必得]选|选上|勾选|勾上|留下|胜出|当选|入选|为佳|为宜|为妥|便是|(?:是|为|即为?|才是|就是)(?:本题的?)?(?:正确|最佳|唯一|标准|最终)?的?(?:答案|正确选项|正确的?一项|首选|所求)|(?:才是|就是)(?:正确|对)的?|应(?:该|当)?(?:入|当)?选|正是(?:答案|题目)|深得)",
        r"|(?P<right>\b(?:correct(?:ly)?|right|true|valid|accurate(?:ly)?|accepted|holds?|stands?|follows|supported|fits?|match(?:es)?|satisf(?:y|ies)|works?|applies|apply|appropriate|plausible|consistent|qualif(?:y|ies)|proven|checks?\s+out|survives?\b|acceptable|allowed|mayest|can\s+(?:also\s+)?be\s+(?:inferred|deduced|concluded|derived)|do(?:es)?\s*[.!;]?\s*\z)|[✓✔✅☑√]",
        r"|正确|符合|成立|恰当|合理|准确|吻合|一致|满足|属实|可选|可行|说得通|相符|贴合|契合|合乎|能够?[^,。;]{0,8}(?:推出|得出|推断)|站得住|既.{1,12}又|对的?(?:[,。;!)]|\z))",
    ))
});

/// What a clause compares, supposes or leaves open.
static HEDGED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)n't\s+(?:think|believe|say|know)\b|\b(?:whether|would\s+only|only\s+be\s+\w+\s+if|unless|had\s+it|were\s+it|might|maybe|perhaps|possibly|could\s+be|may\s+be|tempting|tempted|at\s+first|first\s+(?:glance|thought|instinct|guess|impression)|initially|originally|used\s+to|would\s+have\s+(?:been|picked|chosen|said|gone|selected)|almost|between|either|which\s+of|(?:options?|choices?|candidates|letters|possibilities)\s+(?:here\s+|under\s+[a-z]+\s+|given\s+|listed\s+|available\s+|in\s+question\s+|we\s+have\s+)?(?:is|are|were)|compare|(?:choose|select|pick|check|mark)\s+(?:all|every|any|the\s+(?:best|correct|right))|example|torn|declin(?:e|ing)\s+to|refus(?:e|ing)\s+to|comes?\s+to\s+mind|so\s+(?:is|are|does|do)|(?:not|n't|never|hardly)\s+(?:\w+ly\s+)?(?:sure|certain|clear|think|believe|say|know|convinced)|let|denote|define|unsure|uncertain|undecided|distractors?)\b",
        r"|是否|(?:[^最]|\A)可能|也许|或许|容易|误认|误以|乍|一开始|起初|最初|原本|本来|曾|刚才|差点|似乎|看似|貌似|好像|哪|谁|什么|例如|比如|选出|请选|请从|介于|设|确定|未必|不一定|拿不准|吃不准|干扰|迷惑|是不是|在[^,。;]{0,4}\z",
    ))
});
/// What others say or choose.
static REPORTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:some|many|most|several|other|few)\s+(?:people|students?|readers|candidates|test-?takers|of\s+(?:us|you|them)|might|may|would|will|say|argue|think|pick|choose)\b",
        r"|\b(?:students?|people|friends?|classmates?|teachers?|professors?|everyone|everybody|others|he|she|they|you|textbook|answer\s+key|one)\s+(?:[a-z]+ly\s+|often\s+|might\s+|may\s+|could\s+|would\s+|will\s+|have\s+|has\s+|had\s+|all\s+)?(?:says?|said|claims?|claimed|thinks?|thought|believes?|believed|picks?|picked|choose|chooses|chose|chosen|selects?|selected|marks?|marked|answers?|answered|told|go|goes|went|guess(?:es|ed)?|insists?|wrote|prefers?|suggests?|suggested|argues?)\b",
        r"|\b(?:keys?|guide|book|worksheet|handout|manual|notes|source|website|site|forum|post|article|blog|video|comment|colleague|co-?worker|roommate|neighbou?r|tutor|instructor|brother|sister|cousin|dad|mom|father|mother|boss|user|chatbot)\s+(?:you\s+\w+\s+|[a-z]+ly\s+)?(?:says?|said|states?|stated|claims?|claimed|gives?|gave|lists?|listed|reads?|insists?|insisted|thinks?|believes?|argues?|shows?|suggests?|puts?|has|marks?|answered|told|swears?)\b",
        r"|\baccording\s+to\s+(?:my|your|his|her|our|their|some|the|an?)\s+(?:\w+\s+)?(?:teacher|key|guide|friend|colleague|roommate|classmate|tutor|professor|website|forum|blog|post|internet|neighbou?r)\b",
        r"|\b(?:students?|people|those|anyone|candidates|readers)\s+who\b",
        r"|很多(?:人|同学|学生)|不少(?:人|同学|学生)|有人|有的(?:人|同学|学生)|有些(?:人|同学|学生)|大家(?:都|会|觉得|认为|说)|同学(?:[^们,]|\z)|考生|学生|(?:老师|朋友|网友|答案书)[^,。]{0,4}(?:说|选|认为|觉得|给|讲)|小[\p{Han}&&[^于]](?:选|说|认为|觉得)|(?:网上|网传|坊间|题库|教辅|帖子|论坛|别人|舍友|室友|同桌|同事)[^,。;:]{0,6}(?:流传|给|说|写|选|认为|觉得|坚持|的)",
    ))
});
/// What is supposed in a sentence, with all that follows from it.
static SUPPOSED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:if|suppose|supposing|assum(?:e|ing)|provided|unless)\b|如果|假如|假设|假若|(?:\A|[^倘])若[^干]|要是|倘若",
    )
});
/// A clause that grants something before it is outweighed.
static CONCEDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\A|[,;:(。])\s*(?:(?:and|but)\s+)?(?:although|though|even\s+though|even\s+if|while|whereas|granted|admittedly|despite|虽然?|尽管|即使|即便|固然|诚然)[^,;。]*\z",
    )
});
/// Where a clause ends.
static BREAK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[,;:。(]|\s-+\s|\s?—+|\b(?:but|while|whereas|because|since|although|though|however|yet|so|which|and|as|if|when|unless)\b|而|但|因为|由于|虽然|所以|因此|却|若|如果",
    )
});
/// A clause that gives a reason, and says nothing of the option itself.
static REASON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s,(]*(?:because|since|as|for|given|due|if|when|unless|因为|由于|因[^此而]|若|如果)")
});
/// "As true", "as the answer".
static JUDGES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A\s*as\s+(?:being\s+)?(?:true|false|correct|incorrect|right|wrong|valid|invalid|the|my)\b")
});
/// One of several that are said to be so.
static ONE_OF: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\bone\s+of\b|之一|\bamong\b"));
/// A clause that goes against what was said.
static AGAINST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s,;]*(?:but|yet|however|though|although|except|only|但|不过|然而|可是|却|只是)")
});
/// Behind an option that ends its clause.
static ENDS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A[\s)\]"'”」』》】]*(?:这?[一两二三四]?(?:选?项|个))?[\s)\]"'”」』》】]*(?:\z|[.,;:!。(\n✓✅️—]|-|\b(?:because|since|as|which|who|and|but|not|rather|given|for|only|alone)\b|因为|由于|了|吧|呢|啦|喽|哦|啊|呀|嘛|哈|无疑|而|一票)"#,
    )
});
/// What draws a conclusion.
static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:so|thus|therefore|hence|final(?:ly)?|overall|in\s+(?:the\s+end|conclusion|short|sum)|ultimately|to\s+sum\s+up|all\s+in\s+all|leav(?:es|ing)|left|remain(?:s|ing)|between|elimination|consequently|on\s+balance|together)\b|因此|所以|综上|故|最终|最后|可见|总之|总的来说|综合|剩|排除法|于是|由此|从而",
    )
});
/// A text that talks to whoever grades it, or calls everything right.
static PLEADS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:mark(?:ed)?\s+(?:this|it|me|as|the\s+(?:response|answer|submission))|grad(?:er|ers|ing)|full\s+(?:marks|credit|score)|scored?\s+(?:as|this|it)|system\s*(?:note|prompt|override|message|:)|ignore\s+(?:all|the|any|previous|prior)|override|rubric|evaluator|(?:auto)?marker|reference\s+answer|accept\s+(?:this|any|all|it)|counts?\s+as\s+correct|(?:every|any|each)\s+(?:option|answer|choice|letter)|whatever|whichever|no\s+matter|all\s+(?:of\s+the\s+)?(?:options|answers|choices)\s+are|\[insert|placeholder)\b|判(?:为|定|作|对|卷)|评分|评判|满分|阅卷|打分|系统(?:提示|消息|指令)|忽略|无论|不管|任何(?:一个)?(?:选项|答案)|每个选项|参考答案|标准答案",
    )
});

/// The stance that the words before an option take; the option ends its clause or goes on.
pub fn before(head: &str, tail: &str) -> Option<Stance> {
    let found = BEFORE.iter().find(|cue| cue.finder.is_match(head))?;
    if found.ends && !ENDS.is_match(tail) {
        return None;
    }
    let asserts = matches!(found.stance, Stance::Chosen | Stance::Odd);
    if asserts && (hedged(head) || SUPPOSED.is_match(last_clause(head)) || GIVEN.is_match(head)) {
        return None;
    }
    Some(found.stance)
}

/// Something else than an option that a letter is often given to: "the midpoint is D".
static GIVEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:vitamin|hepatitis|plan|midpoint|vert(?:ex|ices)|the\s+point|cent(?:er|re)|intersection|origin|blood\s+type|type|grade|mark|father|mother|brother|sister|son|daughter|named|labell?ed|angle|team|group)\b[^,;.]{0,24}\z|(?:中点|顶点|交点|圆心|垂足|血型|等级|评级|记|分别)(?:[是为叫作]|分别)*\z",
    )
});

/// Whether the words before options say that they are looked at: 逐项分析:, "let's go through them:".
pub fn looks_at(head: &str) -> bool {
    static LOOKS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:look(?:ing)?\s+at|consider(?:ing)?|analy[sz](?:e|ing)|examin(?:e|ing)|compar(?:e|ing)|evaluat(?:e|ing)|review(?:ing)?|go(?:ing)?\s+(?:through|over)|options|choices|candidates)\b[^.;\n]{0,30}\z|(?:分析|逐[项个一]|考虑|比较|选项|来看|看看|判断)[^,。;\n]{0,6}\z",
        )
    });
    LOOKS.is_match(head.trim_end_matches([',', ':', ' ']))
}

/// Whether a letter is given to something else than an option: "Grade: A".
pub fn is_given(head: &str) -> bool {
    GIVEN.is_match(head)
}

/// The stance of a clause that ends in a colon before an option: "Three of these are right:", "not one of these holds:".
pub fn introduces(head: &str) -> Option<Stance> {
    let head = head.trim_end_matches([' ', '(', '"', '*', '\n']).strip_suffix(':')?;
    match behind(last_clause(head))? {
        Stance::Right | Stance::Chosen if !hedged(head) => Some(Stance::Chosen),
        Stance::Wrong => Some(Stance::Wrong),
        _ => None,
    }
}

/// Whether what follows a denial stands in its place: "but B", 而是B.
pub fn replaces(head: &str, tail: &str) -> bool {
    static BUT: LazyLock<Pattern> =
        LazyLock::new(|| pattern(&format!(r"(?i)(?:\bbut(?:\s+rather)?|\brather|而是){FILLER_EN}")));
    BUT.is_match(head) && ENDS.is_match(tail)
}

/// Whether the words before an option suppose, compare, or report.
pub fn hedged(head: &str) -> bool {
    HEDGED.is_match(last_clause(head)) || REPORTED.is_match(head) || CONCEDED.is_match(head)
}

/// Whether somebody else is reported to say what follows.
pub fn is_reported(head: &str) -> bool {
    REPORTED.is_match(head)
}

/// Whether the option behind these words is told to be another's mistake: "Students often give 22°, which is choice A".
pub fn is_mistaken(head: &str) -> bool {
    static WHICH: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:which|that|this)\s+is\s+(?:the\s+)?(?:(?:option|choice|answer|letter)\s*)?[(\[]?\z")
    });
    static MISTAKE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:students?|people|beginners|learners|test-?takers|candidates|many|some)\s+(?:(?:often|sometimes|commonly|frequently|usually|may|might|will|would|also|mistakenly|wrongly)\s+){1,2}(?:give|get|write|put|answer|choose|pick|say|report|select|mark)\b|\b(?:common|usual|typical|frequent)\s+(?:mistake|error|trap|slip|pitfall)\b",
        )
    });
    let head = crate::scoring::text::before(head, head.len(), 160);
    let sentence = head.rsplit(['。', '!', '?', '\n', ';']).next().unwrap_or(head);
    let sentence = sentence.rsplit(". ").next().unwrap_or(sentence);
    WHICH.is_match(sentence) && MISTAKE.is_match(sentence)
}

/// Whether a sentence supposes something before it goes on.
pub fn supposes(head: &str) -> bool {
    SUPPOSED.is_match(head)
}

/// What stands behind the last comma or "but" of a text.
fn last_clause(head: &str) -> &str {
    static PARTS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)[,;。]|\bbut\b|但|而"));
    let from = PARTS.find_iter(head).last().map_or(0, |m| m.end());
    head.get(from..).unwrap_or(head)
}

/// The stance of a clause behind an option: what it says last, where it doesn't say two things.
pub fn behind(clause: &str) -> Option<Stance> {
    let mut stance: Option<Stance> = None;
    for found in AFTER.captures_iter(clause).take(8) {
        let said = match () {
            () if found.name("kept").is_some() => Stance::Right,
            () if found.name("wrong").is_some() => Stance::Wrong,
            () if found.name("chosen").is_some() => Stance::Chosen,
            () => Stance::Right,
        };
        stance = Some(match stance {
            // "not the best", 不是正确答案; "no longer right".
            Some(Stance::Wrong) => Stance::Wrong,
            Some(_) if said == Stance::Wrong => Stance::Open,
            Some(Stance::Open) => Stance::Open,
            Some(Stance::Chosen) => Stance::Chosen,
            _ => said,
        });
    }
    stance
}

/// "Only D is.": nothing but the verb, and its sentence ends.
pub fn only_is(tail: &str) -> bool {
    static IS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A[\s)\]*]*(?:is|are|does|do)\s*(?:[.!;]|\z)|\A选?项?是[。!;]"));
    IS.is_match(tail)
}

/// Behind an option: what one took at first.
pub fn was_first(tail: &str) -> bool {
    static FIRST: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A[\s)\]*,]*(?:at\s+first|initially|originally|in\s+the\s+beginning)\b"));
    FIRST.is_match(tail)
}

/// "None of", before options.
pub fn none_of(head: &str) -> bool {
    static NONE_OF: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:none|neither|not\s+(?:one|any))\s+of\s+(?:the\s+)?(?:options?|statements?|choices?)?\s*\z|\bneither\s+(?:options?|statements?)?\s*\z",
        )
    });
    NONE_OF.is_match(head)
}

/// Whether several are said to be so together: 均属于其表现.
pub fn all_are(tail: &str) -> bool {
    static ARE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A[\s)\]》」\x22]*(?:等|[二两三四五]者|[二两三四五][项个种]|这[二两三四五]?[项个种者些])*(?:均|都|皆)(?:属于[^不非]|符合|正确|满足|成立|可以?)",
        )
    });
    ARE.is_match(tail)
}

/// Whether a clause calls something one of several.
pub fn is_one_of(clause: &str) -> bool {
    ONE_OF.is_match(clause)
}

/// Where the first clause of a text ends.
pub fn clause_end(text: &str) -> usize {
    BREAK.find(text).map_or(text.len(), |m| m.start())
}

/// Whether a clause only gives a reason.
pub fn is_reason(clause: &str) -> bool {
    REASON.is_match(clause) && !JUDGES.is_match(clause)
}

/// Whether a clause begins by going against what was said.
pub fn goes_against(clause: &str) -> bool {
    AGAINST.is_match(clause)
}

/// Whether an option ends its clause.
pub fn ends(tail: &str) -> bool {
    ENDS.is_match(tail)
}

/// Whether a sentence draws a conclusion.
pub fn concludes(sentence: &str) -> bool {
    CONCLUDES.is_match(sentence)
}

/// Whether the words between an option's letter and its words tell what it says: A选项说的是, "Option A refers to".
pub fn tells(between: &str) -> bool {
    static TELLS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s)\]]*(?:选?项)?(?:所)?(?:说|讲|描述|写|指|表示|代表|介绍|谈|提到|涉及)(?:的)?(?:就)?(?:是|到|了)?\s*[《「“]?\z|\A[\s)\]]*(?:refers\s+to|describes?|is\s+about|talks\s+about|mentions|concerns|stands\s+for|says|states|names)\s+(?:the\s+|an?\s+)?\z",
        )
    });
    TELLS.is_match(between)
}

/// Whether a text argues for its own grade instead of answering.
pub fn pleads(text: &str) -> bool {
    PLEADS.is_match(text)
}
