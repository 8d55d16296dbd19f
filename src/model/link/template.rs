//! Templates of addresses: how the user's own domain or CDN spells the address of an object.

use std::fmt;

use super::encode::{encode, encode_into};
use crate::model::{Endpoint, EndpointProblem};

/// How an own domain spells addresses: a pattern over `{scheme} {host} {bucket} {key} {region}`, or a plain address,
/// which means `ADDRESS/{key}` for one bucket (and always at R2, whose domains are the root of one) and
/// `ADDRESS/{bucket}/{key}` for all.
///
/// `{scheme}` and `{host}` are those of the service's own addresses. Exactly one `/` stands before `{key}` in the
/// path, whatever was typed; a key that begins with `/` brings its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTemplate(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Plain(Endpoint),
    Pattern { typed: String, pieces: Vec<Piece> },
}

/// Why a text is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateProblem {
    /// Nothing entered.
    Empty,
    /// Not a web address with a host.
    NotAUrl,
    /// Something other than `http`, `https` or `{scheme}`.
    Scheme,
    /// Holds a user name or password, which everyone would get with the link.
    UserInfo,
    /// Holds a `#`: what follows one never reaches a server.
    Fragment,
    /// `{key}` is missing, or stands in the host.
    MissingKey,
    /// Something else than the five names in braces, or a brace without its partner.
    UnknownPlaceholder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Scheme,
    Host,
    Bucket,
    Key,
    Region,
}

/// Names, and what stands for them while the address is parsed: letters and digits that no part of an address changes.
const PLACEHOLDERS: [(&str, Placeholder, &str); 5] = [
    ("{scheme}", Placeholder::Scheme, SCHEME_MARK),
    ("{host}", Placeholder::Host, "zq7hostq7z"),
    ("{bucket}", Placeholder::Bucket, "zq7bucketq7z"),
    ("{key}", Placeholder::Key, KEY_MARK),
    ("{region}", Placeholder::Region, "zq7regionq7z"),
];
const SCHEME_MARK: &str = "zq7schemeq7z";
const KEY_MARK: &str = "zq7keyq7z";

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Of(Placeholder),
}

impl LinkTemplate {
    /// Reads what a person typed; a missing scheme means `https`.
    pub fn parse(text: &str) -> Result<Self, TemplateProblem> {
        let text = text.trim();
        if !text.contains(['{', '}']) {
            return plain(text).map(|address| Self(Form::Plain(address)));
        }
        let marked = marked(text)?;
        let (scheme, rest) = marked.split_once("://").unwrap_or(("https", &marked));
        let is_scheme_open = scheme == SCHEME_MARK;
        if !is_scheme_open && marked.contains(SCHEME_MARK) {
            return Err(TemplateProblem::UnknownPlaceholder);
        }
        let scheme = if is_scheme_open { "https" } else { scheme };
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(TemplateProblem::Scheme);
        }
        let url = url::Url::parse(&format!("{scheme}://{}", joined(rest)?));
        let url = url.map_err(|_error| TemplateProblem::NotAUrl)?;
        if url.host_str().is_none_or(|host| host.is_empty() || host.contains(KEY_MARK)) {
            return Err(TemplateProblem::NotAUrl);
        }
        if url.fragment().is_some() {
            return Err(TemplateProblem::Fragment);
        }
        let (scheme, rest) = url.as_str().split_once("://").ok_or(TemplateProblem::NotAUrl)?;
        let mut pieces =
            vec![if is_scheme_open { Piece::Of(Placeholder::Scheme) } else { Piece::Text(scheme.to_owned()) }];
        pieces.extend(pieces_of(&format!("://{rest}")));
        Ok(Self(Form::Pattern { typed: text.to_owned(), pieces }))
    }

    /// As it is typed and kept.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Plain(address) => address.as_str(),
            Form::Pattern { typed, .. } => typed,
        }
    }

    /// The address, if this is a plain one without placeholders.
    pub fn plain(&self) -> Option<&Endpoint> {
        match &self.0 {
            Form::Plain(address) => Some(address),
            Form::Pattern { .. } => None,
        }
    }

    /// With all but the key filled in.
    /// `None` where there is nothing to fill in, or a bucket's name cannot stand in a host.
    pub(super) fn fill(&self, fill: &Fill<'_>, covers: Covers) -> Option<Filled> {
        let pieces = match &self.0 {
            Form::Plain(address) => {
                let bucket = match covers {
                    Covers::OneBucket => String::new(),
                    Covers::EveryBucket => format!("/{}", encode(fill.bucket)),
                };
                return Some(Filled(vec![Chunk::Text(format!("{}{bucket}/", address.as_str())), Chunk::Key]));
            }
            Form::Pattern { pieces, .. } => pieces,
        };
        let mut chunks = Vec::new();
        let mut text = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Of(Placeholder::Scheme) => text.push_str(fill.scheme),
                Piece::Of(Placeholder::Region) => text.push_str(fill.region),
                Piece::Of(Placeholder::Bucket) => {
                    let is_in_host = !text.get(8..).unwrap_or_default().contains('/');
                    if is_in_host && !can_be_in_host(fill.bucket) {
                        return None;
                    }
                    encode_into(&mut text, fill.bucket);
                }
                Piece::Of(Placeholder::Host) if fill.authority.is_empty() => return None,
                Piece::Of(Placeholder::Host) => {
                    let has_own_port = matches!(pieces.get(at + 1), Some(Piece::Text(next)) if next.starts_with(':'));
                    text.push_str(if has_own_port { without_port(fill.authority) } else { fill.authority });
                }
                Piece::Of(Placeholder::Key) => {
                    chunks.push(Chunk::Text(std::mem::take(&mut text)));
                    chunks.push(Chunk::Key);
                }
            }
        }
        chunks.push(Chunk::Text(text));
        Some(Filled(chunks))
    }
}

impl fmt::Display for LinkTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a rule holds for, which says whether a plain address has the bucket in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Covers {
    OneBucket,
    EveryBucket,
}

/// What goes into a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill<'a> {
    pub(super) scheme: &'a str,
    /// Host and port of the service's own addresses; empty if it has none.
    pub(super) authority: &'a str,
    pub(super) bucket: &'a str,
    pub(super) region: &'a str,
}

/// A template of which only the key is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filled(Vec<Chunk>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Chunk {
    Text(String),
    Key,
}

impl Filled {
    pub(super) fn with_key(&self, key: &str) -> String {
        let mut url = String::with_capacity(64 + key.len() * 2);
        for chunk in &self.0 {
            match chunk {
                Chunk::Text(text) => url.push_str(text),
                Chunk::Key => encode_into(&mut url, key),
            }
        }
        url
    }
}

/// A plain address. One that could not be followed by a key lacks `{key}`.
fn plain(text: &str) -> Result<Endpoint, TemplateProblem> {
    Endpoint::parse(text).map_err(|problem| match problem {
        EndpointProblem::Empty => TemplateProblem::Empty,
        EndpointProblem::NotAUrl => TemplateProblem::NotAUrl,
        EndpointProblem::Scheme => TemplateProblem::Scheme,
        EndpointProblem::Extras if has_user_info(text) => TemplateProblem::UserInfo,
        EndpointProblem::Extras if text.contains('#') => TemplateProblem::Fragment,
        EndpointProblem::Extras => TemplateProblem::MissingKey,
    })
}

fn has_user_info(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().is_some_and(|authority| authority.contains('@'))
}

/// The text with marks in the place of its placeholders.
fn marked(text: &str) -> Result<String, TemplateProblem> {
    if has_user_info(text) {
        return Err(TemplateProblem::UserInfo);
    }
    let mut marked = text.to_owned();
    for (name, _, mark) in PLACEHOLDERS {
        marked = marked.replace(name, mark);
    }
    let has_inner_scheme = marked.match_indices(SCHEME_MARK).any(|(at, _)| at > 0);
    if marked.contains(['{', '}']) || has_inner_scheme {
        return Err(TemplateProblem::UnknownPlaceholder);
    }
    if marked.contains(KEY_MARK) { Ok(marked) } else { Err(TemplateProblem::MissingKey) }
}

/// Host and path with exactly one `/` before the first key, if that stands in the path.
fn joined(rest: &str) -> Result<String, TemplateProblem> {
    let (before, after) = rest.split_once(KEY_MARK).ok_or(TemplateProblem::MissingKey)?;
    if before.contains(['?', '#']) {
        return Ok(rest.to_owned());
    }
    let before = before.trim_end_matches('/');
    if before.is_empty() || (!before.contains('/') && after.starts_with(['.', ':'])) {
        return Err(TemplateProblem::MissingKey);
    }
    Ok(format!("{before}/{KEY_MARK}{after}"))
}

fn pieces_of(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((at, placeholder, mark)) = first_mark(rest) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Of(placeholder));
        rest = after.strip_prefix(mark).unwrap_or_default();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    pieces
}

fn first_mark(text: &str) -> Option<(usize, Placeholder, &'static str)> {
    let found = PLACEHOLDERS.iter().filter_map(|(_, name, mark)| Some((text.find(mark)?, *name, *mark)));
    found.min_by_key(|(at, _, _)| *at)
}

fn can_be_in_host(bucket: &str) -> bool {
    bucket.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(template: &str, key: &str) -> String {
        let fill = Fill { scheme: "http", authority: "s3.example.com:9000", bucket: "b-1", region: "eu-west-1" };
        LinkTemplate::parse(template)
            .unwrap_or_else(|problem| panic!("{template}: {problem:?}"))
            .fill(&fill, Covers::EveryBucket)
            .unwrap()
            .with_key(key)
    }

    #[test]
    fn patterns_are_filled_in() {
        for (template, expected) in [
            ("https://cdn.example.com", "https://cdn.example.com/b-1/k%20x"),
            ("cdn.example.com:8443/media/", "https://cdn.example.com:8443/media/b-1/k%20x"),
            ("https://cdn.example.com/{key}", "https://cdn.example.com/k%20x"),
            ("cdn.example.com/{key}", "https://cdn.example.com/k%20x"),
            ("https://cdn.example.com{key}", "https://cdn.example.com/k%20x"),
            ("https://cdn.example.com///{key}", "https://cdn.example.com/k%20x"),
            ("https://cdn.example.com/m{key}", "https://cdn.example.com/m/k%20x"),
            ("{scheme}://{host}/{bucket}/{key}", "http://s3.example.com:9000/b-1/k%20x"),
            ("{host}:8443/{key}", "https://s3.example.com:8443/k%20x"),
            (
                "http://{bucket}.s3-website-{region}.amazonaws.com/{key}",
                "http://b-1.s3-website-eu-west-1.amazonaws.com/k%20x",
            ),
            ("https://x.example/get?bucket={bucket}&file={key}", "https://x.example/get?bucket=b-1&file=k%20x"),
            ("https://x.example/{key}?v={key}", "https://x.example/k%20x?v=k%20x"),
            ("HTTPS://X.example:443/A/../{key}.html", "https://x.example/k%20x.html"),
            ("https://한국.example/미디어/{key}", "https://xn--3e0b707e.example/%EB%AF%B8%EB%94%94%EC%96%B4/k%20x"),
            ("http://[::1]:9000/{key}", "http://[::1]:9000/k%20x"),
        ] {
            assert_eq!(url(template, "k x"), expected, "{template}");
        }
        assert_eq!(url("https://cdn.example.com/{key}", "/x"), "https://cdn.example.com//x");
        assert_eq!(url("https://cdn.example.com/{key}", "{bucket}%"), "https://cdn.example.com/%7Bbucket%7D%25");
    }

    #[test]
    fn bad_templates_say_why() {
        use TemplateProblem as P;
        for (template, problem) in [
            ("", P::Empty),
            ("  ", P::Empty),
            ("https://", P::NotAUrl),
            ("https:///{key}", P::MissingKey),
            ("https://{key}", P::MissingKey),
            ("https://{key}.example.com/", P::MissingKey),
            ("https://cdn-{key}.example.com/x", P::MissingKey),
            ("https://cdn.example.com/{bucket}", P::MissingKey),
            ("https://cdn.example.com/get?file=", P::MissingKey),
            ("https://cdn.example.com/#{key}", P::Fragment),
            ("https://cdn.example.com/{key}#top", P::Fragment),
            ("https://cdn.example.com/#top", P::Fragment),
            ("https://me:secret@cdn.example.com/{key}", P::UserInfo),
            ("https://me@cdn.example.com", P::UserInfo),
            ("https://{bucket}@cdn.example.com/{key}", P::UserInfo),
            ("https://me:{key}@cdn.example.com/", P::UserInfo),
            ("ftp://cdn.example.com/{key}", P::Scheme),
            ("file:///{key}", P::Scheme),
            ("ftp://cdn.example.com", P::Scheme),
            ("javascript:alert({key})", P::NotAUrl),
            ("https://cdn.example.com/{name}/{key}", P::UnknownPlaceholder),
            ("https://cdn.example.com/{key", P::UnknownPlaceholder),
            ("https://cdn.example.com/key}", P::UnknownPlaceholder),
            ("https://cdn.example.com/{KEY}", P::UnknownPlaceholder),
            ("https://{scheme}.example.com/{key}", P::UnknownPlaceholder),
            ("{scheme}//cdn.example.com/{key}", P::UnknownPlaceholder),
            ("https://exa mple.com/{key}", P::NotAUrl),
            ("https://cdn.example.com:99999/{key}", P::NotAUrl),
        ] {
            assert_eq!(LinkTemplate::parse(template).map(|_| ()), Err(problem), "{template}");
        }
    }

    #[test]
    fn names_that_no_host_can_hold_are_passed_over() {
        let template = LinkTemplate::parse("https://{bucket}.example.com/{key}").unwrap();
        let fill = Fill { scheme: "https", authority: "", bucket: "b:c", region: "r" };
        assert!(template.fill(&fill, Covers::OneBucket).is_none());
        assert!(template.fill(&Fill { bucket: "b.c", ..fill }, Covers::OneBucket).is_some());
        assert!(LinkTemplate::parse("https://{host}/{key}").unwrap().fill(&fill, Covers::OneBucket).is_none());
    }
}
