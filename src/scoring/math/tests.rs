//! Cases of the `math` scorer: pairs of notations that are equal and that are not, and how answers are found.

use crate::domain::{Answer, Finish};
use crate::scoring::tests::{check, item, said, scorer, verdict};
use proptest::prelude::*;

/// The verdict on an answer in a box, by its label.
fn boxed(answer: &str, reference: &str) -> &'static str {
    let scorer = scorer("math", "").unwrap();
    let target = item(&[reference], &[]);
    if let Err(why) = scorer.accepts(&target) {
        panic!("{reference}: {why}");
    }
    verdict(&*scorer, &target, &said(&format!("So $\\boxed{{{answer}}}$."))).verdict.label()
}

fn all_are(want: &str, pairs: &[(&str, &str)]) {
    let missed: Vec<String> = pairs
        .iter()
        .filter(|(a, r)| boxed(a, r) != want)
        .map(|(a, r)| format!("{a}  against  {r}: {}", boxed(a, r)))
        .collect();
    assert!(missed.is_empty(), "{} not {want}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn notations_of_one_thing_are_equal() {
    all_are(
        "correct",
        &[
            (r"\frac{1}{2}", "0.5"),
            ("1/2", r"\dfrac{1}{2}"),
            (r"\frac12", "1/2"),
            (r"\tfrac{-1}{2}", r"-\frac12"),
            ("0.50", "1/2"),
            ("½", "0.5"),
            (r"1\frac{3}{4}", "7/4"),
            ("1 3/4", "1.75"),
            (r"-2\frac{1}{2}", "-2.5"),
            ("1{,}234{,}567", "1234567"),
            ("1,234,567", "1234567"),
            (r"10,\!000", "10000"),
            (r"12\,345", "12345"),
            (r"1.5\times10^{3}", "1500"),
            ("1.5e3", "1500"),
            (r"3 \cdot 10^{-2}", "0.03"),
            (r"0.\overline{3}", "1/3"),
            (r"0.1\overline{6}", "1/6"),
            (r"0.\dot{3}", "1/3"),
            (r"50\%", "50"),
            // A share is what a percent sign means; as a unit it is left out as often as not.
            (r"50\%", "1/2"),
            (r"25\%", r"\frac{1}{4}"),
            ("0.25", r"25\%"),
            (r"\$18.00", "18"),
            (r"18\text{ dollars}", r"\$18"),
            (r"25\pi\text{ cm}^2", r"25\pi"),
            (r"5 \text{ cm}", "5cm"),
            (r"5\ \mathrm{m/s}", "5"),
            (r"90^\circ", "90"),
            (r"90^{\circ}", "90°"),
            (r"\frac{\pi}{3}", "60^\\circ"),
            ("90度", "90"),
            (r"2\sqrt{2}", r"\sqrt{8}"),
            ("2√2", r"\sqrt 8"),
            ("2*sqrt(2)", r"2\sqrt{2}"),
            (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt{2}}{2}"),
            (r"\sqrt[3]{16}", r"2\sqrt[3]{2}"),
            (r"\sqrt[3]{-8}", "-2"),
            (r"4^{1/2}", "2"),
            (r"2^{\frac{1}{3}}", r"\sqrt[3]{2}"),
            (r"\sqrt{3+2\sqrt{2}}", r"1+\sqrt{2}"),
            (r"\sqrt{97}\cdot\sqrt{97}", "97"),
            (r"\frac{\sqrt{6}-\sqrt{2}}{4}", r"\sin 15^\circ"),
            (r"(1+\sqrt{2})(\sqrt2-1)", "1"),
            (r"\sqrt{-4}", "2i"),
            (r"(1+i)^2", "2i"),
            (r"\frac{1}{1+i}", r"\frac{1-i}{2}"),
            (r"\sin^2 x + \cos^2 x", "1"),
            ("sin(x)^2+cos(x)^2", "1"),
            (r"\sin 2x", r"2\sin x\cos x"),
            (r"\sin\left(\frac{\pi}{6}\right)", r"\frac{1}{2}"),
            (r"\tan^{-1} 1", r"\arctan(1)"),
            (r"\arctan 1", r"\frac{\pi}{4}"),
            (r"\log_2 8", "3"),
            (r"\log_{10} 100", "2"),
            (r"\lg 1000", "3"),
            (r"\ln 8", r"3\ln 2"),
            (r"\ln\frac{1}{2}", r"-\ln 2"),
            (r"\ln e^2", "2"),
            (r"e^{\ln 3}", "3"),
            (r"\exp(2x)", "e^{2x}"),
            (r"e^x e^y", "e^{x+y}"),
            (r"\frac{2^{n+1}}{2}", "2^n"),
            ("(a+b)^2", "a^2+2ab+b^2"),
            (r"\frac{x^2-1}{x-1}", "x+1"),
            ("x^2 - 1", "(x-1)(x+1)"),
            (r"\frac{x}{2}+\frac{x}{3}", r"\frac{5x}{6}"),
            ("x²+2x", "x(x+2)"),
            (r"x\sqrt{2x}", r"\sqrt{2}\,x^{3/2}"),
            (r"|x-1|", r"\left|1-x\right|"),
            (r"|-3|", "3"),
            (r"\lfloor 3.7\rfloor", "3"),
            ("5!", "120"),
            (r"\binom{5}{2}", "10"),
            (r"2^{10}", "1024"),
            (r"10^{100}", "10^{50}\\cdot10^{50}"),
            (r"3\alpha", r"\alpha+2α"),
            (r"x_1+x_{1}", "2x_1"),
            (r"\{1, 2, 3\}", r"\{3,2,1\}"),
            ("{1,2}", r"\left\{2, 1\right\}"),
            (r"\{1,1,2\}", r"\{1,2\}"),
            ("1, 2", "2, 1"),
            (r"x=1 \text{ or } x=2", "1, 2"),
            (r"x=1\text{ 或 }x=2", r"x_1=2, x_2=1"),
            (r"x_1 = 1, x_2 = 2", r"\{1,2\}"),
            (r"\pm 3", "3, -3"),
            (r"x = \pm\sqrt{2}", r"\sqrt2, -\sqrt2"),
            (r"\frac{-1\pm\sqrt{5}}{2}", r"\frac{-1+\sqrt5}{2}, \frac{-1-\sqrt5}{2}"),
            ("(1, 2)", r"\left(1,2\right)"),
            (r"\left(\frac{1}{2}, -3\right)", "(0.5,-3)"),
            ("(x, y) = (1, 2)", "(1,2)"),
            ("x=1, y=2", "(1,2)"),
            ("y=2,x=1", "x=1,y=2"),
            (r"\langle 1,2,3\rangle", "(1,2,3)"),
            (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1,2)"),
            (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix}1&2\\3&\frac{8}{2}\end{bmatrix}"),
            ("[[1,2],[3,4]]", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"),
            (r"(-\infty, 2) \cup (3, \infty)", r"(3,+\infty)\cup(-\infty,2)"),
            ("x > 3", "3 < x"),
            (r"(3, \infty)", "x>3"),
            (r"x \in (3, +\infty)", "x>3"),
            (r"-1 \le x < 2", "[-1,2)"),
            (r"\{x \mid x > 3\}", r"(3,\infty)"),
            ("{x|-1<x<2}", "(-1,2)"),
            (r"x<1 \text{ or } x>2", r"(-\infty,1)\cup(2,\infty)"),
            (r"x \neq 2", r"(-\infty,2)\cup(2,\infty)"),
            (r"\mathbb{R}\setminus\{2\}", r"x\ne 2"),
            (r"\mathbb{R}", r"(-\infty,\infty)"),
            (r"x > -1, x \neq 2", r"(-1,2)\cup(2,\infty)"),
            ("x = 3", "3"),
            ("3", "x=3"),
            ("3 = x", "x = 3"),
            ("x = 6/2 = 3", "3"),
            ("y = 2x+1", "2x - y + 1 = 0"),
            ("y=2x+1", "2x+1"),
            ("f(x) = 2x+1", "y=1+2x"),
            (r"\frac{x^2}{4}+\frac{y^2}{9}=1", "9x^2+4y^2=36"),
            ("2x + 1 > y", "y < 2x+1"),
            ("a+b=7", "7"),
            ("AB = 5", "5"),
            (r"S_{\triangle ABC} = 6", "6"),
            (r"\frac{10}{3} \approx 3.33", r"\frac{10}{3}"),
            (r"\frac{10}{3} \approx 3.33", "3.33"),
            ("3:4", "6:8"),
            (r"3:4", r"\frac{3}{4}"),
            (r"\text{no solution}", r"\emptyset"),
            ("无解", r"\varnothing"),
            (r"\text{undefined}", "不存在"),
            (r"+\infty", r"\infty"),
            (r"x = \frac{\pi}{2} + 2k\pi, k \in \mathbb{Z}", r"2n\pi+\frac{\pi}{2}, n\in\mathbb{Z}"),
            (r"\text{Tom}", "Tom"),
            (r"\text{(B)}", "B"),
            ("101_2", "101_{2}"),
            (r"2516_8", "2516_{8}"),
            (r"\sqrt{x^2}", "|x|"),
            (r"\ln|x| + C", r"C+\ln |x|"),
            (r"\frac{1}{3}x^3 + C", r"\frac{x^3}{3}+C"),
            (r"\boxed{7}", "7"),
            (r"\sqrt{50x^3}", r"5x\sqrt{2x}"),
            ("3万", "30000"),
            (r"\frac{n(n+1)}{2}", r"\frac{n^2+n}{2}"),
            (r"\dfrac{3}{4}\,", "0.75"),
            (r"2^{\log_2 5}", "5"),
            (r"x\cdot y", "yx"),
            (r"(x-1)^2+(y-2)^2=9", "x^2+y^2-2x-4y-4=0"),
        ],
    );
}

#[test]
fn what_differs_is_unequal() {
    all_are(
        "wrong",
        &[
            ("0.333", "1/3"),
            ("0.3333333333333333", "1/3"),
            ("3.14", r"\pi"),
            ("3.14159265358979", r"\pi"),
            ("1.41421356237", r"\sqrt{2}"),
            ("0.693147180560", r"\ln 2"),
            (r"0.5\%", r"50\%"),
            (r"25\%", "1/2"),
            ("1.7320508", r"\tan 60^\circ"),
            ("|x|", "x"),
            (r"\sqrt{x^2}", "x"),
            (r"\ln x^2", r"2\ln x"),
            (r"\ln x + C", r"\ln|x| + C"),
            ("a^2+b^2", "(a+b)^2"),
            ("-x", "x"),
            (r"-\frac12", r"\frac12"),
            ("(2, 1)", "(1,2)"),
            ("[1,2]", "(1,2)"),
            ("[1,2)", "(1,2)"),
            ("x \\ge 3", "x>3"),
            ("x < 3", "x>3"),
            (r"(3,4)", r"(3,\infty)"),
            ("1, 2", "1, 3"),
            ("1", "1, 2"),
            ("1, 2, 3", "1, 2"),
            (r"\{1,2,3\}", r"\{1,2\}"),
            ("x = 4", "3"),
            ("y = 3", "x = 3"),
            ("y=2x+2", "y=2x+1"),
            ("x^2+y^2=9", "x^2+y^2=4"),
            ("x+y=4", "x^2+y^2=4"),
            ("4", "x^2+y^2=4"),
            (r"\frac{2}{3}", r"\frac{3}{2}"),
            (r"\begin{pmatrix}1&2\\3&5\end{pmatrix}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"),
            (r"\sin x", r"\cos x"),
            (r"\sin^2 x", r"\sin x^2"),
            ("5 \\text{ m}", r"5\text{ cm}"),
            (r"2\sqrt{3}", r"3\sqrt{2}"),
            ("2i", "-2i"),
            ("10^{100}+1", "10^{100}"),
            (r"\sin(1)\cdot 10^{30}+1", r"\sin(1)\cdot 10^{30}"),
            ("9^9^9^9", "1"),
            ("9^{9^{9^9}}", "9^{9^9}"),
            (r"-\infty", r"\infty"),
            (r"\text{no solution}", "0"),
            ("x > -1, x \\neq 3", r"(-1,2)\cup(2,\infty)"),
            (r"\pm 3", "3"),
            (r"\log_2 9", "3"),
            ("2x", "x^2"),
            ("x", "y"),
            ("2^x", "x^2"),
            ("2+2=5", "5"),
            ("3:4", "4:3"),
            (r"k\pi, k\in\mathbb{Z}", r"2k\pi, k\in\mathbb{Z}"),
            ("120", "121"),
            (r"\sqrt{xy}", r"\sqrt{x+y}"),
            ("1e-13", "0"),
            (r"\sin 1 + 10^{-13}", r"\sin 1"),
            (r"y > 2x+1", "y < 2x+1"),
            ("101_2", "101_3"),
            ("1,234", "1.234"),
            (r"\text{Amy}", "Tom"),
        ],
    );
}

#[test]
fn what_is_said_around_a_value_counts() {
    let five = item(&["5"], &[]);
    let roots = item(&["2, 3"], &[]);
    let half = item(&[r"\frac{1}{2}"], &[]);
    check(
        &*scorer("math", "").unwrap(),
        &[
            (&five, "The answer is 5.", "correct math/marker"),
            (&five, "The answer is 5!", "correct"),
            (&five, "The answer is 5 units.", "correct"),
            (&five, "The answer is at least 5.", "unparsed"),
            (&five, "The answer is not 5.", "unparsed"),
            (&five, "The answer is less than 5.", "unparsed"),
            (&five, "答：至少需要5辆车。", "correct"),
            (&five, "答案不可能是5", "unparsed"),
            (&five, "答案大于5", "unparsed"),
            (&five, "5", "correct math/whole"),
            (&five, "x = 5", "correct math/whole"),
            (&five, "**5**", "correct"),
            (&five, "5\n\nExplanation: 2 + 3.", "correct math/leading"),
            (&five, "\\[ x = 5 \\]", "correct"),
            (&five, "The value of $x$ is $5$.", "correct"),
            (&five, "Thus $f(2) = 5$.", "correct"),
            (&five, "So the answer is $5$ when $x = 2$.", "correct"),
            (&five, "Answer: $5$ (since $2+3=5$)", "correct"),
            (&five, "print(5)", "unparsed"),
            (&five, "5 is wrong", "unparsed"),
            (&roots, "The roots are 2 and 3.", "correct"),
            (&roots, "The roots are $2$ and $3$.", "correct"),
            (&roots, "Therefore $x = 2$ or $x = 3$.", "correct"),
            (&roots, "$\\boxed{2}$ and $\\boxed{3}$", "correct"),
            (&roots, "$\\boxed{2}$ and $\\boxed{4}$", "wrong"),
            (&roots, "x ∈ {2, 3}", "correct"),
            (&half, "It equals ½.", "correct"),
            (&half, "The probability is 1/2.", "correct"),
            (&half, "The probability is therefore $\\frac{1}{2}$, or 50%.", "correct"),
            (&half, "sin(30°) = 1/2", "correct"),
        ],
    );
}

#[test]
fn deep_nesting_neither_reads_nor_overflows() {
    let target = item(&["7"], &[]);
    let scorer = scorer("math", "").unwrap();
    for (open, close) in
        [("(", ")"), ("{", "}"), (r"\frac{1}{", "}"), (r"\sqrt{", "}"), ("|1+", "|"), ("2^{", "}"), (r"\sin ", "")]
    {
        for depth in [10, 30, 400] {
            let text = format!("\\boxed{{{}7{}}}", open.repeat(depth), close.repeat(depth));
            let found = verdict(&*scorer, &target, &said(&text));
            assert!(depth < 100 || found.verdict.label() != "correct" || open == "{", "{open} {depth}: {found:?}");
        }
    }
    let boxes = format!("{}7{}", r"\boxed{".repeat(400), "}".repeat(400));
    assert_eq!(verdict(&*scorer, &target, &said(&boxes)).verdict.label(), "correct");
}

#[test]
fn what_the_limit_cut_is_not_read() {
    let target = item(&["42"], &[]);
    let scorer = scorer("math", "").unwrap();
    for (text, want) in [
        ("The answer is 42", "unparsed"),
        ("The answer is $42$. To see why, note tha", "correct"),
        ("\\boxed{42} and more", "correct"),
        ("so \\boxed{42", "unparsed"),
        ("First there are 42 and then", "unparsed"),
    ] {
        let answer = Answer { finish: Some(Finish::Length), ..said(text) };
        assert_eq!(verdict(&*scorer, &target, &answer).verdict.label(), want, "{text}");
    }
}

/// A random expression, printed in several notations.
#[derive(Debug, Clone)]
enum Random {
    Int(u32),
    Name(&'static str),
    Root(u32),
    Sum(Box<Random>, Box<Random>),
    Less(Box<Random>, Box<Random>),
    Times(Box<Random>, Box<Random>),
    Part(Box<Random>, u32),
    Raised(Box<Random>, u32),
    Sine(Box<Random>),
}

impl Random {
    fn latex(&self) -> String {
        match self {
            Self::Int(n) => n.to_string(),
            Self::Name("pi") => r"\pi ".into(),
            Self::Name(n) => (*n).into(),
            Self::Root(n) => format!(r"\sqrt{{{n}}}"),
            Self::Sum(a, b) => format!(r"\left({} + {}\right)", a.latex(), b.latex()),
            Self::Less(a, b) => format!(r"\left({} - {}\right)", a.latex(), b.latex()),
            Self::Times(a, b) => format!(r"{} \cdot {}", a.latex(), b.latex()),
            Self::Part(a, n) => format!(r"\dfrac{{{}}}{{{n}}}", a.latex()),
            Self::Raised(a, n) => format!(r"\left({}\right)^{{{n}}}", a.latex()),
            Self::Sine(a) => format!(r"\sin\left({}\right)", a.latex()),
        }
    }

    fn plain(&self) -> String {
        match self {
            Self::Int(n) => n.to_string(),
            Self::Name(n) => (*n).into(),
            Self::Root(n) => format!("sqrt({n})"),
            Self::Sum(a, b) => format!("({}+{})", b.plain(), a.plain()),
            Self::Less(a, b) => format!("(-{}+{})", b.plain(), a.plain()),
            Self::Times(a, b) => format!("{}*{}", b.plain(), a.plain()),
            Self::Part(a, n) => format!("(({})/{n})", a.plain()),
            Self::Raised(a, n) => format!("(({})^{n})", a.plain()),
            Self::Sine(a) => format!("sin({})", a.plain()),
        }
    }

    fn unicode(&self) -> String {
        match self {
            Self::Int(n) => n.to_string(),
            Self::Name("pi") => "π".into(),
            Self::Name(n) => (*n).into(),
            Self::Root(n) => format!("√({n})"),
            Self::Sum(a, b) => format!("({}+{})", a.unicode(), b.unicode()),
            Self::Less(a, b) => format!("({}−{})", a.unicode(), b.unicode()),
            Self::Times(a, b) => format!("{}×{}", a.unicode(), b.unicode()),
            Self::Part(a, n) => format!("(({})÷{n})", a.unicode()),
            Self::Raised(a, 2) => format!("({})²", a.unicode()),
            Self::Raised(a, n) => format!("({})**{n}", a.unicode()),
            Self::Sine(a) => format!("sin({})", a.unicode()),
        }
    }
}

fn random() -> impl Strategy<Value = Random> {
    let leaf = prop_oneof![
        (1_u32..30).prop_map(Random::Int),
        proptest::sample::select(vec!["x", "y", "pi"]).prop_map(Random::Name),
        (2_u32..40).prop_map(Random::Root),
    ];
    leaf.prop_recursive(3, 10, 2, |inner| {
        let two = (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            two.clone().prop_map(|(a, b)| Random::Sum(a, b)),
            two.clone().prop_map(|(a, b)| Random::Less(a, b)),
            two.prop_map(|(a, b)| Random::Times(a, b)),
            (inner.clone().prop_map(Box::new), 2_u32..9).prop_map(|(a, n)| Random::Part(a, n)),
            (inner.clone().prop_map(Box::new), 2_u32..4).prop_map(|(a, n)| Random::Raised(a, n)),
            inner.prop_map(|a| Random::Sine(Box::new(a))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_expression_is_itself_in_every_notation(e in random()) {
        let all = [e.latex(), e.plain(), e.unicode()];
        for a in &all {
            for b in &all {
                prop_assert_eq!(boxed(a, b), "correct", "{} against {}", a, b);
            }
        }
    }

    #[test]
    fn an_expression_is_not_itself_and_something(e in random(), by in 1_u32..9, below in 1_u32..9) {
        let more = format!(r"{} + \frac{{{by}}}{{{below}}}", e.latex());
        prop_assert_eq!(boxed(&more, &e.plain()), "wrong");
        prop_assert_eq!(boxed(&e.plain(), &more), "wrong");
    }

    #[test]
    fn equality_is_symmetric(a in random(), b in random()) {
        prop_assert_eq!(boxed(&a.latex(), &b.plain()), boxed(&b.plain(), &a.latex()));
    }

    #[test]
    fn no_text_makes_it_panic(
        text in r"(\\frac|\\sqrt|\\boxed\{|\{|\}|\(|\)|\[|\]|\\\{|\\\}|\^|_|[0-9]{1,3}|[a-zA-Z]|\\pi|\\text\{|\\left|\\right|\||,|=|<|\\cup|±|\$|\\\\|&|\\begin\{pmatrix\}|\\end\{pmatrix\}|或|和|答案是|the answer is |\\sin|\\log_|!|%|°|\\overline|\.| |\n|\PC){0,30}",
    ) {
        let scorer = scorer("math", "").unwrap();
        let _ = scorer.accepts(&item(&[&text], &[]));
        let found = verdict(&*scorer, &item(&["31337"], &[]), &said(&text));
        let own = verdict(&*scorer, &item(&[&text], &[]), &said(&format!("\\boxed{{{text}}}")));
        prop_assert!(found.score <= 1.0 && own.score <= 1.0);
    }
}
