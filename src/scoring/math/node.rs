//! What an answer is once it has been read: expressions, and the structures that mathematics puts around them.

/// A named constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    Pi,
    E,
    I,
    Infinity,
}

/// A function of one or more arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Func {
    Sin,
    Cos,
    Tan,
    Cot,
    Sec,
    Csc,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Ln,
    Log10,
    /// Base, argument.
    LogBase,
    /// Argument, index: the index-th root.
    Root,
    Abs,
    Floor,
    Ceil,
    Factorial,
    /// n, k.
    Binomial,
    Max,
    Min,
    /// A numeral and the base it is written in.
    Based,
    /// A number with a percent sign that says nothing.
    Percent,
    /// A function that only has a name: the name, then its arguments.
    Named,
}

/// How the parts of a chain relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rel {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    About,
    In,
}

impl Rel {
    /// The same relation read from the other side.
    pub const fn flipped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }

    pub const fn is_order(self) -> bool {
        matches!(self, Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }
}

/// What joins the parts of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Comma,
    And,
    Or,
}

/// A numeral: its digits as one whole number, and how many of them stand behind the point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numeral {
    /// Digits without a point, at most [`super::lex::DIGITS`].
    pub digits: String,
    /// Digits behind the point.
    pub decimals: u32,
    /// The power of ten of scientific notation.
    pub exponent: i32,
}

impl Numeral {
    pub fn integer(digits: impl Into<String>) -> Self {
        Self { digits: digits.into(), decimals: 0, exponent: 0 }
    }

    pub const fn is_integer(&self) -> bool {
        self.decimals == 0 && self.exponent == 0
    }

    /// The power of ten that the digits are multiplied by.
    pub fn scale(&self) -> i64 {
        i64::from(self.exponent) - i64::from(self.decimals)
    }
}

/// An expression or a structure. Sums and products are flat, so that depth is bounded by the depth of brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Num(Numeral),
    Const(Constant),
    Var(String),
    Sum(Vec<Node>),
    Neg(Box<Node>),
    Product(Vec<Node>),
    Inverse(Box<Node>),
    Power(Box<Node>, Box<Node>),
    Call(Func, Vec<Node>),
    /// ± (false) or ∓ (true) before a term.
    Either(Box<Node>, bool),
    /// A ratio a : b : c.
    Ratio(Vec<Node>),
    /// Unordered.
    Set(Vec<Node>),
    /// A point or an interval, with its brackets.
    Tuple(char, Vec<Node>, char),
    Matrix(Vec<Vec<Node>>),
    Union(Vec<Node>),
    Meet(Vec<Node>),
    Without(Box<Node>, Box<Node>),
    /// All real numbers.
    Reals,
    /// No solution, the empty set.
    Nothing,
    /// Does not exist, undefined.
    Undefined,
    /// Several answers side by side.
    List(Vec<Node>, Join),
    /// A chain: one relation fewer than parts.
    Relation(Vec<Node>, Vec<Rel>),
    /// Words that are an answer by themselves.
    Words(String),
}

impl Node {
    pub fn int(n: u32) -> Self {
        Self::Num(Numeral::integer(n.to_string()))
    }

    pub fn neg(self) -> Self {
        match self {
            Self::Neg(inner) => *inner,
            other => Self::Neg(Box::new(other)),
        }
    }

    pub fn inverse(self) -> Self {
        Self::Inverse(Box::new(self))
    }

    pub fn power(self, exponent: Self) -> Self {
        Self::Power(Box::new(self), Box::new(exponent))
    }

    pub fn over(self, divisor: Self) -> Self {
        Self::Product(vec![self, divisor.inverse()])
    }

    pub fn minus(self, other: Self) -> Self {
        Self::Sum(vec![self, other.neg()])
    }

    /// Whether it is an expression, not a structure of them.
    pub const fn is_expression(&self) -> bool {
        matches!(
            self,
            Self::Num(_)
                | Self::Const(_)
                | Self::Var(_)
                | Self::Sum(_)
                | Self::Neg(_)
                | Self::Product(_)
                | Self::Inverse(_)
                | Self::Power(..)
                | Self::Call(..)
                | Self::Either(..)
        )
    }

    /// The parts.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Num(_)
            | Self::Const(_)
            | Self::Var(_)
            | Self::Reals
            | Self::Nothing
            | Self::Undefined
            | Self::Words(_) => Vec::new(),
            Self::Sum(all)
            | Self::Product(all)
            | Self::Call(_, all)
            | Self::Ratio(all)
            | Self::Set(all)
            | Self::Tuple(_, all, _)
            | Self::Union(all)
            | Self::Meet(all)
            | Self::List(all, _)
            | Self::Relation(all, _) => all.iter().collect(),
            Self::Matrix(rows) => rows.iter().flatten().collect(),
            Self::Neg(one) | Self::Inverse(one) | Self::Either(one, _) => vec![one],
            Self::Power(a, b) | Self::Without(a, b) => vec![a, b],
        }
    }

    /// Whether any part, or the whole, is so.
    pub fn any(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self) || self.children().into_iter().any(|child| child.any(is))
    }

    /// Whether it has variables.
    pub fn is_open(&self) -> bool {
        self.any(&|n| matches!(n, Self::Var(_)))
    }

    /// The same with every part changed from the leaves up.
    pub fn map(self, change: &dyn Fn(Self) -> Self) -> Self {
        let each = |all: Vec<Self>| all.into_iter().map(|n| n.map(change)).collect::<Vec<_>>();
        let one = |node: Box<Self>| Box::new(node.map(change));
        let mapped = match self {
            Self::Sum(all) => Self::Sum(each(all)),
            Self::Product(all) => Self::Product(each(all)),
            Self::Call(func, all) => Self::Call(func, each(all)),
            Self::Ratio(all) => Self::Ratio(each(all)),
            Self::Set(all) => Self::Set(each(all)),
            Self::Tuple(open, all, close) => Self::Tuple(open, each(all), close),
            Self::Union(all) => Self::Union(each(all)),
            Self::Meet(all) => Self::Meet(each(all)),
            Self::List(all, join) => Self::List(each(all), join),
            Self::Relation(all, rels) => Self::Relation(each(all), rels),
            Self::Matrix(rows) => Self::Matrix(rows.into_iter().map(each).collect()),
            Self::Neg(n) => Self::Neg(one(n)),
            Self::Inverse(n) => Self::Inverse(one(n)),
            Self::Either(n, sign) => Self::Either(one(n), sign),
            Self::Power(a, b) => Self::Power(one(a), one(b)),
            Self::Without(a, b) => Self::Without(one(a), one(b)),
            leaf => leaf,
        };
        change(mapped)
    }
}
