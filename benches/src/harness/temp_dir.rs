//! A folder for temporary files, removed with its owner.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
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

    /// Makes a folder that only this user may enter, among the system's temporary files; its name is
    /// `name` and this process's id.
    ///
    /// # Errors
    /// The system's.
    pub fn private(name: &str) -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        // One that is there already was left over by somebody of the same number.
        let _ = fs::remove_dir_all(&folder);
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self { folder, owner: name.to_owned() })
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
        let why = format!("{}: {why}", self.folder.display());
        WaitError::system(&self.owner, "write the files of", why)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
