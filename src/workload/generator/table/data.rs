//! What the tables are of: made-up orders, staff, samples and books.

use super::super::library::Language;
use super::super::phrase::{people, said, shuffled, some};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// How rows are called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keys {
    /// A letter and a number.
    Code(char),
    /// First names.
    People,
}

/// A column of numbers: its name, its least and greatest value, and whether it has a decimal.
pub(super) type NumberColumn = (&'static str, i64, i64, bool);

/// One kind of table.
pub(super) struct Scene {
    /// A row, and rows.
    pub thing: &'static str,
    pub things: &'static str,
    /// The name of the first column.
    pub key: &'static str,
    keys: Keys,
    /// Columns of words: the name, and what may be in it. The first one is explained by the second table.
    pub texts: [(&'static str, &'static [&'static str]); 2],
    pub numbers: [NumberColumn; 2],
    /// The columns of the second table beside its first: words, and a number by which one of the first table's is
    /// multiplied.
    pub more: (&'static str, &'static [&'static str]),
    pub factor: NumberColumn,
    /// Which column is multiplied.
    pub multiplied: usize,
}

const ENGLISH: &[Scene] = &[
    Scene {
        thing: "order",
        things: "orders",
        key: "Order",
        keys: Keys::Code('A'),
        texts: [
            ("Product", &["lamp", "desk", "chair", "kettle", "mirror", "clock"]),
            ("City", &["Oslo", "Turin", "Porto", "Lyon", "Bergen"]),
        ],
        numbers: [("Quantity", 1, 60, false), ("Delivery days", 1, 45, false)],
        more: ("Supplier", &["Norhold", "Velmar", "Kestrel"]),
        factor: ("Unit price", 3, 80, false),
        multiplied: 0,
    },
    Scene {
        thing: "employee",
        things: "employees",
        key: "Name",
        keys: Keys::People,
        texts: [
            ("Department", &["Sales", "Design", "Legal", "Support", "Research", "Logistics"]),
            ("Office", &["Malmo", "Ghent", "Cork", "Trieste"]),
        ],
        numbers: [("Age", 20, 66, false), ("Hours", 6, 48, false)],
        more: ("Building", &["North Wing", "East Wing", "Tower"]),
        factor: ("Hourly rate", 14, 60, false),
        multiplied: 1,
    },
    Scene {
        thing: "sample",
        things: "samples",
        key: "Sample",
        keys: Keys::Code('S'),
        texts: [
            ("Site", &["Lake", "Quarry", "Harbour", "Meadow", "Ridge"]),
            ("Method", &["filter", "probe", "scan", "drill"]),
        ],
        numbers: [("Depth", 2, 90, false), ("Mass", 11, 600, true)],
        more: ("Region", &["Upland", "Lowland", "Coast"]),
        factor: ("Cost per metre", 2, 40, false),
        multiplied: 0,
    },
    Scene {
        thing: "book",
        things: "books",
        key: "Book",
        keys: Keys::Code('B'),
        texts: [
            ("Genre", &["poetry", "history", "travel", "crime", "science", "drama"]),
            ("Branch", &["Central", "Riverside", "Hilltop", "Station"]),
        ],
        numbers: [("Pages", 80, 620, false), ("Loans", 1, 95, false)],
        more: ("Floor", &["ground floor", "upper floor", "basement"]),
        factor: ("Points per loan", 2, 9, false),
        multiplied: 1,
    },
];

const CHINESE: &[Scene] = &[
    Scene {
        thing: "订单",
        things: "订单",
        key: "订单号",
        keys: Keys::Code('A'),
        texts: [
            ("产品", &["台灯", "书桌", "椅子", "水壶", "镜子", "闹钟"]),
            ("城市", &["成都", "青岛", "长沙", "厦门", "昆明"]),
        ],
        numbers: [("数量", 1, 60, false), ("配送天数", 1, 45, false)],
        more: ("供应商", &["北岭公司", "晨光公司", "云河公司"]),
        factor: ("单价", 3, 80, false),
        multiplied: 0,
    },
    Scene {
        thing: "员工",
        things: "员工",
        key: "姓名",
        keys: Keys::People,
        texts: [
            ("部门", &["销售部", "设计部", "法务部", "客服部", "研发部", "物流部"]),
            ("办公地点", &["杭州", "西安", "武汉", "大连"]),
        ],
        numbers: [("年龄", 20, 66, false), ("工时", 6, 48, false)],
        more: ("楼栋", &["北楼", "东楼", "主楼"]),
        factor: ("时薪", 14, 60, false),
        multiplied: 1,
    },
    Scene {
        thing: "样品",
        things: "样品",
        key: "样品编号",
        keys: Keys::Code('S'),
        texts: [("地点", &["湖区", "采石场", "港口", "草地", "山脊"]), ("方法", &["过滤", "探针", "扫描", "钻取"])],
        numbers: [("深度", 2, 90, false), ("质量", 11, 600, true)],
        more: ("区域", &["高地", "低地", "沿海"]),
        factor: ("每米费用", 2, 40, false),
        multiplied: 0,
    },
    Scene {
        thing: "图书",
        things: "图书",
        key: "图书编号",
        keys: Keys::Code('B'),
        texts: [
            ("类别", &["诗歌", "历史", "旅行", "侦探", "科普", "戏剧"]),
            ("分馆", &["中心馆", "河滨馆", "山顶馆", "车站馆"]),
        ],
        numbers: [("页数", 80, 620, false), ("借阅次数", 1, 95, false)],
        more: ("楼层", &["一楼", "二楼", "地下室"]),
        factor: ("每次积分", 2, 9, false),
        multiplied: 1,
    },
];

/// A row. Numbers are in tenths.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub key: String,
    pub texts: [&'static str; 2],
    pub numbers: [i64; 2],
}

/// A row of the second table.
#[derive(Debug, Clone)]
pub(super) struct More {
    /// What it is about: a value of the first column of words.
    pub about: &'static str,
    pub word: &'static str,
    /// In tenths.
    pub factor: i64,
}

/// Both tables.
pub(super) struct Data {
    pub scene: &'static Scene,
    pub rows: Vec<Row>,
    pub more: Vec<More>,
}

impl Data {
    pub fn random(rng: &mut ChaCha8Rng, language: Language, rows: usize) -> Self {
        let scenes: &'static [Scene] = said(language, ENGLISH, CHINESE);
        let scene = &scenes[rng.random_range(0..scenes.len())];
        let keys: Vec<String> = match scene.keys {
            Keys::Code(letter) => {
                let mut keys = Vec::with_capacity(rows);
                while keys.len() < rows {
                    let key = format!("{letter}-{}", rng.random_range(100..1000));
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
                keys
            }
            Keys::People => people(rng, language, rows).into_iter().map(str::to_owned).collect(),
        };
        // Few different values where there are few rows, so that groups have something in them.
        let sizes = scene.texts.map(|(_, all)| all.len().min(2 + rows / 4));
        let words: Vec<Vec<&'static str>> =
            scene.texts.iter().zip(sizes).map(|((_, all), size)| some(rng, all, size)).collect();
        let number = |rng: &mut ChaCha8Rng, (_, from, to, decimal): NumberColumn| {
            rng.random_range(from..=to) * if decimal { 1 } else { 10 }
        };
        let rows = keys
            .into_iter()
            .map(|key| Row {
                key,
                texts: [0, 1].map(|at| words[at][rng.random_range(0..words[at].len())]),
                numbers: scene.numbers.map(|column| number(rng, column)),
            })
            .collect();
        let more = shuffled(rng, &words[0])
            .into_iter()
            .map(|about| More {
                about,
                word: scene.more.1[rng.random_range(0..scene.more.1.len())],
                factor: number(rng, scene.factor),
            })
            .collect();
        Self { scene, rows, more }
    }

    /// What the second table says of a row.
    pub fn more(&self, row: &Row) -> Option<&More> {
        self.more.iter().find(|more| more.about == row.texts[0])
    }
}
