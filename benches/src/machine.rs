//! The machine that figures were measured on, as far as they depend on it. Its name is not in it.

use serde::Serialize;
use std::fs;

/// What the report says of a machine.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    /// Cores that the benchmark may use.
    pub(crate) cores: usize,
    pub(crate) memory_gib: u64,
    pub(crate) virtual_machine: String,
    pub(crate) kernel: String,
    pub(crate) governor: String,
    pub(crate) rustc: String,
    /// How the benchmark itself is scheduled: on a shared machine others' work shows in ordinary figures.
    pub(crate) scheduling: String,
}

impl Machine {
    /// This machine.
    pub(crate) fn here() -> Self {
        let processors = read("/proc/cpuinfo");
        let field = |name: &str| {
            let line = processors.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
            line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
        };
        let part = |name: &str, key: &str| field(key).map_or_else(String::new, |value| format!(", {name} {value}"));
        let model = field("model name").unwrap_or_else(|| std::env::consts::ARCH.into());
        let processor = format!("{model}{}{}", part("family", "cpu family"), part("model", "model"));
        let is_virtual = field("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
        let memory_kib = read("/proc/meminfo")
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
            .unwrap_or(0);
        Self {
            processor,
            cores: crate::side::cores().map_or(1, |cores| cores.len()),
            memory_gib: (memory_kib + (1 << 19)) >> 20,
            virtual_machine: if is_virtual { "yes" } else { "no, as far as the processor says" }.into(),
            kernel: kernel(),
            governor: match read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").trim() {
                "" => "not known".into(),
                known => known.into(),
            },
            rustc: rustc(),
            scheduling: scheduling(),
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The kernel's version, without what its builder calls it.
fn kernel() -> String {
    let release = read("/proc/sys/kernel/osrelease");
    let version = release.split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap_or("");
    format!("Linux {version}")
}

fn rustc() -> String {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = std::process::Command::new(program).arg("--version").output();
    said.map_or_else(|_| "not known".into(), |said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// The policy and the priority, the 41st and 40th field of the process's line.
fn scheduling() -> String {
    let line = read("/proc/self/stat");
    let fields: Vec<&str> = line.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    // The line's first two fields, the number and the name, are cut off.
    match (fields.get(41 - 3), fields.get(40 - 3)) {
        (Some(&"0"), _) | (None, _) => "ordinary".into(),
        (Some(&"1"), Some(priority)) => format!("real-time (FIFO), priority {priority}"),
        (Some(&"2"), Some(priority)) => format!("real-time (round robin), priority {priority}"),
        (Some(policy), _) => format!("policy {policy}"),
    }
}
