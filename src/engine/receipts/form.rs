//! The two forms of a receipt file, written and read row by row.
//!
//! CSV has a mark that it is UTF-8, a line of names, then a line a row. A text that a spreadsheet would take for a
//! formula has a `'` before it, and so has one that starts with `'`; the same behind a `;`, which ends a cell in some
//! countries. Reading takes them off again. JSON is one document with a line a row.

use std::fmt;
use std::io::{self, Read, Write};

use jiff::Timestamp;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::{BucketName, ConnectionId, ObjectKey, ReceiptFormat, ReceiptRow, Verified};

const VERSION: u32 = 1;
/// More rows than that are no receipt of this program.
const MOST_ROWS: u64 = 100_000_000;

/// A row as it is written.
#[derive(Serialize, Deserialize)]
struct Line {
    path: String,
    connection: String,
    bucket: String,
    key: String,
    bytes: u64,
    checksum: Option<String>,
    etag: Option<String>,
    version_id: Option<String>,
    level: String,
    link: Option<String>,
    stored: Option<String>,
}

impl Line {
    fn of(row: &ReceiptRow) -> Self {
        Self {
            path: row.path.clone(),
            connection: row.connection.as_str().to_owned(),
            bucket: row.bucket.to_string(),
            key: row.key.as_str().to_owned(),
            bytes: row.size_bytes,
            checksum: row.checksum.clone(),
            etag: row.etag.clone(),
            version_id: row.version_id.clone(),
            level: row.level.code().to_owned(),
            link: row.link.clone(),
            stored: row.time.map(|time| time.to_string()),
        }
    }

    /// Changes every text; for the marks of CSV.
    fn map(mut self, change: impl Fn(&str) -> String) -> Self {
        for text in [&mut self.path, &mut self.connection, &mut self.bucket, &mut self.key, &mut self.level] {
            *text = change(text);
        }
        let optional = [&mut self.checksum, &mut self.etag, &mut self.version_id, &mut self.link, &mut self.stored];
        for text in optional.into_iter().flatten() {
            *text = change(text);
        }
        self
    }

    fn row(self) -> Result<ReceiptRow, String> {
        Ok(ReceiptRow {
            path: self.path,
            connection: ConnectionId::new(self.connection),
            bucket: BucketName::new(self.bucket).map_err(|problem| format!("impossible bucket name: {problem:?}"))?,
            key: ObjectKey::new(self.key),
            size_bytes: self.bytes,
            checksum: self.checksum,
            etag: self.etag,
            version_id: self.version_id,
            level: Verified::from_code(&self.level).unwrap_or(Verified::Unverified),
            link: self.link,
            time: self.stored.and_then(|time| time.parse::<Timestamp>().ok()),
        })
    }
}

/// Says that a file is UTF-8: a spreadsheet takes a system's old code page else, and Hangul becomes garbage.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// What a spreadsheet may take for the begin of a formula; those of full width, too, where such are typed.
const FORMULA_STARTS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'];
/// Ends a cell where lists are written with it: what stands behind begins one.
const OTHER_SEPARATOR: char = ';';
/// Before such a begin.
const GUARD: char = '\'';

fn guard(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for c in text.chars() {
        if begins && FORMULA_STARTS.contains(&c) {
            guarded.push(GUARD);
        }
        guarded.push(c);
        begins = c == OTHER_SEPARATOR;
    }
    guarded
}

fn unguard(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins && c == GUARD {
            begins = false;
            continue;
        }
        plain.push(c);
        begins = c == OTHER_SEPARATOR;
    }
    plain
}

/// Writes a receipt.
pub(super) enum Writer<W: Write> {
    Csv(Box<csv::Writer<W>>, u64),
    Json(W, u64),
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    pub(super) fn start(mut file: W, format: ReceiptFormat, written: Timestamp) -> io::Result<Self> {
        Ok(match format {
            ReceiptFormat::Csv => {
                file.write_all(&BYTE_ORDER_MARK)?;
                Self::Csv(Box::new(csv::Writer::from_writer(file)), 0)
            }
            ReceiptFormat::Json => {
                let program = concat!("bucketdrop ", env!("CARGO_PKG_VERSION"));
                write!(file, "{{\"receipt\":{VERSION},\"program\":\"{program}\",\"written\":\"{written}\",\"rows\":[")?;
                Self::Json(file, 0)
            }
        })
    }

    /// One more row.
    pub(super) fn write(&mut self, row: &ReceiptRow) -> io::Result<()> {
        match self {
            Self::Csv(csv, count) => {
                *count += 1;
                csv.serialize(Line::of(row).map(guard)).map_err(io::Error::other)
            }
            Self::Json(file, count) => {
                let line = serde_json::to_string(&Line::of(row)).map_err(io::Error::other)?;
                let comma = if *count == 0 { "" } else { "," };
                *count += 1;
                write!(file, "{comma}\n{line}")
            }
        }
    }

    /// Ends the file; gives it back with the number of rows.
    pub(super) fn finish(self) -> io::Result<(W, u64)> {
        match self {
            Self::Csv(mut csv, count) => {
                if count == 0 {
                    csv.write_record(NAMES).map_err(io::Error::other)?;
                }
                let file = csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
                Ok((file, count))
            }
            Self::Json(mut file, count) => {
                file.write_all(b"\n]}\n")?;
                Ok((file, count))
            }
        }
    }
}

const NAMES: [&str; 11] =
    ["path", "connection", "bucket", "key", "bytes", "checksum", "etag", "version_id", "level", "link", "stored"];

/// Whether a file that begins so is a receipt, in either form.
pub(super) fn is_head(head: &[u8]) -> bool {
    let text = head.strip_prefix(&BYTE_ORDER_MARK).unwrap_or(head);
    let names = NAMES.join(",");
    let is_csv =
        text.strip_prefix(names.as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b'\r' | b'\n')));
    // As another program may have set it out anew.
    let mut json = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    is_csv || b"{\"receipt\":".iter().all(|byte| json.next() == Some(byte))
}

/// Reads a receipt and gives each row to `take`, until that says no. The error is what is wrong with the file.
pub(super) fn read(
    file: impl Read,
    format: ReceiptFormat,
    mut take: impl FnMut(ReceiptRow) -> bool,
) -> Result<(), String> {
    match format {
        ReceiptFormat::Csv => {
            let mut csv = csv::Reader::from_reader(file);
            if csv.headers().map_err(|error| error.to_string())? != NAMES.as_slice() {
                return Err("its first line does not name the columns of a receipt".to_owned());
            }
            for (number, line) in csv.into_deserialize::<Line>().enumerate() {
                let row = line.map_err(|error| error.to_string())?.map(unguard).row();
                let row = row.map_err(|problem| format!("row {}: {problem}", number + 1))?;
                if !take(row) {
                    break;
                }
            }
            Ok(())
        }
        ReceiptFormat::Json => {
            let mut json = serde_json::Deserializer::from_reader(io::BufReader::new(file));
            let mut problem = None;
            let rows = Document { take: &mut take, problem: &mut problem };
            let read = rows.deserialize(&mut json);
            match (problem, read) {
                (Some(problem), _) => Err(problem),
                (None, Ok(VERSION)) => Ok(()),
                (None, Ok(version)) => Err(format!("a receipt of version {version}; this program knows {VERSION}")),
                (None, Err(error)) => Err(error.to_string()),
            }
        }
    }
}

/// The document: gives its version, and its rows on the way.
struct Document<'a> {
    take: &'a mut dyn FnMut(ReceiptRow) -> bool,
    problem: &'a mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = u32;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a receipt")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<u32, A::Error> {
        let mut version = 0;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "receipt" => version = map.next_value()?,
                "rows" => map.next_value_seed(Rows(&mut self))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(version)
    }
}

struct Rows<'a, 'b>(&'a mut Document<'b>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rows of a receipt")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut number = 0_u64;
        let mut goes_on = true;
        while let Some(line) = rows.next_element::<Line>()? {
            number += 1;
            if !goes_on || self.0.problem.is_some() || number > MOST_ROWS {
                continue;
            }
            match line.row() {
                Ok(row) => goes_on = (self.0.take)(row),
                Err(problem) => *self.0.problem = Some(format!("row {number}: {problem}")),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, key: &str) -> ReceiptRow {
        ReceiptRow {
            path: path.to_owned(),
            connection: ConnectionId::new("c-1"),
            bucket: BucketName::new("photos").unwrap(),
            key: ObjectKey::new(key),
            size_bytes: u64::MAX,
            checksum: Some("CRC64NVME:rosUhgp5mIg=".to_owned()),
            etag: Some("-1".to_owned()),
            version_id: None,
            level: Verified::ReadBack,
            link: Some("https://h/photos/a%20b".to_owned()),
            time: Some(Timestamp::UNIX_EPOCH),
        }
    }

    fn written(rows: &[ReceiptRow], format: ReceiptFormat) -> String {
        let mut writer = Writer::start(Vec::new(), format, Timestamp::UNIX_EPOCH).unwrap();
        for row in rows {
            writer.write(row).unwrap();
        }
        let (file, count) = writer.finish().unwrap();
        assert_eq!(count, rows.len() as u64);
        String::from_utf8(file).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let names = [
            "a b",
            "=1+1",
            "'quoted",
            "-x",
            "@y",
            "\t",
            "a,\"b\"\nc",
            "한글.png",
            "",
            "\u{1b}[2J",
            "''",
            "+\r\n",
            "＝1",
            "a;=b",
            "a;'b;",
            ";",
            ";;'",
        ];
        let mut rows: Vec<ReceiptRow> = names.iter().map(|name| row(name, name)).collect();
        rows.push(ReceiptRow { checksum: None, etag: None, link: None, time: None, ..row("p", "k") });
        for format in [ReceiptFormat::Csv, ReceiptFormat::Json] {
            for rows in [&rows[..], &[]] {
                let text = written(rows, format);
                let mut found = Vec::new();
                read(text.as_bytes(), format, |row| {
                    found.push(row);
                    true
                })
                .unwrap();
                assert_eq!(found, rows, "{text}");
            }
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        let rows = [row("=cmd|'/c calc'!A1", "@SUM(1)"), row("＝1+1", "－2"), row("a;=1+1", "b;＠c")];
        let text = written(&rows, ReceiptFormat::Csv);
        for separator in [b',', b';'] {
            let mut csv = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
            for cell in csv.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
                assert!(!cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{cell}");
            }
        }
    }

    #[test]
    fn a_table_says_that_it_is_utf8() {
        let text = written(&[row("한글/각.txt", "한글/각.txt")], ReceiptFormat::Csv);
        let names = text.lines().next().and_then(|line| line.strip_prefix('\u{feff}'));
        assert_eq!(names, Some(NAMES.join(",").as_str()));
        assert_eq!(text.matches('\u{feff}').count(), 1);
        assert!(!written(&[row("한", "글")], ReceiptFormat::Json).contains('\u{feff}'));
        // Also without it, as an editor may have saved it.
        for text in [text.as_str(), text.trim_start_matches('\u{feff}')] {
            let mut keys = Vec::new();
            read(text.as_bytes(), ReceiptFormat::Csv, |row| {
                keys.push(row.key);
                true
            })
            .unwrap();
            assert_eq!(keys, [ObjectKey::new("한글/각.txt")]);
        }
    }

    #[test]
    fn a_receipt_is_known_by_its_head() {
        for format in [ReceiptFormat::Csv, ReceiptFormat::Json] {
            for rows in [&[row("a", "k")][..], &[]] {
                assert!(is_head(written(rows, format).as_bytes()), "{format:?}");
            }
        }
        assert!(is_head(b"{\n  \"receipt\": 1, "));
        for other in [&b""[..], b"path,connection,bucket,key", b"{\"receipts\":1}", b"\xef\xbb\xbfpath", b"%PDF"] {
            assert!(!is_head(other), "{other:?}");
        }
        assert!(!is_head(format!("{},mine\n", NAMES.join(",")).as_bytes()));
    }

    #[test]
    fn json_is_one_document_with_a_line_a_row() {
        let text = written(&[row("a", "k"), row("b", "l")], ReceiptFormat::Json);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((json["receipt"].as_u64(), json["rows"].as_array().unwrap().len()), (Some(1), 2));
        assert_eq!(text.lines().count(), 4);
        assert_eq!(json["rows"][0]["level"], "read-back");
    }

    #[test]
    fn what_is_no_receipt_is_said_so() {
        let cases = [
            (ReceiptFormat::Json, "{}"),
            (ReceiptFormat::Json, "[]"),
            (ReceiptFormat::Json, "{\"receipt\":2,\"rows\":[]}"),
            (ReceiptFormat::Json, "{\"receipt\":1,\"rows\":[{\"path\":1}]}"),
            (ReceiptFormat::Json, "{\"receipt\":1,\"rows\":[{"),
            (ReceiptFormat::Csv, "a,b\n1,2\n"),
            (ReceiptFormat::Csv, ""),
            (ReceiptFormat::Csv, "hello"),
            (ReceiptFormat::Csv, "path,connection,bucket,key,bytes,level\np,c,NO BUCKET,k,1,accepted\n"),
        ];
        for (format, text) in cases {
            assert!(read(text.as_bytes(), format, |_| true).is_err(), "{text}");
        }
    }
}
