//! Programs are run again from their text: tokens, a compiler to instructions of a stack machine, and that machine, none
//! of which shares anything with the generator's own interpreter.

use super::super::library::check;
use super::super::show::{show, split};
use super::*;
use regex::Regex;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq)]
enum Do {
    Push(i64),
    Load(String),
    Store(String),
    Apply(String),
    Goto(usize),
    GotoUnless(usize),
    Call(String, usize),
    Return,
    Print,
    Make(String, usize),
    Get(String),
    Put(String),
    Grow(String),
    Size(String),
}

/// Compiles tokens, one after the other.
struct Compiler {
    tokens: Vec<String>,
    at: usize,
    code: Vec<Do>,
    /// Where each function begins, and its parameters.
    functions: BTreeMap<String, (usize, Vec<String>)>,
    words: bool,
    hidden: usize,
}

impl Compiler {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn expect(&mut self, token: &str) {
        let got = self.next();
        assert_eq!(got, token, "before {:?}", &self.tokens[self.at..]);
    }

    fn accept(&mut self, token: &str) -> bool {
        let is = self.peek() == token;
        self.at += usize::from(is);
        is
    }

    /// Statements up to the end of a block, which is not taken.
    fn block(&mut self) {
        loop {
            while self.accept("\n") {}
            if ["", "}", "end", "else"].contains(&self.peek()) {
                return;
            }
            self.statement();
        }
    }

    fn open(&mut self, word: &str) {
        let word = if self.words { word } else { "{" };
        if !word.is_empty() {
            self.expect(word);
        }
    }

    fn close(&mut self) {
        self.expect(if self.words { "end" } else { "}" });
    }

    fn statement(&mut self) {
        match self.next().as_str() {
            "fn" | "function" => {
                let over = self.jump(Do::Goto(0));
                let name = self.next();
                self.expect("(");
                let mut parameters = Vec::new();
                while !self.accept(")") {
                    parameters.push(self.next());
                    self.accept(",");
                }
                self.functions.insert(name, (self.code.len(), parameters));
                self.open("");
                self.block();
                self.close();
                self.land(over);
            }
            "if" => {
                self.condition();
                self.open("then");
                let no = self.jump(Do::GotoUnless(0));
                self.block();
                let is_else = if self.words {
                    self.accept("else")
                } else {
                    self.tokens.get(self.at + 1).is_some_and(|t| t == "else")
                };
                if is_else {
                    if !self.words {
                        self.expect("}");
                        self.expect("else");
                        self.expect("{");
                    }
                    let over = self.jump(Do::Goto(0));
                    self.land(no);
                    self.block();
                    self.land(over);
                } else {
                    self.land(no);
                }
                self.close();
            }
            "while" => {
                let top = self.code.len();
                self.condition();
                self.open("do");
                let out = self.jump(Do::GotoUnless(0));
                self.block();
                self.close();
                self.code.push(Do::Goto(top));
                self.land(out);
            }
            "for" => {
                let name = self.next();
                self.expect(if self.words { "from" } else { "in" });
                self.sum();
                self.expect(if self.words { "to" } else { ".." });
                self.hidden += 1;
                let end = format!("#{}", self.hidden);
                self.sum();
                self.code.extend([Do::Store(end.clone()), Do::Store(name.clone())]);
                self.open("do");
                let top = self.code.len();
                self.code.extend([Do::Load(name.clone()), Do::Load(end), Do::Apply("<=".into())]);
                let out = self.jump(Do::GotoUnless(0));
                self.block();
                self.close();
                self.code.extend([
                    Do::Load(name.clone()),
                    Do::Push(1),
                    Do::Apply("+".into()),
                    Do::Store(name),
                    Do::Goto(top),
                ]);
                self.land(out);
            }
            "return" => {
                self.sum();
                self.code.push(Do::Return);
            }
            "print" => {
                self.sum();
                self.code.push(Do::Print);
            }
            "append" if self.words => {
                self.sum();
                self.expect("to");
                let list = self.next();
                self.code.push(Do::Grow(list));
            }
            "append" => {
                self.expect("(");
                let list = self.next();
                self.expect(",");
                self.sum();
                self.expect(")");
                self.code.push(Do::Grow(list));
            }
            "set" if self.accept("item") => {
                self.atom();
                self.expect("of");
                let list = self.next();
                self.expect("to");
                self.sum();
                self.code.push(Do::Put(list));
            }
            "set" => {
                let name = self.next();
                self.expect("to");
                self.assigned(name);
            }
            name => {
                let name = name.to_owned();
                if self.accept("[") {
                    self.sum();
                    self.expect("]");
                    self.assign();
                    self.sum();
                    self.code.push(Do::Put(name));
                } else {
                    self.assign();
                    self.assigned(name);
                }
            }
        }
    }

    fn assign(&mut self) {
        let sign = self.next();
        assert!(["=", ":="].contains(&sign.as_str()), "{sign}");
    }

    fn assigned(&mut self, name: String) {
        if !self.accept("[") {
            self.sum();
            return self.code.push(Do::Store(name));
        }
        let mut count = 0;
        while !self.accept("]") {
            self.sum();
            self.accept(",");
            count += 1;
        }
        self.code.push(Do::Make(name, count));
    }

    fn jump(&mut self, jump: Do) -> usize {
        self.code.push(jump);
        self.code.len() - 1
    }

    fn land(&mut self, from: usize) {
        let here = self.code.len();
        match &mut self.code[from] {
            Do::Goto(to) | Do::GotoUnless(to) => *to = here,
            other => panic!("{other:?}"),
        }
    }

    fn condition(&mut self) {
        self.sum();
        let compare = self.next();
        self.sum();
        self.code.push(Do::Apply(match compare.as_str() {
            "==" => "=".into(),
            "!=" => "<>".into(),
            _ => compare,
        }));
    }

    fn sum(&mut self) {
        self.product();
        while ["+", "-"].contains(&self.peek()) {
            let sign = self.next();
            self.product();
            self.code.push(Do::Apply(sign));
        }
    }

    fn product(&mut self) {
        self.atom();
        while ["*", "//", "%", "div", "mod"].contains(&self.peek()) {
            let sign = self.next();
            self.atom();
            self.code.push(Do::Apply(match sign.as_str() {
                "//" => "div".into(),
                "%" => "mod".into(),
                _ => sign,
            }));
        }
    }

    fn atom(&mut self) {
        let token = self.next();
        if let Ok(number) = token.parse() {
            return self.code.push(Do::Push(number));
        }
        match token.as_str() {
            "(" => {
                self.sum();
                self.expect(")");
            }
            "item" if self.words => {
                self.atom();
                self.expect("of");
                let list = self.next();
                self.code.push(Do::Get(list));
            }
            "length" if self.words => {
                self.expect("of");
                let list = self.next();
                self.code.push(Do::Size(list));
            }
            "len" if self.accept("(") => {
                let list = self.next();
                self.expect(")");
                self.code.push(Do::Size(list));
            }
            _ if self.accept("(") => {
                let mut count = 0;
                while !self.accept(")") {
                    self.sum();
                    self.accept(",");
                    count += 1;
                }
                self.code.push(Do::Call(token, count));
            }
            _ if self.accept("[") => {
                self.sum();
                self.expect("]");
                self.code.push(Do::Get(token));
            }
            _ => self.code.push(Do::Load(token)),
        }
    }
}

/// Runs what a compiler made, and gives what it prints.
fn execute(compiled: &Compiler) -> Vec<i64> {
    let Compiler { code, functions, words, .. } = compiled;
    let (mut stack, mut printed, mut at) = (Vec::<i64>::new(), Vec::new(), 0);
    let mut frames = vec![(BTreeMap::<String, i64>::new(), 0)];
    let mut lists = BTreeMap::<String, Vec<i64>>::new();
    let first = i64::from(*words);
    while let Some(instruction) = code.get(at) {
        at += 1;
        match instruction {
            Do::Push(number) => stack.push(*number),
            Do::Load(name) => stack.push(frames.last().unwrap().0[name]),
            Do::Store(name) => {
                let value = stack.pop().unwrap();
                frames.last_mut().unwrap().0.insert(name.clone(), value);
            }
            Do::Apply(sign) => {
                let (y, x) = (stack.pop().unwrap(), stack.pop().unwrap());
                let down = |x: i64, y: i64| x / y - i64::from(x % y < 0);
                stack.push(match sign.as_str() {
                    "+" => x + y,
                    "-" => x - y,
                    "*" => x * y,
                    "div" => down(x, y),
                    "mod" => x - y * down(x, y),
                    "<" => i64::from(x < y),
                    ">" => i64::from(y < x),
                    "<=" => i64::from(y >= x),
                    ">=" => i64::from(x >= y),
                    "=" => i64::from(x == y),
                    "<>" => i64::from(x != y),
                    other => panic!("{other}"),
                });
            }
            Do::Goto(to) => at = *to,
            Do::GotoUnless(to) => {
                if stack.pop().unwrap() == 0 {
                    at = *to;
                }
            }
            Do::Call(name, count) => {
                let (start, parameters) = &functions[name];
                assert_eq!(*count, parameters.len());
                let given = stack.split_off(stack.len() - count);
                frames.push((parameters.iter().cloned().zip(given).collect(), at));
                at = *start;
            }
            Do::Return => at = frames.pop().unwrap().1,
            Do::Print => printed.push(stack.pop().unwrap()),
            Do::Make(name, count) => {
                let items = stack.split_off(stack.len() - count);
                lists.insert(name.clone(), items);
            }
            Do::Get(name) => {
                let index = stack.pop().unwrap() - first;
                stack.push(lists[name][usize::try_from(index).unwrap()]);
            }
            Do::Put(name) => {
                let (value, index) = (stack.pop().unwrap(), stack.pop().unwrap() - first);
                lists.get_mut(name).unwrap()[usize::try_from(index).unwrap()] = value;
            }
            Do::Grow(name) => lists.get_mut(name).unwrap().push(stack.pop().unwrap()),
            Do::Size(name) => stack.push(lists[name].len() as i64),
        }
    }
    assert!(stack.is_empty() && frames.len() == 1);
    printed
}

fn printed(code: &str, token: &Regex) -> Vec<i64> {
    let tokens = token.find_iter(code).map(|m| m.as_str().to_owned()).collect();
    let words = !code.contains('{') && (code.contains("set ") || code.contains("function "));
    let mut compiler = Compiler { tokens, at: 0, code: Vec::new(), functions: BTreeMap::new(), words, hidden: 0 };
    compiler.block();
    assert_eq!(compiler.at, compiler.tokens.len(), "{code}");
    execute(&compiler)
}

fn token() -> Regex {
    Regex::new(r"\n|\d+|[a-z]\w*|:=|==|!=|<=|>=|<>|//|\.\.|[-+*%()\[\]{},=<>]").unwrap()
}

#[test]
fn ten_thousand_are_run_from_their_text() {
    let token = token();
    check::verified(KIND.name, Programs, |item| {
        let prompt = &item.messages[0].content;
        let [_, code, _] = split(prompt);
        let code = code.trim_start_matches("```\n").trim_end_matches("\n```");
        let got: Vec<String> = printed(code, &token).iter().map(i64::to_string).collect();
        if got == item.answers { Ok(()) } else { Err(format!("{got:?} and not {:?}:\n{prompt}", item.answers)) }
    });
}

#[test]
fn the_plain_program_is_seldom_needed_and_harder_ones_take_longer() {
    use super::super::library::Language;
    use rand::SeedableRng;
    let mut mean = Vec::new();
    for difficulty in [1, 5, 10] {
        let (mut steps, mut count, mut plain) = (0, 0, 0);
        for (seed, (domain, _)) in (0..40).flat_map(|seed| Programs.domains().iter().map(move |d| (seed, *d))) {
            let wanted = Wanted { domain, difficulty, language: Language::English };
            let (program, _) = build::program(&mut ChaCha8Rng::seed_from_u64(seed), wanted, 0);
            steps += language::run(&program, 10_000).unwrap().steps;
            plain += u32::from(program.body.len() == 2);
            count += 1;
        }
        assert!(plain * 20 <= count, "{plain} of {count} at {difficulty}");
        mean.push(steps / count);
    }
    assert!(mean[0] < mean[1] && mean[1] < mean[2], "{mean:?}");
}

#[test]
fn the_other_machine_knows_the_rules() {
    let token = token();
    for (code, want) in [
        ("x = 7\nprint(x // 2 - 3 * 2 % 4)", 1),
        ("set x to 0 - 7\nprint x div 2 * 10 + x mod 2", -39),
        ("fn f(n) {\n if n < 2 {\n return 1\n }\n return n * f(n - 1)\n}\nprint(f(5))", 120),
        ("set v to [4, 6]\nappend 5 to v\nset item 1 of v to 9\nprint item 1 of v + length of v", 12),
        ("x := 1\nfor i in 3 .. 2 {\n x := 9\n}\nwhile x < 10 {\n x := x * 3\n}\nprint(x)", 27),
    ] {
        assert_eq!(printed(code, &token), [want], "{code}");
    }
}

#[test]
fn some_to_read() {
    show("program", &Programs);
}
