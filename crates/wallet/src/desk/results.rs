//! `results.csv`: a row for each row of the table of recipients. What a spreadsheet would run as a formula is made plain text (S11).

use std::io::Write;
use std::path::Path;

use super::{Became, DeskError, Row};
use crate::inspect::Output;

const HEAD: [&str; 7] = ["row", "email", "status", "code", "id", "ob3", "ob2"];

/// Writes the results into the folder of the files, whole or not at all.
pub fn write(path: &Path, rows: &[Row]) -> Result<(), DeskError> {
    let failed = |error: std::io::Error| DeskError::unwritable(path, &error);
    let mut table = csv::Writer::from_writer(Vec::new());
    let record = |row: &Row| match &row.became {
        Became::Awarded { id, ob3, ob2 } => [
            row.line.to_string(),
            row.email.clone(),
            "awarded".into(),
            String::new(),
            id.clone(),
            ob3.clone(),
            ob2.clone().unwrap_or_default(),
        ],
        Became::Bad(wrong) => {
            let code = wrong.why.name().to_owned();
            [row.line.to_string(), row.email.clone(), "bad".into(), code, String::new(), String::new(), String::new()]
        }
    };
    let written = table
        .write_record(HEAD)
        .and_then(|()| rows.iter().try_for_each(|row| table.write_record(record(row).map(|cell| crate::inspect::plain(&cell)))));
    written.map_err(|error| failed(error.into()))?;
    let bytes = table.into_inner().map_err(|error| failed(error.into_error()))?;
    let mut output = Output::create(path).map_err(failed)?;
    output.write_all(&bytes).and_then(|()| output.finish()).map_err(failed)
}
