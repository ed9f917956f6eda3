//! Powers, numbers, names, fractions, roots and functions.

use super::{Bars, Parser};
use crate::scoring::math::lex::Token;
use crate::scoring::math::node::{Constant, Func, Node, Numeral};

/// Letters that name functions where brackets follow.
const FUNCTION_NAMES: &[&str] = &["f", "F"];

impl Parser {
    pub(super) fn power(&mut self) -> Option<Node> {
        self.deeper(|parser| {
            let primary = parser.primary()?;
            let mut base = parser.postfix(primary)?;
            if parser.eat('^') {
                let exponent = parser.exponent()?;
                base = base.is_expression().then(|| base.power(exponent))?;
                base = parser.postfix(base)?;
            }
            Some(base)
        })
    }

    /// What stands behind `^`; a tower is raised from its top.
    fn exponent(&mut self) -> Option<Node> {
        self.deeper(|parser| {
            let mut negative = false;
            while let Some(Token::Op(sign @ ('+' | '-'))) = parser.peek() {
                negative ^= *sign == '-';
                parser.at += 1;
            }
            let mut exponent = parser.primary()?;
            if parser.is('!') {
                exponent = parser.postfix(exponent)?;
            }
            if parser.eat('^') {
                let above = parser.exponent()?;
                exponent = exponent.power(above);
            }
            exponent.is_expression().then_some(if negative { exponent.neg() } else { exponent })
        })
    }

    fn postfix(&mut self, mut node: Node) -> Option<Node> {
        for _ in 0..3 {
            match self.peek() {
                Some(Token::Op('!')) if node.is_expression() => {
                    self.at += 1;
                    node = Node::Call(Func::Factorial, vec![node]);
                }
                Some(Token::Op('%')) if node.is_expression() => {
                    self.at += 1;
                    node = if self.percent { node.over(Node::int(100)) } else { Node::Call(Func::Percent, vec![node]) };
                }
                Some(Token::Op('°')) if node.is_expression() => {
                    self.at += 1;
                    let scale = matches!(self.peek(), Some(Token::Sym(s)) if s == "C" || s == "F");
                    self.at += usize::from(scale && !self.spaced());
                    if self.angle > 0 {
                        node = Node::Product(vec![node, Node::Const(Constant::Pi), Node::int(180).inverse()]);
                    } else {
                        self.degrees = true;
                    }
                }
                _ => break,
            }
        }
        Some(node)
    }

    fn primary(&mut self) -> Option<Node> {
        match self.next()? {
            Token::Num(n) => self.numeral(n),
            Token::Sym(name) => self.name(name),
            Token::Const(c) => Some(Node::Const(c)),
            Token::Special(node) => Some(node),
            Token::Dots => Some(Node::Var("…".into())),
            Token::Frac => {
                let above = self.argument(true)?;
                Some(above.over(self.argument(true)?))
            }
            Token::Binom => {
                let above = self.argument(true)?;
                Some(Node::Call(Func::Binomial, vec![above, self.argument(true)?]))
            }
            Token::Sqrt => {
                let index = if self.is('[') {
                    self.at += 1;
                    let index = self.deeper(Self::sum)?;
                    self.eat(']').then_some(index)?
                } else {
                    Node::int(2)
                };
                Some(Node::Call(Func::Root, vec![self.argument(false)?, index]))
            }
            Token::Cbrt => Some(Node::Call(Func::Root, vec![self.argument(false)?, Node::int(3)])),
            Token::Exp => {
                let argument = self.applied()?;
                Some(Node::Const(Constant::E).power(argument))
            }
            Token::Log => self.logarithm(),
            Token::Func(func) => self.function(func),
            Token::Line => match self.argument(true)? {
                Node::Var(name) => Some(Node::Var(format!("{name}\u{304}"))),
                other => Some(other),
            },
            Token::Hat => self.argument(true),
            Token::Op(open @ ('(' | '[' | '⟨')) => self.bracket(open),
            Token::Op('{') => self.braces('}'),
            Token::Op('⦃') => self.braces('⦄'),
            Token::Op('|') => self.bars('|'),
            Token::Op('⎸') => self.bars('⎹'),
            Token::Op('⌊') => self.rounded('⌋', Func::Floor),
            Token::Op('⌈') => self.rounded('⌉', Func::Ceil),
            Token::Begin(environment) => self.environment(&environment),
            Token::Op(_) | Token::End | Token::Text(_) | Token::Or | Token::And => None,
        }
    }

    fn rounded(&mut self, close: char, func: Func) -> Option<Node> {
        let inner = self.deeper(Self::sum)?;
        (self.eat(close) && inner.is_expression()).then(|| Node::Call(func, vec![inner]))
    }

    fn bars(&mut self, close: char) -> Option<Node> {
        let outer = std::mem::replace(&mut self.bars, Bars::Inside);
        let inner = self.deeper(Self::sum);
        self.bars = outer;
        let inner = inner?;
        (self.eat(close) && inner.is_expression()).then(|| Node::Call(Func::Abs, vec![inner]))
    }

    /// What a command takes: a group, or one token; of digits in a row only the first where TeX has it so.
    fn argument(&mut self, single: bool) -> Option<Node> {
        self.deeper(|parser| {
            if single
                && let Some(Token::Num(n)) = parser.peek()
                && n.decimals == 0
                && n.digits.len() > 1
            {
                let (first, rest) = n.digits.split_at_checked(1)?;
                let (first, rest) = (first.to_owned(), rest.to_owned());
                if let Some(lexeme) = parser.tokens.get_mut(parser.at) {
                    lexeme.token = Token::Num(Numeral::integer(rest));
                }
                return Some(Node::Num(Numeral::integer(first)));
            }
            let node = match parser.peek() {
                Some(Token::Num(n)) => {
                    let node = Node::Num(n.clone());
                    parser.at += 1;
                    node
                }
                _ => parser.primary()?,
            };
            node.is_expression().then_some(node)
        })
    }

    fn numeral(&mut self, n: Numeral) -> Option<Node> {
        if n.is_integer() && self.is('_') {
            self.at += 1;
            let base = self.argument(false)?;
            return Some(Node::Call(Func::Based, vec![Node::Num(n), base]));
        }
        if self.peek() == Some(&Token::Line) {
            return self.repeating(&n);
        }
        if n.decimals > 0 && self.peek() == Some(&Token::Dots) {
            self.at += 1;
        }
        if !n.is_integer() {
            return Some(Node::Num(n));
        }
        // A whole number and a proper fraction: a mixed number.
        let proper = |above: &Numeral, below: &Numeral| {
            let (a, b): (u64, u64) = (above.digits.parse().ok()?, below.digits.parse().ok()?);
            (above.is_integer() && below.is_integer() && 0 < a && a < b).then_some(())
        };
        if self.peek() == Some(&Token::Frac) {
            let (start, kept) = (self.at, self.tokens.get(self.at + 1).cloned());
            self.at += 1;
            let (above, below) = (self.argument(true), self.argument(true));
            if let (Some(Node::Num(above)), Some(Node::Num(below))) = (above, below)
                && proper(&above, &below).is_some()
                && !self.is('^')
            {
                return Some(Node::Sum(vec![Node::Num(n), Node::Num(above).over(Node::Num(below))]));
            }
            // Not one: what was split is put together again.
            if let (Some(slot), Some(kept)) = (self.tokens.get_mut(start + 1), kept) {
                *slot = kept;
            }
            self.at = start;
        } else if self.spaced()
            && let (Some(Token::Num(above)), Some(Token::Op('/')), Some(Token::Num(below))) =
                (self.peek(), self.ahead(1), self.ahead(2))
            && proper(above, below).is_some()
        {
            let fraction = Node::Num(above.clone()).over(Node::Num(below.clone()));
            self.at += 3;
            return Some(Node::Sum(vec![Node::Num(n), fraction]));
        }
        Some(Node::Num(n))
    }

    /// `0.1\overline{6}` and `0.\dot{1}4285\dot{7}`.
    fn repeating(&mut self, n: &Numeral) -> Option<Node> {
        let mut figures = String::new();
        loop {
            match (self.peek(), self.ahead(1), self.ahead(2), self.ahead(3)) {
                (Some(Token::Line), Some(Token::Op('{')), Some(Token::Num(more)), Some(Token::Op('}'))) => {
                    figures.push_str(&more.digits);
                    self.at += 4;
                }
                (Some(Token::Line), Some(Token::Num(more)), ..) => {
                    figures.push_str(&more.digits);
                    self.at += 2;
                }
                (Some(Token::Num(more)), ..) if more.is_integer() => {
                    figures.push_str(&more.digits);
                    self.at += 1;
                }
                _ => break,
            }
        }
        if figures.is_empty() || figures.len() > 30 {
            return None;
        }
        let nines = "9".repeat(figures.len());
        let tail = Numeral { digits: figures, decimals: n.decimals, exponent: 0 };
        Some(Node::Sum(vec![Node::Num(n.clone()), Node::Num(tail).over(Node::Num(Numeral::integer(nines)))]))
    }

    fn name(&mut self, mut name: String) -> Option<Node> {
        while self.is('\'') {
            name.push('\'');
            self.at += 1;
        }
        if self.eat('_') {
            name.push('_');
            if self.eat('{') {
                let mut open = 1;
                while open > 0 {
                    let token = self.next()?;
                    match &token {
                        Token::Op('{') => open += 1,
                        Token::Op('}') => open -= 1,
                        _ => {}
                    }
                    if open > 0 {
                        name.push_str(&shown(&token));
                    }
                    if name.len() > 60 {
                        return None;
                    }
                }
            } else {
                name.push_str(&shown(&self.next()?));
            }
        }
        while self.is('\'') {
            name.push('\'');
            self.at += 1;
        }
        let bare = name.trim_end_matches('\'');
        let inverse = FUNCTION_NAMES.contains(&bare)
            && self.is('^')
            && self.ahead(1) == Some(&Token::Op('{'))
            && self.ahead(2) == Some(&Token::Op('-'))
            && self.ahead(5) == Some(&Token::Op('('));
        if inverse {
            self.at += 5;
            name.push_str("⁻¹");
        }
        // Another name with brackets is a function where an equation follows: g(x) = …
        let named = FUNCTION_NAMES.contains(&name.trim_end_matches(['\'', '⁻', '¹'])) || self.is_defined();
        if self.is('(') && !self.spaced() && (named || name.ends_with('\'')) {
            self.at += 1;
            let arguments = match self.bracket('(')? {
                Node::Tuple('(', all, ')') => all,
                one => vec![one],
            };
            if !arguments.iter().all(Node::is_expression) {
                return None;
            }
            let mut all = vec![Node::Var(name)];
            all.extend(arguments);
            return Some(Node::Call(Func::Named, all));
        }
        Some(Node::Var(name))
    }

    /// Whether at the beginning of the text `(x) =` follows.
    fn is_defined(&self) -> bool {
        let first = self.tokens.iter().take(self.at.saturating_sub(1)).all(|l| matches!(l.token, Token::Text(_)));
        let one = matches!(self.ahead(1), Some(Token::Sym(_) | Token::Num(_)));
        first && self.is('(') && one && self.ahead(2) == Some(&Token::Op(')')) && self.ahead(3) == Some(&Token::Op('='))
    }

    fn logarithm(&mut self) -> Option<Node> {
        let mut base = None;
        if self.eat('_') {
            base = Some(self.argument(true)?);
        } else if let (Some(Token::Num(n)), Some(Token::Op('('))) = (self.peek(), self.ahead(1))
            && !self.spaced()
        {
            base = Some(Node::Num(n.clone()));
            self.at += 1;
        }
        let power = if self.eat('^') { Some(self.exponent()?) } else { None };
        let argument = self.applied()?;
        let call = match (base, argument) {
            (Some(base), one) => Node::Call(Func::LogBase, vec![base, one]),
            (None, one) => Node::Call(Func::Log10, vec![one]),
        };
        Some(match power {
            Some(power) => call.power(power),
            None => call,
        })
    }

    fn function(&mut self, func: Func) -> Option<Node> {
        let power = if self.eat('^') { Some(self.exponent()?) } else { None };
        if matches!(func, Func::Max | Func::Min | Func::Binomial) {
            let all = match self.next()? {
                Token::Op('(') => self.bracket('(')?,
                Token::Op('⦃') => self.braces('⦄')?,
                _ => return None,
            };
            let (Node::Tuple(_, all, _) | Node::Set(all)) = all else { return None };
            let fits = func != Func::Binomial || all.len() == 2;
            let fits = fits && power.is_none() && all.iter().all(Node::is_expression);
            return fits.then_some(Node::Call(func, all));
        }
        let angle = matches!(func, Func::Sin | Func::Cos | Func::Tan | Func::Cot | Func::Sec | Func::Csc);
        self.angle += u32::from(angle);
        let argument = self.applied();
        self.angle -= u32::from(angle);
        let argument = argument?;
        let minus_one = Node::int(1).neg();
        Some(match (func, power) {
            (Func::Sin, Some(p)) if p == minus_one => Node::Call(Func::Asin, vec![argument]),
            (Func::Cos, Some(p)) if p == minus_one => Node::Call(Func::Acos, vec![argument]),
            (Func::Tan, Some(p)) if p == minus_one => Node::Call(Func::Atan, vec![argument]),
            (_, Some(power)) => Node::Call(func, vec![argument]).power(power),
            (_, None) => Node::Call(func, vec![argument]),
        })
    }

    /// What a function is applied to: what is in brackets, or the factors up to the next function or bracket.
    fn applied(&mut self) -> Option<Node> {
        if let Some(Token::Op(open @ ('(' | '[' | '{'))) = self.peek().cloned() {
            self.at += 1;
            let inner = if open == '{' { self.braces('}')? } else { self.bracket(open)? };
            return inner.is_expression().then_some(inner);
        }
        let mut factors = Vec::new();
        let negative = self.eat('-');
        loop {
            let function = matches!(self.peek(), Some(Token::Func(_) | Token::Log | Token::Exp));
            let bracket = matches!(self.peek(), Some(Token::Op('(' | '[' | '|' | '⎸')));
            let starts = if factors.is_empty() {
                self.begins_factor() || matches!(self.peek(), Some(Token::Num(_) | Token::Op('|')))
            } else {
                !function && self.begins_factor() && (!bracket || matches!(factors.last(), Some(Node::Num(_))))
            };
            if !starts {
                break;
            }
            factors.push(self.power()?);
        }
        // cos π/3: of a third of π, for a third of cos π nobody writes so.
        let halves = factors.last() == Some(&Node::Const(Constant::Pi));
        let parts = matches!(self.tokens.get(self.at + 1).map(|l| &l.token), Some(Token::Num(n)) if n.is_integer());
        let below = if halves && parts && self.eat('/') { Some(self.power()?) } else { None };
        let node = if factors.len() > 1 { Node::Product(factors) } else { factors.pop()? };
        let node = match below {
            Some(below) => node.over(below),
            None => node,
        };
        node.is_expression().then_some(if negative { node.neg() } else { node })
    }
}

/// A token in a subscript.
fn shown(token: &Token) -> String {
    match token {
        Token::Num(n) => n.digits.clone(),
        Token::Sym(name) | Token::Text(name) => name.clone(),
        Token::Op(c) => c.to_string(),
        Token::Const(c) => format!("{c:?}").to_lowercase(),
        other => format!("{other:?}"),
    }
}
