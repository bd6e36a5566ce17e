//! Helpers that the process tests share.
