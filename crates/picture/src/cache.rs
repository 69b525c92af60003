//! Drawn pictures on the disk, by the hash that the caller knows them under. All of it is derived: the folder may be deleted at any time, and
//! a file that is damaged is drawn anew.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::Side;

/// Rises when pictures are drawn otherwise; older ones are then not found.
const VERSION: &str = "1";

/// A folder of drawn pictures.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The picture under this hash, drawn from what `picture` gives when it is not here yet; none where there is none, or none that can be
    /// drawn, which is remembered too.
    ///
    /// # Errors
    /// Those of `picture` alone. A folder that cannot be used costs time, not pictures.
    pub fn png<E>(
        &self,
        hash: &[u8; 32],
        side: Side,
        picture: impl FnOnce() -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Vec<u8>>, E> {
        let path = self.path(hash, side);
        match fs::read(&path) {
            Ok(bytes) if bytes.is_empty() => return Ok(None),
            Ok(bytes) if is_whole(&bytes) => return Ok(Some(bytes)),
            _ => {}
        }
        let drawn = picture()?.map(|bytes| crate::png(&bytes, side)).and_then(Result::ok);
        self.keep(&path, drawn.as_deref().unwrap_or_default());
        Ok(drawn)
    }

    /// Erases what was drawn under this hash.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn forget(&self, hash: &[u8; 32]) -> std::io::Result<()> {
        for side in Side::ALL {
            match fs::remove_file(self.path(hash, side)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn path(&self, hash: &[u8; 32], side: Side) -> PathBuf {
        use std::fmt::Write as _;
        let mut name = hash.iter().fold(String::with_capacity(70), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        });
        let _ = write!(name, "-{}.{VERSION}.png", side.pixels());
        self.folder.join(name)
    }

    /// A picture appears whole or not at all; where it cannot, it is drawn again the next time.
    fn keep(&self, path: &std::path::Path, bytes: &[u8]) {
        let keep = || -> std::io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut file = tempfile::Builder::new().prefix(".drawing-").tempfile_in(&self.folder)?;
            file.write_all(bytes)?;
            file.persist(path)?;
            Ok(())
        };
        let _ = keep();
    }
}

/// A PNG that ends as one does.
fn is_whole(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.ends_with(b"IEND\xaeB`\x82")
}
