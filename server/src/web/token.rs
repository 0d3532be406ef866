//! The token that whoever acts must show.

use std::fmt::{self, Write};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The fewest characters of a token that somebody chose.
const SHORTEST: usize = 16;

/// The most bytes of a file that holds one.
const LONGEST_FILE: u64 = 4096;

/// Random bytes of one that nobody chose: 256 bits.
const RANDOM_BYTES: usize = 32;

/// A secret; its `Debug` does not tell it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Why a file holds no token.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says it")]
pub enum TokenError {
    #[error("cannot read the token in {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "the token in {} is no secret: others may open the file (mode {mode:03o}); \
         chmod 600 keeps it to you",
        path.display()
    )]
    Open { path: PathBuf, mode: u32 },
    #[error(
        "the token in {} has {length} characters: give at least {SHORTEST}, as from \
         openssl rand -hex 32",
        path.display()
    )]
    Short { path: PathBuf, length: usize },
    #[error(
        "the token in {} must be one word of letters, digits and the like, without spaces",
        path.display()
    )]
    Characters { path: PathBuf },
}

impl Token {
    /// A token of the kernel's random numbers.
    ///
    /// # Errors
    /// The system's, when it gives none.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; RANDOM_BYTES];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        let mut text = String::with_capacity(2 * RANDOM_BYTES);
        for byte in bytes {
            write!(text, "{byte:02x}").map_err(io::Error::other)?;
        }
        Ok(Self(text))
    }

    /// The token in a file that only its owner may open, without the white space around it.
    ///
    /// # Errors
    /// [`TokenError`] when the file cannot be read, is open to others, or holds something too short
    /// or unfit for a header.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let failed = |source| TokenError::Read { path: path.into(), source };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(TokenError::Open { path: path.into(), mode });
        }
        let mut text = String::new();
        file.take(LONGEST_FILE).read_to_string(&mut text).map_err(failed)?;
        let token = text.trim();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Characters { path: path.into() });
        }
        if token.len() < SHORTEST {
            return Err(TokenError::Short { path: path.into(), length: token.len() });
        }
        Ok(Self(token.to_owned()))
    }

    /// The secret itself.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Whether somebody shows this token. The time it takes tells nothing but the length.
    pub(crate) fn is(&self, shown: &str) -> bool {
        constant_time_eq::constant_time_eq(self.0.as_bytes(), shown.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn read(text: &str, mode: u32) -> Result<Token, TokenError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        Token::read(&path)
    }

    #[test]
    fn random_tokens_are_long_and_never_the_same() {
        let [one, two] = [Token::random().unwrap(), Token::random().unwrap()];
        assert_eq!(one.secret().len(), 64);
        assert!(one.secret().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(one.is(one.secret()) && !one.is(two.secret()));
        assert!(!format!("{one:?}").contains(one.secret()));
    }

    #[test]
    fn a_file_gives_its_word_and_nothing_around_it() {
        assert_eq!(read("  0123456789abcdef\n", 0o600).unwrap().secret(), "0123456789abcdef");
    }

    #[test]
    fn files_that_hold_no_secret_are_refused_with_what_would_be_right() {
        let refusal = |text: &str, mode| read(text, mode).unwrap_err().to_string();
        assert!(refusal("0123456789abcdef", 0o640).contains("chmod 600"));
        assert!(refusal("0123456789abcde", 0o600).contains("at least 16"));
        assert!(refusal("", 0o600).contains("0 characters"));
        assert!(refusal("two words in one file", 0o600).contains("without spaces"));
        let none = Token::read(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(none.contains("/nowhere/at/all"));
    }
}
