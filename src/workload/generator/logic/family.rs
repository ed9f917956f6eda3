//! Domain `family`: a family told in single facts, and somebody to be found by who they are to somebody else.

use super::super::library::{Language, Made, Wanted};
use super::super::phrase::{
    CHINESE_MEN, CHINESE_WOMEN, MEN, WOMEN, chance, closing, fill, one, said, sentences, shuffled, some,
};
use super::Puzzle;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Somebody of the family.
struct Person {
    name: &'static str,
    male: bool,
    /// How many generations below the first.
    depth: usize,
    spouse: Option<usize>,
    /// Father and mother.
    parents: Option<[usize; 2]>,
}

/// One step from somebody to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Father,
    Mother,
    Husband,
    Wife,
    Son,
    Daughter,
    Brother,
    Sister,
}

impl Step {
    const ALL: [Self; 8] =
        [Self::Father, Self::Mother, Self::Husband, Self::Wife, Self::Son, Self::Daughter, Self::Brother, Self::Sister];

    const fn word(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Self::Father => ("father", "父亲"),
            Self::Mother => ("mother", "母亲"),
            Self::Husband => ("husband", "丈夫"),
            Self::Wife => ("wife", "妻子"),
            Self::Son => ("son", "儿子"),
            Self::Daughter => ("daughter", "女儿"),
            Self::Brother => ("brother", "兄弟"),
            Self::Sister => ("sister", "姐妹"),
        };
        said(language, english, chinese)
    }
}

/// Two steps that have a word of their own, which means them and nothing else.
const WORDS: &[([Step; 2], &str, &str)] = &[
    ([Step::Father, Step::Father], "paternal grandfather", "爷爷"),
    ([Step::Father, Step::Mother], "paternal grandmother", "奶奶"),
    ([Step::Mother, Step::Father], "maternal grandfather", "外公"),
    ([Step::Mother, Step::Mother], "maternal grandmother", "外婆"),
    ([Step::Wife, Step::Father], "father-in-law", "岳父"),
    ([Step::Wife, Step::Mother], "mother-in-law", "岳母"),
    ([Step::Husband, Step::Father], "father-in-law", "公公"),
    ([Step::Husband, Step::Mother], "mother-in-law", "婆婆"),
    ([Step::Father, Step::Sister], "father's sister", "姑姑"),
    ([Step::Mother, Step::Brother], "mother's brother", "舅舅"),
    ([Step::Mother, Step::Sister], "mother's sister", "姨妈"),
];

/// The generations of a family.
const GENERATIONS: usize = 4;

struct Family {
    people: Vec<Person>,
    men: Vec<&'static str>,
    women: Vec<&'static str>,
}

impl Family {
    /// A random one of so many people, or one more.
    fn random(rng: &mut ChaCha8Rng, language: Language, size: usize) -> Self {
        let men = shuffled(rng, said(language, MEN, CHINESE_MEN));
        let women = shuffled(rng, said(language, WOMEN, CHINESE_WOMEN));
        let mut family = Self { people: Vec::new(), men, women };
        family.joins(true, 0, None);
        family.joins(false, 0, None);
        family.wed(0, 1);
        family.bear(rng, 0);
        while family.people.len() < size {
            let at = rng.random_range(0..family.people.len());
            let Some(person) = family.people.get(at) else { continue };
            let (depth, male) = (person.depth, person.male);
            match (person.spouse, person.parents) {
                (Some(_), _) if depth + 1 < GENERATIONS && family.children(at).len() < 3 => family.bear(rng, at),
                // Whoever married into the family may have parents too.
                (Some(_), None) if depth > 0 && chance(rng, 30) => {
                    let [father, mother] = [true, false].map(|male| family.joins(male, depth - 1, None));
                    family.wed(father, mother);
                    if let Some(person) = family.people.get_mut(at) {
                        person.parents = Some([father, mother]);
                    }
                }
                (None, _) if depth + 1 < GENERATIONS => {
                    let other = family.joins(!male, depth, None);
                    family.wed(at, other);
                }
                _ => {}
            }
        }
        family
    }

    fn joins(&mut self, male: bool, depth: usize, parents: Option<[usize; 2]>) -> usize {
        let name = if male { self.men.pop() } else { self.women.pop() }.unwrap_or("");
        self.people.push(Person { name, male, depth, spouse: None, parents });
        self.people.len() - 1
    }

    fn wed(&mut self, a: usize, b: usize) {
        self.people[a].spouse = Some(b);
        self.people[b].spouse = Some(a);
    }

    fn bear(&mut self, rng: &mut ChaCha8Rng, at: usize) {
        let person = &self.people[at];
        let (depth, other) = (person.depth + 1, person.spouse.unwrap_or(at));
        let parents = if person.male { [at, other] } else { [other, at] };
        self.joins(chance(rng, 50), depth, Some(parents));
    }

    fn children(&self, of: usize) -> Vec<usize> {
        (0..self.people.len()).filter(|at| self.people[*at].parents.is_some_and(|p| p.contains(&of))).collect()
    }

    /// All whom a step leads to.
    fn step(&self, from: usize, step: Step) -> Vec<usize> {
        let person = &self.people[from];
        let of_sex = |all: Vec<usize>, male: bool| all.into_iter().filter(|at| self.people[*at].male == male).collect();
        let siblings = || {
            let all = person.parents.map_or_else(Vec::new, |[father, _]| self.children(father));
            all.into_iter().filter(|at| *at != from).collect::<Vec<_>>()
        };
        match step {
            Step::Father => person.parents.iter().map(|[father, _]| *father).collect(),
            Step::Mother => person.parents.iter().map(|[_, mother]| *mother).collect(),
            Step::Husband => of_sex(person.spouse.into_iter().collect(), true),
            Step::Wife => of_sex(person.spouse.into_iter().collect(), false),
            Step::Son => of_sex(self.children(from), true),
            Step::Daughter => of_sex(self.children(from), false),
            Step::Brother => of_sex(siblings(), true),
            Step::Sister => of_sex(siblings(), false),
        }
    }

    /// A way of steps that each lead to one person only, whom it did not pass before.
    fn way(&self, rng: &mut ChaCha8Rng, steps: usize) -> (usize, Vec<Step>, usize) {
        let start = rng.random_range(0..self.people.len());
        let (mut at, mut passed, mut way) = (start, vec![start], Vec::new());
        while way.len() < steps {
            let next = shuffled(rng, &Step::ALL).into_iter().find_map(|step| match self.step(at, step).as_slice() {
                [only] if !passed.contains(only) => Some((step, *only)),
                _ => None,
            });
            let Some((step, person)) = next else { break };
            way.push(step);
            passed.push(person);
            at = person;
        }
        (start, way, at)
    }

    fn facts(&self, rng: &mut ChaCha8Rng, language: Language) -> Vec<String> {
        let mut facts = Vec::new();
        for (at, person) in self.people.iter().enumerate() {
            let name = |at: usize| self.people[at].name;
            if let (true, Some(wife)) = (person.male, person.spouse) {
                let forms: &[&str] = said(
                    language,
                    &["{h} is the husband of {w}.", "{w} is {h}'s wife.", "{h} is married to his wife {w}."],
                    &["{h}是{w}的丈夫。", "{w}是{h}的妻子。", "{h}娶了{w}。"],
                );
                facts.push(fill(one(rng, forms), &[("h", person.name), ("w", name(wife))]));
            }
            let Some(parents) = person.parents else { continue };
            let elder: Vec<usize> = self.children(parents[0]).into_iter().filter(|other| *other < at).collect();
            let (forms, other): (&[&str], _) = match elder.first() {
                Some(_) if chance(rng, 45) => (
                    said(
                        language,
                        if person.male {
                            &["{c} is a brother of {p}.", "{p} has a brother called {c}."]
                        } else {
                            &["{c} is a sister of {p}.", "{p} has a sister called {c}."]
                        },
                        if person.male {
                            &["{c}是{p}的兄弟。", "{p}有个兄弟叫{c}。"]
                        } else {
                            &["{c}是{p}的姐妹。", "{p}有个姐妹叫{c}。"]
                        },
                    ),
                    one(rng, &elder),
                ),
                _ => (
                    said(
                        language,
                        if person.male {
                            &["{c} is a son of {p}.", "{p} has a son called {c}."]
                        } else {
                            &["{c} is a daughter of {p}.", "{p} has a daughter called {c}."]
                        },
                        if person.male {
                            &["{c}是{p}的儿子。", "{p}有个儿子叫{c}。"]
                        } else {
                            &["{c}是{p}的女儿。", "{p}有个女儿叫{c}。"]
                        },
                    ),
                    one(rng, &parents),
                ),
            };
            facts.push(fill(one(rng, forms), &[("c", person.name), ("p", name(other))]));
        }
        facts
    }
}

/// `Ann's father's sister`, `the sister of Ann's father`, 丽华的父亲的姐妹.
fn chain(rng: &mut ChaCha8Rng, language: Language, start: &str, way: &[Step]) -> String {
    let (mut text, mut rest) = (start.to_owned(), way);
    let own = if chance(rng, 50) { way.len() } else { rng.random_range(0..=way.len()) };
    while let Some((first, after)) = rest.split_first() {
        let known = after.first().and_then(|second| WORDS.iter().find(|(steps, ..)| *steps == [*first, *second]));
        let (word, after) = match known {
            Some((_, english, chinese)) if chance(rng, 60) => (said(language, *english, *chinese), &after[1..]),
            _ => (first.word(language), after),
        };
        let possessive = way.len() - rest.len() < own;
        rest = after;
        text = match language {
            Language::Chinese => format!("{text}的{word}"),
            // "Of" only comes outside of "'s", so that it can be read in one way.
            Language::English if possessive || word.contains('\'') && !text.contains(" of ") => {
                format!("{text}'s {word}")
            }
            Language::English if word.contains('\'') => {
                let (outer, inner) = (after_s(word), before_s(word));
                format!("the {outer} of the {inner} of {text}")
            }
            Language::English => format!("the {word} of {text}"),
        };
    }
    text
}

fn before_s(word: &str) -> &str {
    word.split_once("'s ").map_or(word, |(before, _)| before)
}

fn after_s(word: &str) -> &str {
    word.split_once("'s ").map_or(word, |(_, after)| after)
}

pub(super) fn make(wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
    let Wanted { difficulty, language, .. } = wanted;
    let size = 4 + difficulty as usize;
    let steps = 1 + (difficulty as usize).div_ceil(3);
    let family = Family::random(rng, language, size);
    // Of some ways the longest: most people have one of this length.
    let ways: Vec<_> = (0..12).map(|_| family.way(rng, steps)).collect();
    let longest = ways.iter().map(|(_, way, _)| way.len()).max().unwrap_or(0);
    let way = ways.into_iter().find(|(_, way, _)| way.len() == longest && longest > 0);
    // The first one's wife, if all else fails.
    let (start, way, end) = way.unwrap_or((0, vec![Step::Wife], 1));
    let facts = family.facts(rng, language);
    let facts = if difficulty > 2 { some(rng, &facts, facts.len()) } else { facts };
    let intro = one(
        rng,
        said(
            language,
            &[
                "These are all the people of a family. All children of a couple are children of both.",
                "A family, told completely: nobody is left out, and every child is a child of both husband and wife.",
                "Here is all there is to know of a family; nobody else belongs to it, and couples have all their children together.",
            ],
            &[
                "下面列出了一个家族的全部成员，每对夫妻的孩子都是两人共同的孩子。",
                "这是一个家族的完整情况：没有遗漏任何人，孩子都是夫妻双方共同的。",
                "以下是某个家族的全部信息，除此之外没有别的成员，每个孩子的父母就是题中的那对夫妻。",
            ],
        ),
    );
    let body = if chance(rng, 50) { sentences(language, &facts) } else { facts.join("\n") };
    let person = chain(rng, language, family.people[start].name, &way);
    let asked =
        one(rng, said(language, &["Who is {p}?", "What is the name of {p}?"], &["{p}是谁？", "{p}叫什么名字？"]));
    let ask = fill(asked, &[("p", &person)]);
    let form = closing(rng, language, said(language, "the name", "名字"));
    Puzzle { intro: intro.to_owned(), body, ask, form }.made(vec![family.people[end].name.to_owned()])
}
