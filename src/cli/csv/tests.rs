use super::values::draft;
use super::*;
use crate::domain::draft::Draft;

fn read(bytes: &[u8]) -> Sheet {
    Sheet::read(bytes, false).unwrap()
}

fn refusal(bytes: &[u8]) -> Vec<String> {
    let failure = Sheet::read(bytes, false).unwrap_err();
    failure.problems.iter().map(ToString::to_string).collect()
}

/// The cells of all rows, in the order of the columns.
fn cells(sheet: &Sheet) -> Vec<(u64, Vec<&str>)> {
    sheet
        .rows
        .iter()
        .map(|row| {
            let cells = row.cells.as_ref().unwrap();
            (row.number, cells.values().map(String::as_str).collect())
        })
        .collect()
}

const KOREAN: &str = "회사,담당자,이메일,파트너 유형,역할,기간,언어,메모,참조\r\n\
    ㈜한빛상사,홍길동,hong@hanbit.example,재판매인 및 위임된 관리자,\"기술 지원팀 관리자, 전역 읽기 권한자\",1년,한국어,확인 부탁드립니다,A-1\r\n";

#[test]
fn the_same_rows_come_from_every_encoding() {
    let cp949 = encoding_rs::EUC_KR.encode(KOREAN).0.into_owned();
    let with_mark = format!("\u{feff}{KOREAN}").into_bytes();
    let utf16: Vec<u8> = [0xfeff_u16]
        .into_iter()
        .chain(KOREAN.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let plain = read(KOREAN.as_bytes());
    assert_eq!(plain.encoding, "utf-8");
    for (bytes, encoding) in [(cp949, "cp949"), (with_mark, "utf-8"), (utf16, "utf-16")] {
        let sheet = read(&bytes);
        assert_eq!(sheet.encoding, encoding);
        assert_eq!(cells(&sheet), cells(&plain));
    }
}

#[test]
fn a_korean_row_asks_for_what_an_english_one_does() {
    let english = "Organization;Name;E-Mail;partner_type;ROLES;Duration;Language;Note;Reference\n\
        ㈜한빛상사;홍길동;hong@hanbit.example;reseller_delegated_admin;helpdesk_administrator|Global Reader;P1Y;ko;확인 부탁드립니다;A-1\n";
    let of = |text: &str| {
        let sheet = read(text.as_bytes());
        let draft = draft(&Draft::default(), sheet.rows[0].cells.as_ref().unwrap()).unwrap();
        let request = draft.check().unwrap();
        crate::workflow::repeated::row_key(&request)
    };
    assert_eq!(of(KOREAN), of(english));
}

#[test]
fn the_delimiter_is_the_one_of_the_header() {
    for delimiter in [",", ";", "\t"] {
        let text = [
            ["organization", "name", "email"].join(delimiter),
            [
                "Contoso, Ltd; x".to_owned(),
                "Kim".to_owned(),
                "k@c.example".to_owned(),
            ]
            .map(|cell| format!("\"{cell}\""))
            .join(delimiter),
        ]
        .join("\n");
        assert_eq!(
            cells(&read(text.as_bytes())),
            [(2, vec!["Contoso, Ltd; x", "Kim", "k@c.example"])]
        );
    }
}

#[test]
fn rows_have_the_numbers_that_a_spreadsheet_shows() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "", // row 1
            "organization,name,email",
            "A,B,c@d.example",
            "",
            ",,",
            "\"E\nF\",G,h@i.example",
            "",
            "",
            "J,K,l@m.example",
        ]
        .join(end);
        let numbers: Vec<u64> = read(text.as_bytes())
            .rows
            .iter()
            .map(|row| row.number)
            .collect();
        assert_eq!(numbers, [3, 6, 9], "{end:?}");
    }
}

#[test]
fn short_rows_lack_their_last_cells_and_long_ones_are_refused() {
    let sheet = read("organization,name,email,note\nA,B,c@d.example\nA,B,c@d.example,n,,\nA,B,c@d.example,n,o,p\n".as_bytes());
    assert_eq!(sheet.rows[0].cells.as_ref().unwrap().len(), 3);
    assert_eq!(sheet.rows[1].cells.as_ref().unwrap().len(), 4);
    let error = sheet.rows[2].cells.as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "row: it has 6 cells, and the header has 4: put quotation marks round a cell that holds the delimiter"
    );
}

#[test]
fn a_quotation_mark_without_its_end_is_told() {
    let text = format!(
        "organization,name,email\n\"A,B,c@d.example\n{}",
        "E,F,g@h.example\n".repeat(50)
    );
    let sheet = read(text.as_bytes());
    assert_eq!(sheet.rows.len(), 1);
    let error = sheet.rows[0].cells.as_ref().unwrap_err().to_string();
    assert!(
        error.contains("an opening quotation mark lacks its end"),
        "{error}"
    );
}

#[test]
fn every_mistake_of_the_header_is_told_at_once() {
    assert_eq!(
        refusal("회사,company,e-mail,비고\nA,B,c@d.example,n\n".as_bytes()),
        [
            "csv: the header `company` (column 2) says what another column says already: keep one of them",
            "csv: the header `비고` (column 4) is none that is known: rename it, or say --ignore-unknown-columns",
            "csv: the header lacks a column for name: add one of name, full name, recipient, contact, 이름, 성명, 담당자, 담당자명, 받는 사람",
        ]
    );
}

#[test]
fn a_file_of_many_columns_gets_a_short_answer() {
    let columns = |count: usize, header: &str| {
        let all = vec![header; count].join(",");
        format!("organization,name,email,{all}\nA,B,c@d.example\n")
    };
    let told = refusal(columns(100_000, "x").as_bytes());
    assert_eq!(
        told,
        [
            "csv: the header has 100003 columns, and no spreadsheet has more than 16384: is it the right file?"
        ]
    );
    for header in ["x", "e-mail"] {
        let told = refusal(columns(16_000, header).as_bytes());
        assert_eq!(told.len(), 11);
        assert_eq!(
            told[10],
            "csv: 15990 more headers are none that are known, or say what others say already: is it the right file?"
        );
    }
    // Quoted delimiters make no columns.
    let quoted = format!("organization,name,email,\"{}\"\n", ",".repeat(20_000));
    assert_eq!(refusal(quoted.as_bytes()).len(), 1);
}

#[test]
fn unknown_columns_are_left_out_when_that_is_asked_for() {
    let sheet = Sheet::read(
        "회사,이름,비고,이메일\nA,B,secret,c@d.example\n".as_bytes(),
        true,
    )
    .unwrap();
    assert_eq!(sheet.ignored, ["비고"]);
    assert_eq!(cells(&sheet), [(2, vec!["A", "B", "c@d.example"])]);
}

#[test]
fn what_is_no_list_of_invitations_is_refused_as_a_whole() {
    assert_eq!(
        refusal(b""),
        ["csv: the file is empty: write a row of headers first"]
    );
    assert_eq!(
        refusal(b"\r\n\n"),
        ["csv: the file is empty: write a row of headers first"]
    );
    for bytes in [
        &b"PK\x03\x04\0\0\0\x08\xff\xff"[..],
        b"\xff\xfeA\0\0\xd8",
        b"\xfc\xff\xfe",
    ] {
        assert!(
            refusal(bytes)[0].contains("neither UTF-8 nor CP949"),
            "{bytes:?}"
        );
    }
}

#[test]
fn each_column_has_the_headers_of_the_documents() {
    let documents = include_str!("../../../docs/cli.md");
    let listed = columns::documented();
    assert!(listed.len() == 19);
    for line in listed {
        assert!(
            documents.contains(&line),
            "docs/cli.md lacks the line\n{line}"
        );
    }
}

#[test]
fn cells_are_read_as_people_write_them() {
    let written = |header: &str, cell: &str| {
        let text = format!("organization,name,email,{header}\nA,B,c@d.example,\"{cell}\"\n");
        let sheet = read(text.as_bytes());
        draft(&Draft::default(), sheet.rows[0].cells.as_ref().unwrap())
    };
    for (cell, key) in [
        ("reseller", "reseller"),
        ("재판매인", "reseller"),
        ("리셀러", "reseller"),
        ("위임된 관리자", "delegated_admin"),
        (
            "Reseller & delegated administrator",
            "reseller_delegated_admin",
        ),
        ("Advisor", "advisor"),
        ("조언자", "advisor"),
        ("파트너", "partner"),
        ("emperor", "emperor"),
    ] {
        assert_eq!(
            written("유형", cell).unwrap().partner_type.as_deref(),
            Some(key),
            "{cell}"
        );
    }
    for (cell, roles) in [
        ("없음", vec![]),
        ("-", vec![]),
        (
            "전역 관리자; helpdesk administrator",
            vec!["global_administrator", "helpdesk_administrator"],
        ),
        (
            "기술 지원팀 관리자(Helpdesk Administrator)",
            vec!["helpdesk_administrator"],
        ),
        ("king", vec!["king"]),
    ] {
        assert_eq!(
            written("역할", cell).unwrap().roles.unwrap(),
            roles,
            "{cell}"
        );
    }
    for (cell, duration) in [
        ("1년", "P1Y"),
        ("6 개월", "P6M"),
        ("180 days", "P180D"),
        ("2주", "P2W"),
        ("P90D", "P90D"),
        ("180", "180"),
    ] {
        assert_eq!(
            written("기간", cell).unwrap().duration.as_deref(),
            Some(duration),
            "{cell}"
        );
    }
    for (cell, agreement) in [
        ("예", true),
        ("O", true),
        ("yes", true),
        ("아니오", false),
        ("X", false),
        ("0", false),
    ] {
        assert_eq!(written("MCA", cell).unwrap().agreement, agreement, "{cell}");
    }
    assert_eq!(written("mca", "perhaps").unwrap_err()[0].field, "mca");
    assert_eq!(
        written("유효 일수", "14일").unwrap().expires_in_days,
        Some(14)
    );
    assert_eq!(
        written("expires_in_days", "soon").unwrap_err()[0].field,
        "expires_in_days"
    );
    assert_eq!(
        written("언어", "영어").unwrap().language.as_deref(),
        Some("en")
    );
    assert_eq!(
        written("조직 유형", "학교")
            .unwrap()
            .organization_kind
            .as_deref(),
        Some("school")
    );
    assert_eq!(
        written("cloud", "21Vianet").unwrap().cloud.as_deref(),
        Some("21vianet")
    );
}
