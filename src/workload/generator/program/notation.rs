//! How a program is written, and the rules that a reader must know: only those of what the program has.

use super::super::library::Language;
use super::super::phrase::said;
use super::language::{Compare, Condition, Expr, Op, Program, Statement};
use std::collections::BTreeSet;

/// One of the two ways to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Blocks in braces, lists from 0, a sign to assign by.
    Braces { assign: &'static str },
    /// Blocks between words, lists from 1.
    Words,
}

impl Style {
    pub const fn first_index(self) -> i64 {
        match self {
            Self::Braces { .. } => 0,
            Self::Words => 1,
        }
    }
}

/// What a program has, in the order in which it is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    Set,
    Order,
    Divide,
    If,
    Compare,
    While,
    For,
    List,
    Item,
    SetItem,
    Append,
    Length,
    Function,
    Print,
}

/// Writes programs, and remembers what they have.
pub(super) struct Notation {
    style: Style,
    language: Language,
    lines: Vec<String>,
    has: BTreeSet<Feature>,
}

impl Notation {
    pub const fn new(style: Style, language: Language) -> Self {
        Self { style, language, lines: Vec::new(), has: BTreeSet::new() }
    }

    /// The program's text, and the rules as a list.
    pub fn show(mut self, program: &Program) -> (String, String) {
        for function in &program.functions {
            self.has.insert(Feature::Function);
            let head = format!("{}({})", function.name, function.parameters.join(", "));
            match self.style {
                Style::Braces { .. } => self.lines.push(format!("fn {head} {{")),
                Style::Words => self.lines.push(format!("function {head}")),
            }
            self.block(&function.body, 1);
            self.end(0);
        }
        self.block(&program.body, 0);
        let rules: Vec<String> = self.has.iter().map(|feature| format!("- {}", self.rule(*feature))).collect();
        (self.lines.join("\n"), rules.join("\n"))
    }

    fn end(&mut self, depth: usize) {
        let word = if self.style == Style::Words { "end" } else { "}" };
        self.line(depth, word);
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.lines.push(format!("{}{text}", "    ".repeat(depth)));
    }

    fn block(&mut self, body: &[Statement], depth: usize) {
        body.iter().for_each(|statement| self.statement(statement, depth));
    }

    fn statement(&mut self, statement: &Statement, depth: usize) {
        let style = self.style;
        match statement {
            Statement::Set(name, value) => {
                self.has.insert(Feature::Set);
                let value = self.expr(value);
                self.assign(depth, name, &value);
            }
            Statement::List(name, items) => {
                self.has.insert(Feature::List);
                let items: Vec<String> = items.iter().map(i64::to_string).collect();
                self.assign(depth, name, &format!("[{}]", items.join(", ")));
            }
            Statement::SetItem(name, index, value) => {
                self.has.insert(Feature::SetItem);
                let (item, value) = (self.item(name, index), self.expr(value));
                self.assign(depth, &item, &value);
            }
            Statement::Append(name, value) => {
                self.has.insert(Feature::Append);
                let value = self.expr(value);
                match style {
                    Style::Braces { .. } => self.line(depth, &format!("append({name}, {value})")),
                    Style::Words => self.line(depth, &format!("append {value} to {name}")),
                }
            }
            Statement::If(condition, then, otherwise) => {
                self.has.insert(Feature::If);
                let condition = self.condition(condition);
                match style {
                    Style::Braces { .. } => self.line(depth, &format!("if {condition} {{")),
                    Style::Words => self.line(depth, &format!("if {condition} then")),
                }
                self.block(then, depth + 1);
                if !otherwise.is_empty() {
                    self.line(depth, if style == Style::Words { "else" } else { "} else {" });
                    self.block(otherwise, depth + 1);
                }
                self.end(depth);
            }
            Statement::While(condition, body) => {
                self.has.insert(Feature::While);
                let condition = self.condition(condition);
                match style {
                    Style::Braces { .. } => self.line(depth, &format!("while {condition} {{")),
                    Style::Words => self.line(depth, &format!("while {condition} do")),
                }
                self.block(body, depth + 1);
                self.end(depth);
            }
            Statement::For(name, from, to, body) => {
                self.has.insert(Feature::For);
                let (from, to) = (self.expr(from), self.expr(to));
                match style {
                    Style::Braces { .. } => self.line(depth, &format!("for {name} in {from} .. {to} {{")),
                    Style::Words => self.line(depth, &format!("for {name} from {from} to {to} do")),
                }
                self.block(body, depth + 1);
                self.end(depth);
            }
            Statement::Return(value) => {
                let value = self.expr(value);
                self.line(depth, &format!("return {value}"));
            }
            Statement::Print(value) => {
                self.has.insert(Feature::Print);
                let value = self.expr(value);
                match style {
                    Style::Braces { .. } => self.line(depth, &format!("print({value})")),
                    Style::Words => self.line(depth, &format!("print {value}")),
                }
            }
        }
    }

    fn assign(&mut self, depth: usize, what: &str, value: &str) {
        match self.style {
            Style::Braces { assign } => self.line(depth, &format!("{what} {assign} {value}")),
            Style::Words => self.line(depth, &format!("set {what} to {value}")),
        }
    }

    fn condition(&mut self, Condition(left, compare, right): &Condition) -> String {
        let words = self.style == Style::Words;
        let sign = match compare {
            Compare::Less => "<",
            Compare::Greater => ">",
            Compare::AtMost => "<=",
            Compare::AtLeast => ">=",
            Compare::Equal if words => "=",
            Compare::Equal => "==",
            Compare::Unequal if words => "<>",
            Compare::Unequal => "!=",
        };
        if matches!(compare, Compare::Equal | Compare::Unequal) {
            self.has.insert(Feature::Compare);
        }
        format!("{} {sign} {}", self.expr(left), self.expr(right))
    }

    fn item(&mut self, name: &str, index: &Expr) -> String {
        match self.style {
            Style::Braces { .. } => format!("{name}[{}]", self.expr(index)),
            Style::Words => format!("item {} of {name}", self.part(index, true)),
        }
    }

    /// A part of something larger, in brackets where it would be torn apart.
    fn part(&mut self, expr: &Expr, bracket: bool) -> String {
        let text = self.expr(expr);
        if bracket && matches!(expr, Expr::Two(..)) { format!("({text})") } else { text }
    }

    fn expr(&mut self, expr: &Expr) -> String {
        let words = self.style == Style::Words;
        match expr {
            Expr::Number(number) => number.to_string(),
            Expr::Variable(name) => (*name).to_owned(),
            Expr::Two(left, op, right) => {
                let sign = match op {
                    Op::Add => "+",
                    Op::Subtract => "-",
                    Op::Multiply => "*",
                    Op::Divide if words => "div",
                    Op::Divide => "//",
                    Op::Remainder if words => "mod",
                    Op::Remainder => "%",
                };
                if !matches!(op, Op::Add | Op::Subtract | Op::Multiply) {
                    self.has.insert(Feature::Divide);
                }
                let inner = |part: &Expr| if let Expr::Two(_, op, _) = part { Some(op.is_tight()) } else { None };
                if inner(left).is_some() || inner(right).is_some() {
                    self.has.insert(Feature::Order);
                }
                // From left to right on the same level; what is on the right stands in brackets unless it binds tighter.
                let left_loose = op.is_tight() && inner(left) == Some(false);
                let right_loose = op.is_tight() || inner(right) == Some(false);
                let (left, right) = (self.part(left, left_loose), self.part(right, right_loose));
                format!("{left} {sign} {right}")
            }
            Expr::Item(name, index) => {
                self.has.insert(Feature::Item);
                self.item(name, index)
            }
            Expr::Length(name) => {
                self.has.insert(Feature::Length);
                if words { format!("length of {name}") } else { format!("len({name})") }
            }
            Expr::Call(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(|argument| self.expr(argument)).collect();
                format!("{name}({})", arguments.join(", "))
            }
        }
    }

    fn rule(&self, feature: Feature) -> String {
        let (braces, words) = rule(feature);
        let [english, chinese] = if self.style == Style::Words { words } else { braces };
        let assign = if let Style::Braces { assign } = self.style { assign } else { "" };
        said(self.language, english, chinese).replace('←', assign)
    }
}

/// A rule in both styles, each in English and Chinese; `←` is the sign to assign by.
const fn rule(feature: Feature) -> ([&'static str; 2], [&'static str; 2]) {
    match feature {
        Feature::Set => (
            [
                "`x ← 5` gives the variable `x` the value 5, whatever it was before.",
                "`x ← 5` 把变量 `x` 的值设为 5，不论它之前是多少。",
            ],
            [
                "`set x to 5` gives the variable `x` the value 5, whatever it was before.",
                "`set x to 5` 把变量 `x` 的值设为 5，不论它之前是多少。",
            ],
        ),
        Feature::Order => (
            [
                "Parentheses come first, then `*`, `//` and `%`, then `+` and `-`; on the same level it goes from left to right.",
                "先算括号里的，再算 `*`、`//`、`%`，最后算 `+`、`-`；同级运算从左到右。",
            ],
            [
                "Parentheses come first, then `*`, `div` and `mod`, then `+` and `-`; on the same level it goes from left to right.",
                "先算括号里的，再算 `*`、`div`、`mod`，最后算 `+`、`-`；同级运算从左到右。",
            ],
        ),
        Feature::Divide => (
            [
                "`a // b` divides and rounds down: `7 // 2` is 3 and `-7 // 2` is -4. `a % b` is what is left, from 0 to b - 1: `7 % 2` is 1 and `-7 % 2` is 1.",
                "`a // b` 是除法，结果向下取整：`7 // 2` 得 3，`-7 // 2` 得 -4。`a % b` 是余数，范围是 0 到 b - 1：`7 % 2` 得 1，`-7 % 2` 也得 1。",
            ],
            [
                "`a div b` divides and rounds down: `7 div 2` is 3 and `-7 div 2` is -4. `a mod b` is what is left, from 0 to b - 1: `7 mod 2` is 1 and `-7 mod 2` is 1.",
                "`a div b` 是除法，结果向下取整：`7 div 2` 得 3，`-7 div 2` 得 -4。`a mod b` 是余数，范围是 0 到 b - 1：`7 mod 2` 得 1，`-7 mod 2` 也得 1。",
            ],
        ),
        Feature::If => (
            [
                "`if … { … } else { … }` runs the first block if the condition holds, and the second one if not; there may be no second one.",
                "`if … { … } else { … }`：条件成立时执行第一个块，否则执行第二个块；第二个块可以没有。",
            ],
            [
                "`if … then … else … end` runs the first block if the condition holds, and the second one if not; there may be no second one.",
                "`if … then … else … end`：条件成立时执行第一个块，否则执行第二个块；第二个块可以没有。",
            ],
        ),
        Feature::Compare => (
            ["`==` means “is equal to”, `!=` means “is not equal to”.", "`==` 表示等于，`!=` 表示不等于。"],
            ["`=` means “is equal to”, `<>` means “is not equal to”.", "`=` 表示等于，`<>` 表示不等于。"],
        ),
        Feature::While => (
            [
                "`while … { … }` checks the condition before each round, and runs the block again as long as it holds.",
                "`while … { … }`：每一轮之前检查条件，只要成立就再执行一次块。",
            ],
            [
                "`while … do … end` checks the condition before each round, and runs the block again as long as it holds.",
                "`while … do … end`：每一轮之前检查条件，只要成立就再执行一次块。",
            ],
        ),
        Feature::For => (
            [
                "`for i in a .. b { … }` runs the block for `i` equal to a, a + 1, and so on up to b, b included; if a is larger than b, not at all.",
                "`for i in a .. b { … }`：让 `i` 依次等于 a、a + 1，直到 b（包括 b），每次执行一遍块；如果 a 大于 b，则一次也不执行。",
            ],
            [
                "`for i from a to b do … end` runs the block for `i` equal to a, a + 1, and so on up to b, b included; if a is larger than b, not at all.",
                "`for i from a to b do … end`：让 `i` 依次等于 a、a + 1，直到 b（包括 b），每次执行一遍块；如果 a 大于 b，则一次也不执行。",
            ],
        ),
        Feature::List => (
            [
                "`v ← [4, 6]` makes `v` a list. Items are counted from 0: `v[0]` is its first item.",
                "`v ← [4, 6]` 让 `v` 成为一个列表。下标从 0 开始：`v[0]` 是第一项。",
            ],
            [
                "`set v to [4, 6]` makes `v` a list. Items are counted from 1: `item 1 of v` is its first item.",
                "`set v to [4, 6]` 让 `v` 成为一个列表。下标从 1 开始：`item 1 of v` 是第一项。",
            ],
        ),
        Feature::Item => (
            ["`v[i]` is the item of `v` at index `i`.", "`v[i]` 是 `v` 中下标为 `i` 的项。"],
            ["`item i of v` is the item of `v` with number `i`.", "`item i of v` 是 `v` 中编号为 `i` 的项。"],
        ),
        Feature::SetItem => (
            ["`v[i] ← 5` replaces the item at index `i` by 5.", "`v[i] ← 5` 把下标为 `i` 的项换成 5。"],
            [
                "`set item i of v to 5` replaces item number `i` by 5.",
                "`set item i of v to 5` 把编号为 `i` 的项换成 5。",
            ],
        ),
        Feature::Append => (
            ["`append(v, 5)` adds 5 at the end of `v`.", "`append(v, 5)` 在 `v` 的末尾加上 5。"],
            ["`append 5 to v` adds 5 at the end of `v`.", "`append 5 to v` 在 `v` 的末尾加上 5。"],
        ),
        Feature::Length => (
            ["`len(v)` is the number of items in `v`.", "`len(v)` 是 `v` 的项数。"],
            ["`length of v` is the number of items in `v`.", "`length of v` 是 `v` 的项数。"],
        ),
        Feature::Function => (
            [
                "`fn f(a) { … }` defines a function, which `f(3)` calls with `a` equal to 3. Its variables are its own. `return` ends the call and gives its value.",
                "`fn f(a) { … }` 定义一个函数，`f(3)` 以 `a` 等于 3 调用它。函数里的变量只属于它自己。`return` 结束调用并给出结果。",
            ],
            [
                "`function f(a) … end` defines a function, which `f(3)` calls with `a` equal to 3. Its variables are its own. `return` ends the call and gives its value.",
                "`function f(a) … end` 定义一个函数，`f(3)` 以 `a` 等于 3 调用它。函数里的变量只属于它自己。`return` 结束调用并给出结果。",
            ],
        ),
        Feature::Print => (
            ["`print(x)` prints the value of `x`.", "`print(x)` 输出 `x` 的值。"],
            ["`print x` prints the value of `x`.", "`print x` 输出 `x` 的值。"],
        ),
    }
}
