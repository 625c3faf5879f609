//! Rows of invitations from a file as spreadsheets write it: the encodings and delimiters that occur, headers in English or
//! Korean.
//!
//! Rows are numbered as a spreadsheet shows them: the header is row 1, empty rows count. What is wrong with the file as a
//! whole is refused before anything is made; what is wrong with a row is told with that row.

mod columns;
mod text;
pub(super) mod values;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::context::Context;
use super::failure::Failure;
use crate::domain::draft::FieldError;
pub(super) use columns::Column;

/// No row of invitations has so many lines: an opening quotation mark lacks its end.
const MOST_LINES: u64 = 40;

/// As many columns as the largest spreadsheet has.
const MOST_COLUMNS: usize = 16_384;

/// The largest file that is read: some hundred thousand invitations.
const LARGEST: u64 = 64 * 1024 * 1024;

/// How many headers are told of one by one.
const MOST_TOLD: usize = 10;

/// A file, read.
#[derive(Debug)]
pub(super) struct Sheet {
    /// How it was encoded: `utf-8`, `utf-16` or `cp949`.
    pub(super) encoding: &'static str,
    /// Headers that are not known and were left out, as asked.
    pub(super) ignored: Vec<String>,
    /// The rows below the header that hold something.
    pub(super) rows: Vec<Row>,
}

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number in the spreadsheet.
    pub(super) number: u64,
    /// Its cells that hold something, or why it cannot be read.
    pub(super) cells: Result<Cells, FieldError>,
}

/// The cells of a row that hold something.
pub(super) type Cells = BTreeMap<Column, String>;

impl Sheet {
    /// Reads the file, or standard input for `-`.
    ///
    /// # Errors
    /// It cannot be read, is too large, or no list of invitations.
    pub(super) fn open(path: &Path, ignore_unknown: bool) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        let read = if path == Path::new("-") {
            std::io::stdin()
                .lock()
                .take(LARGEST + 1)
                .read_to_end(&mut bytes)
        } else {
            std::fs::File::open(path)
                .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        };
        let wrong = |message: String| Failure::field("csv", message);
        read.map_err(|error| wrong(format!("{} cannot be read: {error}", path.display())))?;
        if bytes.len() as u64 > LARGEST {
            return Err(wrong("the file is larger than 64 MiB: split it".to_owned()));
        }
        Self::read(&bytes, ignore_unknown)
    }

    /// Tells how the file was read, where that may surprise.
    pub(super) fn tell_reading(&self, cx: &Context) {
        if self.encoding == "cp949" {
            cx.out
                .say("the file is not UTF-8: it was read as CP949 (Korean)");
        }
        if !self.ignored.is_empty() {
            let shown = self.ignored.get(..MOST_TOLD).unwrap_or(&self.ignored);
            let more = match self.ignored.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let shown = shown.join(", ");
            cx.out.say(&format!("columns left out: {shown}{more}"));
        }
    }

    /// Reads a file; headers that are not known are refused unless they are to be ignored.
    ///
    /// # Errors
    /// The file is in no known encoding, or its header is not one of a list of invitations.
    pub(super) fn read(bytes: &[u8], ignore_unknown: bool) -> Result<Self, Failure> {
        let (text, encoding) = text::decode(bytes)?;
        let (delimiter, columns) = text::delimiter(&text);
        if columns > MOST_COLUMNS {
            return Err(Failure::field(
                "csv",
                format!(
                    "the header has {columns} columns, and no spreadsheet has more than {MOST_COLUMNS}: is it the right file?"
                ),
            ));
        }
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut record = StringRecord::new();
        let mut number = 0;
        let mut header: Option<Vec<Option<Column>>> = None;
        let mut ignored = Vec::new();
        let mut rows = Vec::new();
        loop {
            let start = reader.position().clone();
            if !reader
                .read_record(&mut record)
                .map_err(|error| unreadable(&error))?
            {
                break;
            }
            number += 1 + text::blank_lines(&text, start.byte());
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let Some(columns) = &header else {
                let found = columns::read(&record, ignore_unknown)?;
                header = Some(found.columns);
                ignored = found.ignored;
                continue;
            };
            let lines = reader.position().line() - start.line();
            rows.push(Row {
                number,
                cells: cells(&record, columns, lines),
            });
        }
        if header.is_none() {
            return Err(Failure::field(
                "csv",
                "the file is empty: write a row of headers first",
            ));
        }
        Ok(Self {
            encoding,
            ignored,
            rows,
        })
    }
}

fn cells(
    record: &StringRecord,
    columns: &[Option<Column>],
    lines: u64,
) -> Result<Cells, FieldError> {
    let wrong = |message: String| FieldError {
        field: "row",
        message,
    };
    if lines > MOST_LINES {
        return Err(wrong(format!(
            "it goes on for {lines} lines: an opening quotation mark lacks its end, and the rows after it were not read"
        )));
    }
    let beyond = record.iter().skip(columns.len());
    if beyond.into_iter().any(|cell| !cell.trim().is_empty()) {
        return Err(wrong(format!(
            "it has {} cells, and the header has {}: put quotation marks round a cell that holds the delimiter",
            record.len(),
            columns.len()
        )));
    }
    Ok(record
        .iter()
        .zip(columns)
        .filter_map(|(cell, column)| Some(((*column)?, cell.trim())))
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(column, cell)| (column, cell.to_owned()))
        .collect())
}

fn unreadable(error: &csv::Error) -> Failure {
    Failure::field("csv", format!("the file cannot be read: {error}"))
}

#[cfg(test)]
mod tests;
