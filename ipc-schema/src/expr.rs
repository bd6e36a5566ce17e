//! Size expressions: the parsed form, and evaluation in checked unsigned 64-bit arithmetic.

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
