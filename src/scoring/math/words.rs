//! The words that mathematics is written with: functions, letters, units, and phrases that are answers.

use super::node::{Constant, Func, Node};

/// Functions by their names, in LaTeX and in plain text.
pub const FUNCTIONS: &[(&str, Func)] = &[
    ("arcsin", Func::Asin),
    ("arccos", Func::Acos),
    ("arctan", Func::Atan),
    ("arcsinh", Func::Asinh),
    ("arccosh", Func::Acosh),
    ("arctanh", Func::Atanh),
    ("arsinh", Func::Asinh),
    ("arcosh", Func::Acosh),
    ("artanh", Func::Atanh),
    ("asinh", Func::Asinh),
    ("acosh", Func::Acosh),
    ("atanh", Func::Atanh),
    ("asin", Func::Asin),
    ("acos", Func::Acos),
    ("atan", Func::Atan),
    ("arctg", Func::Atan),
    ("sinh", Func::Sinh),
    ("cosh", Func::Cosh),
    ("tanh", Func::Tanh),
    ("sin", Func::Sin),
    ("cos", Func::Cos),
    ("tan", Func::Tan),
    ("tg", Func::Tan),
    ("cot", Func::Cot),
    ("ctg", Func::Cot),
    ("sec", Func::Sec),
    ("csc", Func::Csc),
    ("ln", Func::Ln),
    ("lg", Func::Log10),
    ("abs", Func::Abs),
    ("floor", Func::Floor),
    ("ceil", Func::Ceil),
    ("max", Func::Max),
    ("min", Func::Min),
    ("binom", Func::Binomial),
];

/// Greek letters and others by their commands.
pub const LETTERS: &[(&str, &str)] = &[
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("epsilon", "ε"),
    ("varepsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("vartheta", "θ"),
    ("iota", "ι"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("rho", "ρ"),
    ("varrho", "ρ"),
    ("sigma", "σ"),
    ("tau", "τ"),
    ("upsilon", "υ"),
    ("phi", "φ"),
    ("varphi", "φ"),
    ("chi", "χ"),
    ("psi", "ψ"),
    ("omega", "ω"),
    ("Gamma", "Γ"),
    ("Delta", "Δ"),
    ("Theta", "Θ"),
    ("Lambda", "Λ"),
    ("Xi", "Ξ"),
    ("Pi", "Π"),
    ("Sigma", "Σ"),
    ("Phi", "Φ"),
    ("Psi", "Ψ"),
    ("Omega", "Ω"),
    ("ell", "ℓ"),
    ("hbar", "ħ"),
];

/// Constants by their commands and words.
pub const CONSTANTS: &[(&str, Constant)] = &[
    ("pi", Constant::Pi),
    ("infty", Constant::Infinity),
    ("infinity", Constant::Infinity),
    ("Infinity", Constant::Infinity),
    ("inf", Constant::Infinity),
    ("oo", Constant::Infinity),
];

/// Commands that are one character.
pub const SIGNS: &[(&str, char)] = &[
    ("times", '*'),
    ("cdot", '*'),
    ("ast", '*'),
    ("bullet", '*'),
    ("div", '/'),
    ("pm", '±'),
    ("mp", '∓'),
    ("le", '≤'),
    ("leq", '≤'),
    ("leqslant", '≤'),
    ("leqq", '≤'),
    ("ge", '≥'),
    ("geq", '≥'),
    ("geqslant", '≥'),
    ("geqq", '≥'),
    ("lt", '<'),
    ("gt", '>'),
    ("ne", '≠'),
    ("neq", '≠'),
    ("approx", '≈'),
    ("simeq", '≈'),
    ("doteq", '≈'),
    ("thickapprox", '≈'),
    ("equiv", '='),
    ("coloneqq", '='),
    ("in", '∈'),
    ("cup", '∪'),
    ("bigcup", '∪'),
    ("cap", '∩'),
    ("setminus", '∖'),
    ("smallsetminus", '∖'),
    ("backslash", '∖'),
    ("mid", '|'),
    ("vert", '|'),
    ("lvert", '⎸'),
    ("rvert", '⎹'),
    ("lbrace", '⦃'),
    ("rbrace", '⦄'),
    ("lbrack", '['),
    ("rbrack", ']'),
    ("langle", '⟨'),
    ("rangle", '⟩'),
    ("lfloor", '⌊'),
    ("rfloor", '⌋'),
    ("lceil", '⌈'),
    ("rceil", '⌉'),
    ("colon", ':'),
    ("prime", '\''),
    ("degree", '°'),
    ("circ", '°'),
    ("percent", '%'),
];

/// Commands that say nothing.
pub const SILENT: &[&str] = &[
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "biggl",
    "biggr",
    "middle",
    "displaystyle",
    "textstyle",
    "scriptstyle",
    "limits",
    "large",
    "Large",
    "LARGE",
    "huge",
    "Huge",
    "bf",
    "rm",
    "it",
    "therefore",
    "because",
    "angle",
    "triangle",
    "hline",
    "nolimits",
    "boldmath",
    "phantom",
    "qed",
    "square",
    "blacksquare",
    "checkmark",
];

/// Commands that are space.
pub const SPACES: &[&str] = &["quad", "qquad", "space", "enspace", "thinspace", "hfill"];

/// Commands around a content that is mathematics.
pub const DRESS: &[&str] = &[
    "boxed",
    "fbox",
    "framebox",
    "bm",
    "boldsymbol",
    "ensuremath",
    "smash",
    "mathop",
    "underline",
    "cancel",
    "color",
    "underset",
];

/// Commands around a name or words.
pub const NAMES: &[&str] = &[
    "text",
    "textbf",
    "textit",
    "textrm",
    "textsf",
    "texttt",
    "textnormal",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "mathtt",
    "mathbb",
    "mathcal",
    "mbox",
    "hbox",
    "emph",
    "operatorname",
];

/// English words of two or three letters that are no product of variables.
pub const SHORT: &[&str] = &[
    "is", "the", "of", "are", "for", "per", "in", "to", "an", "we", "so", "not", "as", "at", "by", "if", "it", "no",
    "yes", "be", "all", "and", "or", "has", "its", "can", "one", "two", "odd", "you", "let", "thus", "get", "our",
    "was", "but", "this", "that", "set", "any", "sum", "out", "on", "men", "day", "min", "sec", "hr", "hrs", "cm",
    "mm", "km", "kg", "ft", "mi", "lb", "lbs", "oz", "mph", "kph", "ml", "mL", "mg", "nm", "yd", "Hz", "kHz", "MHz",
    "Pa", "kPa", "kJ", "kW", "kWh", "rad", "deg", "sq", "cu", "USD", "RMB", "CNY", "EUR", "mol", "ms", "km²", "cal",
    "gal", "pt", "AM", "PM", "am", "pm", "Yes", "No", "The", "DNE", "dne", "red", "new",
];

/// Single letters that stand for a unit after a number and a space.
pub const UNIT_LETTERS: &str = "msghLlNJWVAKCFt";

/// Whether letters run together after a number are a unit even inside mathematics.
pub fn is_glued_unit(word: &str) -> bool {
    matches!(word, "cm" | "mm" | "km" | "kg" | "kmh" | "mph" | "min" | "sec" | "hrs")
}

/// A unit in the form in which units are compared; none for words that are no unit known here.
pub fn unit(words: &str) -> Option<&'static str> {
    const UNITS: &[(&str, &[&str])] = &[
        ("cm", &["cm", "centimeter", "centimetre", "厘米", "公分"]),
        ("mm", &["mm", "millimeter", "millimetre", "毫米"]),
        ("km", &["km", "kilometer", "kilometre", "千米", "公里"]),
        ("m", &["m", "meter", "metre", "米"]),
        ("dm", &["dm", "分米"]),
        ("kg", &["kg", "kilogram", "千克", "公斤"]),
        ("g", &["g", "gram", "克"]),
        ("mg", &["mg", "milligram", "毫克"]),
        ("t", &["t", "ton", "tonne", "吨"]),
        ("s", &["s", "sec", "second", "秒", "秒钟"]),
        ("min", &["min", "minute", "分钟"]),
        ("h", &["h", "hr", "hour", "小时", "时"]),
        ("day", &["day", "天", "日"]),
        ("week", &["week", "周", "星期"]),
        ("year", &["year", "年", "岁"]),
        ("l", &["l", "L", "liter", "litre", "升"]),
        ("ml", &["ml", "mL", "milliliter", "millilitre", "毫升"]),
        ("ft", &["ft", "feet", "foot"]),
        ("in", &["inch", "inche"]),
        ("mile", &["mi", "mile"]),
        ("cent", &["cent"]),
        ("dollar", &["dollar", "USD", "美元"]),
        ("yuan", &["yuan", "元", "RMB", "CNY", "人民币"]),
        ("km/h", &["km/h", "kmh", "kph", "千米/时", "千米/小时", "公里/小时"]),
        ("m/s", &["m/s", "米/秒"]),
        ("rad", &["rad", "radian", "弧度"]),
    ];
    let words = words.trim().trim_end_matches('.');
    let single = words.strip_suffix('s').filter(|w| w.len() > 1).unwrap_or(words);
    UNITS.iter().find(|(_, names)| names.contains(&words) || names.contains(&single)).map(|(unit, _)| *unit)
}

/// An answer that is a phrase.
pub fn phrase(words: &str) -> Option<Node> {
    const NOTHING: &[&str] = &[
        "no solution",
        "no solutions",
        "no real solution",
        "no real solutions",
        "there is no solution",
        "there are no solutions",
        "no such value",
        "no real roots",
        "no roots",
        "empty set",
        "the empty set",
        "无解",
        "没有解",
        "空集",
        "无实数解",
        "无实根",
        "无实数根",
        "方程无解",
        "不等式无解",
        "none exist",
        "no solution exists",
    ];
    const UNDEFINED: &[&str] = &[
        "undefined",
        "does not exist",
        "dne",
        "not defined",
        "doesn't exist",
        "the limit does not exist",
        "不存在",
        "无意义",
        "没有意义",
        "极限不存在",
        "未定义",
    ];
    const REALS: &[&str] = &[
        "all real numbers",
        "all reals",
        "any real number",
        "all real",
        "the real numbers",
        "real numbers",
        "the set of all real numbers",
        "the set of real numbers",
        "every real number",
        "全体实数",
        "一切实数",
        "任意实数",
        "所有实数",
        "实数集",
        "全体实数集",
    ];
    const INFINITY: &[&str] = &["infinity", "infinite", "无穷大", "正无穷", "无穷", "positive infinity", "正无穷大"];
    let lower = words.trim().to_lowercase();
    let bare = lower.trim_matches(|c: char| c.is_whitespace() || ".。,!".contains(c));
    // Sentences end with theirs: 原方程无解, there are no real solutions.
    let ends = |p: &&str| p.chars().count() > 1 && bare.len() < 60 && bare.ends_with(*p);
    let is = |list: &[&str]| list.contains(&bare) || list.iter().any(|p| (p.contains(' ') || !p.is_ascii()) && ends(p));
    if is(NOTHING) {
        Some(Node::Nothing)
    } else if is(UNDEFINED) {
        Some(Node::Undefined)
    } else if is(REALS) {
        Some(Node::Reals)
    } else if is(INFINITY) {
        Some(Node::Const(Constant::Infinity))
    } else {
        None
    }
}
