//! What C and C++ spell alike.

use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

/// Keywords of C11 and C++20, since a C header is included from C++ too; words that headers of C libraries define as
/// macros; and what compilers define.
pub(super) const KEYWORDS: &[&str] = &[
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "assert",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "complex",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "imaginary",
    "inline",
    "int",
    "linux",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "noreturn",
    "not",
    "not_eq",
    "nullptr",
    "offsetof",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "union",
    "unix",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "BUFSIZ",
    "EOF",
    "FILE",
    "I",
    "NAN",
    "INFINITY",
    "NULL",
];

/// Functions of C libraries that could name a module of an application too: no namespace may have such a name.
pub(super) const GLOBAL_FUNCTIONS: &[&str] = &[
    "abort", "abs", "access", "alarm", "bind", "brk", "clock", "close", "connect", "daemon", "div", "dup", "exit",
    "exp", "floor", "fork", "free", "gamma", "index", "kill", "link", "listen", "log", "nice", "open", "pause", "pipe",
    "poll", "pow", "raise", "rand", "random", "read", "remove", "rename", "round", "select", "send", "signal", "sin",
    "sleep", "socket", "stat", "step", "sync", "system", "tan", "time", "times", "truncate", "wait", "write", "y0",
    "y1", "yn",
];

/// A character literal where one shows, else the code unit.
pub(super) fn char(code: u8) -> String {
    match code {
        b'\'' | b'\\' => format!("'\\{}'", char::from(code)),
        b' '..=b'~' => format!("'{}'", char::from(code)),
        _ => format!("'\\{code:03o}'"),
    }
}

pub(super) fn number(scalar: Scalar, value: Number) -> String {
    match (scalar, value) {
        (Scalar::Int64, Number::Int(value)) if value == i128::from(i64::MIN) => "INT64_MIN".to_owned(),
        (Scalar::Uint32 | Scalar::Uint64, Number::Int(value)) => format!("{value}U"),
        (_, Number::Int(value)) => value.to_string(),
        (Scalar::Float32, Number::Float(value)) => format!("{:?}F", value as f32),
        (_, Number::Float(value)) => format!("{value:?}"),
    }
}

/// A string literal, which no trigraph, escape or line end can leave.
pub(super) fn text(text: &str) -> String {
    let mut literal = String::from("\"");
    for byte in text.chars() {
        match byte {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '?' => literal.push_str("\\?"),
            '\n' => literal.push_str("\\n"),
            c if c.is_ascii_control() => literal.push_str(&format!("\\{:03o}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A line that neither joins the next one nor ends a comment.
pub(super) fn doc(line: &str) -> String {
    let line = line.replace("*/", "* /").replace("/*", "/ *").replace("??/", "?? /");
    if line.ends_with('\\') { format!("{line}.") } else { line }
}

/// The function of the support file that calculates.
pub(super) fn operation(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "add",
        BinaryOp::Sub => "subtract",
        BinaryOp::Mul => "multiply",
        BinaryOp::Div => "divide",
        BinaryOp::Rem => "remainder",
        BinaryOp::Min => "minimum",
        BinaryOp::Max => "maximum",
    }
}
