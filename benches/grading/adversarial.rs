//! Answers that are made to be slow or to break a reader: nested without end, towers of powers, code, a megabyte of
//! anything. No right answer is among them; what counts is that grading them ends, soon, and without a panic.

/// As long as an answer gets.
const LONG: usize = 1 << 20;

/// As much of an answer as is searched, so that all of it is.
const SEARCHED: usize = 32 << 10;

/// What a long answer is made of: it is repeated until it is long.
const PIECES: &[(&str, &str)] = &[
    ("digits", "7"),
    ("grouped digits", "1,234,"),
    ("numbers", "12 345.6 -7e8 9% "),
    ("points", "1.2.3.4."),
    ("fractions", "1/2/"),
    ("letters", "a"),
    ("capitals", "A"),
    ("options", "A, B, C or D. "),
    ("lines of options", "A. x\nB. y\n"),
    ("words", "the answer is not that one, but "),
    ("corrections", "Answer: 12. Wait, no. "),
    ("announcements", "The answer is A. "),
    ("boxes", "\\boxed{42} "),
    ("open boxes", "\\boxed{"),
    ("boxes in boxes", "\\boxed{\\boxed{A}} "),
    ("formulas", "$\\frac{x^2+1}{\\sqrt{3}}$ "),
    ("one formula", "x^{2}+\\frac{1}{2}-"),
    ("open fractions", "\\frac{"),
    ("open roots", "\\sqrt{"),
    ("powers", "9^"),
    ("sums", "1+"),
    ("commands", "\\a"),
    ("dollars", "$"),
    ("left delimiters", "\\left("),
    ("round brackets", "("),
    ("square brackets", "["),
    ("braces", "{"),
    ("objects", "{\"a\":"),
    ("whole objects", "{\"a\": 1} "),
    ("pairs of brackets", "()[]{}"),
    ("quotes", "\""),
    ("single quotes", "'"),
    ("backslashes", "\\"),
    ("emphasis", "**"),
    ("asterisks", "*a*"),
    ("fences", "```\n"),
    ("fenced code", "```python\nprint(42)\n```\n"),
    ("code", "def f(x):\n    return [x for x in range(10**9)]\n"),
    ("cells", "| a | 1 "),
    ("list", "- one\n"),
    ("quoted lines", "> "),
    ("headings", "# A\n"),
    ("white space", " "),
    ("line ends", "\n"),
    ("wide white space", "\u{3000}\u{a0}\t"),
    ("open reasoning", "<think>"),
    ("closed reasoning", "</think>"),
    ("pairs of reasoning", "<think>A</think>"),
    ("tool calls", "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>"),
    ("open tool calls", "<tool_call>"),
    ("refusals", "I can't help with that. "),
    ("Chinese", "答案不是这个，而是那个。"),
    ("Chinese numerals", "九亿零三"),
    ("Chinese options", "选项甲、乙或丙，"),
    ("Chinese punctuation", "，。、；：（）《》"),
    ("full width", "１２３ＡＢＣ＋－"),
    ("number words", "nine hundred million and "),
    ("combining marks", "e\u{301}\u{301}\u{301}"),
    ("one letter with marks", "\u{301}"),
    ("zero width", "\u{200b}\u{feff}"),
    ("emoji", "👩‍👩‍👧‍👦"),
    ("expanding", "ﷺ"),
    ("control characters", "\u{0}\u{1}\u{7f}"),
    ("right to left", "\u{202e}٤٢"),
    ("not", "not not B "),
    ("colons", ":"),
    ("commas", ","),
    ("stops", "."),
    ("minus", "-"),
    ("percent", "%"),
];

/// What stands around something, and how deep.
const NESTS: &[(&str, &str, &str, usize)] = &[
    ("400 boxes", "\\boxed{", "}", 400),
    ("2,000 boxes", "\\boxed{", "}", 2_000),
    ("round brackets", "(", ")", 10_000),
    ("square brackets", "[", "]", 10_000),
    ("braces", "{", "}", 10_000),
    ("objects", "{\"a\":", "}", 4_000),
    ("delimiters", "\\left(", "\\right)", 2_000),
    ("fractions", "\\frac{1}{", "}", 2_000),
    ("roots", "\\sqrt{", "}", 2_000),
    ("powers", "2^{", "}", 4_000),
    ("signs", "-", "", 10_000),
    ("minus in brackets", "-(", ")", 8_000),
    ("absolute values", "|", "|", 10_000),
    ("emphasis", "**", "**", 5_000),
    ("quotes", "\"", "\"", 10_000),
    ("reasoning", "<think>", "</think>", 2_000),
    ("logarithms", "\\log(", ")", 4_000),
    ("factorials", "(", ")!", 4_000),
    ("Chinese brackets", "（", "）", 4_000),
];

/// Short, and too much for whoever evaluates it.
const SHORT: &[&str] = &[
    "9^9^9^9",
    "9**9**9**9",
    "\\boxed{9^{9^{9^{9}}}}",
    "\\boxed{9^{9^{9^{9^{9^{9^{9^{9}}}}}}}}",
    "\\boxed{2^{1000000000}}",
    "\\boxed{10^{10^{10}}+1}",
    "\\boxed{(1+10^{-9})^{10^{18}}}",
    "\\boxed{\\sqrt[10^9]{2}}",
    "\\boxed{2^{1/1000000007}}",
    "\\boxed{1e999999999}",
    "1e-999999999",
    "\\boxed{170!!!!!!!!}",
    "\\boxed{1000000!}",
    "\\boxed{\\binom{10^9}{5 \\cdot 10^8}}",
    "\\boxed{\\frac{1}{0}}",
    "\\boxed{\\frac{0}{0}}",
    "\\boxed{\\sin(10^{300})}",
    "\\boxed{\\log(\\log(\\log(0)))}",
    "\\boxed{\\sum_{k=1}^{10^{18}} k}",
    "\\boxed{(x+y+z+w)^{1000}}",
    "\\boxed{\\left(\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+\\sqrt{13}\\right)^{64}}",
    "\\boxed{\\{1,2,3,\\ldots,10^{18}\\}}",
    "\\boxed{170141183460469231731687303715884105728}",
    "-9223372036854775809",
    "0.000000000000000000000000000000000000000000000000000000000001",
    "99999999999999999999999999999999999999/3",
    "九千九百九十九万九千九百九十九亿亿亿亿亿",
    "__import__('os').system('rm -rf .')",
    "eval(\"__import__('os').fork()\")",
    "while True: pass",
    "[x for x in ().__class__.__base__.__subclasses__()]",
    "10**10**10",
    "'a' * 10**10",
    "int('9' * 10**9)",
    "(a+)+$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "{{ range(10**9) | list }}",
    "${jndi:ldap://localhost/a}",
    "<!ENTITY a \"&b;&b;&b;&b;&b;&b;\">",
    "%s%s%s%s%n",
    "\\def\\a{\\a\\a}\\a",
    "\\input{answers}",
    "",
    " ",
    "\u{feff}",
    "}",
    "\\boxed",
    "\\boxed{",
    "</think>",
    "<think>",
    "```",
    "$",
    "\\(",
];

/// All of them, each with what it is. One after another, since together they are half a gigabyte.
pub fn texts() -> impl Iterator<Item = (String, String)> {
    let short = SHORT.iter().map(|text| (format!("{text:?}"), (*text).to_owned()));
    short.chain(NESTS.iter().flat_map(nested)).chain(PIECES.iter().flat_map(long))
}

fn nested(&(name, open, close, deep): &(&str, &str, &str, usize)) -> [(String, String); 4] {
    let around = |inner: &str, close: &str| [&*open.repeat(deep), inner, &*close.repeat(deep)].concat();
    [
        (format!("nested {name}"), around("42", close)),
        (format!("nested {name}, never closed"), around("42", "")),
        (format!("nested {name} in a box"), format!("\\boxed{{{}}}", around("1", close))),
        (format!("nested {name}, announced"), format!("The answer is {}.", around("A", close))),
    ]
}

fn long(&(name, piece): &(&'static str, &str)) -> impl Iterator<Item = (String, String)> + use<> {
    let filler = piece.repeat(LONG / piece.len());
    // The end of it, which is what is searched.
    let start = (filler.len() - SEARCHED..filler.len()).find(|&at| filler.is_char_boundary(at)).unwrap_or(0);
    let end = filler.get(start..).unwrap_or_default().to_owned();
    let forms = move |(length, filler): (&str, String)| {
        [
            (format!("an answer behind {length} of {name}"), format!("{filler}\nThe answer is 42.")),
            (format!("{length} of {name} in a box"), format!("\\boxed{{{filler}}}")),
            (format!("{length} of {name}"), filler),
        ]
    };
    [("1 MB", filler), ("32 KiB", end)].into_iter().flat_map(forms)
}
