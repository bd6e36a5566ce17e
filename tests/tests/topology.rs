//! The ends that `include_topology!` makes, each module in a process of its own.
#![forbid(unsafe_code)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn start(module: &str, rings: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_module"));
    command.arg(module).env("IPC_DIR", rings).stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
fn modules_open_their_ends_in_any_order_and_no_frame_is_lost() {
    let orders = [["printer", "filter", "camera"], ["camera", "filter", "printer"], ["filter", "camera", "printer"]];
    for (index, order) in orders.into_iter().enumerate() {
        let rings = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("topology-{}-{index}", std::process::id()));
        let mut guest = start("guest", &rings);
        let mut told = BufReader::new(guest.stdout.take().unwrap()).lines();
        assert_eq!(told.next().unwrap().unwrap(), "attached");
        let modules = order.map(|module| (module, start(module, &rings)));
        for (module, child) in modules {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{module}");
            let expected = if module == "printer" { "500 pictures, 500 outlines\n" } else { "" };
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{module}");
        }
        assert_eq!(told.next().unwrap().unwrap(), "Some(499)");
        assert!(guest.wait().unwrap().success());
        std::fs::remove_dir_all(&rings).unwrap();
    }
}
