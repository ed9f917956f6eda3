//! Rules that can be kept together: what each says in words and to the scorer, what it needs, and what it excludes.

use super::super::library::Language;
use super::words;
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// One rule: as the prompt says it, and as the scorer reads it.
pub struct Rule {
    pub words: String,
    pub spec: Value,
}

/// A text that rules share: what they need of it so far, and what is taken.
pub struct Room {
    language: Language,
    difficulty: u32,
    /// Words that the rules so far need at least, by a generous estimate; a bound on words comes after.
    need: u64,
    /// Parts of a text that only one rule can be about.
    taken: Vec<Part>,
    /// Words that are not used in any rule yet.
    free: Vec<&'static str>,
}

/// What of a text a rule is about; two about the same one could contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// How much text there is.
    Amount,
    /// How it is divided: sentences, paragraphs, lists, headings, a whole that is JSON or in quotes.
    Shape,
    /// How it opens.
    Opening,
    /// How it closes.
    Close,
    /// Its case.
    Case,
    /// Marks and letters in it.
    Marks,
    /// A title of its own, which is more text.
    Title,
    /// Anything beside running text.
    Extra,
    /// Each of these once.
    Keywords,
    Avoided,
    Repeated,
    Letter,
    Blanks,
}

type Draw = fn(&mut Room, &mut ChaCha8Rng) -> Rule;

/// Every kind of rule: the domain it is of, the parts it takes, and how it is made.
const ALL: &[(&str, &[Part], Draw)] = &[
    ("length", &[Part::Amount], amount),
    ("length", &[Part::Shape, Part::Title], sentences),
    ("length", &[Part::Shape, Part::Title], paragraphs),
    ("wording", &[Part::Keywords], keywords),
    ("wording", &[Part::Avoided], avoided),
    ("wording", &[Part::Repeated], repeated),
    ("wording", &[Part::Letter], letter),
    ("wording", &[Part::Opening], opening),
    ("wording", &[Part::Close], close),
    ("wording", &[Part::Case], case),
    ("format", &[Part::Shape, Part::Extra], bullets),
    ("format", &[Part::Shape, Part::Extra], numbered),
    ("format", &[Part::Shape, Part::Extra], headings),
    (
        "format",
        &[
            Part::Shape,
            Part::Extra,
            Part::Opening,
            Part::Close,
            Part::Marks,
            Part::Case,
            Part::Title,
            Part::Blanks,
            Part::Amount,
        ],
        object,
    ),
    ("format", &[Part::Shape, Part::Extra, Part::Opening, Part::Close, Part::Title], quoted),
    ("format", &[Part::Shape, Part::Extra, Part::Opening, Part::Close, Part::Title], two),
    ("format", &[Part::Title, Part::Opening], title),
    ("format", &[Part::Close, Part::Shape], postscript),
    ("format", &[Part::Blanks], blanks),
    ("format", &[Part::Marks], no_commas),
    ("format", &[Part::Marks], no_marks),
];

/// So many rules of a domain, and of others where it has not as many that go together.
pub fn draw(domain: &str, count: usize, room: &mut Room, rng: &mut ChaCha8Rng) -> Vec<Rule> {
    let mut order: Vec<&(&str, &[Part], Draw)> = ALL.iter().collect();
    order.shuffle(rng);
    order.sort_by_key(|(of, _, _)| domain != "mixed" && *of != domain);
    let mut chosen: Vec<&(&str, &[Part], Draw)> = Vec::new();
    for kind in order {
        let (_, parts, _) = kind;
        let fits = parts.iter().all(|part| !room.taken.contains(part));
        // Chinese has no case.
        let there = room.language == Language::English || *parts != [Part::Case].as_slice();
        if chosen.len() < count && fits && there {
            room.taken.extend(*parts);
            chosen.push(kind);
        }
    }
    // The amount comes last: it has to leave room for all that the others need.
    chosen.sort_by_key(|(_, parts, _)| *parts == [Part::Amount].as_slice());
    let mut drawn: Vec<Rule> = chosen.into_iter().map(|(_, _, make)| make(room, rng)).collect();
    drawn.shuffle(rng);
    drawn
}

impl Room {
    pub fn new(language: Language, difficulty: u32) -> Self {
        let free = match language {
            Language::English => words::WORDS_EN,
            Language::Chinese => words::WORDS_ZH,
        };
        Self { language, difficulty, need: 12, taken: Vec::new(), free: free.to_vec() }
    }

    fn say(&self, english: String, chinese: String) -> String {
        match self.language {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }

    /// Words in a language that a rule needs: a Chinese word has two or three characters, each counted.
    fn needs(&mut self, words: u64) {
        self.need += match self.language {
            Language::English => words,
            Language::Chinese => words * 3,
        };
    }

    /// Words that no other rule has.
    fn some(&mut self, count: usize, rng: &mut ChaCha8Rng) -> Vec<&'static str> {
        self.free.shuffle(rng);
        let rest = self.free.len().saturating_sub(count);
        self.free.split_off(rest)
    }

    fn one(
        &self,
        english: &'static [&'static str],
        chinese: &'static [&'static str],
        rng: &mut ChaCha8Rng,
    ) -> &'static str {
        let all = match self.language {
            Language::English => english,
            Language::Chinese => chinese,
        };
        all.choose(rng).copied().unwrap_or_default()
    }

    /// A count from `least` to `most`, larger for harder items.
    fn several(&self, least: u64, most: u64, rng: &mut ChaCha8Rng) -> u64 {
        let reach = (most - least) * u64::from(self.difficulty) / 10;
        least + rng.random_range(0..=reach.max(1).min(most - least))
    }
}

/// "lantern", "harbor" / “灯笼”、“港湾”.
fn listed(language: Language, all: &[&str]) -> String {
    let (join, open, shut) = match language {
        Language::English => (", ", "\"", "\""),
        Language::Chinese => ("、", "“", "”"),
    };
    all.iter().map(|word| format!("{open}{word}{shut}")).collect::<Vec<_>>().join(join)
}

fn amount(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    // The harder, the narrower.
    let base = room.need + rng.random_range(10..80);
    let width = (base * u64::from(14 - room.difficulty) / 10).max(10);
    let most = base + width;
    match rng.random_range(0..3) {
        0 => Rule {
            words: room.say(format!("Write at least {base} words."), format!("不少于{base}个字（汉字，不计标点）。")),
            spec: json!({"kind": "words", "at_least": base}),
        },
        1 => Rule {
            words: room.say(format!("Write at most {most} words."), format!("不超过{most}个字（汉字，不计标点）。")),
            spec: json!({"kind": "words", "at_most": most}),
        },
        _ => Rule {
            words: room.say(
                format!("Write at least {base} and at most {most} words."),
                format!("字数在{base}到{most}之间（汉字，不计标点）。"),
            ),
            spec: json!({"kind": "words", "at_least": base, "at_most": most}),
        },
    }
}

fn sentences(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(2, 9, rng);
    room.needs(count * 3);
    Rule {
        words: room.say(format!("Use exactly {count} sentences."), format!("正好写{count}句话。")),
        spec: json!({"kind": "sentences", "exactly": count}),
    }
}

fn paragraphs(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(2, 6, rng);
    room.needs(count * 3);
    Rule {
        words: room.say(
            format!("Write exactly {count} paragraphs, with an empty line between them."),
            format!("正好写{count}段，段与段之间空一行。"),
        ),
        spec: json!({"kind": "paragraphs", "exactly": count}),
    }
}

fn keywords(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(1, 5, rng);
    let texts = room.some(usize::try_from(count).unwrap_or(1), rng);
    room.needs(count * 2);
    let list = listed(room.language, &texts);
    Rule {
        words: room.say(format!("Use each of these words: {list}."), format!("必须用到以下词语：{list}。")),
        spec: json!({"kind": "contains", "texts": texts}),
    }
}

fn avoided(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(1, 5, rng);
    let texts = room.some(usize::try_from(count).unwrap_or(1), rng);
    let list = listed(room.language, &texts);
    Rule {
        words: room.say(format!("Do not use any of these words: {list}."), format!("不得出现以下词语：{list}。")),
        spec: json!({"kind": "excludes", "texts": texts}),
    }
}

fn repeated(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let word = room.some(1, rng).first().copied().unwrap_or_default();
    let count = room.several(2, 6, rng);
    room.needs(count * 2);
    let list = listed(room.language, &[word]);
    if room.difficulty > 5 {
        return Rule {
            words: room
                .say(format!("Use the word {list} exactly {count} times."), format!("词语{list}正好出现{count}次。")),
            spec: json!({"kind": "frequency", "text": word, "exactly": count}),
        };
    }
    Rule {
        words: room
            .say(format!("Use the word {list} at least {count} times."), format!("词语{list}至少出现{count}次。")),
        spec: json!({"kind": "frequency", "text": word, "at_least": count}),
    }
}

fn letter(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let letter = room.one(&["b", "g", "k", "p", "w", "y"], &["水", "山", "风", "月", "人", "心"], rng);
    let count = room.several(3, 9, rng);
    room.needs(count);
    Rule {
        words: room.say(
            format!("The letter \"{letter}\" must occur at least {count} times."),
            format!("“{letter}”字至少出现{count}次。"),
        ),
        spec: json!({"kind": "letter", "letter": letter, "at_least": count}),
    }
}

fn opening(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let text = room.one(words::OPENINGS_EN, words::OPENINGS_ZH, rng);
    room.needs(4);
    Rule {
        words: room.say(format!("Begin with the words \"{text}\"."), format!("以“{text}”开头。")),
        spec: json!({"kind": "starts_with", "text": text}),
    }
}

fn close(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let text = room.one(words::CLOSINGS_EN, words::CLOSINGS_ZH, rng);
    room.needs(5);
    Rule {
        words: room.say(
            format!("End with the words \"{text}\"; no other words follow them."),
            format!("以“{text}”结尾，其后不再有别的字。"),
        ),
        spec: json!({"kind": "ends_with", "text": text}),
    }
}

fn case(_room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let (words, kind) = if rng.random_bool(0.7) {
        ("Write in small letters only, without a single capital.", "lowercase")
    } else {
        ("Write in capital letters only.", "uppercase")
    };
    Rule { words: words.into(), spec: json!({"kind": kind}) }
}

fn bullets(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(2, 8, rng);
    room.needs(count * 2);
    Rule {
        words: room.say(
            format!("Have exactly {count} bullet points in Markdown, each line of them beginning with \"- \"."),
            format!("正好有{count}个 Markdown 列表项，每项一行，以“- ”开头。"),
        ),
        spec: json!({"kind": "bullets", "exactly": count}),
    }
}

fn numbered(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(2, 8, rng);
    room.needs(count * 3);
    Rule {
        words: room.say(
            format!("Have one numbered list with exactly {count} items: 1., 2. and so on."),
            format!("有一个正好{count}项的编号列表：1.、2.，依此类推。"),
        ),
        spec: json!({"kind": "numbered", "exactly": count}),
    }
}

fn headings(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(1, 5, rng);
    room.needs(count * 4);
    Rule {
        words: room.say(
            format!("Have exactly {count} headings of level 2 in Markdown (\"## …\")."),
            format!("正好有{count}个 Markdown 2级标题（“## …”）。"),
        ),
        spec: json!({"kind": "headings", "level": 2, "exactly": count}),
    }
}

fn object(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let all = if room.language == Language::English { words::KEYS_EN } else { words::KEYS_ZH };
    let count = usize::try_from(room.several(2, 6, rng)).unwrap_or(2);
    let keys: Vec<&str> = all.sample(rng, count).copied().collect();
    let list = listed(room.language, &keys);
    Rule {
        words: room.say(
            format!("The whole answer is one JSON object with the keys {list}; put the text into its values."),
            format!("整个回答是一个 JSON 对象，含有键{list}，正文写在值里。"),
        ),
        spec: json!({"kind": "json", "type": "object", "keys": keys}),
    }
}

fn quoted(room: &mut Room, _rng: &mut ChaCha8Rng) -> Rule {
    Rule {
        words: room.say("Put the whole answer into double quotation marks.".into(), "把整个回答放在双引号里。".into()),
        spec: json!({"kind": "quoted"}),
    }
}

fn two(room: &mut Room, _rng: &mut ChaCha8Rng) -> Rule {
    room.needs(8);
    Rule {
        words: room.say(
            "Give two different texts, with a line of six asterisks (******) between them.".into(),
            "写两篇不同的正文，中间用六个星号（******）隔开。".into(),
        ),
        spec: json!({"kind": "two_responses"}),
    }
}

fn title(room: &mut Room, _rng: &mut ChaCha8Rng) -> Rule {
    room.needs(3);
    Rule {
        words: room.say(
            "Give it a title in double angular brackets, such as <<A Title>>.".into(),
            "写一个标题，放在双尖括号里，例如<<标题>>。".into(),
        ),
        spec: json!({"kind": "title"}),
    }
}

fn postscript(room: &mut Room, _rng: &mut ChaCha8Rng) -> Rule {
    let marker = if room.language == Language::English { "P.S." } else { "附言" };
    room.needs(6);
    Rule {
        words: room.say(
            format!("Add a postscript at the end, on a line that begins with \"{marker}\"."),
            format!("在最后另起一行，以“{marker}”开头写一句附加的话。"),
        ),
        spec: json!({"kind": "postscript", "marker": marker}),
    }
}

fn blanks(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let count = room.several(1, 5, rng);
    room.needs(count);
    Rule {
        words: room.say(
            format!("Have at least {count} placeholders in square brackets, such as [name]."),
            format!("至少有{count}个方括号占位符，例如[姓名]。"),
        ),
        spec: json!({"kind": "placeholders", "at_least": count}),
    }
}

fn no_commas(room: &mut Room, _rng: &mut ChaCha8Rng) -> Rule {
    Rule {
        words: room.say("Do not use any commas.".into(), "不要使用逗号。".into()),
        spec: json!({"kind": "no_commas"}),
    }
}

fn no_marks(room: &mut Room, rng: &mut ChaCha8Rng) -> Rule {
    let marks = room.one(&["!", "?", "!?", "!?;", ";", "()"], &["！", "？", "！？", "！？；", "；", "（）"], rng);
    Rule {
        words: room.say(format!("None of these characters may occur: {marks}"), format!("不得出现这些符号：{marks}")),
        spec: json!({"kind": "forbidden_characters", "characters": marks}),
    }
}
