//! A terminal whose screen can be read: a tmux server of its own, with a shell in it.

use std::path::Path;
use std::process::Command;

use crate::controlled::{Controlled, ipc};
use crate::eventually;

/// It goes with the test, and so does what runs in it.
#[derive(Debug)]
pub struct Terminal {
    socket: String,
}

impl Terminal {
    /// A terminal of that size in an application's directory; `ipc` is in its search path.
    pub fn new(application: &Controlled, columns: u32, rows: u32) -> Self {
        Self::in_folder(application.directory(), columns, rows)
    }

    /// A terminal in any directory.
    pub fn in_folder(directory: &Path, columns: u32, rows: u32) -> Self {
        let directory = directory.display().to_string();
        let terminal = Self { socket: format!("{directory}/tmux") };
        let search = format!("PATH={}:{}", ipc().parent().unwrap().display(), std::env::var("PATH").unwrap());
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let shell = ["env", &search, "PS1=$ ", "sh"];
        terminal.tmux(
            &[&["-f", "/dev/null", "new-session", "-d", "-c", &directory, "-x", &columns, "-y", &rows][..], &shell]
                .concat(),
        );
        terminal.tmux(&["set-option", "-g", "window-size", "manual"]);
        terminal
    }

    /// Types some text and the return key.
    pub fn type_line(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.tmux(&["send-keys", "Enter"]);
    }

    /// Presses a key, by tmux's name of it.
    pub fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Gives it another size.
    pub fn resize(&self, columns: u32, rows: u32) {
        self.tmux(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
    }

    /// What stands on it now, line by line, without blanks at the ends.
    pub fn screen(&self) -> Vec<String> {
        let text = self.tmux(&["capture-pane", "-p"]);
        text.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// What stands on it now or has gone off its top.
    pub fn history(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-S", "-"])
    }

    /// Waits until a line has all of this in it; gives the whole screen.
    #[track_caller]
    pub fn shows(&self, parts: &[&str]) -> Vec<String> {
        let mut screen = Vec::new();
        eventually(&format!("the terminal shows {parts:?}"), || {
            screen = self.screen();
            screen.iter().any(|line| parts.iter().all(|part| line.contains(part)))
        });
        screen
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket).args(arguments).env("TERM", "xterm-256color").env_remove("TMUX");
        let output = command.output().expect("tmux is there");
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-S", &self.socket, "kill-server"]).output();
    }
}
