//! Every form of a link, read back by a small reader of its language that shares nothing with what wrote it.

use proptest::prelude::*;

use super::{DEFAULT_LINK_TEMPLATE, LinkFormat, LinkParts};
use crate::model::{
    BucketName, Connection, ConnectionId, CredentialSource, Endpoint, ObjectKey, ObjectRef, Payer, Region, Service,
};

fn object(key: &str) -> ObjectRef {
    ObjectRef { connection: ConnectionId::new("c"), bucket: BucketName::new("b").unwrap(), key: ObjectKey::new(key) }
}

fn connection(service: Service, endpoint: &str, region: &str) -> Connection {
    Connection {
        endpoint: Endpoint::parse(endpoint).ok(),
        region: Region::new(region).unwrap(),
        credentials: CredentialSource::Keychain { access_key_id: "AKIAEXAMPLE".to_owned() },
        ..Connection::plain(ConnectionId::new("c"), service)
    }
}

fn parts<'a>(object: &'a ObjectRef, connection: &'a Connection, template: &'a str) -> LinkParts<'a> {
    LinkParts { url: "https://h/k", object, connection: Some(connection), region: None, template }
}

fn format_link(url: &str, object: &ObjectRef, format: LinkFormat) -> String {
    LinkParts { url, object, connection: None, region: None, template: DEFAULT_LINK_TEMPLATE }.link(format)
}

#[test]
fn forms_escape_what_they_must() {
    use LinkFormat as F;
    let signed = "https://h/k?X-Amz-Expires=60&X-Amz-Signature=ab";
    let cases = [
        (F::Url, "a b.txt", "https://h/k", "https://h/k"),
        (F::S3Uri, "dir/a b+%.txt", "ignored", "s3://b/dir/a b+%.txt"),
        (F::Arn, "dir/a b+%.txt", "ignored", "arn:aws:s3:::b/dir/a b+%.txt"),
        (F::Markdown, "dir/a [1](x).txt", "https://h/k", r"[a \[1\]\(x\).txt](<https://h/k>)"),
        (F::Markdown, "a_b*c`.PNG", "https://h/x.", r"![a\_b\*c\`.PNG](<https://h/x.>)"),
        (F::Markdown, "x\ny", "https://h/k", "[x y](<https://h/k>)"),
        (F::Markdown, "x", "https://h/k?a=1&lt;=2&copy=3", "[x](<https://h/k?a=1&amp;lt;=2&copy=3>)"),
        (
            F::Html,
            "<b>&\"'.txt",
            signed,
            "<a href=\"https://h/k?X-Amz-Expires=60&amp;X-Amz-Signature=ab\">&lt;b&gt;&amp;&quot;&#39;.txt</a>",
        ),
        (F::Html, "p.jpeg", "https://h/p.jpeg", "<img src=\"https://h/p.jpeg\" alt=\"p.jpeg\">"),
        (F::Bbcode, "a [1].txt", signed, "[url=https://h/k?X-Amz-Expires=60&X-Amz-Signature=ab]a (1).txt[/url]"),
        (F::Bbcode, "[/url].png", "https://h/p.png", "[img]https://h/p.png[/img]"),
        (F::AwsCli, "a b.txt", "", "aws s3 cp 's3://b/a b.txt' ."),
        (F::AwsCli, "trail/", "", "aws s3api get-object --bucket b --key trail/ ./trail"),
        (F::AwsCli, "a b//", "", "aws s3api get-object --bucket b --key 'a b//' './a b'"),
        (F::AwsCli, "/", "", "aws s3api get-object --bucket b --key / ./object"),
        (F::AwsCli, "a\u{202e}b", "", r"aws s3 cp $'s3://b/a\342\200\256b' ."),
        (F::Markdown, " \u{200b}", "https://h/k", "[https://h/k](<https://h/k>)"),
        (F::Html, "dir/\u{a0}", "https://h/k", "<a href=\"https://h/k\">https://h/k</a>"),
        (F::Bbcode, "\u{3000}", "https://h/k", "[url=https://h/k]https://h/k[/url]"),
        (F::AwsCli, "a\0b", "", r"# s3://b/a\0b: no command line can carry this key"),
    ];
    for (format, key, url, expected) in cases {
        assert_eq!(format_link(url, &object(key), format), expected, "{format:?} {key}");
    }
}

#[test]
fn forms_for_holders_of_keys_follow_the_connection() {
    let china = connection(Service::AmazonS3, "", "cn-north-1");
    let anonymous = Connection { credentials: CredentialSource::Anonymous, ..china.clone() };
    let pays = Connection { payer: Payer::Requester, ..china.clone() };
    let minio = connection(Service::Other, "http://127.0.0.1:9000/ctx", "us-east-1");
    let wasabi = connection(Service::Wasabi, "", "eu-central-1");
    let object = object("한 글/a.txt");
    for (connection, region, arn, command) in [
        (&china, None, "arn:aws-cn:s3:::b/한 글/a.txt", "aws s3 cp 's3://b/한 글/a.txt' . --region cn-north-1"),
        (
            &anonymous,
            Some("us-gov-west-1"),
            "arn:aws-us-gov:s3:::b/한 글/a.txt",
            "aws s3 cp 's3://b/한 글/a.txt' . --region us-gov-west-1 --no-sign-request",
        ),
        (
            &pays,
            None,
            "arn:aws-cn:s3:::b/한 글/a.txt",
            "aws s3 cp 's3://b/한 글/a.txt' . --region cn-north-1 --request-payer requester",
        ),
        (
            &minio,
            None,
            "arn:aws:s3:::b/한 글/a.txt",
            "aws s3 cp 's3://b/한 글/a.txt' . --region us-east-1 --endpoint-url http://127.0.0.1:9000/ctx",
        ),
        (
            &wasabi,
            None,
            "arn:aws:s3:::b/한 글/a.txt",
            "aws s3 cp 's3://b/한 글/a.txt' . --region eu-central-1 --endpoint-url https://s3.eu-central-1.wasabisys.com",
        ),
    ] {
        let region = region.map(|code| Region::new(code).unwrap());
        let parts = LinkParts { region: region.as_ref(), ..parts(&object, connection, "") };
        assert_eq!(parts.link(LinkFormat::Arn), arn);
        assert_eq!(parts.link(LinkFormat::AwsCli), command);
    }
}

#[test]
fn an_own_text_is_filled_in_once() {
    let aws = connection(Service::AmazonS3, "", "eu-west-1");
    let object = object("dir/{url} x.txt");
    for (template, expected) in [
        ("{name}: {url}", "{url} x.txt: https://h/k"),
        ("{key}|{bucket}|{s3}", "dir/{url} x.txt|b|s3://b/dir/{url} x.txt"),
        ("{arn}", "arn:aws:s3:::b/dir/{url} x.txt"),
        ("{{url}} {other} {url", "{https://h/k} {other} {url"),
        ("{name}\n{url}\n", "{url} x.txt\nhttps://h/k\n"),
        ("", ""),
    ] {
        assert_eq!(parts(&object, &aws, template).link(LinkFormat::Template), expected);
    }
}

/// What a form shows and where it leads.
#[derive(Debug, PartialEq)]
struct Read {
    is_image: bool,
    text: String,
    address: String,
}

/// An inline link of CommonMark that is the whole text. Gives up on anything that would be more than plain text.
fn read_markdown(text: &str) -> Option<Read> {
    let (is_image, rest) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut label = String::new();
    let mut chars = rest.strip_prefix('[')?.chars();
    loop {
        match chars.next()? {
            '\\' => label.push(chars.next().filter(char::is_ascii_punctuation)?),
            ']' => break,
            '[' | '*' | '_' | '`' | '<' | '&' | '~' | '|' | '!' | '\n' | '\r' => return None,
            c => label.push(c),
        }
    }
    let address = chars.as_str().strip_prefix("(<")?.strip_suffix(">)")?;
    let is_plain = !address.contains(['<', '>', '\\', '\n']);
    is_plain.then(|| Read { is_image, text: label, address: address.replace("&amp;", "&") })
}

/// One `a` or `img` element of HTML that is the whole text.
fn read_html(text: &str) -> Option<Read> {
    let decode = |text: &str| -> Option<String> {
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, from)) = rest.split_once('&') {
            plain.push_str(before);
            let (name, after) = from.split_once(';')?;
            plain.push(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "#39" => '\'',
                _ => return None,
            });
            rest = after;
        }
        plain.push_str(rest);
        Some(plain)
    };
    let is_clean = |text: &str| !text.contains(['<', '>', '"', '\'']);
    let (is_image, address, label) = if let Some(rest) = text.strip_prefix("<img src=\"") {
        let (address, rest) = rest.split_once('"')?;
        (true, address, rest.strip_prefix(" alt=\"")?.strip_suffix("\">")?)
    } else {
        let (address, rest) = text.strip_prefix("<a href=\"")?.split_once('"')?;
        (false, address, rest.strip_prefix('>')?.strip_suffix("</a>")?)
    };
    (is_clean(address) && is_clean(label)).then_some(())?;
    Some(Read { is_image, text: decode(label)?, address: decode(address)? })
}

/// One `url` or `img` tag of BBCode that is the whole text; an image shows no words.
fn read_bbcode(text: &str) -> Option<Read> {
    let is_clean = |text: &str| !text.contains(['[', ']']);
    if let Some(address) = text.strip_prefix("[img]") {
        let address = address.strip_suffix("[/img]").filter(|address| is_clean(address))?;
        return Some(Read { is_image: true, text: String::new(), address: address.to_owned() });
    }
    let (address, rest) = text.strip_prefix("[url=")?.split_once(']')?;
    let label = rest.strip_suffix("[/url]")?;
    let is_whole = is_clean(address) && is_clean(label);
    is_whole.then(|| Read { is_image: false, text: label.to_owned(), address: address.to_owned() })
}

fn without_controls(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

const SIGNED: &str = "https://h.example/a%20b?X-Amz-Expires=60&X-Amz-Signature=0f&lt;=1";

/// Names that mean something in some language, with and without a picture's ending.
fn names() -> impl Strategy<Value = String> {
    let marks = r#"[\]\[()<>{}&"'`*_~|!#$;=\\\n\t%a가é\u{202e}\u{301} -]{1,24}"#;
    let any = "\\PC{1,24}";
    (prop_oneof![marks.boxed(), any.boxed()], prop_oneof![Just(""), Just(".png")]).prop_map(|(name, end)| {
        let name: String = name.chars().map(|c| if c == '/' { '-' } else { c }).collect();
        name + end
    })
}

proptest! {
    #[test]
    fn no_name_breaks_out_of_its_form(name in names()) {
        // Of others the address is the text.
        prop_assume!(name.chars().any(|c| c.is_ascii_graphic() || c.is_alphanumeric()));
        let object = object(&name);
        let is_image = name.rsplit_once('.').is_some_and(|(_, end)| end == "png");
        let expected = Read { is_image, text: without_controls(&name), address: SIGNED.to_owned() };
        let markdown = format_link(SIGNED, &object, LinkFormat::Markdown);
        let read = read_markdown(&markdown);
        prop_assert_eq!(read.as_ref(), Some(&expected), "{}", markdown);
        let html = format_link(SIGNED, &object, LinkFormat::Html);
        let read = read_html(&html);
        prop_assert_eq!(read.as_ref(), Some(&expected), "{}", html);
        let bbcode = format_link(SIGNED, &object, LinkFormat::Bbcode);
        let round: String = without_controls(&name).replace('[', "(").replace(']', ")");
        let text = if is_image { String::new() } else { round };
        prop_assert_eq!(read_bbcode(&bbcode), Some(Read { text, ..expected }), "{}", bbcode);
    }
}

#[cfg(unix)]
mod in_a_shell {
    use std::process::Command;

    use super::*;

    /// What a shell makes of a command: its words.
    fn words(shell: &str, command: &str) -> Vec<String> {
        let script = format!("set -- {command}\nprintf '%s\\0' \"$@\"");
        let output = Command::new(shell).arg("-c").arg(script).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{command}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_command_is_read_back_by_a_shell(key in r#"[\]\[()<>{}&"'`*_~|!#$;=\\?%a가é\u{301} /-]{0,40}[a가é]"#) {
            let object = object(&key);
            let minio = connection(Service::Other, "http://127.0.0.1:9000", "us-east-1");
            let command = parts(&object, &minio, "").link(LinkFormat::AwsCli);
            let uri = format!("s3://b/{key}");
            let expected = ["aws", "s3", "cp", &uri, ".", "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9000"];
            prop_assert_eq!(words("sh", &command), expected);
        }

        #[test]
        fn control_characters_never_reach_the_terminal(key in "[\\x01-\\x1f\\x7f\u{80}-\u{9f}\u{202e}a'\\\\ 0-9가]{1,40}") {
            let object = object(&key);
            let command = format_link("", &object, LinkFormat::AwsCli);
            let has_steering = command.chars().any(|c| c.is_control() || c == '\u{202e}');
            prop_assert!(!has_steering);
            let uri = format!("s3://b/{key}");
            prop_assert_eq!(words("bash", &command), ["aws", "s3", "cp", &uri, "."]);
        }
    }
}
