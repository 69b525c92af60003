//! All the forms that were asked for, written side by side: lines on standard output, and files that appear when they are whole.

use std::borrow::Cow;
use std::io::{self, BufWriter, Stdout};
use std::path::{Path, PathBuf};

use satchel_badge::words::Language;
use satchel_wallet::inspect::{self, Checked, Csv, End, Html, JsonLines, Output, Sink};

use super::Text;
use crate::args::Verify;
use crate::output::{said, unwritable};
use crate::problem::Problem;
use crate::unfinished::Unfinished;

pub struct Reports {
    json: Option<Box<JsonLines<BufWriter<Stdout>>>>,
    files: Vec<(PathBuf, Box<dyn Sink<Out = Output>>)>,
    text: Text,
    /// Where the files are written, and where they will stand.
    pub places: Vec<PathBuf>,
}

impl Reports {
    pub fn begin(command: &Verify, language: Language) -> Result<Self, Problem> {
        let stdout = || BufWriter::with_capacity(1 << 16, io::stdout());
        let json = command.json.then(|| Box::new(JsonLines::new(stdout(), language)));
        let mut files: Vec<(PathBuf, Box<dyn Sink<Out = Output>>)> = Vec::new();
        let writes = command.csv.is_some() || command.html.is_some();
        let unfinished = if writes { Unfinished::watched() } else { Unfinished::default() };
        let mut places = Vec::new();
        let mut create = |path: &Path| {
            let output = unfinished.create(path)?;
            places.extend(output.unfinished().map(Path::to_owned));
            places.push(inspect::place(path));
            Ok::<Output, Problem>(output)
        };
        if let Some(path) = &command.csv {
            let csv = Csv::new(create(path)?, language).map_err(|error| unwritable(path, &error))?;
            files.push((path.clone(), Box::new(csv)));
        }
        if let Some(path) = &command.html {
            let scratch = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            files.push((path.clone(), Box::new(Html::new(create(path)?, &command.paths, language, scratch))));
        }
        let one_file =
            if let [path] = command.paths.as_slice() { Some(path.clone()).filter(|path| !path.is_dir()) } else { None };
        Ok(Self { json, files, text: Text::new(language, command.json, one_file), places })
    }

    pub fn write(&mut self, checked: &Checked) -> Result<(), Problem> {
        if let Some(json) = &mut self.json {
            said(json.write(checked))?;
        }
        for (path, file) in &mut self.files {
            file.write(checked).map_err(|error| unwritable(path, &error))?;
        }
        self.text.write(checked)
    }

    pub fn finish(self, end: &End<'_>, without_badge: &[Cow<'_, str>]) -> Result<(), Problem> {
        if let Some(json) = self.json {
            said(json.finish(end).map(drop))?;
        }
        for (path, file) in self.files {
            file.finish(end).and_then(Output::finish).map_err(|error| unwritable(&path, &error))?;
        }
        self.text.finish(end, without_badge)
    }
}
