//! Which language a text is in: by its script, and for the Latin script by its commonest words.

use super::count::is_han;

/// Whether a letter is of a script.
type Script = fn(char) -> bool;

/// Languages of a script of their own, with the letters that only it has.
const SCRIPTS: &[(&str, Script)] = &[
    ("ko", |c| matches!(c, '\u{AC00}'..='\u{D7AF}' | '\u{1100}'..='\u{11FF}')),
    ("ru", |c| matches!(c, '\u{0400}'..='\u{052F}')),
    ("ar", |c| matches!(c, '\u{0600}'..='\u{06FF}')),
    ("hi", |c| matches!(c, '\u{0900}'..='\u{097F}')),
    ("th", |c| matches!(c, '\u{0E00}'..='\u{0E7F}')),
    ("el", |c| matches!(c, '\u{0370}'..='\u{03FF}')),
    ("he", |c| matches!(c, '\u{0590}'..='\u{05FF}')),
    ("zh", is_han),
    ("ja", |c| is_han(c) || matches!(c, '\u{3040}'..='\u{30FF}')),
];

/// Languages of the Latin script, with words that few others have.
const WORDS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "and", "of", "to", "is", "that", "it", "was", "for", "with", "this", "are", "you", "they", "have",
            "from", "an", "by", "not", "be", "we", "our", "my", "your",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "nicht", "ein", "eine", "zu", "mit", "auf", "für", "von", "sich", "dem",
            "den", "im", "wir", "ich", "auch", "es", "sie",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "et", "est", "une", "des", "dans", "que", "qui", "pour", "pas", "sur", "du", "avec",
            "au", "ce", "nous", "vous", "il", "je", "sont",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "y", "es", "una", "en", "que", "por", "para", "con", "del", "se", "su", "no",
            "un", "al", "como", "más", "pero", "está",
        ],
    ),
    (
        "it",
        &[
            "il", "lo", "gli", "e", "è", "una", "di", "che", "per", "con", "della", "non", "un", "sono", "si", "del",
            "nel", "alla", "questo", "anche", "come", "le",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "as", "e", "é", "uma", "em", "que", "não", "para", "com", "do", "da", "um", "no", "na", "se",
            "dos", "mais", "como", "está", "ao",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "en", "een", "is", "van", "niet", "dat", "op", "te", "met", "voor", "zijn", "er", "aan", "ik",
            "je", "ook", "wij", "maar", "deze", "naar",
        ],
    ),
];

/// Words below which a text without any common word may be of any language of its script.
const FEW: usize = 8;

/// The languages that can be told.
pub fn known() -> impl Iterator<Item = &'static str> {
    SCRIPTS.iter().map(|(name, _)| *name).chain(WORDS.iter().map(|(name, _)| *name))
}

/// Whether a text is in a language: most of its letters are, and no other language fits better.
pub fn is_in(text: &str, language: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let of = |is: Script| text.chars().filter(|c| is(*c)).count();
    if letters == 0 {
        return false;
    }
    if let Some((_, is)) = SCRIPTS.iter().find(|(name, _)| *name == language) {
        let kana = text.chars().filter(|c| matches!(c, '\u{3040}'..='\u{30FF}')).count();
        // Names and terms of other scripts stand in most texts; a Latin letter says less than a Chinese character.
        let most = if matches!(language, "zh" | "ja") { of(*is) * 3 >= letters } else { of(*is) * 2 > letters };
        return most
            && match language {
                "zh" => kana * 20 < letters,
                "ja" => kana * 10 >= letters,
                _ => true,
            };
    }
    let latin = text.chars().filter(|c| c.is_alphabetic() && matches!(c, 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}'));
    if latin.count() * 10 < letters * 9 {
        return false;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let score = |common: &[&str]| words.iter().filter(|word| common.contains(word)).count();
    let own = WORDS.iter().find(|(name, _)| *name == language).map_or(0, |(_, common)| score(common));
    let others = WORDS.iter().filter(|(name, _)| *name != language).map(|(_, common)| score(common)).max();
    let others = others.unwrap_or(0);
    own > others || (own == 0 && others == 0 && words.len() < FEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        let texts = [
            ("en", "The ship was late, and they had to wait for it."),
            ("de", "Das Schiff war spät, und wir mussten auf die Abfahrt warten."),
            ("fr", "Le bateau est en retard et nous attendons dans le port."),
            ("es", "El barco llega tarde y los pasajeros esperan en el puerto."),
            ("it", "La nave è in ritardo e i passeggeri non sono contenti della cosa."),
            ("pt", "O navio está atrasado e os passageiros não estão contentes com a espera."),
            ("nl", "Het schip is te laat en wij wachten op de haven met een kop koffie."),
            ("zh", "船晚点了，乘客都在港口等待 Titanic 号。"),
            ("ja", "船は遅れていて、乗客は港で待っています。"),
            ("ko", "배가 늦어서 승객들이 항구에서 기다리고 있습니다."),
            ("ru", "Корабль опаздывает, и пассажиры ждут."),
        ];
        for (is, text) in texts {
            for (asked, _) in texts {
                assert_eq!(is_in(text, asked), is == asked, "{asked}: {text}");
            }
        }
        assert!(is_in("Paris", "en") && !is_in("42", "en") && !is_in("巴黎", "en"));
    }
}
