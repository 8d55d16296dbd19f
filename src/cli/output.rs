//! What the command line prints: results to standard output, everything else to standard error.
//!
//! Every name and every server's text is escaped on its way, so that it cannot steer a terminal or forge a line.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use super::escape::for_terminal;
use super::json::{Failed, Line, RefusingLayer};
use super::problem::Problem;
use super::progress::Progress;
use super::results::{Results, WhenUnread};
use super::verdicts::layer_words;
use crate::locale::{self, Lang};
use crate::model::{Bearing, Failure, FailureKind, LayerFinding, NoAddress, Notice, NoticeText, ObjectKey, SkipReason};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people and for `$(…)`: one result a line.
    Text,
    /// For programs: one object a line.
    Json,
}

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Failures only.
    Quiet,
    /// Also what was left out, and a summary.
    Normal,
    /// Also codes and request ids.
    Verbose,
}

/// Who reads results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// A terminal, which acts on some characters.
    #[default]
    Terminal,
    /// A program, through a pipe or a file: what names an object has to reach it as it is.
    Program,
}

/// The two streams, and how to write to them.
pub struct Printer {
    out: Results,
    err: Box<dyn Write>,
    /// How results are written.
    pub form: Form,
    /// Who reads them.
    pub reader: Reader,
    /// How much is said beside them.
    pub talk: Talk,
    /// Language of sentences.
    pub lang: Lang,
    /// Drawn on standard error, if that is a terminal.
    pub progress: Option<Progress>,
}

/// What a failure was about.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// A local path.
    pub path: Option<&'a Path>,
    /// A key.
    pub key: Option<&'a ObjectKey>,
}

impl Printer {
    /// Writes to these streams.
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>) -> Self {
        Self {
            out: Results::new(out),
            err,
            form: Form::Text,
            reader: Reader::default(),
            talk: Talk::Normal,
            lang: Lang::En,
            progress: None,
        }
    }

    /// What becomes of the command once its results cannot be written.
    pub(super) fn set_when_unread(&mut self, when: WhenUnread) {
        self.out.when_unread = when;
    }

    /// Whether results were lost and the command went on.
    pub(super) fn has_lost_results(&self) -> bool {
        self.out.has_lost()
    }

    /// A sentence in the user's language.
    pub fn words(&self, id: &str, values: &[(&str, &str)]) -> String {
        locale::text_with(self.lang, id, values)
    }

    /// A sentence with a count.
    pub fn words_count(&self, id: &str, count: u64, values: &[(&str, &str)]) -> String {
        locale::text_count(self.lang, id, count, values)
    }

    /// What is wrong with the arguments.
    pub fn usage(&mut self, problem: &Problem) -> io::Result<()> {
        let problem = problem.words(self.lang);
        self.complaint(&self.words("cli-error", &[("problem", &problem)]))
    }

    /// A result: `text` for people, `line` for programs.
    pub fn result(&mut self, text: &str, line: &Line<'_>) -> io::Result<()> {
        match self.form {
            Form::Text => self.result_text(text),
            Form::Json => self.json(line),
        }
    }

    /// A line for programs; nothing in the other form.
    pub fn only_json(&mut self, line: &Line<'_>) -> io::Result<()> {
        if self.form == Form::Json { self.json(line) } else { Ok(()) }
    }

    /// A result for people only, over several lines.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        if self.form == Form::Text { self.result_text(text) } else { Ok(()) }
    }

    /// A result that stands by itself on its line.
    pub(super) fn result_text(&mut self, text: &str) -> io::Result<()> {
        self.write_line(&for_terminal(text))
    }

    /// A link for people: its own characters but on a terminal, for spelled out they would name another object.
    pub(super) fn link(&mut self, text: &str) -> io::Result<()> {
        match (self.form, self.reader) {
            (Form::Json, _) => Ok(()),
            (Form::Text, Reader::Terminal) => self.result_text(text),
            (Form::Text, Reader::Program) => self.write_line(text),
        }
    }

    fn write_line(&mut self, line: &str) -> io::Result<()> {
        self.clear_progress();
        self.out.line(line)?;
        // Handed on line by line where somebody may be watching; many at once wait for `flush`.
        if self.progress.is_some() { self.flush() } else { self.tell_unread() }
    }

    /// That results cannot be written any more: once, and only where the command goes on. One that ends says it last.
    fn tell_unread(&mut self) -> io::Result<()> {
        let Some(reason) = self.out.news(self.lang) else { return Ok(()) };
        self.complaint(&self.words("cli-output-fails-goes-on", &[("reason", &reason)]))
    }

    /// Hands everything on; to be called before anything is waited for.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.tell_unread()
    }

    fn json(&mut self, line: &Line<'_>) -> io::Result<()> {
        let line = serde_json::to_string(line).map_err(io::Error::other)?;
        self.write_line(&escape_json(&line))
    }

    /// Something a person may want to know; not in quiet mode.
    pub fn remark(&mut self, text: &str) -> io::Result<()> {
        if self.talk == Talk::Quiet { Ok(()) } else { self.say(text) }
    }

    /// The same for a sentence of ours, which is looked up only if it is told: the first look reads all texts.
    pub fn remark_words(&mut self, id: &str, values: &[(&str, &str)]) -> io::Result<()> {
        if self.talk == Talk::Quiet { Ok(()) } else { self.say(&self.words(id, values)) }
    }

    /// Something a person has to know.
    pub fn complaint(&mut self, text: &str) -> io::Result<()> {
        self.say(text)
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.clear_progress();
        // Results come before what is said of them; if they cannot be written, that is said all the same.
        let flushed = self.out.flush();
        // Nobody may listen any more, as with `2>&1 >file | head`; the work goes on for its results.
        writeln!(self.err, "{}", for_terminal(text)).and_then(|()| self.err.flush()).ok();
        flushed
    }

    /// A failure: sentence, advice and, in verbose mode, the raw detail.
    pub fn failure(&mut self, failure: &Failure, about: About<'_>) -> io::Result<()> {
        self.failure_with(failure, about, locale::failure_advice_cli(self.lang, failure))
    }

    /// The same of what the journal keeps, so that `resume` goes on with it.
    pub(super) fn kept_failure(&mut self, failure: &Failure, about: About<'_>) -> io::Result<()> {
        self.failure_with(failure, about, locale::failure_advice_kept(self.lang, failure))
    }

    /// The same of what neither this command nor `resume` comes back to.
    pub(super) fn lost_failure(&mut self, failure: &Failure, about: About<'_>) -> io::Result<()> {
        self.failure_with(failure, about, locale::failure_advice_anew(self.lang, failure))
    }

    fn failure_with(&mut self, failure: &Failure, about: About<'_>, advice: String) -> io::Result<()> {
        let path = about.path.map(Path::to_string_lossy);
        let title = locale::failure_title(self.lang, failure);
        if self.form == Form::Json {
            return self.json(&Line::Failed(Failed {
                path: path.as_deref(),
                key: about.key.map(ObjectKey::as_str),
                kind: failure.kind.code(),
                title,
                advice,
                detail: &failure.detail,
            }));
        }
        let name = path.as_deref().or(about.key.map(ObjectKey::as_str));
        let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
        self.complaint(&format!("{name}{}. {advice}", title.trim_end_matches('.')))?;
        if self.talk == Talk::Verbose && !failure.detail.is_empty() {
            self.complaint(&format!("    {}", failure.detail))?;
        }
        Ok(())
    }

    /// What a batch stored is without the list that was chosen for it.
    pub(super) fn acl_left_out(&mut self, failure: &Failure) -> io::Result<()> {
        let title = locale::failure_title(self.lang, failure);
        let advice = locale::failure_advice_cli(self.lang, failure);
        if self.form == Form::Json {
            let (bucket, prefix, acl) = (value(failure, "bucket"), value(failure, "prefix"), value(failure, "name"));
            let detail = &failure.detail;
            return self.json(&Line::AclLeftOut { bucket, prefix, acl, title, advice, detail });
        }
        self.complaint(&format!("{title}. {advice}"))
    }

    /// What a batch stored was to be public, and is not; below it the layers that keep strangers out, if they are known.
    pub(super) fn not_public(&mut self, failure: &Failure, because: Option<&[LayerFinding]>) -> io::Result<()> {
        let lang = self.lang;
        let title = locale::failure_title(self.lang, failure);
        let advice = locale::failure_advice_cli(self.lang, failure);
        if self.form == Form::Json {
            let (bucket, prefix, kind) = (value(failure, "bucket"), value(failure, "prefix"), failure.kind.code());
            let line = |found: &LayerFinding| RefusingLayer {
                layer: found.layer.code(),
                finding: found.finding.code(),
                reason: layer_words(lang, *found),
            };
            let layers = because.map(|layers| layers.iter().map(line).collect());
            let detail = &failure.detail;
            return self.json(&Line::NotPublic { bucket, prefix, kind, title, advice, layers, detail });
        }
        let (reason, advice) = (title.trim_end_matches('.'), advice.as_str());
        self.complaint(&self.words("cli-not-public", &[("reason", reason), ("advice", advice)]))?;
        let Some(because) = because else { return Ok(()) };
        if because.is_empty() {
            return self.complaint(&self.words("cli-nothing-refuses", &[]));
        }
        for found in because {
            let mark = if found.finding.bearing() == Bearing::Unknown { '?' } else { '-' };
            self.complaint(&format!("  {mark} {}", layer_words(lang, *found)))?;
        }
        Ok(())
    }

    /// Nothing more is heard of an upload that another Bucketdrop carries out.
    pub(super) fn lost(&mut self) -> io::Result<()> {
        let (title, advice) = (self.words("cli-lost", &[]), self.words("cli-lost-advice", &[]));
        if self.form == Form::Json {
            let kind = "lost-sight".to_owned();
            return self.json(&Line::Failed(Failed { path: None, key: None, kind, title, advice, detail: "" }));
        }
        self.complaint(&format!("{title}. {advice}"))
    }

    /// Something that was named and cannot be uploaded, being no file and no folder.
    pub(super) fn special_file(&mut self, path: &Path) -> io::Result<()> {
        let (title, advice) = (self.words("cli-named-special", &[]), self.words("cli-named-special-advice", &[]));
        let path = path.to_string_lossy();
        if self.form == Form::Json {
            let (kind, path) = ("special-file".to_owned(), Some(&*path));
            return self.json(&Line::Failed(Failed { path, key: None, kind, title, advice, detail: "" }));
        }
        self.complaint(&format!("{path}: {title}. {advice}"))
    }

    /// A receipt that is not where it was wanted: something else had come there.
    pub(super) fn receipt_beside(&mut self, wanted: &Path, beside: &Path) -> io::Result<()> {
        let (path, beside) = (wanted.to_string_lossy(), beside.to_string_lossy());
        let (title, advice) =
            (self.words("cli-receipt-taken", &[]), self.words("cli-receipt-beside", &[("path", &beside)]));
        if self.form == Form::Json {
            let (kind, path) = ("receipt-place-taken".to_owned(), Some(&*path));
            return self.json(&Line::Failed(Failed { path, key: None, kind, title, advice, detail: "" }));
        }
        self.complaint(&format!("{path}: {title}. {advice}"))
    }

    /// That there is no journal, and what that means for an upload.
    pub(super) fn not_kept(&mut self, failure: &Failure) -> io::Result<()> {
        let path = failure.args.iter().find(|(name, _)| *name == "path").map_or("", |(_, path)| path.as_str());
        let id = match failure.kind {
            FailureKind::JournalFull => "cli-not-kept-full",
            FailureKind::JournalNewer => "cli-not-kept-newer",
            FailureKind::JournalReadOnly => "cli-not-kept-read-only",
            FailureKind::JournalInUse => "cli-not-kept-in-use",
            _ => "cli-not-kept-unusable",
        };
        let reason = self.words(id, &[("path", path)]);
        self.remark_words("cli-not-kept", &[("reason", &reason)])?;
        if self.talk == Talk::Verbose { self.complaint(&format!("    {}", failure.detail)) } else { Ok(()) }
    }

    /// Why an object has no link, and what to do.
    pub fn no_address(&mut self, key: &ObjectKey, problem: NoAddress) -> io::Result<()> {
        let id = match problem {
            NoAddress::NeedsDomain => "domain",
            NoAddress::DirectoryBucket => "directory",
            NoAddress::MultiRegion => "multi-region",
            NoAddress::DotSegment => "dots",
        };
        let title = locale::text(self.lang, &format!("templates-no-address-{id}"));
        let advice = locale::text(self.lang, &format!("no-address-{id}-advice"));
        if self.form == Form::Json {
            let (kind, key) = ("no-address".to_owned(), Some(key.as_str()));
            return self.json(&Line::Failed(Failed { path: None, key, kind, title, advice, detail: "" }));
        }
        self.complaint(&format!("{key}: {title}. {advice}"))
    }

    /// What the engine says on its own.
    pub fn notice(&mut self, notice: &Notice) -> io::Result<()> {
        match &notice.text {
            NoticeText::Message { .. } => self.remark(&locale::notice(self.lang, notice)),
            NoticeText::Failure(failure) => {
                let title = locale::failure_title(self.lang, failure);
                let advice = locale::failure_advice_cli(self.lang, failure);
                self.remark(&format!("{}. {advice}", title.trim_end_matches('.')))
            }
        }
    }

    /// Something was left out by a rule.
    pub fn skipped(&mut self, path: &Path, key: Option<&ObjectKey>, reason: &SkipReason) -> io::Result<()> {
        let path = path.to_string_lossy();
        match self.form {
            Form::Json => {
                let reason = reason_code(reason);
                self.json(&Line::Skipped { path: &path, key: key.map(ObjectKey::as_str), reason })
            }
            Form::Text => {
                let words = locale::skip_reason(self.lang, reason);
                self.remark(&format!("{path}: {words}"))
            }
        }
    }

    /// Draws the progress again, if there is any and its text changed.
    pub fn draw_progress(&mut self) {
        if let Some(progress) = &mut self.progress {
            // A terminal that has gone takes no work with it.
            progress.draw(&mut self.err, self.lang).ok();
        }
    }

    /// Takes the progress away, so that a line can be written in its place.
    pub fn clear_progress(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.clear(&mut self.err).ok();
        }
    }
}

/// A value that a failure may have.
fn value<'a>(failure: &'a Failure, wanted: &str) -> Option<&'a str> {
    failure.args.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
}

/// JSON allows characters that steer terminals; outside of strings there are none, so all can be escaped.
fn escape_json(line: &str) -> String {
    // Those of ASCII are escaped already, but for the last one.
    if line.is_ascii() && !line.contains('\u{7f}') {
        return line.to_owned();
    }
    let mut safe = String::with_capacity(line.len());
    for c in line.chars() {
        let mut bytes = [0; 4];
        let is_safe = for_terminal(c.encode_utf8(&mut bytes)).len() == c.len_utf8();
        if is_safe {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(safe, "\\u{unit:04x}").ok();
            }
        }
    }
    safe
}

/// Stable name of a reason.
fn reason_code(reason: &SkipReason) -> &'static str {
    match reason {
        SkipReason::SystemFile => "system-file",
        SkipReason::Excluded => "excluded",
        SkipReason::SymbolicLink => "symbolic-link",
        SkipReason::SpecialFile => "special-file",
        SkipReason::Unreadable(_) => "unreadable",
        SkipReason::Missing => "missing",
        SkipReason::DeadLink => "dead-link",
        SkipReason::EmptyFolder => "empty-folder",
        SkipReason::Exists => "exists",
        SkipReason::NotNewer => "not-newer",
        SkipReason::NameDeclined => "name-declined",
        SkipReason::SameKey(_) => "same-key",
        SkipReason::CameLater => "came-later",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::Streams;

    #[test]
    fn a_hostile_name_stays_on_its_line() {
        for form in [Form::Text, Form::Json] {
            let (streams, mut printer) = Streams::new();
            printer.form = form;
            printer.talk = Talk::Verbose;
            let key = ObjectKey::new("a\u{1b}[2J\n\u{9b}b\u{202e}c");
            let failure = Failure::new(FailureKind::NoSuchKey).with("key", &key).detail("x\u{1b}]0;y\u{7}");
            printer.failure(&failure, About { path: None, key: Some(&key) }).unwrap();
            printer.skipped(Path::new("/x\n\u{1b}y"), Some(&key), &SkipReason::SameKey(key.clone())).unwrap();
            let all = streams.out() + &streams.err();
            let steering = all.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
            assert_eq!(steering, None, "{all}");
            let lines = if form == Form::Json { 2 } else { 3 };
            assert_eq!(all.lines().count(), lines, "{all}");
        }
    }

    #[test]
    fn a_link_reaches_a_program_as_it_is() {
        for (reader, expected) in [(Reader::Program, "s3://b/a\u{202e}b\n"), (Reader::Terminal, "s3://b/a\\u{202e}b\n")]
        {
            let (streams, mut printer) = Streams::new();
            printer.reader = reader;
            printer.link("s3://b/a\u{202e}b").unwrap();
            printer.flush().unwrap();
            assert_eq!(streams.out(), expected);
        }
    }

    #[test]
    fn json_stays_json() {
        let line = serde_json::to_string("\u{9b}\u{202e}\u{1f600}é").unwrap();
        let safe = escape_json(&line);
        assert_eq!(safe, "\"\\u009b\\u202e\u{1f600}é\"");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), "\u{9b}\u{202e}\u{1f600}é");
        for steering in ('\0'..' ').chain(['\u{7f}']) {
            let line = serde_json::to_string(&steering).unwrap();
            assert!(escape_json(&line).bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{steering:?}");
        }
    }
}
