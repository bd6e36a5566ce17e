//! Size expressions: the parsed form, its text, and evaluation in checked unsigned 64-bit arithmetic.
//!
//! ```text
//! sum     = product { ("+" | "-") product }          left-associative, as in C
//! product = atom { ("*" | "/" | "%") atom }
//! atom    = number | name | ("min" | "max") "(" sum "," sum ")" | "(" sum ")"
//! number  = "0" | "1"…"9" { "0"…"9" }                at most 2⁶⁴−1
//! name    = identifier { "." identifier }            a constant, or an earlier member
//! ```
//!
//! The *canonical text* ([`Display`](std::fmt::Display)) is what the fingerprint holds: no spaces, constants by value,
//! every operation in parentheses, a bare number or name in none: `n`, `(n*n)`, `((a*2)+b)`, `min((a+1),b)`. Nothing is
//! computed and nothing reordered.

use std::fmt;
use std::ops::Range;

/// An expression nests at most this deep, so that no text can exhaust the stack.
pub const MAX_DEPTH: usize = 64;

/// A size expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A decimal literal, or a constant by its value.
    Literal(u64),
    /// An earlier member, dotted through nested fixed classes: `["head", "n"]`.
    Member(Vec<String>),
    /// `left op right`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
}

/// Operators; `Min` and `Max` are written as calls of two arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Min,
    Max,
}

/// Why an expression has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// A member that it names is negative.
    #[error("{0} is negative, and sizes are unsigned")]
    Negative(i128),
    /// The result of an operation is above 2⁶⁴−1.
    #[error("{0} {op} {1} overflows 64 bits", op = .2.symbol())]
    Overflow(u64, u64, BinaryOp),
    /// The result of a subtraction is below zero.
    #[error("{0} - {1} is below zero, and sizes are unsigned")]
    Underflow(u64, u64),
    /// The right side of a division or remainder is zero.
    #[error("{0} is divided by zero")]
    DivisionByZero(u64),
    /// The lookup does not know a member.
    #[error("a member that it names has no value")]
    NoValue,
}

impl BinaryOp {
    /// `left op right`, checked. Generated code calls this too, so every evaluation agrees.
    #[inline]
    pub const fn apply(self, left: u64, right: u64) -> Result<u64, EvalError> {
        let result = match self {
            Self::Add => left.checked_add(right),
            Self::Mul => left.checked_mul(right),
            Self::Sub if left < right => return Err(EvalError::Underflow(left, right)),
            Self::Sub => Some(left - right),
            Self::Div | Self::Rem if right == 0 => return Err(EvalError::DivisionByZero(left)),
            Self::Div => Some(left / right),
            Self::Rem => Some(left % right),
            Self::Min => Some(if left < right { left } else { right }),
            Self::Max => Some(if left > right { left } else { right }),
        };
        match result {
            Some(value) => Ok(value),
            None => Err(EvalError::Overflow(left, right, self)),
        }
    }

    /// How it is written: `+`, or `min`.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// The value of a member as an operand: an error if it is negative.
#[inline]
pub const fn operand(value: i128) -> Result<u64, EvalError> {
    if value < 0 || value > u64::MAX as i128 { Err(EvalError::Negative(value)) } else { Ok(value as u64) }
}

impl Expr {
    /// Evaluates with the members' values from `lookup`.
    pub fn eval(&self, lookup: &dyn Fn(&[String]) -> Option<i128>) -> Result<u64, EvalError> {
        match self {
            Self::Literal(value) => Ok(*value),
            Self::Member(path) => operand(lookup(path).ok_or(EvalError::NoValue)?),
            Self::Binary(op, left, right) => op.apply(left.eval(lookup)?, right.eval(lookup)?),
        }
    }

    /// Whether it names a member: if not, its value is constant.
    pub fn names_member(&self) -> bool {
        let mut found = false;
        self.visit_members(&mut |_| found = true);
        found
    }

    /// Calls `visit` with the path of every member that it names, left to right.
    pub fn visit_members<'a>(&'a self, visit: &mut dyn FnMut(&'a [String])) {
        match self {
            Self::Literal(_) => {}
            Self::Member(path) => visit(path),
            Self::Binary(_, left, right) => {
                left.visit_members(visit);
                right.visit_members(visit);
            }
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Literal(_) | Self::Member(_) => 1,
            Self::Binary(_, left, right) => 1 + left.depth().max(right.depth()),
        }
    }
}

/// The canonical text.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Member(path) => f.write_str(&path.join(".")),
            Self::Binary(op @ (BinaryOp::Min | BinaryOp::Max), left, right) => {
                write!(f, "{}({left},{right})", op.symbol())
            }
            Self::Binary(op, left, right) => write!(f, "({left}{}{right})", op.symbol()),
        }
    }
}

/// What is wrong with the text of an expression, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// What was expected and what was found.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Says whether a name that is no constant is a member that may stand in a size: path and its bytes in the text.
pub type MemberCheck<'a> = dyn FnMut(&[String], Range<usize>) -> Result<(), ExprError> + 'a;

/// Parses an expression.
///
/// `constant` gives the value of a constant; `member` accepts or refuses every other name.
///
/// ```
/// use ipc_schema::expr::parse_expr;
/// let expr = parse_expr("2 * n + JOINTS", &|name| (name == "JOINTS").then_some(6), &mut |_, _| Ok(())).unwrap();
/// assert_eq!(expr.to_string(), "((2*n)+6)");
/// assert_eq!(expr.eval(&|_| Some(5)), Ok(16));
/// ```
pub fn parse_expr(
    text: &str,
    constant: &dyn Fn(&str) -> Option<u64>,
    member: &mut MemberCheck<'_>,
) -> Result<Expr, ExprError> {
    let mut parser = Parser { text, at: 0, depth: 0, constant, member };
    let expr = parser.sum()?;
    parser.skip_spaces();
    if parser.at < text.len() {
        return Err(parser.unexpected("an operator or the end of the expression"));
    }
    Ok(expr)
}

struct Parser<'a, 'm> {
    text: &'a str,
    at: usize,
    depth: usize,
    constant: &'a dyn Fn(&str) -> Option<u64>,
    member: &'a mut MemberCheck<'m>,
}

impl<'a> Parser<'a, '_> {
    fn sum(&mut self) -> Result<Expr, ExprError> {
        let mut left = self.product()?;
        while let Some(op) = self.operator(&[("+", BinaryOp::Add), ("-", BinaryOp::Sub)]) {
            let right = self.product()?;
            left = self.binary(op, left, right)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, ExprError> {
        let mut left = self.atom()?;
        while let Some(op) = self.operator(&[("*", BinaryOp::Mul), ("/", BinaryOp::Div), ("%", BinaryOp::Rem)]) {
            let right = self.atom()?;
            left = self.binary(op, left, right)?;
        }
        Ok(left)
    }

    fn atom(&mut self) -> Result<Expr, ExprError> {
        self.skip_spaces();
        let start = self.at;
        match self.peek() {
            Some('(') => {
                self.enter(start)?;
                self.at += 1;
                let inner = self.sum()?;
                self.expect(')')?;
                self.depth -= 1;
                Ok(inner)
            }
            Some('0'..='9') => self.number(),
            Some(c) if c == '_' || c.is_ascii_alphabetic() => {
                let first = self.word();
                self.skip_spaces();
                if self.peek() == Some('(') { self.call(first, start) } else { self.name(first, start) }
            }
            _ => Err(self.unexpected("a number, a member, a constant or `(`")),
        }
    }

    fn number(&mut self) -> Result<Expr, ExprError> {
        let start = self.at;
        let digits = self.word();
        let error = |message: String, help: &str| ExprError {
            range: start..start + digits.len(),
            message,
            help: Some(help.to_owned()),
        };
        if digits.len() > 1 && digits.starts_with('0') {
            return Err(error(format!("`{digits}` is no decimal number"), "write numbers without a leading zero"));
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error(
                format!("`{digits}` is neither a number nor a name"),
                "names begin with a letter or `_`",
            ));
        }
        digits
            .parse()
            .map(Expr::Literal)
            .map_err(|_| error(format!("`{digits}` is above 2^64 - 1"), "sizes are unsigned 64-bit numbers"))
    }

    fn name(&mut self, first: &str, start: usize) -> Result<Expr, ExprError> {
        let mut path = vec![first.to_owned()];
        let mut end = start + first.len();
        while self.peek() == Some('.') {
            self.at += 1;
            self.skip_spaces();
            if !self.peek().is_some_and(|c| c == '_' || c.is_ascii_alphabetic()) {
                return Err(self.unexpected("the name of a member after `.`"));
            }
            path.push(self.word().to_owned());
            end = self.at;
            self.skip_spaces();
        }
        match (self.constant)(first) {
            Some(value) if path.len() == 1 => Ok(Expr::Literal(value)),
            _ => (self.member)(&path, start..end).map(|()| Expr::Member(path)),
        }
    }

    fn call(&mut self, function: &str, start: usize) -> Result<Expr, ExprError> {
        let op = match function {
            "min" => BinaryOp::Min,
            "max" => BinaryOp::Max,
            _ => {
                return Err(ExprError {
                    range: start..start + function.len(),
                    message: format!("`{function}` is no function"),
                    help: Some("the functions are `min(a, b)` and `max(a, b)`".to_owned()),
                });
            }
        };
        self.enter(start)?;
        self.expect('(')?;
        let left = self.sum()?;
        self.expect(',')?;
        let right = self.sum()?;
        self.expect(')')?;
        self.depth -= 1;
        self.binary(op, left, right)
    }

    fn binary(&self, op: BinaryOp, left: Expr, right: Expr) -> Result<Expr, ExprError> {
        let expr = Expr::Binary(op, Box::new(left), Box::new(right));
        if expr.depth() > MAX_DEPTH { Err(self.too_deep(0)) } else { Ok(expr) }
    }

    fn enter(&mut self, start: usize) -> Result<(), ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.too_deep(start)) } else { Ok(()) }
    }

    fn too_deep(&self, start: usize) -> ExprError {
        ExprError {
            range: start..self.at.max(start + 1).min(self.text.len()),
            message: format!("this expression nests more than {MAX_DEPTH} deep"),
            help: Some("name a part of it as a constant, or store the size in a member".to_owned()),
        }
    }

    fn operator(&mut self, operators: &[(&str, BinaryOp)]) -> Option<BinaryOp> {
        self.skip_spaces();
        let (_, op) = operators.iter().find(|(symbol, _)| self.text[self.at..].starts_with(symbol))?;
        self.at += 1;
        Some(*op)
    }

    fn expect(&mut self, expected: char) -> Result<(), ExprError> {
        self.skip_spaces();
        if self.peek() != Some(expected) {
            return Err(self.unexpected(&format!("an operator or `{expected}`")));
        }
        self.at += 1;
        Ok(())
    }

    fn unexpected(&self, expected: &str) -> ExprError {
        let (found, len) = match self.peek() {
            Some(c) => (format!("`{c}`"), c.len_utf8()),
            None => ("the end of the expression".to_owned(), 0),
        };
        ExprError { range: self.at..self.at + len, message: format!("expected {expected}, found {found}"), help: None }
    }

    fn word(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    fn skip_spaces(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Expr, ExprError> {
        parse_expr(text, &|name| (name == "K").then_some(6), &mut |_, _| Ok(()))
    }

    fn eval(text: &str) -> Result<u64, EvalError> {
        parse(text).unwrap().eval(&|path| match path.join(".").as_str() {
            "n" => Some(3),
            "head.n" => Some(4),
            "negative" => Some(-1),
            _ => None,
        })
    }

    #[test]
    fn canonical_text_has_every_operation_in_parentheses_and_constants_by_value() {
        for (text, canonical) in [
            ("n*n", "(n*n)"),
            (" n ", "n"),
            ("((7))", "7"),
            ("a+b*c-d", "((a+(b*c))-d)"),
            ("a-b-c", "((a-b)-c)"),
            ("a/b%c*K", "(((a/b)%c)*6)"),
            ("min( a + 1 , max(b,2))", "min((a+1),max(b,2))"),
            ("head . n", "head.n"),
            ("min * max", "(min*max)"),
        ] {
            let expr = parse(text).unwrap();
            assert_eq!(expr.to_string(), canonical);
            assert_eq!(parse(canonical).unwrap(), expr);
        }
    }

    #[test]
    fn arithmetic_is_checked_at_every_node() {
        assert_eq!(eval("n + head.n * 2"), Ok(11));
        assert_eq!(eval("7 % 4 / 2"), Ok(1));
        assert_eq!(eval("max(n, 9) - min(n, 9)"), Ok(6));
        assert_eq!(eval("n - 4 + 4"), Err(EvalError::Underflow(3, 4)));
        assert_eq!(eval("18446744073709551615 + 1 - 1"), Err(EvalError::Overflow(u64::MAX, 1, BinaryOp::Add)));
        assert_eq!(eval("n / (n - 3)"), Err(EvalError::DivisionByZero(3)));
        assert_eq!(eval("0 * negative"), Err(EvalError::Negative(-1)));
        assert_eq!(eval("nowhere"), Err(EvalError::NoValue));
    }

    #[test]
    fn errors_say_where_and_what_was_expected() {
        for (text, at, message) in [
            ("n *", 3..3, "expected a number, a member, a constant or `(`, found the end of the expression"),
            ("n ? 1", 2..3, "expected an operator or the end of the expression, found `?`"),
            ("(n", 2..2, "expected an operator or `)`, found the end of the expression"),
            ("n * -1", 4..5, "expected a number, a member, a constant or `(`, found `-`"),
            ("007", 0..3, "`007` is no decimal number"),
            ("1e3", 0..3, "`1e3` is neither a number nor a name"),
            ("18446744073709551616", 0..20, "`18446744073709551616` is above 2^64 - 1"),
            ("pow(n, 2)", 0..3, "`pow` is no function"),
            ("a.", 2..2, "expected the name of a member after `.`, found the end of the expression"),
            ("n*é", 2..4, "expected a number, a member, a constant or `(`, found `é`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.range, error.message.as_str()), (at, message), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_for_parentheses_and_for_chains() {
        assert!(parse(&format!("{}n{}", "(".repeat(64), ")".repeat(64))).is_ok());
        assert!(parse(&format!("{}n{}", "(".repeat(65), ")".repeat(65))).is_err());
        assert!(parse(&"(".repeat(1_000_000)).is_err());
        assert!(parse(&vec!["n"; 64].join("+")).is_ok());
        assert!(parse(&vec!["n"; 65].join("+")).is_err());
    }
}
