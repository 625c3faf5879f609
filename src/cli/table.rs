//! Tables for people: no lines, columns that align (Hangul takes two places), as wide as the terminal where there is one.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement};

use super::out::visible;

/// How a column is treated when the terminal is narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Text that may be broken over lines.
    Text(&'static str),
    /// What is copied as a whole, such as an identifier.
    Whole(&'static str),
    /// Numbers, to the right.
    Number(&'static str),
}

/// A table of texts.
pub struct Table {
    table: comfy_table::Table,
    /// Of a table with a header.
    columns: Vec<Column>,
}

/// Text that gets less room than this is not broken over lines: it could not be read.
const LEAST: u16 = 16;
/// Blanks between two columns.
const GAP: u16 = 2;

impl Table {
    /// A table with these columns.
    pub fn new(columns: &[Column]) -> Self {
        let mut table = empty();
        table.set_header(columns.iter().map(|column| match column {
            Column::Text(name) | Column::Whole(name) | Column::Number(name) => Cell::new(name),
        }));
        for (index, column) in columns.iter().enumerate() {
            let Some(made) = table.column_mut(index) else {
                continue;
            };
            match column {
                Column::Text(_) => {}
                Column::Whole(_) => drop(made.set_constraint(ColumnConstraint::ContentWidth)),
                Column::Number(_) => made.set_cell_alignment(CellAlignment::Right),
            }
        }
        Self {
            table,
            columns: columns.to_vec(),
        }
    }

    /// Names on the left, values on the right.
    pub fn pairs() -> Self {
        Self {
            table: empty(),
            columns: vec![Column::Whole(""), Column::Text("")],
        }
    }

    /// Adds a row.
    pub fn row<I>(&mut self, cells: I)
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        let cells = cells.into_iter().map(|cell| visible(&cell.to_string()));
        self.table.add_row(cells);
        for column in self.table.column_iter_mut() {
            column.set_padding((0, GAP));
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The lines, for a terminal of this width or for none.
    fn lines(&self, terminal: Option<u16>) -> String {
        let mut table = self.table.clone();
        let widths = table.column_max_content_widths();
        let needed: u16 = self
            .columns
            .iter()
            .zip(widths)
            .map(|(column, width)| match column {
                Column::Text(_) => width.min(LEAST) + GAP,
                Column::Whole(_) | Column::Number(_) => width + GAP,
            })
            .sum();
        if let Some(width) = terminal.filter(|width| *width >= needed) {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        table.trim_fmt()
    }
}

/// The lines, without blanks at their ends.
impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = terminal_size::terminal_size_of(std::io::stdout());
        let width = size.map(|(terminal_size::Width(width), _)| width);
        f.write_str(&self.lines(width))
    }
}

fn empty() -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(NOTHING);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_beside_hangul_and_lines_end_without_blanks() {
        let mut table = Table::new(&[
            Column::Whole("ID"),
            Column::Text("ORGANIZATION"),
            Column::Number("DAYS"),
        ]);
        table.row(["inv_1", "㈜한빛상사", "7"]);
        table.row(["inv_2", "Contoso", "30"]);
        assert_eq!(
            table.to_string(),
            "ID     ORGANIZATION  DAYS\ninv_1  ㈜한빛상사       7\ninv_2  Contoso         30"
        );
    }

    #[test]
    fn a_terminal_breaks_text_but_no_identifier_and_not_into_letters() {
        let mut table = Table::new(&[Column::Whole("ID"), Column::Text("DETAIL")]);
        table.row([
            "inv_0193a7c1d2e3748596a7b8c9d0e1f203",
            "the mailbox does not exist any more",
        ]);
        let lines = |width| {
            table
                .lines(width)
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(None).len(), 2);
        let broken = lines(Some(60));
        assert_eq!(
            broken[1],
            "inv_0193a7c1d2e3748596a7b8c9d0e1f203  the mailbox does not"
        );
        assert_eq!(
            broken[2],
            "                                      exist any more"
        );
        assert_eq!(lines(Some(50)), lines(None), "too narrow: as it is");
    }
}
