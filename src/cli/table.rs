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
pub struct Table(comfy_table::Table);

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
        Self(table)
    }

    /// Names on the left, values on the right.
    pub fn pairs() -> Self {
        Self(empty())
    }

    /// Adds a row.
    pub fn row<I>(&mut self, cells: I)
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        let cells = cells.into_iter().map(|cell| visible(&cell.to_string()));
        self.0.add_row(cells);
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The lines, without blanks at their ends.
impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.trim_fmt())
    }
}

fn empty() -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(NOTHING);
    if let Some((terminal_size::Width(width), _)) =
        terminal_size::terminal_size_of(std::io::stdout())
    {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.max(40));
    }
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
}
