//! Where a run's files go: `reports/out/<run-id>/` in the current directory, or the folder asked for.
//!
//! The record is replaced as a whole after every trial: written beside, flushed to the disk,
//! renamed. Whenever the suite is killed, `record.json` is a whole record of all finished trials.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use reports::record::Record;

/// Where runs go, relative to the current directory.
const HOME: &str = "reports/out";

/// What a run that was killed may leave beside its record.
const LEFT_BEHIND: [&str; 6] =
    [".probe", ".events.jsonl", ".node", ".nginx", "record.json.new", "index.html.new"];

/// A run's folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// The link to the last run, for runs in the usual place.
    latest: Option<PathBuf>,
    /// Held while the run goes on: no second one may write here. The kernel lets go of it when the
    /// process ends in whatever way.
    _lock: Option<Flock<File>>,
}

impl Store {
    /// Makes the folder for a run: `out`, or a new one in the usual place. Fails with `AlreadyExists`
    /// when another run's record is in it.
    pub fn create(out: Option<&Path>, id: &str) -> io::Result<Self> {
        let folder = out.map_or_else(|| Path::new(HOME).join(id), Path::to_path_buf);
        fs::create_dir_all(&folder)?;
        let latest = out.is_none().then(|| Path::new(HOME).join("latest"));
        let lock = Some(lock(&folder)?);
        let store = Self { folder, latest, _lock: lock };
        if store.record().exists() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "the record of another run is there, choose another folder",
            ));
        }
        store.probe()?;
        Ok(store)
    }

    /// Finds a folder that cannot be written to now, not after the first trial.
    fn probe(&self) -> io::Result<()> {
        let probe = self.folder.join(".probe");
        File::create(&probe)?;
        fs::remove_file(probe)
    }

    /// Opens the folder of an interrupted run, and clears away what the interruption left half
    /// written.
    pub fn reopen(folder: &Path) -> io::Result<Self> {
        let folder = fs::canonicalize(folder)?;
        let home = fs::canonicalize(HOME).ok();
        let is_usual = home.is_some() && folder.parent() == home.as_deref();
        let latest = is_usual.then(|| Path::new(HOME).join("latest"));
        let lock = Some(lock(&folder)?);
        let store = Self { folder, latest, _lock: lock };
        for half_written in LEFT_BEHIND {
            let path = store.folder.join(half_written);
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        store.probe()?;
        Ok(store)
    }

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

    /// The path of the handout, which a lab draws beside the page.
    pub fn handout(&self) -> PathBuf {
        self.folder.join("handout.html")
    }

    /// Replaces the record.
    pub fn save(&self, record: &Record) -> io::Result<()> {
        let mut text = serde_json::to_vec(record)?;
        text.push(b'\n');
        replace(&self.record(), &text)
    }

    /// Replaces the page.
    pub fn save_page(&self, page: &str) -> io::Result<()> {
        replace(&self.page(), page.as_bytes())
    }

    /// Replaces the handout.
    pub fn save_handout(&self, handout: &str) -> io::Result<()> {
        replace(&self.handout(), handout.as_bytes())
    }

    /// Has `reports/out/latest` point to this run; nothing to do for a folder elsewhere.
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

fn lock(folder: &Path) -> io::Result<Flock<File>> {
    Flock::lock(File::open(folder)?, FlockArg::LockExclusiveNonblock).map_err(
        |(_, why)| match why {
            Errno::EWOULDBLOCK => {
                io::Error::new(io::ErrorKind::WouldBlock, "a run is writing there")
            }
            why => why.into(),
        },
    )
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
    fn a_folder_is_taken_up_again_without_what_was_half_written() {
        let home = tempfile::tempdir().unwrap();
        for name in ["record.json", "record.json.new", ".events.jsonl", ".mine"] {
            fs::write(home.path().join(name), "{}").unwrap();
        }
        Store::reopen(home.path()).unwrap();
        let mut left: Vec<_> =
            fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".mine", "record.json"]);
        assert!(Store::reopen(&home.path().join("gone")).is_err());
    }

    #[test]
    fn a_folder_in_which_a_run_goes_on_cannot_be_taken() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::create(Some(home.path()), "x").unwrap();
        let error = Store::reopen(home.path()).unwrap_err();
        assert_eq!(error.to_string(), "a run is writing there");
        drop(store);
        assert!(Store::reopen(home.path()).is_ok());
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
            let store =
                Store { folder: home.path().join(id), latest: Some(latest.clone()), _lock: None };
            store.mark_latest().unwrap();
            assert_eq!(fs::read_link(&latest).unwrap(), Path::new(id));
        }
    }
}
