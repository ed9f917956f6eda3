//! The words and letters that strings are made of.

/// English words, all in small letters.
pub const ENGLISH: &[&str] = &[
    "acorn", "amber", "anchor", "apple", "apron", "arrow", "autumn", "badge", "bakery", "balloon", "bamboo", "banana",
    "banner", "barley", "barrel", "basket", "beacon", "bridge", "bronze", "bucket", "butter", "button", "cactus",
    "camera", "candle", "canoe", "canvas", "carpet", "carrot", "castle", "cellar", "cement", "cherry", "circle",
    "clover", "cobalt", "copper", "coral", "cotton", "cradle", "crystal", "curtain", "dagger", "daisy", "desert",
    "dinner", "dolphin", "dragon", "drawer", "eagle", "engine", "falcon", "feather", "fennel", "fiddle", "filter",
    "finger", "forest", "fossil", "garden", "garlic", "ginger", "glacier", "goblet", "hammer", "harbor", "hazel",
    "helmet", "hollow", "honey", "island", "ivory", "jacket", "jasmine", "jungle", "kettle", "ladder", "lagoon",
    "lantern", "lemon", "letter", "linen", "lizard", "magnet", "mango", "marble", "meadow", "melon", "mirror",
    "mitten", "monkey", "morning", "muffin", "needle", "nettle", "oasis", "olive", "onion", "orange", "orchard",
    "paddle", "palace", "paper", "parrot", "pebble", "pencil", "pepper", "pillow", "planet", "pocket", "pumpkin",
    "puzzle", "quarry", "rabbit", "raisin", "ribbon", "river", "rocket", "saddle", "salmon", "sandal", "shadow",
    "silver", "sparrow", "spider", "spoon", "squirrel", "summer", "tablet", "teapot", "temple", "ticket", "timber",
    "tomato", "tunnel", "turnip", "valley", "velvet", "violin", "walnut", "whistle", "willow", "window", "winter",
    "yellow", "zebra",
];

/// Chinese words, by the number of their characters, from one to four.
pub const CHINESE: [&[&str]; 4] = [
    &["山", "猫", "书", "灯", "雨", "船", "糖", "镜", "鱼", "桥", "雪", "笔"],
    &[
        "苹果", "香蕉", "窗户", "铅笔", "河流", "森林", "火车", "月亮", "老师", "牛奶", "花园", "城市", "钥匙", "音乐",
        "面包", "海洋", "雨伞", "沙漠", "蜡烛", "围巾", "蝴蝶", "石头", "大象", "雪花",
    ],
    &[
        "图书馆",
        "向日葵",
        "自行车",
        "西红柿",
        "望远镜",
        "长颈鹿",
        "蒲公英",
        "计算器",
        "电影院",
        "萤火虫",
        "热气球",
        "洗衣机",
        "巧克力",
        "运动场",
    ],
    &[
        "春暖花开",
        "风和日丽",
        "山清水秀",
        "万里长城",
        "高山流水",
        "五颜六色",
        "一心一意",
        "秋高气爽",
        "天气预报",
        "公共汽车",
        "海阔天空",
        "画龙点睛",
    ],
];

/// All Chinese words, whatever their length.
pub fn chinese() -> Vec<&'static str> {
    CHINESE.iter().flat_map(|words| words.iter().copied()).collect()
}

/// Characters of strings that mean nothing; the later ones look like each other.
pub const CHARACTERS: &[char] = &[
    '春', '河', '灯', '远', '鸟', '石', '风', '茶', '门', '雪', '树', '星', '云', '画', '米', '路', '花', '月', '歌',
    '木', '水', '火',
];

/// Characters that look alike.
pub const ALIKE: &[char] = &[
    '己', '已', '巳', '未', '末', '土', '士', '日', '曰', '人', '入', '大', '太', '天', '夫', '木', '本', '干', '千',
    '于',
];

/// The alphabet.
pub const LETTERS: &[char] = &[
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
    'x', 'y', 'z',
];
