//! The tiny language: what a program is, and what it does.

use std::collections::BTreeMap;

/// What has a value.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Number(i64),
    Variable(&'static str),
    Two(Box<Self>, Op, Box<Self>),
    /// An item of a list, counted from the language's first index.
    Item(&'static str, Box<Self>),
    Length(&'static str),
    Call(&'static str, Vec<Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Subtract,
    Multiply,
    /// Rounded down.
    Divide,
    /// What is left of that, never negative.
    Remainder,
}

impl Op {
    /// Whether it comes before addition.
    pub const fn is_tight(self) -> bool {
        matches!(self, Self::Multiply | Self::Divide | Self::Remainder)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Less,
    Greater,
    AtMost,
    AtLeast,
    Equal,
    Unequal,
}

/// What holds or does not.
#[derive(Debug, Clone)]
pub(super) struct Condition(pub Expr, pub Compare, pub Expr);

#[derive(Debug, Clone)]
pub(super) enum Statement {
    Set(&'static str, Expr),
    List(&'static str, Vec<i64>),
    SetItem(&'static str, Expr, Expr),
    Append(&'static str, Expr),
    If(Condition, Vec<Self>, Vec<Self>),
    While(Condition, Vec<Self>),
    /// For each number from the first to the second, both included.
    For(&'static str, Expr, Expr, Vec<Self>),
    Return(Expr),
    Print(Expr),
}

#[derive(Debug, Clone)]
pub(super) struct Function {
    pub name: &'static str,
    pub parameters: Vec<&'static str>,
    pub body: Vec<Statement>,
}

#[derive(Debug, Clone)]
pub(super) struct Program {
    pub functions: Vec<Function>,
    pub body: Vec<Statement>,
    /// The index of a list's first item.
    pub first_index: i64,
}

/// What came of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ran {
    pub printed: i64,
    /// Statements that were executed.
    pub steps: u32,
}

/// It took too long, a number grew too large, an index was out of a list, or something was not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped;

/// No number is larger.
const LARGEST: i64 = 99_999;
/// Calls within calls.
const DEEPEST: u32 = 30;

/// Runs a program, within so many steps.
pub(super) fn run(program: &Program, most_steps: u32) -> Result<Ran, Stopped> {
    let mut machine = Machine { program, lists: BTreeMap::new(), left: most_steps, depth: 0, printed: None };
    machine.block(&program.body, &mut Scope::new())?;
    Ok(Ran { printed: machine.printed.ok_or(Stopped)?, steps: most_steps - machine.left })
}

type Scope = BTreeMap<&'static str, i64>;

struct Machine<'a> {
    program: &'a Program,
    lists: BTreeMap<&'static str, Vec<i64>>,
    left: u32,
    depth: u32,
    printed: Option<i64>,
}

impl Machine<'_> {
    /// Runs statements until one returns.
    fn block(&mut self, body: &[Statement], scope: &mut Scope) -> Result<Option<i64>, Stopped> {
        for statement in body {
            if let Some(value) = self.step(statement, scope)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn step(&mut self, statement: &Statement, scope: &mut Scope) -> Result<Option<i64>, Stopped> {
        self.left = self.left.checked_sub(1).ok_or(Stopped)?;
        match statement {
            Statement::Set(name, value) => {
                let value = self.value(value, scope)?;
                scope.insert(name, value);
            }
            Statement::List(name, items) => {
                self.lists.insert(name, items.clone());
            }
            Statement::SetItem(name, index, value) => {
                let (index, value) = (self.value(index, scope)?, self.value(value, scope)?);
                *self.item(name, index)? = value;
            }
            Statement::Append(name, value) => {
                let value = self.value(value, scope)?;
                self.lists.get_mut(name).ok_or(Stopped)?.push(value);
            }
            Statement::If(condition, then, otherwise) => {
                let body = if self.holds(condition, scope)? { then } else { otherwise };
                return self.block(body, scope);
            }
            Statement::While(condition, body) => {
                while self.holds(condition, scope)? {
                    self.left = self.left.checked_sub(1).ok_or(Stopped)?;
                    if let Some(value) = self.block(body, scope)? {
                        return Ok(Some(value));
                    }
                }
            }
            Statement::For(name, from, to, body) => {
                for number in self.value(from, scope)?..=self.value(to, scope)? {
                    scope.insert(name, number);
                    if let Some(value) = self.block(body, scope)? {
                        return Ok(Some(value));
                    }
                }
            }
            Statement::Return(value) => return self.value(value, scope).map(Some),
            Statement::Print(value) => self.printed = Some(self.value(value, scope)?),
        }
        Ok(None)
    }

    fn item(&mut self, name: &str, index: i64) -> Result<&mut i64, Stopped> {
        let at = usize::try_from(index - self.program.first_index).map_err(|_| Stopped)?;
        self.lists.get_mut(name).and_then(|items| items.get_mut(at)).ok_or(Stopped)
    }

    fn holds(&mut self, Condition(left, compare, right): &Condition, scope: &Scope) -> Result<bool, Stopped> {
        let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
        Ok(match compare {
            Compare::Less => left < right,
            Compare::Greater => left > right,
            Compare::AtMost => left <= right,
            Compare::AtLeast => left >= right,
            Compare::Equal => left == right,
            Compare::Unequal => left != right,
        })
    }

    fn value(&mut self, expr: &Expr, scope: &Scope) -> Result<i64, Stopped> {
        let value = match expr {
            Expr::Number(number) => *number,
            Expr::Variable(name) => scope.get(name).copied().ok_or(Stopped)?,
            Expr::Two(left, op, right) => {
                let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
                match op {
                    Op::Add => left + right,
                    Op::Subtract => left - right,
                    Op::Multiply => left * right,
                    Op::Divide if right > 0 => left.div_euclid(right),
                    Op::Remainder if right > 0 => left.rem_euclid(right),
                    Op::Divide | Op::Remainder => return Err(Stopped),
                }
            }
            Expr::Item(name, index) => {
                let index = self.value(index, scope)?;
                *self.item(name, index)?
            }
            Expr::Length(name) => {
                let items = self.lists.get(name).ok_or(Stopped)?;
                i64::try_from(items.len()).map_err(|_| Stopped)?
            }
            Expr::Call(name, arguments) => {
                let program = self.program;
                let function = program.functions.iter().find(|f| f.name == *name).ok_or(Stopped)?;
                let mut own = Scope::new();
                for (parameter, argument) in function.parameters.iter().zip(arguments) {
                    own.insert(parameter, self.value(argument, scope)?);
                }
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Stopped);
                }
                let value = self.block(&function.body, &mut own)?.ok_or(Stopped)?;
                self.depth -= 1;
                value
            }
        };
        (-LARGEST..=LARGEST).contains(&value).then_some(value).ok_or(Stopped)
    }
}
