//! Random programs of a domain and a difficulty that end, and print one number.

use super::super::library::Wanted;
use super::super::phrase::{chance, one, shuffled};
use super::language::{Compare, Condition, Expr, Function, Op, Program, Statement, run};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Programs that are tried before a plain one is taken.
const TRIES: usize = 60;

/// Sets of names for variables; none is a word of the language.
const NAMES: &[[&str; 6]] = &[
    ["a", "b", "c", "d", "e", "g"],
    ["x", "y", "z", "u", "w", "q"],
    ["p", "q", "r", "s", "t", "m"],
    ["red", "blue", "green", "gray", "pink", "gold"],
    ["total", "step", "rest", "count", "limit", "mark"],
    ["alpha", "beta", "gamma", "delta", "kappa", "sigma"],
];
const FUNCTIONS: &[[&str; 4]] =
    &[["f", "g2", "h", "k"], ["twist", "blend", "shift", "fold"], ["calc", "mix", "pack", "turn"]];
const LISTS: &[&str] = &["v", "items", "row", "data", "nums"];

/// A program and what it prints.
pub(super) fn program(rng: &mut ChaCha8Rng, wanted: Wanted, first_index: i64) -> (Program, i64) {
    let difficulty = wanted.difficulty;
    let most = 12 + 12 * difficulty;
    for _ in 0..TRIES {
        let mut build = Build::new(rng, difficulty);
        let (functions, body) = match wanted.domain {
            "assignments" => (Vec::new(), build.assignments()),
            "branches" => (Vec::new(), build.branches()),
            "loops" => (Vec::new(), build.loops()),
            "lists" => (Vec::new(), build.lists(first_index)),
            _ => build.functions(),
        };
        let program = Program { functions, body, first_index };
        if let Ok(ran) = run(&program, most)
            && ran.steps >= difficulty
        {
            return (program, ran.printed);
        }
    }
    let (x, y) = (rng.random_range(2..100), rng.random_range(2..100));
    let sum = Expr::Two(Box::new(Expr::Variable("x")), Op::Add, Box::new(Expr::Number(y)));
    let body = vec![Statement::Set("x", Expr::Number(x)), Statement::Print(sum)];
    (Program { functions: Vec::new(), body, first_index }, x + y)
}

struct Build<'a> {
    rng: &'a mut ChaCha8Rng,
    difficulty: u32,
    names: Vec<&'static str>,
    /// Variables that have a value, of which a statement may speak.
    known: Vec<&'static str>,
}

fn number(value: i64) -> Expr {
    Expr::Number(value)
}

fn variable(name: &'static str) -> Expr {
    Expr::Variable(name)
}

fn two(left: Expr, op: Op, right: Expr) -> Expr {
    Expr::Two(Box::new(left), op, Box::new(right))
}

impl<'a> Build<'a> {
    fn new(rng: &'a mut ChaCha8Rng, difficulty: u32) -> Self {
        let names = one(rng, NAMES);
        let names = shuffled(rng, &names);
        Self { rng, difficulty, names, known: Vec::new() }
    }

    fn below(&mut self, most: u32) -> i64 {
        self.rng.random_range(1..=i64::from(most.max(1)))
    }

    /// Gives so many variables a value.
    fn start(&mut self, count: usize) -> Vec<Statement> {
        let most = 6 + 3 * self.difficulty;
        let names: Vec<&'static str> = self.names.iter().copied().take(count).collect();
        let set = |name: &'static str, build: &mut Self| Statement::Set(name, number(build.below(most)));
        let all = names.iter().map(|name| set(name, self)).collect();
        self.known.extend(names);
        all
    }

    fn any(&mut self) -> &'static str {
        one(self.rng, &self.known)
    }

    /// Variables that no loop counts in.
    fn changeable(&self) -> Vec<&'static str> {
        self.known.iter().copied().filter(|name| !COUNTERS.contains(name)).collect()
    }

    fn atom(&mut self) -> Expr {
        if chance(self.rng, 65) { variable(self.any()) } else { number(self.below(9)) }
    }

    /// An expression with so many levels of operations.
    fn expr(&mut self, levels: u32) -> Expr {
        if levels == 0 {
            return variable(self.any());
        }
        let left = self.expr(levels - 1);
        match self.rng.random_range(0..10) {
            0..4 => {
                let right = self.rest(levels);
                two(left, Op::Add, right)
            }
            4..7 => {
                let right = self.rest(levels);
                two(left, Op::Subtract, right)
            }
            7 => two(left, Op::Multiply, number(self.rng.random_range(2..=4))),
            8 => two(left, Op::Divide, number(self.rng.random_range(2..=5))),
            _ => two(left, Op::Remainder, number(self.rng.random_range(3..=9))),
        }
    }

    fn rest(&mut self, levels: u32) -> Expr {
        let deep = levels > 1 && chance(self.rng, 50);
        if deep { self.expr(levels - 1) } else { self.atom() }
    }

    fn levels(&mut self) -> u32 {
        1 + u32::from(self.difficulty > 3 && chance(self.rng, 50))
            + u32::from(self.difficulty > 7 && chance(self.rng, 40))
    }

    /// Gives a variable that is there another value.
    fn change(&mut self) -> Statement {
        let (name, levels) = (self.any(), self.levels());
        Statement::Set(name, self.expr(levels))
    }

    fn condition(&mut self) -> Condition {
        let left = self.any();
        let compare = one(
            self.rng,
            &[Compare::Less, Compare::Greater, Compare::AtMost, Compare::AtLeast, Compare::Equal, Compare::Unequal],
        );
        if chance(self.rng, 30) {
            let by = self.rng.random_range(2..=3);
            let odd = two(variable(left), Op::Remainder, number(by));
            let equal = one(self.rng, &[Compare::Equal, Compare::Unequal]);
            return Condition(odd, equal, number(self.rng.random_range(0..by)));
        }
        let others: Vec<&'static str> = self.known.iter().copied().filter(|name| *name != left).collect();
        let right = if chance(self.rng, 50) && !others.is_empty() {
            variable(one(self.rng, &others))
        } else {
            number(self.below(8 + 2 * self.difficulty))
        };
        Condition(variable(left), compare, right)
    }

    fn print(&mut self) -> Statement {
        let last = self.any();
        let more = self.known.len() > 1 && chance(self.rng, 40);
        Statement::Print(if more { two(variable(last), Op::Add, variable(self.any())) } else { variable(last) })
    }

    fn assignments(&mut self) -> Vec<Statement> {
        let mut body = self.start(2 + self.difficulty as usize / 3);
        body.extend((0..1 + self.difficulty).map(|_| self.change()));
        body.push(self.print());
        body
    }

    /// A block of a branch or a loop.
    fn block(&mut self, statements: usize) -> Vec<Statement> {
        (0..statements).map(|_| self.change()).collect()
    }

    fn branch(&mut self, depth: u32) -> Statement {
        let condition = self.condition();
        let size = self.rng.random_range(1..=2);
        let mut then = self.block(size);
        let mut otherwise = if chance(self.rng, 65) { self.block(1) } else { Vec::new() };
        if depth > 0 {
            let inner = self.branch(depth - 1);
            if otherwise.is_empty() || chance(self.rng, 50) { then.push(inner) } else { otherwise.push(inner) }
        }
        Statement::If(condition, then, otherwise)
    }

    fn branches(&mut self) -> Vec<Statement> {
        let difficulty = self.difficulty;
        let mut body = self.start(2 + difficulty as usize / 4);
        for _ in 0..1 + difficulty / 2 {
            let depth = u32::from(difficulty > 4 && chance(self.rng, 50)) + u32::from(difficulty > 8);
            body.push(self.branch(depth));
            if chance(self.rng, 50) {
                body.push(self.change());
            }
        }
        body.push(self.print());
        body
    }

    /// A loop in which variables are changed; the one that counts is its own.
    fn repeat(&mut self, counter: &'static str, depth: u32) -> Statement {
        let rounds = self.rng.random_range(2..=i64::from(2 + self.difficulty / 2));
        let size = self.rng.random_range(1..=1 + self.difficulty as usize / 5);
        if depth == 0 && chance(self.rng, 40) {
            // It grows in every round, so that it ends.
            let changeable = self.changeable();
            let name = one(self.rng, &changeable);
            let by = number(self.below(4));
            let grow = if chance(self.rng, 50) {
                two(two(variable(name), Op::Multiply, number(2)), Op::Add, by)
            } else {
                two(variable(name), Op::Add, by)
            };
            let others: Vec<_> = changeable.into_iter().filter(|other| *other != name).collect();
            let mut body = Vec::new();
            for _ in 0..if others.is_empty() { 0 } else { size } {
                let target = one(self.rng, &others);
                let more = two(variable(target), one(self.rng, &[Op::Add, Op::Subtract]), variable(name));
                body.push(Statement::Set(target, more));
            }
            body.push(Statement::Set(name, grow));
            let limit = number(10 + self.below(12 + 6 * self.difficulty));
            return Statement::While(Condition(variable(name), Compare::Less, limit), body);
        }
        self.known.push(counter);
        let mut body = Vec::new();
        for _ in 0..size {
            let target = one(self.rng, &self.changeable());
            let term = if chance(self.rng, 60) { variable(counter) } else { self.expr(1) };
            let more = two(variable(target), one(self.rng, &[Op::Add, Op::Add, Op::Subtract]), term);
            let change = Statement::Set(target, more);
            let only_some = self.difficulty > 3 && chance(self.rng, 40);
            body.push(if only_some { Statement::If(self.condition(), vec![change], Vec::new()) } else { change });
        }
        if depth > 0 {
            let inner = if counter == COUNTERS[0] { COUNTERS[1] } else { COUNTERS[0] };
            body.push(self.repeat(inner, depth - 1));
        }
        self.known.retain(|name| *name != counter);
        let from = self.rng.random_range(0..=3);
        Statement::For(counter, number(from), number(from + rounds - 1), body)
    }

    fn loops(&mut self) -> Vec<Statement> {
        let difficulty = self.difficulty;
        let mut body = self.start(2 + difficulty as usize / 5);
        for _ in 0..1 + difficulty / 4 {
            let depth = u32::from(difficulty > 6 && chance(self.rng, 60));
            body.push(self.repeat(COUNTERS[0], depth));
        }
        body.push(self.print());
        body
    }

    fn lists(&mut self, first: i64) -> Vec<Statement> {
        let list = one(self.rng, LISTS);
        let size = 3 + i64::from(self.difficulty) / 2;
        let (last, i) = (first + size - 1, COUNTERS[0]);
        let most = 9 + 2 * self.difficulty;
        let items = (0..size).map(|_| self.below(most)).collect();
        let mut body = vec![Statement::List(list, items)];
        body.extend(self.start(1 + self.difficulty as usize / 5));
        let at = |index: Expr| Expr::Item(list, Box::new(index));
        let mut grown = false;
        for _ in 0..1 + self.difficulty / 2 {
            let target = self.any();
            let index = self.rng.random_range(first..=last);
            let other = self.rng.random_range(first..=last);
            let step = match self.rng.random_range(0..6) {
                0 => Statement::Set(target, two(variable(target), Op::Add, at(number(index)))),
                1 => Statement::SetItem(list, number(index), two(at(number(other)), Op::Add, self.atom())),
                2 => {
                    grown = true;
                    Statement::Append(
                        list,
                        two(at(number(index)), one(self.rng, &[Op::Add, Op::Subtract]), self.atom()),
                    )
                }
                3 => {
                    // Everything, to the end of the list as it then is.
                    let end =
                        if first == 0 { two(Expr::Length(list), Op::Subtract, number(1)) } else { Expr::Length(list) };
                    let add = Statement::Set(target, two(variable(target), Op::Add, at(variable(i))));
                    Statement::For(i, number(first), end, vec![add])
                }
                4 => {
                    // Each takes up the one before it.
                    let before = at(two(variable(i), Op::Subtract, number(1)));
                    let sum = two(at(variable(i)), Op::Add, before);
                    Statement::For(i, number(first + 1), number(last), vec![Statement::SetItem(list, variable(i), sum)])
                }
                _ => {
                    let compare = one(self.rng, &[Compare::Greater, Compare::Less]);
                    let some = Condition(at(variable(i)), compare, number(self.below(most)));
                    let then = vec![Statement::Set(target, two(variable(target), Op::Add, number(1)))];
                    Statement::For(i, number(first), number(last), vec![Statement::If(some, then, Vec::new())])
                }
            };
            body.push(step);
        }
        let end = if grown && chance(self.rng, 40) {
            Expr::Length(list)
        } else {
            at(number(self.rng.random_range(first..=last)))
        };
        let shown = if chance(self.rng, 60) { two(variable(self.any()), Op::Add, end) } else { end };
        body.push(Statement::Print(shown));
        body
    }

    fn functions(&mut self) -> (Vec<Function>, Vec<Statement>) {
        let count = 1 + self.difficulty as usize / 4;
        let names = one(self.rng, FUNCTIONS);
        let mut functions: Vec<Function> = Vec::new();
        for name in names.into_iter().take(count) {
            let function = if self.difficulty > 5 && functions.is_empty() && chance(self.rng, 70) {
                self.recursion(name)
            } else {
                self.function(name, functions.last())
            };
            functions.push(function);
        }
        self.known.clear();
        let mut body = self.start(2 + self.difficulty as usize / 5);
        for _ in 0..1 + self.difficulty / 3 {
            let call = self.call(&functions);
            let target = self.any();
            let value = if chance(self.rng, 40) { two(call, Op::Add, self.atom()) } else { call };
            body.push(Statement::Set(target, value));
        }
        let call = self.call(&functions);
        let shown = if chance(self.rng, 50) { call } else { two(variable(self.any()), Op::Add, call) };
        body.push(Statement::Print(shown));
        (functions, body)
    }

    fn function(&mut self, name: &'static str, other: Option<&Function>) -> Function {
        let parameters: Vec<_> =
            shuffled(self.rng, &["m", "n", "k2"]).into_iter().take(1 + self.rng.random_range(0..2)).collect();
        self.known.clone_from(&parameters);
        let mut body = Vec::new();
        if self.difficulty > 2 && chance(self.rng, 60) {
            let early = vec![Statement::Return(self.expr(1))];
            body.push(Statement::If(self.condition(), early, Vec::new()));
        }
        if self.difficulty > 4 && chance(self.rng, 50) {
            body.push(self.change());
        }
        let levels = self.levels();
        let value = self.expr(levels);
        let value = match other {
            Some(other) if chance(self.rng, 60) => two(self.call(std::slice::from_ref(other)), Op::Add, value),
            _ => value,
        };
        body.push(Statement::Return(value));
        Function { name, parameters, body }
    }

    /// One that calls itself with less, until there is little left.
    fn recursion(&mut self, name: &'static str) -> Function {
        let n = "n";
        let less = |by| Expr::Call(name, vec![two(variable(n), Op::Subtract, number(by))]);
        let (base, add) = (number(self.below(4)), number(self.below(5)));
        let value = match self.rng.random_range(0..4) {
            0 => two(less(1), Op::Add, variable(n)),
            1 => two(two(less(1), Op::Multiply, number(2)), Op::Add, add),
            2 => two(less(1), Op::Add, less(2)),
            _ => two(two(variable(n), Op::Multiply, number(2)), Op::Subtract, less(1)),
        };
        let end = Condition(variable(n), Compare::Less, number(self.rng.random_range(1..=3)));
        let body = vec![Statement::If(end, vec![Statement::Return(base)], Vec::new()), Statement::Return(value)];
        Function { name, parameters: vec![n], body }
    }

    fn call(&mut self, functions: &[Function]) -> Expr {
        let at = self.rng.random_range(0..functions.len().max(1));
        let Some(function) = functions.get(at) else { return number(0) };
        let arguments = function
            .parameters
            .iter()
            .map(|parameter| {
                if *parameter == "n" || chance(self.rng, 40) {
                    number(self.rng.random_range(1..=7))
                } else {
                    self.atom()
                }
            })
            .collect();
        Expr::Call(function.name, arguments)
    }
}

/// Names of loops' counters, the outer one first.
const COUNTERS: [&str; 2] = ["i", "j"];
