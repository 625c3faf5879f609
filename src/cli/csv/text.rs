//! From bytes to text: what Excel and its like write in Korea and elsewhere.

use encoding_rs::{EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::cli::failure::Failure;

/// The text and its encoding: UTF-8 with or without a byte order mark, UTF-16 with one, else CP949 (which WHATWG calls
/// EUC-KR).
pub(super) fn decode(bytes: &[u8]) -> Result<(String, &'static str), Failure> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let rest = bytes.get(mark..).unwrap_or_default();
    let encodings: &[&'static Encoding] = if mark > 0 {
        &[encoding]
    } else {
        &[UTF_8, EUC_KR]
    };
    encodings
        .iter()
        .find_map(|encoding| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(rest)?;
            Some((text.into_owned(), name(encoding)))
        })
        .filter(|(text, _)| !text.contains('\0'))
        .ok_or_else(|| {
            Failure::field(
                "csv",
                "the file is neither UTF-8 nor CP949: save it as `CSV UTF-8` (a workbook, .xlsx, cannot be read)",
            )
        })
}

fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == UTF_8 {
        "utf-8"
    } else if encoding == UTF_16LE || encoding == UTF_16BE {
        "utf-16"
    } else {
        "cp949"
    }
}

/// Comma, semicolon or tab: the one that occurs most in the header, outside quotation marks; and how many columns it makes.
pub(super) fn delimiter(text: &str) -> (u8, usize) {
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\r' | b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(byte == *delimiter);
                }
            }
        }
    }
    // Of several that occur equally often, the first.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or((b',', 1), |(delimiter, count)| (*delimiter, count + 1))
}

/// How many empty lines stand at `byte` of the text, where the record before has ended: the reader of records skips them.
pub(super) fn blank_lines(text: &str, byte: u64) -> u64 {
    let at = usize::try_from(byte).unwrap_or(usize::MAX);
    let bytes = text.as_bytes();
    let mut rest = bytes.get(at..).unwrap_or_default();
    // The second half of the line end of the record before.
    if at > 0 && bytes.get(at - 1) == Some(&b'\r') {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut blank = 0;
    loop {
        let shorter = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.strip_prefix(b"\n"))
            .or_else(|| rest.strip_prefix(b"\r"));
        let Some(shorter) = shorter else { break };
        rest = shorter;
        blank += 1;
    }
    blank
}
