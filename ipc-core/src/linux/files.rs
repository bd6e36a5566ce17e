//! Files of rings and of shared state: where names lead, and how a file appears under its name whole or not at all.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FallocateFlags, fallocate, fstatfs, linkat};

/// File systems that cannot share a mapping between all that see the file, by their `statfs` type.
const REMOTE: [(i64, &str); 7] = [
    (0x6969, "NFS"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x00c3_6400, "Ceph"),
];

/// The file that a name leads to: a path if it has a `/`, else `$IPC_DIR/NAME.EXTENSION`.
pub(crate) fn path_of(name: &str, noun: &str, extension: &str) -> Result<PathBuf, String> {
    if name.contains('/') {
        return Ok(PathBuf::from(name));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 200 || name.starts_with('.') || !name.bytes().all(plain) {
        return Err(format!(
            "{name:?} cannot name {noun}: expected up to 200 letters, digits, `-`, `_` and `.`, not starting with \
             `.`, or a path with a `/`"
        ));
    }
    Ok(directory().join(format!("{name}.{extension}")))
}

/// Where what has no path lives.
fn directory() -> PathBuf {
    match std::env::var_os("IPC_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(format!("/dev/shm/ipc-{}", rustix::process::geteuid().as_raw())),
    }
}

/// Makes the directory of what has no path, for this user alone, and checks that it is this user's.
pub(crate) fn prepare_directory(file: &Path) -> io::Result<()> {
    let directory = directory();
    if file.parent() != Some(&directory) {
        return Ok(());
    }
    match std::fs::DirBuilder::new().mode(0o700).create(&directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(&directory)?;
    let myself = rustix::process::geteuid().as_raw();
    if !found.is_dir() || found.uid() != myself || found.permissions().mode() & 0o022 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "{} is not a directory of user {myself} that nobody else can write to (owner {}, mode {:o}): remove it, \
                 or set IPC_DIR to another",
                directory.display(),
                found.uid(),
                found.permissions().mode() & 0o7777
            ),
        ));
    }
    Ok(())
}

/// Opens a ring file for reading and writing, and follows no link. Its owner is this user; with `group` it may be another
/// one who shares it with a group, and with nobody else.
pub(crate) fn open(path: &Path, group: bool) -> io::Result<File> {
    let file = File::options()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(path)?;
    let found = file.metadata()?;
    let myself = rustix::process::geteuid().as_raw();
    let shared = group && found.mode() & 0o062 == 0o060;
    if !found.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if found.uid() != myself && !shared {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "it belongs to user {} (mode {:o}), not to user {myself}: remove it, use another name, or share rings with \
                 Access::Group",
                found.uid(),
                found.mode() & 0o7777
            ),
        ));
    }
    refuse_remote(&file)?;
    Ok(file)
}

/// A new file of `bytes` zeros under no name in the directory of `path`. Its space is there for certain. If its maker
/// dies before [`link`], the kernel removes it.
pub(crate) fn unnamed(path: &Path, bytes: u64, mode: u32) -> io::Result<File> {
    let file = File::options()
        .read(true)
        .write(true)
        .mode(mode)
        .custom_flags(libc::O_TMPFILE | libc::O_CLOEXEC)
        .open(directory_of(path))?;
    refuse_remote(&file)?;
    file.set_permissions(PermissionsExt::from_mode(mode))?;
    fallocate(&file, FallocateFlags::empty(), 0, bytes)?;
    Ok(file)
}

/// Gives an unnamed file its name, also on the disk; fails with `AlreadyExists` if the name is taken.
pub(crate) fn link(file: &File, path: &Path) -> io::Result<()> {
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
    File::open(directory_of(path))?.sync_all()
}

/// The directory that a file's name stands in.
pub(super) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the name still leads to this file.
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads `bytes` bytes at `offset`, all of them.
pub(crate) fn read_at(file: &File, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; bytes];
    file.read_exact_at(&mut buffer, offset)?;
    Ok(buffer)
}

fn refuse_remote(file: &File) -> io::Result<()> {
    refuse_kind(fstatfs(file)?.f_type as i64)
}

fn refuse_kind(kind: i64) -> io::Result<()> {
    match REMOTE.iter().find(|(remote, _)| *remote == kind) {
        Some((_, name)) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!(
                "{name} does not share memory between machines or clients: use a local file system such as /dev/shm"
            ),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{io, refuse_kind};

    #[test]
    fn remote_file_systems_are_refused_by_name_and_local_ones_are_not() {
        // The numbers of linux/magic.h, and of fs/smb/common/smb2pdu.h.
        let remote = [
            (0x6969, "NFS"),
            (0x0102_1997, "9p"),
            (0x6573_5546, "FUSE"),
            (0x517b, "SMB"),
            (0xff53_4d42, "CIFS"),
            (0xfe53_4d42, "SMB2"),
            (0x00c3_6400, "Ceph"),
        ];
        for (kind, name) in remote {
            let error = refuse_kind(kind).expect_err(name);
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            assert!(error.to_string().starts_with(&format!("{name} does not share memory")), "{error}");
        }
        for (kind, name) in [(0x0102_1994, "tmpfs"), (0xef53, "ext4"), (0x9123_683e, "btrfs"), (0x5846_5342, "XFS")] {
            refuse_kind(kind).expect(name);
        }
    }
}
