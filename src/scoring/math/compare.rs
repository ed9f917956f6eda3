//! Whether an answer is the reference: structure by structure down to expressions.
//!
//! Lists and sets are unordered, points ordered, intervals have their ends and brackets, matrices their entries, equations
//! are the same up to a constant factor, inequalities up to a positive one. Where it is unsure it is unequal.

use super::float::constant;
use super::node::{Constant, Func, Join, Node, Rel};
use super::scalar::{Rules, equal, factor, identical};
use super::spans::Spans;
use std::cell::Cell;

/// The most pairs of expressions that are compared for one answer.
const PAIRS: u32 = 1500;

pub struct Judge {
    pub rules: Rules,
    left: Cell<u32>,
}

impl Judge {
    pub const fn new(rules: Rules) -> Self {
        Self { rules, left: Cell::new(PAIRS) }
    }

    /// Whether an answer is the reference.
    pub fn same(&self, answer: &Node, reference: &Node) -> bool {
        let (answer, reference) = (canonical(answer.clone()), canonical(reference.clone()));
        self.matches(&answer, &reference)
    }

    fn scalar(&self, a: &Node, r: &Node) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0 && equal(a, r, self.rules)
    }

    fn matches(&self, a: &Node, r: &Node) -> bool {
        if a == r {
            return true;
        }
        if a.is_expression() && r.is_expression() {
            return self.scalar(a, r) || is_based(a, r);
        }
        match (a, r) {
            (Node::Words(a), Node::Words(r)) => return folded(a) == folded(r),
            (Node::Tuple(o, xs, c), Node::Tuple(p, ys, d)) => {
                return brackets(*o, *c) == brackets(*p, *d) && self.in_order(xs, ys);
            }
            (Node::Matrix(xs), Node::Matrix(ys)) => {
                return xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| self.in_order(x, y));
            }
            (Node::Matrix(rows), Node::Tuple(o, ys, c)) | (Node::Tuple(o, ys, c), Node::Matrix(rows)) => {
                let vector = rows.len() == 1 || rows.iter().all(|row| row.len() == 1);
                let entries: Vec<Node> = rows.iter().flatten().cloned().collect();
                let brackets = matches!(brackets(*o, *c), ('(', ')') | ('[', ']'));
                return vector && brackets && self.in_order(&entries, ys);
            }
            (Node::Ratio(xs), Node::Ratio(ys)) => return self.in_proportion(xs, ys),
            (Node::Ratio(xs), one) | (one, Node::Ratio(xs)) if one.is_expression() => {
                let [x, y] = xs.as_slice() else { return false };
                return self.scalar(&x.clone().over(y.clone()), one);
            }
            (Node::Relation(..), Node::Relation(..)) => return self.relations(a, r),
            _ => {}
        }
        if let (Node::Relation(..), other) = (a, r)
            && let Some(values) = values(a, true)
            && !matches!(other, Node::List(..))
        {
            return values.iter().any(|value| self.matches(value, other));
        }
        if let (other, Node::Relation(..)) = (a, r)
            && let Some(values) = values(r, false)
            && !matches!(other, Node::List(..))
        {
            return values.iter().any(|value| self.matches(other, value));
        }
        match (assignments(a), assignments(r)) {
            (Some(xs), Some(ys)) => {
                return xs.len() == ys.len() && xs.iter().zip(&ys).all(|((n, x), (m, y))| n == m && self.matches(x, y));
            }
            (Some(xs), None) => {
                if let Node::Tuple('(', ys, ')') | Node::List(ys, _) = r {
                    return xs.len() == ys.len() && xs.iter().zip(ys).all(|((_, x), y)| self.matches(x, y));
                }
            }
            (None, Some(ys)) => {
                if let Node::Tuple('(', xs, ')') | Node::List(xs, _) = a {
                    return xs.len() == ys.len() && ys.iter().zip(xs).all(|((_, y), x)| self.matches(x, y));
                }
            }
            (None, None) => {}
        }
        // (−1, 0) and (1, +∞), side by side.
        if let (Node::List(all, Join::And | Join::Comma), Node::Union(_)) = (a, r)
            && all.iter().all(|n| matches!(n, Node::Tuple(_, ends, _) if ends.len() == 2))
        {
            return self.matches(&Node::Union(all.clone()), r);
        }
        if let (Some(xs), Some(ys)) = (Spans::of(a), Spans::of(r))
            && (xs.wide || ys.wide)
        {
            return xs.same(&ys, self.rules);
        }
        // 1/2, or 50%: the same said twice.
        if let (Node::List(all, Join::Or | Join::Comma), true) = (a, r.is_expression())
            && let [x, y] = all.as_slice()
            && said_twice(x, y)
        {
            return self.matches(x, r) || self.matches(y, r);
        }
        if matches!(a, Node::List(..) | Node::Set(_)) || matches!(r, Node::List(..) | Node::Set(_)) {
            return self.unordered(&solutions(a), &solutions(r));
        }
        match (a, r) {
            (Node::Union(xs), Node::Union(ys)) | (Node::Meet(xs), Node::Meet(ys)) => self.unordered(xs, ys),
            (Node::Without(x, y), Node::Without(v, w)) => self.matches(x, v) && self.matches(y, w),
            _ => false,
        }
    }

    fn in_order(&self, xs: &[Node], ys: &[Node]) -> bool {
        xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| self.matches(x, y))
    }

    fn in_proportion(&self, xs: &[Node], ys: &[Node]) -> bool {
        let ([x, ..], [y, ..]) = (xs, ys) else { return false };
        let crossed = |(a, b): (&Node, &Node)| {
            self.scalar(&Node::Product(vec![a.clone(), y.clone()]), &Node::Product(vec![b.clone(), x.clone()]))
        };
        xs.len() == ys.len() && xs.iter().zip(ys).all(crossed)
    }

    /// Whether each of one side has its own match on the other; what is there twice counts once.
    fn unordered(&self, xs: &[Node], ys: &[Node]) -> bool {
        let all_in = |xs: &[Node], ys: &[Node], turned: bool| {
            xs.iter().all(|x| ys.iter().any(|y| if turned { self.matches(y, x) } else { self.matches(x, y) }))
        };
        // Long lists against short ones can't be the same but for repeats: those are few.
        xs.len() <= 2 * ys.len().max(1)
            && ys.len() <= 2 * xs.len().max(1)
            && all_in(xs, ys, false)
            && (all_in(ys, xs, true))
    }

    fn relations(&self, a: &Node, r: &Node) -> bool {
        if let (Some(xs), Some(ys)) = (Spans::of(a), Spans::of(r))
            && xs.wide
            && ys.wide
        {
            return xs.same(&ys, self.rules);
        }
        let (Node::Relation(xs, v), Node::Relation(ys, w)) = (a, r) else { return false };
        if let (Some(mine), Some(theirs)) = (values(a, true), values(r, false)) {
            let named = match (name_of(xs), name_of(ys)) {
                (Some(Node::Var(a)), Some(Node::Var(r))) => a == r,
                (Some(_), Some(_)) => true,
                // 2 + 1 = 3 works out what x = 3 names.
                (None, Some(_)) => !xs.first().is_some_and(Node::is_open),
                (Some(_) | None, None) => false,
            };
            if named && mine.iter().any(|m| theirs.iter().any(|t| self.matches(m, t))) {
                return true;
            }
        }
        match (v.as_slice(), w.as_slice()) {
            ([one], [other]) => {
                let ([x, x2], [y, y2]) = (xs.as_slice(), ys.as_slice()) else { return false };
                if ![x, x2, y, y2].iter().all(|n| n.is_expression()) {
                    return *one == *other && self.matches(x, y) && self.matches(x2, y2);
                }
                let (mine, theirs) = (x.clone().minus(x2.clone()), y.clone().minus(y2.clone()));
                let Some(by) = factor(&mine, &theirs) else { return false };
                match (one, other) {
                    (Rel::Eq | Rel::Ne, _) => one == other,
                    _ => one.is_order() && *other == if by > 0.0 { *one } else { one.flipped() },
                }
            }
            _ => {
                let turned: Vec<Node> = xs.iter().rev().cloned().collect();
                let flipped: Vec<Rel> = v.iter().rev().map(|r| r.flipped()).collect();
                (v == w && self.in_order(xs, ys)) || (flipped == *w && self.in_order(&turned, ys))
            }
        }
    }
}

const fn brackets(open: char, close: char) -> (char, char) {
    match (open, close) {
        ('⟨', '⟩') => ('(', ')'),
        other => other,
    }
}

/// 2516₈ is often given by its digits alone where the question names the base.
fn is_based(a: &Node, r: &Node) -> bool {
    match (a, r) {
        (Node::Num(_), Node::Call(Func::Based, all)) => all.first() == Some(a),
        _ => false,
    }
}

fn folded(words: &str) -> String {
    words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether it only names what an equation gives: x, f(x), AB, sin A, (x, y).
fn is_name(node: &Node) -> bool {
    match node {
        Node::Var(name) => name != "…",
        Node::Words(_) => true,
        Node::Call(Func::Named, _) => true,
        Node::Call(_, all) | Node::Tuple('(', all, ')') => all.iter().all(is_name),
        Node::Product(all) => {
            let named = |n: &Node, is: &dyn Fn(&str) -> bool| matches!(n, Node::Var(v) if is(v));
            // A segment AB, or dy/dx.
            all.iter().all(|n| named(n, &|v| v.starts_with(|c: char| c.is_uppercase())))
                || node
                    .any(&|n| matches!(n, Node::Product(all) if all.first().is_some_and(|n| named(n, &|v| v == "d"))))
        }
        _ => false,
    }
}

fn name_of(parts: &[Node]) -> Option<&Node> {
    match parts {
        [first, ..] if is_name(first) => Some(first),
        [.., last] if is_name(last) => Some(last),
        _ => None,
    }
}

/// What an equation or a chain of them comes to; the exact and the rounded side where it has both.
fn values(node: &Node, lenient: bool) -> Option<Vec<Node>> {
    let Node::Relation(parts, rels) = node else { return None };
    let (first, last) = (parts.first()?, parts.last()?);
    if rels == &[Rel::In] {
        return (is_name(first) && !last.is_expression()).then(|| vec![last.clone()]);
    }
    if !rels.iter().all(|r| matches!(r, Rel::Eq | Rel::About)) {
        return None;
    }
    if parts.len() == 2 && is_name(last) && !is_name(first) {
        return Some(vec![first.clone()]);
    }
    // e = √3 is an eccentricity.
    let named = is_name(first) || matches!(first, Node::Const(Constant::E));
    // x² + 1 = 10 is an equation; a + b = 7 tells a value where one is asked for.
    let tells = named || !first.is_open() || (lenient && !last.is_open());
    if !tells && !identical(first, last) {
        return None;
    }
    let about = rels.iter().position(|r| *r == Rel::About);
    let mut all = Vec::new();
    match about {
        Some(at) if !(named && at == 0) => {
            all.push(parts.get(at)?.clone());
            if about_the_same(parts.get(at)?, last) {
                all.push(last.clone());
            }
        }
        _ => {
            all.push(last.clone());
            // 10/3 = 3.33: rounded without saying so.
            if let [.., before, end] = parts.as_slice()
                && !(named && parts.len() == 2)
                && before.is_expression()
                && !before.is_open()
                && !end.is_open()
                && !identical(before, end)
            {
                if !about_the_same(before, end) {
                    return None;
                }
                all.push(before.clone());
            }
        }
    }
    Some(all)
}

fn about_the_same(a: &Node, b: &Node) -> bool {
    match (constant(a), constant(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= 0.01 * a.abs().max(b.abs()),
        _ => false,
    }
}

/// Whether one of two is the other as a percentage.
fn said_twice(x: &Node, y: &Node) -> bool {
    let percent = |n: &Node| matches!(n, Node::Call(Func::Percent, _));
    let (part, share) = if percent(x) { (y, x) } else { (x, y) };
    let (false, true, Some(part), Some(share)) = (percent(part), percent(share), constant(part), constant(share))
    else {
        return false;
    };
    (part * 100.0 - share).abs() <= 0.01 * share.abs()
}

/// Values by the names of several variables, in the names' order.
fn assignments(node: &Node) -> Option<Vec<(String, Node)>> {
    let Node::List(all, Join::Comma | Join::And) = node else { return None };
    let mut found: Vec<(String, Node)> = Vec::new();
    for item in all {
        let Node::Relation(parts, rels) = item else { return None };
        let [Node::Var(name), ..] = parts.as_slice() else { return None };
        if !rels.iter().all(|r| matches!(r, Rel::Eq | Rel::About)) {
            return None;
        }
        found.push((name.clone(), values(item, false)?.into_iter().next()?));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let base = |name: &str| name.split(['_', '\'']).next().unwrap_or("").to_owned();
    let distinct = found.windows(2).all(|pair| matches!(pair, [a, b] if base(&a.0) != base(&b.0)));
    (distinct && found.len() > 1).then_some(found)
}

/// The values of a list or set; a thing alone is a list of one.
fn solutions(node: &Node) -> Vec<Node> {
    match node {
        Node::List(all, _) | Node::Set(all) => all
            .iter()
            .flat_map(|item| match values(item, false) {
                Some(values) if is_name(first_of(item)) => {
                    values.into_iter().take(1).flat_map(|v| solutions(&v)).collect()
                }
                _ => vec![item.clone()],
            })
            .collect(),
        Node::Nothing => Vec::new(),
        Node::Relation(..) => values(node, false)
            .map_or_else(|| vec![node.clone()], |v| v.into_iter().take(1).flat_map(|v| solutions(&v)).collect()),
        other => vec![other.clone()],
    }
}

fn first_of(node: &Node) -> &Node {
    match node {
        Node::Relation(parts, _) => parts.first().unwrap_or(node),
        _ => node,
    }
}

/// The form in which structures are compared: ± written out, whole-number parameters renamed and their condition dropped.
fn canonical(node: Node) -> Node {
    let node = derived(parameters(node));
    if !node.any(&|n| matches!(n, Node::Either(..))) {
        return node;
    }
    match node {
        Node::List(all, join) => Node::List(all.into_iter().flat_map(both).collect(), join),
        Node::Set(all) => Node::Set(all.into_iter().flat_map(both).collect()),
        one => Node::List(both(one), Join::Or),
    }
}

/// `2x = 6, x = 3`: of equations that follow from each other, those that name a value.
fn derived(node: Node) -> Node {
    let is_step = |n: &Node| match n {
        Node::Relation(parts, rels) => {
            rels.iter().all(|r| *r == Rel::Eq) && parts.first().is_some_and(|p| p.is_open() && !is_name(p))
        }
        _ => false,
    };
    match node {
        Node::List(mut all, Join::Comma) if !all.last().is_some_and(is_step) && all.iter().any(is_step) => {
            let solved = all
                .last()
                .is_some_and(|n| matches!(n, Node::Relation(parts, _) if is_name(first_of(n)) && parts.len() > 1));
            if solved {
                all.retain(|n| !is_step(n));
            }
            if all.len() == 1
                && let Some(one) = all.pop()
            {
                return one;
            }
            Node::List(all, Join::Comma)
        }
        other => other,
    }
}

/// What ± stands for: the upper signs and the lower ones.
fn both(node: Node) -> Vec<Node> {
    if !node.any(&|n| matches!(n, Node::Either(..))) {
        return vec![node];
    }
    let signed = |lower: bool| {
        node.clone().map(&|n| match n {
            Node::Either(inner, minus) => {
                if minus == lower {
                    *inner
                } else {
                    inner.neg()
                }
            }
            other => other,
        })
    };
    vec![signed(false), signed(true)]
}

/// `x = 2kπ, k ∈ ℤ`: k is any whole number, whatever it is called.
fn parameters(node: Node) -> Node {
    let parameter = |n: &Node| match n {
        Node::Relation(parts, rels) if rels == &[Rel::In] => match parts.as_slice() {
            [Node::Var(name), Node::Var(set)] => {
                matches!(set.as_str(), "ℤ" | "Z" | "ℕ" | "N").then(|| (name.clone(), set.clone()))
            }
            _ => None,
        },
        _ => None,
    };
    let Node::List(all, join) = node else { return node };
    let found: Vec<(String, String)> = all.iter().filter_map(parameter).collect();
    if found.is_empty() || found.len() == all.len() {
        return Node::List(all, join);
    }
    // The index of a sequence keeps its name.
    let names: Vec<String> =
        found.into_iter().filter(|(_, set)| matches!(set.as_str(), "ℤ" | "Z")).map(|(name, _)| name).collect();
    let rename = |n: Node| match n {
        Node::Var(name) if names.contains(&name) => Node::Var("ℤ parameter".into()),
        other => other,
    };
    let mut kept: Vec<Node> = all.into_iter().filter(|n| parameter(n).is_none()).map(|n| n.map(&rename)).collect();
    if kept.len() == 1
        && let Some(one) = kept.pop()
    {
        return one;
    }
    Node::List(kept, join)
}

/// Whether an expression has π in it.
pub fn has_pi(node: &Node) -> bool {
    node.any(&|n| *n == Node::Const(Constant::Pi))
}
