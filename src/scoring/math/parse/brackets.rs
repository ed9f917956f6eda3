//! Brackets: groups, points, intervals, sets and matrices.

use super::{Bars, Parser};
use crate::scoring::math::lex::Token;
use crate::scoring::math::node::{Join, Node, Rel};

impl Parser {
    /// What stands between an open bracket and its close: a group, a point, an interval, a matrix by rows.
    pub(super) fn bracket(&mut self, open: char) -> Option<Node> {
        let outer = std::mem::replace(&mut self.bars, Bars::None);
        let kept = std::mem::take(&mut self.conditions);
        let inner = self.deeper(Self::list);
        self.bars = outer;
        self.conditions = kept;
        let inner = inner?;
        let Token::Op(close) = self.next()? else { return None };
        let fits = matches!((open, close), ('(' | '[', ')' | ']') | ('⟨', '⟩'));
        if !fits {
            return None;
        }
        match inner {
            Node::List(all, Join::Comma) => {
                let width = all.first().and_then(row).map(<[Node]>::len);
                let is_matrix = (open, close) == ('[', ']')
                    && width.is_some()
                    && all.iter().all(|r| row(r).map(<[Node]>::len) == width);
                if is_matrix {
                    return Some(Node::Matrix(all.iter().filter_map(row).map(<[Node]>::to_vec).collect()));
                }
                Some(Node::Tuple(open, all, close))
            }
            Node::List(..) => None,
            one => matches!((open, close), ('(', ')') | ('[', ']') | ('⟨', '⟩')).then_some(one),
        }
    }

    /// A set, or in plain braces a group.
    pub(super) fn braces(&mut self, close: char) -> Option<Node> {
        if self.eat(close) {
            return (close == '⦄').then_some(Node::Nothing);
        }
        let outer = std::mem::replace(&mut self.bars, Bars::Set);
        let kept = std::mem::take(&mut self.conditions);
        let inner = self.deeper(Self::list);
        self.bars = Bars::None;
        let condition = match self.peek() {
            Some(Token::Op('|' | ':')) if inner.is_some() => {
                self.at += 1;
                self.deeper(Self::list)
            }
            _ => None,
        };
        self.bars = outer;
        self.conditions = kept;
        let inner = inner?;
        if !self.eat(close) {
            return None;
        }
        match (inner, condition) {
            (Node::Var(_), Some(condition)) => Some(condition),
            (Node::Relation(parts, rels), Some(condition)) if rels == [Rel::In] => {
                matches!(parts.as_slice(), [Node::Var(_), Node::Reals | Node::Var(_)]).then_some(condition)
            }
            (inner, Some(condition)) => Some(Node::Set(vec![Node::List(vec![inner, condition], Join::And)])),
            (Node::List(all, _), None) => Some(Node::Set(all)),
            (one, None) if close == '⦄' => Some(Node::Set(vec![one])),
            (one, None) => Some(one),
        }
    }

    /// `\begin{…}` up to its end.
    pub(super) fn environment(&mut self, name: &str) -> Option<Node> {
        let matrix = matches!(name, "pmatrix" | "bmatrix" | "matrix" | "Bmatrix" | "smallmatrix" | "array");
        let lines = matches!(
            name,
            "cases" | "aligned" | "align" | "gathered" | "gather" | "split" | "equation" | "dcases" | "rcases"
        );
        if !matrix && !lines {
            return None;
        }
        let outer = std::mem::replace(&mut self.bars, Bars::None);
        let rows = self.deeper(|parser| parser.rows(matrix || name.ends_with("cases")));
        self.bars = outer;
        let mut rows = rows?;
        if matrix || rows.iter().any(|row| row.len() > 1) {
            let width = rows.first()?.len();
            return rows.iter().all(|row| row.len() == width).then_some(Node::Matrix(rows));
        }
        let mut all: Vec<Node> = rows.iter_mut().filter_map(Vec::pop).collect();
        if all.len() == 1 { all.pop() } else { Some(Node::List(all, Join::And)) }
    }

    fn rows(&mut self, cells: bool) -> Option<Vec<Vec<Node>>> {
        if !cells {
            // Where columns only align, they mean nothing.
            let mut at = self.at;
            while let Some(lexeme) = self.tokens.get(at) {
                match lexeme.token {
                    Token::End => break,
                    Token::Op('&') => {
                        self.tokens.remove(at);
                    }
                    _ => at += 1,
                }
            }
        }
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        loop {
            match self.peek()? {
                Token::End => {
                    self.at += 1;
                    if !row.is_empty() {
                        rows.push(row);
                    }
                    return (!rows.is_empty()).then_some(rows);
                }
                Token::Op('⏎') => {
                    self.at += 1;
                    rows.push(std::mem::take(&mut row));
                }
                Token::Op('&' | ',' | ';') => self.at += 1,
                _ => row.push(self.item()?),
            }
        }
    }
}

/// The cells of a row in brackets.
fn row(node: &Node) -> Option<&[Node]> {
    match node {
        Node::Tuple('[', all, ']') => Some(all),
        _ => None,
    }
}
