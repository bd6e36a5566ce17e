//! How strongly worlds pull, in m/s².
#![allow(dead_code, reason = "a ball falls on one world at a time")]

pub const EARTH: f64 = 9.81;
pub const MARS: f64 = 3.72;
pub const MOON: f64 = 1.62;
