//! What texts are about, and the words that rules ask for.

pub const KINDS_EN: &[&str] = &[
    "a short story",
    "a letter",
    "a product description",
    "a diary entry",
    "a news report",
    "a travel guide",
    "a speech",
    "an advertisement",
    "a review",
    "a fable",
    "a set of instructions",
    "a radio announcement",
];
pub const SUBJECTS_EN: &[&str] = &[
    "a clockmaker who lost an hour",
    "a bakery on a night train",
    "the last ferry of the season",
    "a library under the sea",
    "a village that trades in shadows",
    "a robot that learns to garden",
    "a museum of forgotten tools",
    "a mountain school with one pupil",
    "a café run by retired sailors",
    "a bridge that sings in the wind",
    "a market for second-hand dreams",
    "a postman on a frozen lake",
    "a choir of lighthouse keepers",
    "a cat that inspects roofs",
    "an orchard planted on a ship",
    "a town without mirrors",
    "a new kind of umbrella",
    "a festival of paper lanterns",
    "a race between two kites",
    "a hotel for migrating birds",
];
pub const READERS_EN: &[&str] = &[
    "children",
    "busy parents",
    "new colleagues",
    "tourists",
    "engineers",
    "pensioners",
    "students",
    "a local newspaper",
    "a museum's visitors",
    "night-shift workers",
];
pub const KINDS_ZH: &[&str] = &[
    "一则短篇故事",
    "一封信",
    "一段产品介绍",
    "一篇日记",
    "一则新闻报道",
    "一份旅行指南",
    "一篇演讲稿",
    "一则广告",
    "一篇评论",
    "一则寓言",
    "一份操作说明",
    "一段广播通知",
];
pub const SUBJECTS_ZH: &[&str] = &[
    "一位丢了一小时的钟表匠",
    "夜行列车上的面包房",
    "本季最后一班渡轮",
    "海底的图书馆",
    "以影子做买卖的村庄",
    "学习园艺的机器人",
    "被遗忘的工具博物馆",
    "只有一名学生的山村学校",
    "退休水手开的咖啡馆",
    "会在风中歌唱的桥",
    "二手梦境的集市",
    "冰湖上的邮差",
    "守塔人的合唱团",
    "检查屋顶的猫",
    "船上的果树",
    "没有镜子的小镇",
    "一种新式雨伞",
    "纸灯笼节",
    "两只风筝的比赛",
    "候鸟的旅馆",
];
pub const READERS_ZH: &[&str] =
    &["儿童", "忙碌的父母", "新同事", "游客", "工程师", "退休老人", "大学生", "本地报纸", "博物馆观众", "夜班工人"];

/// Words to use or to avoid; none is a part of another, or stands in an opening or a close below.
pub const WORDS_EN: &[&str] = &[
    "lantern", "harbor", "velvet", "orchard", "compass", "thunder", "pepper", "marble", "whistle", "blanket", "copper",
    "meadow", "puzzle", "ladder", "saffron", "anchor", "feather", "mirror", "pocket", "violin", "garlic", "tunnel",
    "basket", "candle", "helmet", "pebble", "ribbon", "shovel", "teapot", "walnut",
];
pub const WORDS_ZH: &[&str] = &[
    "灯笼",
    "港湾",
    "丝绒",
    "果园",
    "罗盘",
    "雷声",
    "胡椒",
    "石阶",
    "哨子",
    "毛毯",
    "铜镜",
    "草地",
    "谜题",
    "梯子",
    "藏红花",
    "铁锚",
    "羽毛",
    "口袋",
    "提琴",
    "大蒜",
    "隧道",
    "竹篮",
    "蜡烛",
    "头盔",
    "鹅卵石",
    "丝带",
    "铲子",
    "茶壶",
    "核桃",
    "钥匙",
];
/// How a text may have to open and to close: without commas and without marks inside.
pub const OPENINGS_EN: &[&str] = &[
    "Long before sunrise",
    "Nobody expected this",
    "It began with rain",
    "Once again",
    "Dear reader",
    "At first glance",
    "Here is the truth",
    "Every evening",
];
pub const CLOSINGS_EN: &[&str] = &[
    "And so it ends",
    "That is all",
    "Nothing more was said",
    "We shall see",
    "The rest is silence",
    "Until next time",
    "Good night to all",
    "So it goes",
];
pub const OPENINGS_ZH: &[&str] =
    &["天还没亮", "谁也没有想到", "故事从雨天开始", "亲爱的读者", "乍看之下", "真相是这样的", "每到傍晚", "多年以前"];
pub const CLOSINGS_ZH: &[&str] = &[
    "故事到此为止",
    "我们下次再见",
    "一切归于平静",
    "谢谢大家",
    "祝你晚安",
    "结局就是如此",
    "未完待续",
    "让我们拭目以待",
];
/// Keys of a JSON object.
pub const KEYS_EN: &[&str] = &["title", "place", "author", "mood", "summary", "lesson", "season", "hero"];
pub const KEYS_ZH: &[&str] = &["标题", "地点", "作者", "情绪", "摘要", "寓意", "季节", "主角"];
