//! Where a run's files go: `reports/out/<run-id>/` in the current directory, or the folder asked for.
//!
//! The record is replaced as a whole after every trial: written beside, flushed to the disk, renamed.
//! Whenever the suite is killed, `record.json` is a whole record of all finished trials.
//! Next: [`reports::record`] for what is in it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use reports::record::Record;

/// Where runs go, relative to the current directory.
const HOME: &str = "reports/out";

/// A run's folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// The link to the last run, for runs in the usual place.
    latest: Option<PathBuf>,
}

impl Store {
    /// Makes the folder for a run: `out`, or a new one in the usual place.
    ///
    /// # Errors
    /// The system's when it cannot be made or written to; `AlreadyExists` when another run's record
    /// is in it.
    pub fn create(out: Option<&Path>, id: &str) -> io::Result<Self> {
        let folder = out.map_or_else(|| Path::new(HOME).join(id), Path::to_path_buf);
        fs::create_dir_all(&folder)?;
        let store = Self { folder, latest: out.is_none().then(|| Path::new(HOME).join("latest")) };
        if store.record().exists() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "the record of another run is there, choose another folder",
            ));
        }
        // A folder that cannot be written to is found now, not after the first trial.
        let probe = store.folder.join(".probe");
        File::create(&probe)?;
        fs::remove_file(probe)?;
        Ok(store)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The record's path.
    pub fn record(&self) -> PathBuf {
        self.folder.join("record.json")
    }

    /// The page's path.
    pub fn page(&self) -> PathBuf {
        self.folder.join("index.html")
    }

    /// Replaces the record.
    ///
    /// # Errors
    /// The system's.
    pub fn save(&self, record: &Record) -> io::Result<()> {
        let mut text = serde_json::to_vec(record)?;
        text.push(b'\n');
        replace(&self.record(), &text)
    }

    /// Replaces the page.
    ///
    /// # Errors
    /// The system's.
    pub fn save_page(&self, page: &str) -> io::Result<()> {
        replace(&self.page(), page.as_bytes())
    }

    /// Has `reports/out/latest` point to this run; nothing to do for a folder elsewhere.
    ///
    /// # Errors
    /// The system's.
    pub fn mark_latest(&self) -> io::Result<()> {
        let (Some(latest), Some(name)) = (&self.latest, self.folder.file_name()) else {
            return Ok(());
        };
        let new = latest.with_file_name(format!(".latest.{}", std::process::id()));
        let _ = fs::remove_file(&new);
        std::os::unix::fs::symlink(name, &new)?;
        fs::rename(&new, latest)
    }
}

/// Replaces a file in one step: a reader sees the old one or the new one, whole.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("record.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_with_a_record_is_not_written_over() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("record.json"), "{}").unwrap();
        let error = Store::create(Some(home.path()), "x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(Store::create(Some(&file.join("below")), "x").is_err());
    }

    #[test]
    fn the_link_to_the_latest_run_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        let latest = home.path().join("latest");
        for id in ["first", "second"] {
            let store = Store { folder: home.path().join(id), latest: Some(latest.clone()) };
            store.mark_latest().unwrap();
            assert_eq!(fs::read_link(&latest).unwrap(), Path::new(id));
        }
    }
}
