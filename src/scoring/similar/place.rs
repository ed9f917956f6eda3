//! What a sentence states by the place that a name has in it: as what something is ("the capital is Canberra, not Sydney"),
//! as who did it ("written by Mary Shelley", 出自莎士比亚之手), or as what is spoken of ("Neil Armstrong was the first").
//!
//! Whether the sentence denies, doubts or asks it is told by [`super::stated`]; here a name must stand where the question's
//! answer stands, and not in a list, beside another name, or in a clause of its own.

use super::clause::{Own, own};
use super::record::names_answer;
use crate::scoring::text::{Match, Pattern, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// How many places of a name are looked at.
const MOST: usize = 8;

/// Titles and classes that stand before a name and belong to it: "the Italian painter", 明代小说家.
macro_rules! title {
    () => {
        concat!(
            r"(?:(?:the\s+|an?\s+)?(?:[\w'-]+\s+){0,3}?(?:painter|artist|author|writer|poet|novelist|physicist|chemist|mathematician|scientist|",
            r"inventor|composer|playwright|dramatist|astronomer|biologist|naturalist|philosopher|engineer|explorer|navigator|astronaut|cosmonaut|king|queen|emperor|",
            r"president|director|filmmaker|sculptor|architect|bacteriologist|psychologist|economist|physician|(?:city|state|country|island|republic|kingdom)\s+of|",
            r"element|planet|gas|metal|vitamin|hormone|organ|company|movie|film|novel|book|play|poem|song|musician|singer|band|programmer|entrepreneur|general|statesman|monk|Sir|Dr\.|Mr\.|Ms\.|Mrs\.)\s+",
            r"|(?:the|an?)\s+)?",
        )
    };
}

/// Ends where a name says what something is.
static IS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:(?:\b(?:is|was|be|has\s+been)\b|\b(?:it|that|this|he|she)'s\b)(?:\s+(?:called|named|titled|entitled|known\s+as|termed|simply|clearly|indeed|actually|definitely|therefore|thus|hence|undoubtedly|certainly|of\s+course|in\s+fact|located\s+in|situated\s+in|none\s+other\s+than))*\s*:?",
        r"|\bnot\s+[^,.;]{1,40},?\s+but\s+(?:rather\s+)?|\b(?:ended|began|started|concluded)\s+with\b|\b(?:is|was)\s+the\s+(?:official\s+|national\s+|former\s+)?(?:capital|currency|language|author|composer|director|president|king|queen|symbol|flag|anthem|flower|bird|villain|hero|heroine|protagonist|antagonist|narrator)\s+of\b|\b(?:breathes?\s+out|gives?\s+off|exhales?|emits?|uses?|absorbs?|releases?|produces?|orbits?|contains?|means|represents|denotes|equals|speaks?|secretes?|wrote|painted|composed|discovered|invented|directed|founded|created|defeated|won)\b|\b(?:called|titled|entitled|known\s+as|named\s+after|stands?\s+for|goes\s+to|belongs\s+to|takes\s+place\s+in|took\s+place\s+in|(?:located|situated|lies|born|based|held|stands?|found|happened|occurred|signed|opened|began|started|ended|died|lived|(?:is|are|was|were)\s+(?:\w+ly\s+)?(?:\w+ed|made|found|built|kept|grown|spoken|written|stored)|you(?:'ll|\s+will|\s+can)\s+find\s+[^,.;]{1,60}?)\s+(?:in|on|at))\s*:?)\s*",
        title!(),
        r"\z|(?:叫[做作]|称之为|称[为作]|名为|[原本全学别又改]名|全称|俗称|代表|就是|便是|即为|(?:当|应|首推|莫过于|非)?属|当推|首推|[是为叫]|为了?纪念|坐落在|出生在|出自|来自|选自|取自|源自|绕着?|使用|吸收|释放|含有|富含|(?:发明|发现|提出|创作|撰写|写|建立|创立|设计|获得|修建|建造|开凿|创办|战胜|打败|改进)了|于)\s*:?\s*(?:(?:\p{Han}{1,6}·){1,3}|[^,;:。是和与或及]{0,14}(?:诗人|[^大国]家|[^人]员|工程师|教授|院士|僧人|将领|宦官|大臣|名将|丞相|宰相|名臣|秦王|[唐宋元明清汉晋隋秦]代的?|散文|小说|诗|词|名篇|作品|一书|专著|电影|歌曲|成语|故事|医生|学者|词人|宇航员|皇帝|国王|总统|导演|将军|建筑师|[^\p{P}]的))?\z",
    ))
});
/// A class with its name behind it, of whatever kind: "was the American aviator Amelia Earhart".
static CLASSED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[\p{L}\d)\x22]\s+(?:is|was|by)\s+(?P<class>(?:(?:the|an?)\s+)?(?:[\p{L}-]+\s+){0,4}(?:(?-i:\p{Ll})[\p{L}-]+|[\p{L}-]+ist))\s+\z",
    )
});
/// Words that make of a class and a name something else than that name.
static RELATED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:of|to|from|near|with|by|for|than|between|in|on|at|and|or|like|called|as|that|who|which|not|nearby|old|new|late|former|so-called|anti|half)\b",
    )
});
/// Chinese words that end like one of these and are none.
static NO_LINK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:[但可只于总要若凡或还倒老既]是|[因以认作行改变误视成更尤颇极甚较]为|[大喊尖鸣]叫|(?:关|对|由|至|终|鉴|大|小|低|高|多|少|过|易|用|便|善|有利|不亚|不同|相当|介|限|适)于)\s*:?\s*\z",
    )
});
/// A chapter behind a book's name: 《论语·为政》.
static CHAPTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A·[^》]{1,12}》"));
/// What may stand behind a Chinese name without changing it: 英国人, 北京市.
static CLASS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"\A(?P<class>[人市省]|先生|女士|同志|博士|教授|将军|皇帝|法师|[啦哦呀喔哟了])(?:[,。!;(]|\z)")
});
/// Several names follow.
static ARE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:are|were)\s+(?:the\s+|an?\s+)?\z"));
/// Ends where a name says who did it.
static BY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:written|authored|penned|painted|created|composed|directed|invented|discovered|developed|designed|built|constructed|founded|established|formulated|proposed|introduced|published|sculpted|carved|drawn|set\s+out|set\s+forth|put\s+forward|described|made|produced|coined|led|won|isolated|proved|proven|pioneered|patented|sung|performed|launched|derived|devised|conceived|identified)\b(?:[ ,]+(?:in\s+)?(?:the\s+)?(?:[\w'-]+)){0,4}?,?\s+by\s+",
        title!(),
        r"\z|\b(?:the\s+work\s+of|the\s+creation\s+of|the\s+brainchild\s+of|credited\s+to)\s+",
        title!(),
        r"\z",
    ))
});
/// Who did it, by a verb that is not listed; and the verbs whose agent is another than who is asked for.
static PASSIVE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:is|are|was|were|been|being)\s+(?:\w+ly\s+)?(?P<verb>\w+(?:ed|en|wn|ung|uilt|ade|ought|eld|ead|id))\s+(?:[\w'-]+\s+){0,4}?by\s+",
        title!(),
        r"\z",
    ))
});
static NOT_AGENT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?:follow|beat|defeat|surpass|exceed|inspir|influenc|preced|join|teach|taught|accompani|succeed|border|surround|overshadow|rival|eclips|visit|marri|encourag|challeng|shar|match|overtak|outrank|trail|flank|support|assist|mentor|prais|criticiz|admir|know|mean|gone|com)",
    )
});
/// A work and who made it: "a novel by", "a gift from the people of".
static WORK_BY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:(?:novel|novella|book|play|painting|song|opera|poem|film|movie|symphony|tragedy|comedy|work|story|album|ballet|sculpture|design|invention|discovery|fresco|portrait|piece|composition|masterpiece|series|epic|essay)\s+(?:\([^)]*\)\s+)?by",
        r"|(?:gift|present|donation)\b[^,.;]{0,60}\bfrom(?:\s+the\s+(?:people|government|king|queen|citizens)\s+of)?",
        r"|\b(?:is|are|was|were)\s+(?:\w+ly\s+)?(?:due|attributed|credited|owed|ascribed)\s+to|\b(?:its|whose|the|\w+'s)\s+(?:[\w-]+\s+){0,2}(?:composer|author|writer|director|creator|inventor|founder|designer|painter|architect|discoverer|capital|protagonist|hero)\s*,)\s+",
        title!(),
        r"\z",
    ))
});
/// Whose work it is: "is Mozart's last opera", 是鲁迅的第一部小说集.
static POSSESSED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A'(?:s)?\s+(?:[\w-]+\s+){0,4}?(?:novel|novella|book|play|painting|song|opera|poem|film|movie|symphony|tragedy|comedy|work|story|album|ballet|sculpture|invention|discovery|fresco|portrait|composition|masterpiece|epic|essay|capital|theory|law)\b",
        r"|\A的[^,。;是]{0,12}?(?:作品|著作|代表作|名作|小说集?|诗|发明|成果|专利|名篇|画作|剧作|巨著|理论|学说|诗作|散文集?|杰作|首都|省会|首府|货币|国花|国歌)\s*(?:[,。;(!]|\z)|\A(?:人民|政府|国王|人)?(?:送|赠|献|捐|颁)[^,。;]{0,14}的[^,。;]{0,6}(?:[,。;(!]|\z)",
    ))
});
/// Where it is, happens or is done by: 在北京举办, 位于法国巴黎, 通过光合作用制造养分.
static ZH_AT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?P<at>在|位于|坐落[于在]|地处)(?:[^,;:。是的和与或及]{0,5})\z|(?:通过|经由|依靠|出自)\z")
});
static ZH_THERE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A[^,。;、和与及的是]{0,8}?(?:举办|举行|召开|开幕|成立|出生|诞生|爆发|发生|签署|签订|去世|建成|上映|首演|登陆|发布|制造|合成|产生|获[得取]|进行|完成)[^,。;、是]{0,10}(?:[,。;(!]|\z)|\A(?:[东西南北]{1,2}[部端]|[^,。;、和与及的是以附旁周之对交东西南北][^,。;、和与及的是]{0,7})?(?:[,。;(!]|\z)|\A的《[^》]+》",
    )
});
/// Behind a label: "Composer: Mozart (1756-1791)".
static LABEL: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A[\s*#>-]*(?P<label>[^,.;:。?—]{1,60})(?::|——+|→|->|=>|⇒)\s*(?:the\s+|an?\s+)?\z"));
/// Named at the end, behind a dash: 这是传统节日——端午节.
static DASHED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)(?:\b(?:is|was)\b|\b(?:it|that|this)'s\b|是)[^,;:?]{1,80}?(?:—+|\s-|:)\s*(?:the\s+|an?\s+)?\z")
});
/// What follows a name in Chinese where it says who did it, with what stands before it.
static ZH_LEADS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:(?:\A|[由是自:,]|为)\s*(?:\p{Han}{1,6}·){0,3}|[由是]\s*[^,;:。是和与或及、由的]{0,7})(?:[^,;:。是和与或及、由]{0,14}(?:诗人|[^大国]家|[^人]员|工程师|教授|院士|僧人|将领|宦官|大臣|名将|丞相|宰相|名臣|[唐宋元明清汉晋隋秦]代的?|医生|学者|词人|导演|建筑师|[^\p{P}]的))?\s*\z",
    )
});
static ZH_DID: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A\s*\)?(?:\([^()]{1,40}\))?(?:\s*[于在]\s*(?:公元前?)?\d{1,4}\s*年(?:\d{1,2}月|[^,。;是和与或及、的]{0,6}期间)?)?(?:在《[^》]{1,24}》(?:一书|一文)?[中里]?)?(?:之手|的(?:作品|著作|代表作|名作|手笔|小说|诗)|(?:于|在)?(?:[^,;。是和与或及、的][^,;。是和与或及、]{0,11}?)?(?:所|首先|首次|最早|最先|率先|独立|开始)?(?:写|著|作|创作|撰写|编写|编撰|发明|提出|发现|建立|绘制|画|设计|创立|创办|创建|谱写|执导|导演|证明|研制|开发|发布|发起|推出|主演|演唱|颁布|签署|建造|修建|命名|领导|说|讲)(?:的[^,。;、是]{0,14}|而成|出来的|完成的?)?\s*(?:[,。;(!]|\z))",
    )
});
/// How a sentence may go on behind a name that is all of the answer.
static ENDS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A\s*(?:[^\w\s]*\z|[(.!。;:—–]|-\s",
        r"|\b(?:in|on|at|since|during|who|which|where|whose|as|from|for|with|through|because|when|after|before|between|by|under|over|around|about|sometime|somewhere|himself|herself|itself|to|into|that|back|today)\b",
        r"|\band\s+(?:first\s+)?(?:\w+ed|was|is|has|had|later|then|it|he|she|they|this|that|are|were)\b",
        r"|,\s*(?:which|who|whose|where|located|situated|lying|home|born|known|with|stepping|in|on|at|an?|the|and\s+(?:it|he|she|they|this|that)\b|\w+(?:ing|ed|ly)|about|around|just|so|as|first|when|published|from|of|after|because|since|meaning|short|also|sometimes|often|one|then)\b|,\s*(?-i:\p{Lu})[\w-]+\s*[,.!]|,\s*(?-i:\p{Lu})[\w-]+\s+(?-i:\p{Ll})\w+\s*[(.,!]|,\s*(?-i:\p{Lu})[\w-]+(?:\s+(?-i:\p{Lu})[\w-]+)*'s\b|,\s*\d|,\s*[^\x00-\x7F][^,、。]{4,}|,\s*(?:字|号|名|姓|又|原名|本名|即|全|约|位于|是|生于|也|它|他|她|简称|谥|其|别|俗|海拔|面积|长|高|距|公元|于|在))",
    ))
});
/// One more name of the same place: "Red, green", 长江、黄河, "Paris and Lyon".
static LISTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*(?:[、/&+]|(?:and|or)\b(?:\s+(?:it|he|she|they|this|that)\b)?|和|与|及|以及|跟|同|或|,\s*[^,.;]{1,24}\s+(?:and|or)\s+\S+\s*[.!]?\s*\z)",
    )
});
/// More of the same name, where "and" stands behind it: "formulated by Newton and published in 1687".
static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*and\s+(?:(?:\w+ly\s+|first\s+)?\w+ed|was|is|are|were|has|had|later|then|it|he|she|they|this|that)\b[^,]*",
    )
});
static BESIDE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)(?:[、/&+]|\b(?:and|or|both)|和|与|及|以及|跟|或)\s*(?:the\s+|an?\s+)?\z"));
/// What may stand before a name that is spoken of.
static OPENS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*_#>-]*(?:(?:sure|certainly|of\s+course|yes|well|so|thus|therefore|hence|okay|ok|absolutely|great\s+question|in\s+short|in\s+fact|当然|好的|因此|所以|那么)\b?\s*[,!.:。]?\s*)*(?:the\s+|an?\s+|your\s+|our\s+|(?:Sir|Dr\.?|King|Queen|President|Professor|Captain|Lord|Saint|St\.)\s+|[^,;。:的是]{1,10}(?:[^大国]家|诗人|皇帝|将军|学者|航天员|宇航员|医生|工程师)|成语|典故|每年的?|公元前?|(?:\p{Han}{0,3}(?:代|朝|时期|年间)|[东西南北]?[唐宋元明清汉晋隋秦周])的?|[^,;。:]{1,14}?(?:首都|省会|首府|作者|发明者|创始人|之首|之父|主人公|主角))?\z",
    )
});
/// How a sentence goes on about what it speaks of.
static DOES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A\s*(?:,[^,]{1,60},)?\s*(?:(?:is|was|are|were)\s+(?:(?:often|also|commonly|generally|usually|widely|sometimes|now|currently|still|indeed|actually|famously)\s+)*(?:the|an?|your|our|its|one\s+of|president|king|queen|emperor|chancellor|prime\s+minister|(?-i:\p{Lu})[\w. -]*'s|called|known|widely|first|credited|responsible|home|used|located|where|\w+ed|\w+ing)\b",
        r"|(?-i:\p{Ll})\w*(?:s|ed)\s+(?:the|an?|its|their|his|her|most)\b|(?:(?:first|famously|originally|later)\s+)?(?:wrote|painted|discovered|invented|composed|directed|founded|created|designed|developed|proposed|formulated|won|became|built|published|introduced|sculpted|led|proved|established|pioneered|coined|devised|serve[sd]?\s+as|acts?\s+as|ranks?|ranked|remains?|covers?|boasts?|pumps?|regulates?|controls?|stores?|stored|protects?|transports?|absorbs?|absorbed|releases?|released|causes?|refers?|occurs?|occurred|takes?|took|forms?|contains?|gives?|gave|painted|reached|crossed|ruled|fought|signed|sank|began|ended|received|achieved|holds|has|have|lies|flows|means|makes|produces?|carries|carry|stands?)\b)",
        r"|\A\s*(?:(?:就|便|则|才|正|一直)?[是为](?:[^,。]{2,})|(?:[于在][^,。;是]{1,30}?)?(?:首先|首次|最早|最先|率先|独立)?(?:写|著|创作|撰写|编写|发明|提出|发现|建立|绘制|设计|创立|创办|创建|谱写|执导|证明|统一|修建|领导|开创|改进|改良|发起|获得|赢得|制定|发表)(?:[了出的下]|六国|中国|全国)|(?:[于在][^,。;是]{1,16}?)?(?:获得|荣获|当选|担任|出使|奉|率领|主编|全长|海拔|流经|位于)|被(?:誉|称|公认)|成为|[使让令将把]|(?:首次|首先|率先|最早)[将把]|出自|比喻|形容|(?:能够?|可以)[^,。不]{2,})",
    ))
});
/// All that is said: 苏轼的《赤壁赋》.
static WORK_OF: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A的《[^》]+》[。.!]?\s*\z"));
/// What was so, and is no more.
static LOST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:lost|ceased|fail(?:s|ed)|lacks?|stripped|longer|gave\s+up|took\s+the\s+credit|used\s+to|replaced\s+by|(?:was|were)\s+moved|moved\s+to|succeeded\s+by)\b",
    )
});
/// What links a name to what is said of it, again: a second statement of the same sentence.
static LINK: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:is|are|was|were)\b|是|叫做|称为|名为"));
/// Another name that is denied: ", not Sydney as many think", (不是多伦多).
static DENIED_OTHER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:,|\(|—|–|\s-\s|;|\bit\s+is)\s*(?:and\s+|it's\s+)?(?:definitely\s+|certainly\s+)?(?:not|rather\s+than|as\s+opposed\s+to|unlike)\s+(?:the\s+|an?\s+|by\s+|in\s+)?(?P<other>[\p{L}][\p{L}'.-]*(?:\s+[\p{Lu}\d][\p{L}\d'.-]*){0,4})(?P<why>\s*,?\s*(?:as\s+(?:is\s+)?(?:many|often|some|people|commonly|sometimes|you)|which|who|that|though|despite|contrary|although)[^.;)]*)?[.!)\s]*\z",
        r"|[,(—;]\s*(?:而|并)?(?:不是|非|不在|不叫|不为|绝非)(?:很多人|许多人|不少人|人们|大家)?(?:误?以为|认为|常说)?的?(?P<zh>[^,。;()]{1,12})[.!)。\s]*\z",
    ))
});
/// A word that this has. It is asked first: the other takes long, however short the text.
static DENIES_OTHER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)not|rather|opposed|unlike|[不非]"));
/// Words after "not" that deny the name itself.
static DOUBTS_ITSELF: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?:really|exactly|quite|sure|necessarily|certain\w*|entirely|true|correct|right|always|accurate|actually|it|that|this|so|at|yet|anymore|any|all|only|just|merely|对|正确|真|它|这|那|很|一定|完全)",
    )
});

/// What a name is in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What something is: "the capital is Canberra".
    Complement,
    /// Who did it: "written by Mary Shelley".
    Agent,
    /// What is spoken of.
    Subject,
    /// All that is said: "Canberra."
    Alone,
}

impl Role {
    /// Whether another sentence may say the same of another name: who did it, what is spoken of.
    #[must_use]
    pub const fn is_spoken_of(self) -> bool {
        matches!(self, Self::Agent | Self::Subject)
    }
}

/// A name whose place says that it is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// The statement of the sentence that it stands in.
    pub own: Range<usize>,
    /// What it is there.
    pub role: Role,
}

/// Where names stand whose places say that they are the answer, of a sentence without markup; the last one first.
pub fn placed<'a>(sentence: &'a str, places: &[Range<usize>]) -> impl Iterator<Item = Placed> + 'a {
    // 秦始皇嬴政: two accepted names beside each other are one.
    let mut merged: Vec<Range<usize>> = Vec::new();
    let gap = |from: usize, to: usize| sentence.get(from..to).is_some_and(|gap| matches!(gap, "," | ", " | " (" | "("));
    for place in places.iter().rev().take(MOST).rev() {
        match merged.last_mut() {
            Some(last) if place.start <= last.end || gap(last.end, place.start) => {
                last.end = last.end.max(place.end);
                last.start = last.start.min(place.start);
            }
            _ => merged.push(place.clone()),
        }
    }
    let looked: Vec<Range<usize>> = merged.iter().chain(places.iter().rev().take(MOST)).rev().cloned().collect();
    looked.into_iter().filter_map(move |place| {
        let Own { range: own, names_another } = own(sentence, &place)?;
        let within = place.start.checked_sub(own.start)?..place.end.checked_sub(own.start)?;
        let role = role(sentence.get(own.clone())?, &within, own.end < sentence.len())?;
        (!role.is_spoken_of() || !names_another).then_some(Placed { place, own, role })
    })
}

fn role(sentence: &str, place: &Range<usize>, goes_on: bool) -> Option<Role> {
    let head = sentence.get(..place.start)?.trim_end_matches(['"', '“', '「', '『', '《', '【', '\'', '‘']);
    let tail = CHAPTER.replace(sentence.get(place.end..)?, "》");
    let tail = tail.trim_start_matches(['"', '”', '」', '』', '》', '】', '’']);
    if BESIDE.is_match(head) {
        return None;
    }
    let linked = IS.find(head).is_some_and(|link| !again(head, &link)) && !NO_LINK.is_match(head);
    if linked && POSSESSED.is_match(tail) {
        return Some(Role::Complement);
    }
    if tail.trim_start().starts_with('\'') {
        return None;
    }
    let tail = CLASS.captures(tail).and_then(|found| tail.get(found.name("class")?.end()..)).unwrap_or(tail);
    let more = goes_on || tail.contains(char::is_alphanumeric);
    let tail = without_denied_other(tail);
    if LISTED.is_match(tail) && !GOES_ON.is_match(tail) {
        return None;
    }
    let alone = LINK.find_iter(tail).filter(|link| !is_relative(tail, link.start())).count();
    let ends = (ENDS.is_match(tail) || is_told_of(tail)) && alone == 0;
    let is = ends
        && (linked
            || ARE.is_match(head) && !tail.trim_start().starts_with(',')
            || is_classed(head, sentence.get(place.clone())?)
            || DASHED.is_match(head)
            || LABEL
                .captures(head)
                .and_then(|found| found.name("label"))
                .is_some_and(|label| names_answer(label.as_str())))
        || alone == 0 && is_dated(head, tail, sentence.get(place.clone())?)
        || alone == 0
            && ZH_AT.captures(head).is_some_and(|found| found.name("at").is_none() || !head.contains(','))
            && ZH_THERE.is_match(tail);
    let by = ends && (BY.is_match(head) || WORK_BY.is_match(head) || is_agent(head))
        || alone == 0 && ZH_LEADS.is_match(head) && ZH_DID.is_match(tail);
    let opens = OPENS.is_match(head);
    // "Berlin has many people, and Bonn is the capital": another one is spoken of.
    let rest = |does: Match<'_>| tail.get(does.end()..).unwrap_or("");
    let alone_behind = |rest: &str| LINK.find_iter(rest).all(|link| is_relative(rest, link.start()));
    let spoken_of = opens && DOES.find(tail).is_some_and(|does| alone_behind(rest(does)))
        || OPENS.is_match(head) && WORK_OF.is_match(tail);
    // Alone, with more about it: "Canberra (not Sydney).", 长江,全长约6300公里。
    let bare = opens && more && ENDS.is_match(tail) && alone == 0 && !starts_with_place(tail);
    let lost = LOST.is_match(tail);
    match () {
        () if (spoken_of || bare) && !lost => Some(Role::Subject),
        () if by => Some(Role::Agent),
        () if is => Some(Role::Complement),
        () => None,
    }
}

/// Whether a clause that only tells more follows a comma: ", spoken by nearly everybody".
fn is_told_of(tail: &str) -> bool {
    static NEXT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\s*,\s*(?P<word>\p{Ll}[a-z'-]+)"));
    const OTHERS: [&str; 12] =
        ["and", "or", "nor", "but", "yet", "plus", "not", "rather", "instead", "either", "maybe", "perhaps"];
    NEXT.captures(tail).and_then(|found| found.name("word")).is_some_and(|word| !OTHERS.contains(&word.as_str()))
}

/// Whether a name is a date or a year that the sentence tells.
fn is_dated(head: &str, tail: &str, name: &str) -> bool {
    static AT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:in|on|since|year|in\s+the\s+year|(?:January|February|March|April|May|June|July|August|September|October|November|December)(?:\s+\d{1,2}(?:st|nd|rd|th)?,?)?)\s+(?:the\s+)?|于|在|自|每年的?|公元|是)\z|\A\s*\z",
        )
    });
    static BESIDE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\s*[-~至到]"));
    name.starts_with(|c: char| c.is_ascii_digit()) && AT.is_match(head) && !BESIDE.is_match(tail)
}

/// Whether a clause before says by the same word what another one is: K代表钾,Na代表….
fn again(head: &str, link: &Match<'_>) -> bool {
    let word: String = link.as_str().trim().chars().take(2).collect();
    let earlier = head.get(..link.start()).unwrap_or("");
    word.chars().count() == 2 && !word.is_ascii() && earlier.contains(',') && earlier.contains(&word)
}

/// Whether a class stands before a name: "the American aviator".
fn is_classed(head: &str, name: &str) -> bool {
    name.starts_with(char::is_uppercase)
        && CLASSED.captures(head).and_then(|found| found.name("class")).is_some_and(|m| !RELATED.is_match(m.as_str()))
}

/// Whether a passive verb stands before a name, of which the name is the agent.
fn is_agent(head: &str) -> bool {
    PASSIVE.captures(head).and_then(|found| found.name("verb")).is_some_and(|verb| !NOT_AGENT.is_match(verb.as_str()))
}

/// "Paris in Texas" and "Queen in the north" are other names.
fn starts_with_place(tail: &str) -> bool {
    tail.trim_start().starts_with(char::is_alphabetic)
}

/// Whether a link belongs to a clause that only tells more: "which is", "who was", "as it is".
fn is_relative(text: &str, at: usize) -> bool {
    static RELATIVE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:which|who|that|it|he|she|they)(?:\s+\w+ly)?\s*\z|[它他她这]\s*\z|,?\s*\band\s*\z|,\s*[也又正]?\z",
        )
    });
    RELATIVE.is_match(text.get(..at).unwrap_or(""))
}

/// The rest of a sentence without the other name that it denies at its end.
#[must_use]
pub fn without_denied_other(tail: &str) -> &str {
    if !DENIES_OTHER.is_match(tail) {
        return tail;
    }
    let Some(found) = DENIED_OTHER.captures(tail) else { return tail };
    let other = found.name("other").or_else(|| found.name("zh")).map_or("", |m| m.as_str());
    if DOUBTS_ITSELF.is_match(other) {
        return tail;
    }
    tail.get(..found.get(0).map_or(tail.len(), |m| m.start())).unwrap_or(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(sentence: &str, name: &str) -> bool {
        let places: Vec<_> = sentence.match_indices(name).map(|(at, name)| at..at + name.len()).collect();
        placed(sentence, &places).next().is_some()
    }

    #[test]
    fn a_name_is_the_answer_by_its_place() {
        for (sentence, name) in [
            ("The capital of Australia is Canberra, not Sydney as many people assume.", "Canberra"),
            ("Solitude was written by Gabriel García Márquez.", "Gabriel García Márquez"),
            ("Penicillin was discovered in 1928 by Alexander Fleming.", "Alexander Fleming"),
            ("The Mona Lisa was painted by the Italian artist Leonardo da Vinci in Florence.", "Leonardo da Vinci"),
            ("Neil Armstrong was the first person to walk on the Moon, stepping out of Eagle.", "Neil Armstrong"),
            ("Mary Shelley wrote Frankenstein.", "Mary Shelley"),
            ("Canberra (not Sydney).", "Canberra"),
            ("中国最长的河流是长江,全长约 6300 公里。", "长江"),
            ("加拿大的首都是渥太华(不是多伦多)。", "渥太华"),
            ("《罗密欧与朱丽叶》出自莎士比亚之手。", "莎士比亚"),
            ("《西游记》是明代小说家吴承恩所著。", "吴承恩"),
            ("端午节主要是为了纪念爱国诗人屈原。", "屈原"),
            ("是曹雪芹写的", "曹雪芹"),
            ("长江是中国最长的河流。", "长江"),
        ] {
            assert!(finds(sentence, name), "{sentence}");
        }
        for (sentence, name) in [
            ("The colours are red, green and blue.", "red"),
            ("The capital is Canberra, not really.", "Canberra"),
            ("Paris and Lyon are the largest.", "Paris"),
            ("Venus is near, Mercury is the hottest.", "Venus"),
            ("The author was William of Ockham.", "William"),
            ("I know a lot about Paris.", "Paris"),
            ("Paris's suburbs are large.", "Paris"),
            ("首都是上海,最大的城市是北京。", "上海"),
            ("长江、黄河是河流。", "长江"),
            ("它与曹雪芹写的书有关", "曹雪芹"),
        ] {
            assert!(!finds(sentence, name), "{sentence}");
        }
    }
}
