//! Evaluates an expression in complex floating point: the judge of roots and functions that the exact fields don't know.

use super::field::{hash, mix};
use super::modular;
use super::node::{Constant, Func, Node};

/// A complex number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Outside its domain.
    Undefined,
    /// Too large.
    Overflow,
    /// Not to be evaluated.
    Opaque,
}

type Result = std::result::Result<Complex, Lack>;

const fn real(re: f64) -> Complex {
    Complex { re, im: 0.0 }
}

impl Complex {
    pub fn size(self) -> f64 {
        self.re.hypot(self.im)
    }

    /// Whether it is real but for rounding.
    pub fn is_real(self) -> bool {
        self.im.abs() <= 1e-10 * self.re.abs().max(1e-3)
    }

    fn add(self, o: Self) -> Self {
        Self { re: self.re + o.re, im: self.im + o.im }
    }

    const fn neg(self) -> Self {
        Self { re: -self.re, im: -self.im }
    }

    fn mul(self, o: Self) -> Self {
        if self.im == 0.0 && o.im == 0.0 {
            return real(self.re * o.re);
        }
        Self { re: self.re * o.re - self.im * o.im, im: self.re * o.im + self.im * o.re }
    }

    fn inverse(self) -> Result {
        let norm = self.re * self.re + self.im * self.im;
        // What is 0 but for rounding is 0.
        if norm < 1e-26 {
            return Err(Lack::Undefined);
        }
        Ok(if self.im == 0.0 { real(1.0 / self.re) } else { Self { re: self.re / norm, im: -self.im / norm } })
    }

    fn scaled(self, by: f64) -> Self {
        Self { re: self.re * by, im: self.im * by }
    }

    fn exp(self) -> Self {
        let size = self.re.exp();
        if self.im == 0.0 { real(size) } else { Self { re: size * self.im.cos(), im: size * self.im.sin() } }
    }

    fn ln(self) -> Result {
        if self.size() < 1e-13 {
            return Err(Lack::Undefined);
        }
        Ok(if self.im == 0.0 && self.re > 0.0 {
            real(self.re.ln())
        } else {
            Self { re: self.size().ln(), im: self.im.atan2(self.re) }
        })
    }

    fn pow(self, e: Self) -> Result {
        if self.im == 0.0 && e.im == 0.0 && (self.re > 0.0 || e.re.fract() == 0.0 && self.re != 0.0) {
            return Ok(real(self.re.powf(e.re)));
        }
        if self.size() < 1e-300 {
            return if e.re > 0.0 { Ok(real(0.0)) } else { Err(Lack::Undefined) };
        }
        if e.im == 0.0 && e.re == 0.5 && self.im == 0.0 {
            return Ok(Self { re: 0.0, im: (-self.re).sqrt() });
        }
        Ok(self.ln()?.mul(e).exp())
    }
}

/// Where variables stand: the seed and the range they are drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub seed: u64,
    pub from: f64,
    pub to: f64,
}

impl Place {
    /// The value; finite.
    pub fn value(&self, node: &Node) -> Result {
        let value = self.raw(node)?;
        if value.re.is_finite() && value.im.is_finite() { Ok(value) } else { Err(Lack::Overflow) }
    }

    fn raw(&self, node: &Node) -> Result {
        Ok(match node {
            Node::Num(n) => real(number(n)),
            Node::Const(Constant::Pi) => real(std::f64::consts::PI),
            Node::Const(Constant::E) => real(std::f64::consts::E),
            Node::Const(Constant::I) => Complex { re: 0.0, im: 1.0 },
            Node::Const(Constant::Infinity) => return Err(Lack::Opaque),
            Node::Var(name) => {
                #[expect(clippy::cast_precision_loss, reason = "52 bits are what a fraction has")]
                let unit = (mix(&[self.seed, hash(name)]) >> 12) as f64 / (1_u64 << 52) as f64;
                real(self.from + (self.to - self.from) * unit)
            }
            Node::Sum(all) => {
                let mut sum = real(0.0);
                for node in all {
                    sum = sum.add(self.value(node)?);
                }
                sum
            }
            Node::Neg(inner) => self.value(inner)?.neg(),
            Node::Product(all) => {
                let mut product = real(1.0);
                for node in all {
                    product = product.mul(self.value(node)?);
                }
                product
            }
            Node::Inverse(inner) => self.value(inner)?.inverse()?,
            Node::Power(base, exponent) => {
                let value = self.value(base)?;
                self.power(value, exponent)?
            }
            Node::Call(Func::Root, all) => {
                let [x, index] = all.as_slice() else { return Err(Lack::Opaque) };
                let x = self.value(x)?;
                self.power(x, &index.clone().inverse())?
            }
            Node::Call(func, all) => self.call(*func, all)?,
            _ => return Err(Lack::Opaque),
        })
    }

    fn power(&self, base: Complex, exponent: &Node) -> Result {
        let e = self.value(exponent)?;
        // The cube root of a negative number is the real one, and so for all odd roots.
        if base.im == 0.0
            && base.re < 0.0
            && e.re.fract() != 0.0
            && let Some(r) = modular::rational(exponent)
            && r.den % 2 == 1
        {
            let size = real(-base.re).pow(e)?;
            return Ok(if r.num % 2 == 0 { size } else { size.neg() });
        }
        base.pow(e)
    }

    fn call(&self, func: Func, all: &[Node]) -> Result {
        let one = |i: usize| all.get(i).ok_or(Lack::Opaque).and_then(|n| self.value(n));
        // A function of real numbers only.
        let line = |x: Complex, of: fn(f64) -> f64| {
            let y = of(x.re);
            if !x.is_real() {
                Err(Lack::Opaque)
            } else if y.is_nan() {
                Err(Lack::Undefined)
            } else {
                Ok(real(y))
            }
        };
        let sine = |x: Complex| Complex { re: x.re.sin() * x.im.cosh(), im: x.re.cos() * x.im.sinh() };
        let cosine = |x: Complex| Complex { re: x.re.cos() * x.im.cosh(), im: -x.re.sin() * x.im.sinh() };
        let i = Complex { re: 0.0, im: 1.0 };
        Ok(match func {
            Func::Sin => sine(one(0)?),
            Func::Cos => cosine(one(0)?),
            Func::Tan => sine(one(0)?).mul(cosine(one(0)?).inverse()?),
            Func::Cot => cosine(one(0)?).mul(sine(one(0)?).inverse()?),
            Func::Sec => cosine(one(0)?).inverse()?,
            Func::Csc => sine(one(0)?).inverse()?,
            Func::Asin => line(one(0)?, f64::asin)?,
            Func::Acos => line(one(0)?, f64::acos)?,
            Func::Atan => line(one(0)?, f64::atan)?,
            Func::Sinh => sine(one(0)?.mul(i)).mul(i).neg(),
            Func::Cosh => cosine(one(0)?.mul(i)),
            Func::Tanh => line(one(0)?, f64::tanh)?,
            Func::Asinh => line(one(0)?, f64::asinh)?,
            Func::Acosh => line(one(0)?, f64::acosh)?,
            Func::Atanh => line(one(0)?, f64::atanh)?,
            Func::Ln => one(0)?.ln()?,
            Func::Log10 => one(0)?.ln()?.scaled(std::f64::consts::LN_10.recip()),
            Func::LogBase => one(1)?.ln()?.mul(one(0)?.ln()?.inverse()?),
            Func::Percent => one(0)?,
            Func::Abs => real(one(0)?.size()),
            Func::Floor => line(one(0)?, f64::floor)?,
            Func::Ceil => line(one(0)?, f64::ceil)?,
            Func::Factorial => {
                let x = one(0)?;
                if !(x.is_real() && x.re.fract() == 0.0 && (0.0..=170.0).contains(&x.re)) {
                    return Err(Lack::Opaque);
                }
                let (mut product, mut n) = (1.0, 2.0);
                while n <= x.re {
                    product *= n;
                    n += 1.0;
                }
                real(product)
            }
            Func::Max | Func::Min => {
                let mut best = one(0)?;
                for node in all {
                    let next = self.value(node)?;
                    if !next.is_real() {
                        return Err(Lack::Opaque);
                    }
                    if (next.re > best.re) == (func == Func::Max) {
                        best = next;
                    }
                }
                best
            }
            Func::Binomial | Func::Based => {
                let node = Node::Call(func, all.to_vec());
                let r = modular::rational(&node).ok_or(Lack::Opaque)?;
                real(quotient(r.num, r.den))
            }
            Func::Root | Func::Named => return Err(Lack::Opaque),
        })
    }
}

/// A constant expression as a real number.
pub fn constant(node: &Node) -> Option<f64> {
    if node.is_open() {
        return None;
    }
    let value = Place { seed: 0, from: 0.0, to: 1.0 }.value(node).ok()?;
    value.is_real().then_some(value.re)
}

#[expect(clippy::cast_precision_loss, reason = "a float is what is asked for")]
fn quotient(num: i128, den: i128) -> f64 {
    num as f64 / den as f64
}

fn number(n: &super::node::Numeral) -> f64 {
    format!("{}e{}", n.digits, n.scale()).parse().unwrap_or(f64::INFINITY)
}
