//! What C and C++ spell alike.

use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

/// Whether neither language takes this name for a member, a constant or an enum's value.
pub(super) fn is_reserved(name: &str) -> bool {
    KEYWORDS.contains(&name) || MACROS.split(' ').any(|it| it == name)
}

/// Keywords of C11 and C++20, since a C header is included from C++ too; words that headers of C libraries define as
/// macros; and what compilers define.
const KEYWORDS: &[&str] = &[
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
    "_Alignas",
    "_Alignof",
    "_Atomic",
    "_Bool",
    "_Complex",
    "_Generic",
    "_Imaginary",
    "_Noreturn",
    "_Static_assert",
    "_Thread_local",
    "BUFSIZ",
    "EOF",
    "FILE",
    "I",
    "NAN",
    "INFINITY",
    "NULL",
];

/// Macros that stand behind the headers of the support files, where a name of an application could meet them: limits,
/// errors, byte orders and clocks.
const MACROS: &str = "\
    BIG_ENDIAN BYTE_ORDER CHAR_BIT CHAR_MAX CHAR_MIN CLOCKS_PER_SEC CLOCK_BOOTTIME CLOCK_BOOTTIME_ALARM \
    CLOCK_MONOTONIC CLOCK_MONOTONIC_COARSE CLOCK_MONOTONIC_RAW CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME \
    CLOCK_REALTIME_ALARM CLOCK_REALTIME_COARSE CLOCK_TAI CLOCK_THREAD_CPUTIME_ID E2BIG EACCES EADDRINUSE EADDRNOTAVAIL \
    EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG EBADR EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD \
    ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDEADLOCK EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT \
    EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED \
    EKEYREJECTED EKEYREVOKED EL2HLT EL2NSYNC EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP \
    EMEDIUMTYPE EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO \
    ENOBUFS ENOCSI ENODATA ENODEV ENOENT ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG \
    ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTBLK ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP \
    ENOTTY ENOTUNIQ ENXIO EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE \
    ERANGE EREMCHG EREMOTE EREMOTEIO ERESTART ERFKILL EROFS ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE \
    ESTRPIPE ETIME ETIMEDOUT ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EWOULDBLOCK EXDEV EXFULL EXIT_FAILURE \
    EXIT_SUCCESS FD_SETSIZE FILENAME_MAX FOPEN_MAX FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO F_LOCK F_OK \
    F_TEST F_ULOCK HOST_NAME_MAX HUGE_VAL INT16_MAX INT16_MIN INT32_MAX INT32_MIN INT64_MAX INT64_MIN INT8_MAX \
    INT8_MIN INTMAX_MAX INTMAX_MIN INTPTR_MAX INTPTR_MIN INT_MAX INT_MIN IOV_MAX LINE_MAX LITTLE_ENDIAN LLONG_MAX \
    LLONG_MIN LONG_MAX LONG_MIN L_tmpnam MAXFLOAT MB_LEN_MAX M_E M_LN10 M_LN2 M_LOG10E M_LOG2E M_PI M_PI_2 M_PI_4 \
    M_SQRT1_2 M_SQRT2 NAME_MAX NZERO PATH_MAX PDP_ENDIAN PIPE_BUF PTRDIFF_MAX PTRDIFF_MIN P_tmpdir RAND_MAX R_OK \
    SCHAR_MAX SCHAR_MIN SCHED_FIFO SCHED_OTHER SCHED_RR SEEK_CUR SEEK_END SEEK_SET SHRT_MAX SHRT_MIN SIG_ATOMIC_MAX \
    SIG_ATOMIC_MIN SIZE_MAX SSIZE_MAX TIMER_ABSTIME TIME_UTC TMP_MAX UCHAR_MAX UINT16_MAX UINT32_MAX UINT64_MAX \
    UINT8_MAX UINTMAX_MAX UINTPTR_MAX UINT_MAX ULLONG_MAX ULONG_MAX USHRT_MAX WCHAR_MAX WCHAR_MIN WEOF WINT_MAX \
    WINT_MIN WNOHANG WUNTRACED W_OK X_OK";

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
