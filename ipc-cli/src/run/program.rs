//! Where a module's program is.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The file that a command's first word names: with a `/` relative to the module's folder, else in the search path.
///
/// # Errors
///
/// Where it was looked for.
pub(crate) fn find(word: &str, folder: &Path, search: Option<&OsStr>) -> Result<PathBuf, String> {
    if !folder.is_dir() {
        return Err(format!("its folder {} is not there", folder.display()));
    }
    if word.contains('/') {
        let file = folder.join(word);
        return match problem(&file) {
            None => Ok(file),
            Some(problem) => Err(format!("{} {problem}", file.display())),
        };
    }
    let folders: Vec<_> = search.map(|search| std::env::split_paths(search).collect()).unwrap_or_default();
    let found = folders.iter().map(|place| folder.join(place).join(word)).find(|file| problem(file).is_none());
    found.ok_or_else(|| {
        let looked: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let beside = folder.join(word);
        let help = match problem(&beside) {
            None => format!("; a program in the module's folder is named `./{word}`"),
            Some(_) => String::new(),
        };
        format!("there is no program `{word}` in PATH, which is {}{help}", looked.join(", "))
    })
}

/// Why a file cannot be run.
fn problem(file: &Path) -> Option<&'static str> {
    match file.metadata() {
        Err(_) => Some("is not there"),
        Ok(found) if !found.is_file() => Some("is no program, but a folder or the like"),
        Ok(found) if found.permissions().mode() & 0o111 == 0 => Some("may not be run: `chmod +x` would let it"),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_in_the_search_path_and_with_a_slash_in_the_folder() {
        let found = find("sh", Path::new("/"), Some(OsStr::new("/nowhere:/bin")));
        assert_eq!(found, Ok(PathBuf::from("/bin/sh")));
        assert_eq!(find("./sh", Path::new("/bin"), None), Ok(PathBuf::from("/bin/./sh")));
    }

    #[test]
    fn what_is_not_there_is_told_with_where_it_was_looked_for() {
        let text = |word, folder| find(word, Path::new(folder), Some(OsStr::new("/nowhere:/sbin"))).unwrap_err();
        assert_eq!(text("cameraa", "/"), "there is no program `cameraa` in PATH, which is /nowhere, /sbin");
        assert_eq!(text("./cameraa", "/bin"), "/bin/./cameraa is not there");
        assert_eq!(text("./dev", "/"), "/./dev is no program, but a folder or the like");
        assert_eq!(text("/etc/passwd", "/"), "/etc/passwd may not be run: `chmod +x` would let it");
        assert_eq!(text("sh", "/nowhere"), "its folder /nowhere is not there");
        assert!(text("sh", "/bin").ends_with("; a program in the module's folder is named `./sh`"));
    }
}
