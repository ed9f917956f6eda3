//! Whether two expressions are equal: exactly where the fields can tell, else by floating point at many points.

use super::float::{Complex, Lack, Place, constant};
use super::modular::{self, Proof};
use super::node::{Constant, Node, Numeral};

/// What counts as equal beyond equality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Relative distance from a constant reference.
    pub tolerance: f64,
    /// Whether a decimal reference is met by what rounds to it.
    pub rounded: bool,
}

/// Relative distance that rounding in floating point explains, of constants and at points.
const CONSTANT: f64 = 1e-12;
const POINT: f64 = 1e-10;
/// Values beyond this are too coarse in floating point to be told from their neighbours.
const LARGE: f64 = 1e6;
/// Points tried, the fewest that must hold, and as many as are enough.
const TRIED: u64 = 80;
const FEWEST: u32 = 4;
const ENOUGH: u32 = 12;

/// Whether an answer equals the reference.
pub fn equal(answer: &Node, reference: &Node, rules: Rules) -> bool {
    if answer == reference {
        return true;
    }
    let exact = match modular::compare(answer, reference) {
        Proof::Equal => true,
        Proof::Unequal => false,
        Proof::Unknown => measured(answer, reference),
    };
    exact || near(answer, reference, rules)
}

/// Whether both are the same, exactly.
pub fn identical(a: &Node, b: &Node) -> bool {
    equal(a, b, Rules { tolerance: 0.0, rounded: false })
}

fn near(answer: &Node, reference: &Node, rules: Rules) -> bool {
    let wanted = rules.tolerance > 0.0 || rules.rounded;
    let (true, Some(a), Some(r)) = (wanted, constant(answer), constant(reference)) else { return false };
    let distance = (a - r).abs();
    let allowed = rules.tolerance * if r == 0.0 { 1.0 } else { r.abs() };
    let shown = match reference {
        Node::Num(n) => Some(n),
        Node::Neg(inner) => match &**inner {
            Node::Num(n) => Some(n),
            _ => None,
        },
        _ => None,
    };
    let half = shown.filter(|n| rules.rounded && n.decimals > 0).map_or(0.0, |n| {
        let places = i32::try_from(n.decimals).unwrap_or(i32::MAX).saturating_sub(n.exponent);
        0.5 * 10_f64.powi(-places)
    });
    distance <= allowed * (1.0 + 1e-9) || distance <= half * (1.0 + 1e-9)
}

/// Whether floating point may judge an expression: a number of many digits is an approximation of something.
fn is_short(node: &Node) -> bool {
    let long = |n: &Numeral| {
        let digits = n.digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0').len();
        let order = i64::try_from(digits.len()).unwrap_or(i64::MAX).saturating_add(n.scale());
        significant > 8 || (significant > 0 && !(-5..=8).contains(&order))
    };
    // A term that is lost beside the others can't be told either.
    let lost = |all: &[Node]| {
        let sizes: Vec<f64> = all.iter().filter_map(|n| constant(n).map(f64::abs)).collect();
        let largest = sizes.iter().copied().fold(1.0, f64::max);
        sizes.iter().any(|size| *size != 0.0 && *size < 1e-7 * largest)
    };
    !node.any(&|n| match n {
        Node::Num(n) => long(n),
        Node::Sum(all) => lost(all),
        _ => false,
    })
}

fn measured(a: &Node, b: &Node) -> bool {
    if !is_short(a) || !is_short(b) {
        return false;
    }
    if !a.is_open() && !b.is_open() {
        let place = Place { seed: 0, from: 0.0, to: 1.0 };
        let (Ok(a), Ok(b)) = (place.value(a), place.value(b)) else { return false };
        return a.size() < LARGE && b.size() < LARGE && close(a, b, CONSTANT);
    }
    let complex = [a, b].iter().any(|n| n.any(&|n| *n == Node::Const(Constant::I)));
    let mut agreed = 0;
    for place in places() {
        match (place.value(a), place.value(b)) {
            (Ok(x), Ok(y)) => {
                if x.size() > LARGE || y.size() > LARGE {
                    continue;
                }
                if close(x, y, POINT) {
                    agreed += 1;
                } else if complex || x.is_real() || y.is_real() {
                    // Where neither is real, both are outside their domain.
                    return false;
                }
            }
            (Err(Lack::Opaque), _) | (_, Err(Lack::Opaque)) => return false,
            (Err(Lack::Undefined), Ok(_)) | (Ok(_), Err(Lack::Undefined)) => return false,
            (Err(_), _) | (_, Err(_)) => {}
        }
        if agreed >= ENOUGH {
            return true;
        }
    }
    agreed >= FEWEST
}

/// Where variables are tried: near 1, on both sides of 0, far, and far on one side.
fn places() -> impl Iterator<Item = Place> {
    (0..TRIED).map(|seed| {
        let (from, to) = match seed % 4 {
            0 => (0.2, 2.5),
            1 => (-2.5, 2.5),
            2 => (-12.0, 12.0),
            _ => (0.1, 30.0),
        };
        Place { seed, from, to }
    })
}

fn close(x: Complex, y: Complex, within: f64) -> bool {
    let distance = (x.re - y.re).hypot(x.im - y.im);
    distance <= within * x.size().max(y.size()).max(1.0)
}

/// The constant, not 0, that a is of b wherever the variables are; its sign is what can be told of it.
pub fn factor(a: &Node, b: &Node) -> Option<f64> {
    let proof = modular::proportional(a, b);
    if proof == Proof::Unequal || (proof == Proof::Unknown && !(is_short(a) && is_short(b))) {
        return None;
    }
    let (mut found, mut agreed) = (None, 0);
    for place in places() {
        let (Ok(x), Ok(y)) = (place.value(a), place.value(b)) else { continue };
        if !x.is_real() || !y.is_real() || x.size() > LARGE || y.size() > LARGE || y.re.abs() < 1e-6 {
            continue;
        }
        let ratio = x.re / y.re;
        if ratio.abs() < 1e-9 {
            return None;
        }
        let first = *found.get_or_insert(ratio);
        if proof == Proof::Equal {
            return Some(first);
        }
        if (ratio - first).abs() > 1e-9 * first.abs() {
            return None;
        }
        agreed += 1;
        if agreed >= ENOUGH {
            break;
        }
    }
    // What is proportional but can't be evaluated has no sign that could be told.
    found.filter(|_| agreed >= FEWEST)
}
