//! Sets of real numbers as intervals: what inequalities, unions and interval brackets have in common.

use super::float::constant;
use super::node::{Constant, Join, Node, Rel};
use super::scalar::{Rules, equal};

/// An end of an interval.
#[derive(Debug, Clone)]
struct End {
    node: Node,
    at: f64,
    closed: bool,
}

#[derive(Debug, Clone)]
struct Span {
    low: End,
    high: End,
}

/// A set of intervals, in order and apart.
#[derive(Debug, Clone)]
pub struct Spans {
    variable: Option<String>,
    all: Vec<Span>,
    /// Whether it was given as more than points.
    pub wide: bool,
}

impl End {
    fn of(node: &Node, closed: bool) -> Option<Self> {
        let at = match node {
            Node::Const(Constant::Infinity) => f64::INFINITY,
            Node::Neg(inner) if **inner == Node::Const(Constant::Infinity) => f64::NEG_INFINITY,
            other => constant(other)?,
        };
        Some(Self { node: node.clone(), at, closed: closed && at.is_finite() })
    }

    fn infinite(positive: bool) -> Self {
        let infinity = Node::Const(Constant::Infinity);
        let (node, at) = if positive { (infinity, f64::INFINITY) } else { (infinity.neg(), f64::NEG_INFINITY) };
        Self { node, at, closed: false }
    }

    fn opened(&self) -> Self {
        Self { closed: !self.closed, ..self.clone() }
    }
}

impl Span {
    fn is_empty(&self) -> bool {
        self.low.at > self.high.at || (self.low.at >= self.high.at && !(self.low.closed && self.high.closed))
    }

    fn everything() -> Self {
        Self { low: End::infinite(false), high: End::infinite(true) }
    }

    fn meet(&self, other: &Self) -> Self {
        let low = if self.low.at > other.low.at || (self.low.at >= other.low.at && !self.low.closed) {
            &self.low
        } else {
            &other.low
        };
        let high = if self.high.at < other.high.at || (self.high.at <= other.high.at && !self.high.closed) {
            &self.high
        } else {
            &other.high
        };
        Self { low: low.clone(), high: high.clone() }
    }
}

impl Spans {
    fn new(all: Vec<Span>, wide: bool) -> Self {
        Self { variable: None, all, wide }.settled()
    }

    /// In order, what touches joined.
    fn settled(mut self) -> Self {
        self.all.retain(|span| !span.is_empty());
        self.all.sort_by(|a, b| a.low.at.total_cmp(&b.low.at).then(b.low.closed.cmp(&a.low.closed)));
        let mut joined: Vec<Span> = Vec::new();
        for span in self.all {
            match joined.last_mut() {
                Some(last)
                    if span.low.at < last.high.at
                        || (span.low.at <= last.high.at && (span.low.closed || last.high.closed)) =>
                {
                    if span.high.at > last.high.at || (span.high.at >= last.high.at && span.high.closed) {
                        last.high = span.high;
                    }
                }
                _ => joined.push(span),
            }
        }
        self.all = joined;
        self
    }

    fn and_variable(mut self, other: &Self) -> Option<Self> {
        match (&self.variable, &other.variable) {
            (Some(a), Some(b)) if a != b => return None,
            (None, Some(b)) => self.variable = Some(b.clone()),
            _ => {}
        }
        Some(self)
    }

    fn join(mut self, other: Self) -> Option<Self> {
        self = self.and_variable(&other)?;
        self.wide |= other.wide;
        self.all.extend(other.all);
        Some(self.settled())
    }

    fn meet(mut self, other: &Self) -> Option<Self> {
        self = self.and_variable(other)?;
        self.wide |= other.wide;
        self.all = self.all.iter().flat_map(|a| other.all.iter().map(|b| a.meet(b))).collect();
        Some(self.settled())
    }

    fn complement(&self) -> Self {
        let mut rest = Vec::new();
        let mut low = End::infinite(false);
        for span in &self.all {
            rest.push(Span { low, high: span.low.opened() });
            low = span.high.opened();
        }
        rest.push(Span { low, high: End::infinite(true) });
        // An infinite end stays open.
        for end in rest.iter_mut().flat_map(|s| [&mut s.low, &mut s.high]) {
            end.closed &= end.at.is_finite();
        }
        Self { variable: self.variable.clone(), all: rest, wide: true }.settled()
    }

    /// Reads a set of real numbers; none where it is something else or has ends that are no numbers.
    pub fn of(node: &Node) -> Option<Self> {
        match node {
            Node::Reals => Some(Self::new(vec![Span::everything()], true)),
            Node::Nothing => Some(Self::new(Vec::new(), true)),
            Node::Tuple(open, ends, close) if *open != '⟨' => {
                let [low, high] = ends.as_slice() else { return None };
                let (low, high) = (End::of(low, *open == '[')?, End::of(high, *close == ']')?);
                (low.at < high.at).then(|| Self::new(vec![Span { low, high }], true))
            }
            Node::Set(points) => {
                let point = |n: &Node| {
                    let end = End::of(n, true).filter(|e| e.closed)?;
                    Some(Span { low: end.clone(), high: end })
                };
                Some(Self::new(points.iter().map(point).collect::<Option<_>>()?, false))
            }
            Node::Union(all) => {
                let mut parts = all.iter().map(Self::of);
                let first = parts.next()??;
                let joined = parts.try_fold(first, |sum, part| sum.join(part?))?;
                Some(Self { wide: true, ..joined })
            }
            Node::Meet(all) => {
                let mut parts = all.iter().map(Self::of);
                let first = parts.next()??;
                parts.try_fold(first, |sum, part| sum.meet(&part?))
            }
            Node::Without(from, what) => Self::of(from)?.meet(&Self::of(what)?.complement()),
            Node::Relation(parts, rels) => Self::relation(parts, rels),
            Node::List(all, join) => {
                if !all.iter().all(|n| matches!(n, Node::Relation(..))) {
                    return None;
                }
                let mut parts = all.iter().map(Self::of).collect::<Option<Vec<_>>>()?.into_iter();
                let first = parts.next()?;
                let (mut union, mut meet) = (first.clone(), first);
                for part in parts {
                    union = union.join(part.clone())?;
                    meet = meet.meet(&part)?;
                }
                // What has no number in common was meant as a union, whatever word joins it.
                Some(if *join == Join::Or || meet.all.is_empty() { union } else { meet })
            }
            _ => None,
        }
    }

    fn relation(parts: &[Node], rels: &[Rel]) -> Option<Self> {
        if let ([Node::Var(name), set], [Rel::In]) = (parts, rels) {
            let set = match set {
                Node::Var(r) if r == "R" => &Node::Reals,
                other => other,
            };
            return Some(Self { variable: Some(name.clone()), wide: true, ..Self::of(set)? });
        }
        let mut result: Option<Self> = None;
        for (pair, rel) in parts.windows(2).zip(rels) {
            let [left, right] = pair else { return None };
            let (name, other, rel) = match (left, right) {
                (Node::Var(name), other) => (name, other, *rel),
                (other, Node::Var(name)) => (name, other, rel.flipped()),
                _ => return None,
            };
            let end = |closed| End::of(other, closed);
            let spans = match rel {
                Rel::Lt | Rel::Le => {
                    Self::new(vec![Span { low: End::infinite(false), high: end(rel == Rel::Le)? }], true)
                }
                Rel::Gt | Rel::Ge => {
                    Self::new(vec![Span { low: end(rel == Rel::Ge)?, high: End::infinite(true) }], true)
                }
                Rel::Eq => Self::new(vec![Span { low: end(true)?, high: end(true)? }], false),
                Rel::Ne => Self::new(vec![Span { low: end(true)?, high: end(true)? }], true).complement(),
                Rel::About | Rel::In => return None,
            };
            let spans = Self { variable: Some(name.clone()), ..spans };
            result = Some(match result {
                Some(before) => before.meet(&spans)?,
                None => spans,
            });
        }
        result
    }

    /// Whether both are the same set.
    pub fn same(&self, reference: &Self, rules: Rules) -> bool {
        let variables = match (&self.variable, &reference.variable) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        let end = |a: &End, r: &End| a.closed == r.closed && equal(&a.node, &r.node, rules);
        variables
            && self.all.len() == reference.all.len()
            && self.all.iter().zip(&reference.all).all(|(a, r)| end(&a.low, &r.low) && end(&a.high, &r.high))
    }
}
