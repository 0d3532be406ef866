//! A folder for one server's files, removed with it.

use std::fs;
use std::path::{Path, PathBuf};

use super::process::WaitError;

/// The folder.
#[derive(Debug)]
pub struct TempDir {
    folder: PathBuf,
    owner: String,
}

impl TempDir {
    /// Makes a folder called `name` in the run's; `owner` is the target, for messages.
    ///
    /// # Errors
    /// [`WaitError::System`].
    pub fn create(run: &Path, name: &str, owner: &str) -> Result<Self, WaitError> {
        // Servers read absolute paths, wherever they are started.
        let folder = std::path::absolute(run.join(name)).unwrap_or_else(|_| run.join(name));
        let scratch = Self { folder, owner: owner.to_owned() };
        fs::create_dir_all(&scratch.folder).map_err(|why| scratch.failed(&why))?;
        Ok(scratch)
    }

    /// The folder's path.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file into it and returns its path.
    ///
    /// # Errors
    /// [`WaitError::System`].
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, WaitError> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(|why| self.failed(&why))?;
        Ok(path)
    }

    fn failed(&self, why: &std::io::Error) -> WaitError {
        WaitError::System {
            name: self.owner.clone(),
            what: "write the files of",
            why: format!("{}: {why}", self.folder.display()),
        }
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
