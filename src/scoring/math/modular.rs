//! Evaluates an expression in one of the fields of [`super::field`]: exact where it holds rationals, variables, roots of
//! positive rationals, π, e, i and logarithms of rationals; any other function is a symbol of its own that its arguments
//! decide, so that equal values still prove equality, and unequal ones only disprove it where there is none.

use super::field::{Element, Field, PRIMES, hash, mix};
use super::node::{Constant, Func, Node};
use super::ratio::Ratio;

/// A value and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    pub at: Element,
    /// Whether unequal values prove inequality.
    pub pure: bool,
    /// The value where it is a small rational.
    pub ratio: Option<Ratio>,
    /// Whether it is a product of powers of positive rationals, π and e, whose real roots the field has.
    monomial: bool,
}

/// Where an expression is evaluated: a prime, and a seed that decides the variables.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    field: Field,
    seed: u64,
}

/// The most whole number whose factorial is worked out.
const FACTORIAL: i64 = 2000;

/// How two expressions compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Equal,
    Unequal,
    Unknown,
}

/// Compares under several primes.
pub fn compare(a: &Node, b: &Node) -> Proof {
    let mut held = 0;
    for (p, seed) in PRIMES.into_iter().zip(1..) {
        let place = Place { field: Field { p }, seed };
        let (Some(a), Some(b)) = (place.value(a), place.value(b)) else { continue };
        if a.at != b.at {
            return if a.pure && b.pure { Proof::Unequal } else { Proof::Unknown };
        }
        held += 1;
        if held == 3 {
            return Proof::Equal;
        }
    }
    if held == 2 { Proof::Equal } else { Proof::Unknown }
}

/// Whether a/b is one constant that is not 0, wherever the variables are; unknown where a or b is not exact.
pub fn proportional(a: &Node, b: &Node) -> Proof {
    let mut held = 0;
    for (p, seed) in PRIMES.into_iter().zip(1..) {
        let mut ratios = (0..3).map(|n| {
            let place = Place { field: Field { p }, seed: mix(&[seed, n]) };
            let (a, b) = (place.value(a)?, place.value(b)?);
            Some((place.field.mul(a.at, place.field.inverse(b.at)?), a.pure && b.pure))
        });
        let (Some(Some(x)), Some(Some(y)), Some(Some(z))) = (ratios.next(), ratios.next(), ratios.next()) else {
            continue;
        };
        if x.0 == Field::ZERO || x.0 != y.0 || y.0 != z.0 {
            return if x.1 { Proof::Unequal } else { Proof::Unknown };
        }
        held += 1;
        if held == 2 {
            return Proof::Equal;
        }
    }
    Proof::Unknown
}

/// The rational that an expression is, where that is exact.
pub fn rational(node: &Node) -> Option<Ratio> {
    let [p, ..] = PRIMES;
    Place { field: Field { p }, seed: 1 }.value(node)?.ratio
}

impl Place {
    /// None where this field can't tell (a root it lacks, a division by 0) or the node is no expression.
    pub fn value(&self, node: &Node) -> Option<Value> {
        let f = self.field;
        Some(match node {
            Node::Num(n) => {
                let ratio = Ratio::of(n);
                let monomial = n.digits.bytes().any(|d| d != b'0');
                Value { at: f.decimal(&n.digits, n.scale()), pure: true, ratio, monomial }
            }
            Node::Const(Constant::I) => Value { at: Field::I, pure: true, ratio: None, monomial: false },
            Node::Const(Constant::Infinity) => self.symbol("∞"),
            // Squares, so that they have roots.
            Node::Const(c) => {
                let s = self.symbol(if *c == Constant::Pi { "π" } else { "e" });
                Value { at: f.mul(s.at, s.at), monomial: true, ..s }
            }
            Node::Var(name) => self.symbol(name),
            Node::Sum(all) => {
                let mut sum = exact(f, Ratio { num: 0, den: 1 });
                for node in all {
                    let next = self.value(node)?;
                    let ratio = sum.ratio.zip(next.ratio).and_then(|(a, b)| a.add(b));
                    sum = Value { at: f.add(sum.at, next.at), pure: sum.pure && next.pure, ratio, monomial: false };
                }
                sum
            }
            Node::Neg(inner) => {
                let value = self.value(inner)?;
                let ratio = value.ratio.and_then(Ratio::neg);
                Value { at: f.neg(value.at), ratio, monomial: false, ..value }
            }
            Node::Product(all) => {
                let mut product = exact(f, Ratio::ONE);
                let mut below = Field::ONE;
                for node in all {
                    let (next, divides) = match node {
                        Node::Inverse(inner) => (self.value(inner)?, true),
                        other => (self.value(other)?, false),
                    };
                    let ratio = if divides { next.ratio.and_then(Ratio::inverse) } else { next.ratio };
                    let at = if divides {
                        if next.at == Field::ZERO {
                            return None;
                        }
                        below = f.mul(below, next.at);
                        product.at
                    } else {
                        f.mul(product.at, next.at)
                    };
                    product = Value {
                        at,
                        pure: product.pure && next.pure,
                        ratio: product.ratio.zip(ratio).and_then(|(a, b)| a.mul(b)),
                        monomial: product.has_roots() && next.has_roots(),
                    };
                }
                Value { at: f.mul(product.at, f.inverse(below)?), ..product }
            }
            Node::Inverse(inner) => {
                let value = self.value(inner)?;
                Value { at: f.inverse(value.at)?, ratio: value.ratio.and_then(Ratio::inverse), ..value }
            }
            Node::Power(base, exponent) => {
                let (base, exponent) = (self.value(base)?, self.value(exponent)?);
                self.power(base, exponent)?
            }
            Node::Call(func, all) => self.call(*func, all)?,
            _ => return None,
        })
    }

    fn symbol(&self, name: &str) -> Value {
        let at = self.field.real(mix(&[self.seed, self.field.p, hash(name)]));
        Value { at, pure: true, ratio: None, monomial: false }
    }

    /// A symbol that a name and values decide.
    fn atom(&self, name: &str, of: &[Element]) -> Value {
        let mut words = vec![self.seed, self.field.p, hash(name)];
        words.extend(of.iter().flat_map(|e| [e.re, e.im]));
        Value { at: self.field.real(mix(&words)), pure: false, ratio: None, monomial: false }
    }

    fn power(&self, base: Value, exponent: Value) -> Option<Value> {
        let f = self.field;
        let opaque = || self.atom("^", &[base.at, exponent.at]);
        let Some(by) = exponent.ratio else { return Some(opaque()) };
        if by.den == 1 {
            let Ok(n) = i64::try_from(by.num) else { return Some(opaque()) };
            let power = f.power(base.at, n.unsigned_abs());
            let at = if n < 0 { f.inverse(power)? } else { power };
            if n == 0 && base.at == Field::ZERO {
                return None;
            }
            let ratio = base.ratio.and_then(|r| r.pow(n));
            return Some(Value { at, pure: base.pure, ratio, monomial: base.has_roots() });
        }
        let (Ok(times), Ok(index)) = (i64::try_from(by.num), u64::try_from(by.den)) else { return Some(opaque()) };
        let raised = |root: Element, monomial| {
            let power = f.power(root, times.unsigned_abs());
            let at = if times < 0 { f.inverse(power)? } else { power };
            Some(Value { at, pure: base.pure, ratio: None, monomial })
        };
        match base.ratio {
            Some(r) if r.num == 0 => return (times > 0).then_some(base),
            Some(r) if r.num < 0 => {
                let size = f.neg(base.at);
                return match index {
                    2 => raised(f.mul(Field::I, f.real(f.root(size.re, 2)?)), false),
                    odd if odd % 2 == 1 => raised(f.neg(f.real(f.root(size.re, odd)?)), false),
                    _ => Some(opaque()),
                };
            }
            Some(r) => {
                // A root that is rational is one to know: further roots may follow.
                let exact = whole_root(r, index).and_then(|r| r.pow(times));
                let value = raised(f.real(f.root(base.at.re, index)?), true)?;
                return Some(Value { ratio: exact, ..value });
            }
            None => {}
        }
        if base.monomial && base.at.im == 0 {
            return raised(f.real(f.root(base.at.re, index)?), true);
        }
        Some(opaque())
    }

    fn call(&self, func: Func, all: &[Node]) -> Option<Value> {
        let f = self.field;
        let mut values = Vec::with_capacity(all.len());
        if func != Func::Named {
            for node in all {
                values.push(self.value(node)?);
            }
        }
        let ats: Vec<Element> = values.iter().map(|v| v.at).collect();
        let name = format!("{func:?}");
        let opaque = || self.atom(&name, &ats);
        let ratio = |r: Ratio| exact(f, r);
        Some(match (func, values.as_slice()) {
            (Func::Root, [x, index]) => {
                let by = index.ratio?.inverse()?;
                self.power(*x, ratio(by))?
            }
            (Func::Abs, [x]) => match x.ratio {
                Some(r) => ratio(Ratio { num: r.num.checked_abs()?, ..r }),
                None if x.monomial => *x,
                None => {
                    let (a, b) = (x.at, f.neg(x.at));
                    self.atom("abs", &[if (a.re, a.im) < (b.re, b.im) { a } else { b }])
                }
            },
            (Func::Floor, [x]) => x.ratio.map_or_else(opaque, |r| ratio(r.floor())),
            (Func::Ceil, [x]) => match x.ratio.and_then(Ratio::neg) {
                Some(r) => ratio(r.floor().neg()?),
                None => opaque(),
            },
            (Func::Factorial, [x]) => match x.ratio.and_then(Ratio::integer) {
                Some(n @ 0..=FACTORIAL) => self.rising(1, n)?,
                _ => opaque(),
            },
            (Func::Binomial, [n, k]) => match (n.ratio.and_then(Ratio::integer), k.ratio.and_then(Ratio::integer)) {
                (Some(n @ 0..=FACTORIAL), Some(k)) if (0..=n).contains(&k) => {
                    let (above, below) = (self.rising(n - k + 1, n)?, self.rising(1, k)?);
                    Value { at: f.mul(above.at, f.inverse(below.at)?), ratio: choose(n, k), ..above }
                }
                _ => opaque(),
            },
            (Func::Based, [digits, base]) => {
                let (digits, base) = (digits.ratio?, base.ratio?.integer()?);
                ratio(based(digits.num, i128::from(base))?)
            }
            (Func::Percent, [x]) => *x,
            (Func::Ln, [x]) => self.ln(x)?,
            (Func::Log10, [x]) => {
                let ten = self.ln(&ratio(Ratio { num: 10, den: 1 }))?;
                self.quotient(self.ln(x)?, ten)?
            }
            (Func::LogBase, [base, x]) => self.quotient(self.ln(x)?, self.ln(base)?)?,
            (Func::Max | Func::Min, some) => {
                let all: Option<Vec<Ratio>> = some.iter().map(|v| v.ratio).collect();
                let order = |a: &Ratio, b: &Ratio| {
                    let (l, r) = (a.num.saturating_mul(b.den), b.num.saturating_mul(a.den));
                    l.cmp(&r)
                };
                let best = all.and_then(|all| {
                    let all = all.into_iter();
                    if func == Func::Max { all.max_by(order) } else { all.min_by(order) }
                });
                best.map_or_else(opaque, ratio)
            }
            (Func::Named, _) => {
                let [Node::Var(name), rest @ ..] = all else { return None };
                let mut of = Vec::new();
                for node in rest {
                    of.push(self.value(node)?.at);
                }
                Value { pure: false, ..self.atom(name, &of) }
            }
            _ => opaque(),
        })
    }

    fn quotient(&self, a: Value, b: Value) -> Option<Value> {
        let at = self.field.mul(a.at, self.field.inverse(b.at)?);
        Some(Value { at, pure: a.pure && b.pure, ratio: None, monomial: false })
    }

    /// from · (from + 1) · … · to.
    fn rising(&self, from: i64, to: i64) -> Option<Value> {
        let f = self.field;
        let mut at = 1;
        let mut ratio = Some(Ratio::ONE);
        for n in from..=to {
            at = at * u64::try_from(n).ok()? % f.p;
            ratio = ratio.and_then(|r| r.mul(Ratio { num: i128::from(n), den: 1 }));
        }
        Some(Value { at: f.real(at), pure: true, ratio, monomial: true })
    }

    /// The logarithm of a positive rational is the sum of those of its prime factors.
    fn ln(&self, x: &Value) -> Option<Value> {
        let f = self.field;
        let Some(r) = x.ratio.filter(|r| r.is_positive()) else { return Some(self.atom("ln", &[x.at])) };
        let mut sum = Field::ZERO;
        for (part, sign) in [(r.num, 1), (r.den, -1)] {
            let mut rest = part;
            let mut q = 2_i128;
            while q * q <= rest && q < 1000 {
                while rest % q == 0 {
                    rest /= q;
                    sum = f.add(sum, f.mul(f.integer(sign), self.atom("ln", &[f.integer(q)]).at));
                }
                q += 1;
            }
            if rest >= 1_000_000 {
                return Some(self.atom("ln", &[x.at]));
            }
            if rest > 1 {
                sum = f.add(sum, f.mul(f.integer(sign), self.atom("ln", &[f.integer(rest)]).at));
            }
        }
        let ratio = (r == Ratio::ONE).then_some(Ratio { num: 0, den: 1 });
        Some(Value { at: sum, pure: true, ratio, monomial: false })
    }
}

impl Value {
    fn has_roots(&self) -> bool {
        self.monomial || self.ratio.is_some_and(Ratio::is_positive)
    }
}

fn exact(f: Field, r: Ratio) -> Value {
    let below = f.inverse(f.integer(r.den)).unwrap_or(Field::ZERO);
    Value { at: f.mul(f.integer(r.num), below), pure: true, ratio: Some(r), monomial: r.is_positive() }
}

fn choose(n: i64, k: i64) -> Option<Ratio> {
    (1..=k.min(n - k)).try_fold(Ratio::ONE, |c, i| c.mul(Ratio::new(i128::from(n - i + 1), i128::from(i))?))
}

/// The number whose decimal digits, read in another base, these are.
fn based(digits: i128, base: i128) -> Option<Ratio> {
    let (mut rest, mut place, mut value) = (digits, 1_i128, 0_i128);
    while rest > 0 {
        let digit = rest % 10;
        if digit >= base || !(2..=36).contains(&base) {
            return None;
        }
        value = value.checked_add(digit.checked_mul(place)?)?;
        place = place.checked_mul(base)?;
        rest /= 10;
    }
    Ratio::new(value, 1)
}

/// The k-th root of a positive fraction where that is a fraction.
fn whole_root(r: Ratio, k: u64) -> Option<Ratio> {
    let k = u32::try_from(k).ok()?;
    let root = |n: i128| {
        let (mut low, mut high) = (0_i128, 1_i128 << (127 / k.max(1) + 1).min(126));
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if middle.checked_pow(k).is_some_and(|power| power <= n) { low = middle } else { high = middle - 1 }
        }
        (low.checked_pow(k) == Some(n)).then_some(low)
    };
    Ratio::new(root(r.num)?, root(r.den)?)
}
