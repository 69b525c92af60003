//! A disk of its own for a test: as small as it is told, and read-only when it is told so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file system in memory that is taken away at the end.
pub struct Disk(PathBuf);

impl Disk {
    /// One of this size under `path`, an empty folder that is made where there is none; none where this user may mount nothing.
    pub fn mount(path: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir_all(&path).unwrap();
        let options = format!("size={size}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&path).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(path));
        }
        eprintln!("skipped: no small file system can be mounted here");
        None
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Bytes that it still takes.
    pub fn free(&self) -> u64 {
        let said = Command::new("df").args(["--output=avail", "--block-size=1"]).arg(&self.0).output().unwrap().stdout;
        String::from_utf8_lossy(&said).lines().last().unwrap().trim().parse().unwrap()
    }

    /// Changes it while it is in use: `size=64m`, `ro`, `rw`.
    pub fn remount(&self, option: &str) {
        let options = format!("remount,{option}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success(), "{option}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
    }
}
