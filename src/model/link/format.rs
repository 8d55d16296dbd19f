//! The forms a link is copied in.

use super::amazon::Partition;
use super::quote::{Shell, bbcode_text, bbcode_url, html_text, markdown_text, markdown_url, turns_writing};
use crate::model::{Connection, CredentialSource, ObjectRef, Payer, Region, Service};

/// The form a copied link takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkFormat {
    /// The plain address.
    #[default]
    Url,
    /// `[name](address)`, or an image if the key is one.
    Markdown,
    /// `<a href="address">name</a>`, or an image if the key is one.
    Html,
    /// `[url=address]name[/url]`, or an image if the key is one.
    Bbcode,
    /// `s3://bucket/key`, raw.
    S3Uri,
    /// `arn:partition:s3:::bucket/key`, raw.
    Arn,
    /// The command that fetches the object with Amazon's command line, without any key, for this system's shell:
    /// PowerShell on Windows, else a POSIX one.
    AwsCli,
    /// The user's own text; see [`LinkParts::template`].
    Template,
}

/// The own text to start from.
pub const DEFAULT_LINK_TEMPLATE: &str = "{name} {url}";

impl LinkFormat {
    /// Every form, in the order menus show them.
    pub const ALL: [Self; 8] =
        [Self::Url, Self::Markdown, Self::Html, Self::Bbcode, Self::S3Uri, Self::Arn, Self::AwsCli, Self::Template];

    /// Stable name in the settings file and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Bbcode => "bbcode",
            Self::S3Uri => "s3",
            Self::Arn => "arn",
            Self::AwsCli => "aws-cli",
            Self::Template => "template",
        }
    }

    /// The reverse of [`LinkFormat::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }

    /// Whether the form holds a web address. The others name the object to whoever has keys of their own, so they
    /// are neither signed nor checked, and are there also where no public address is.
    pub fn has_url(self) -> bool {
        !matches!(self, Self::S3Uri | Self::Arn | Self::AwsCli)
    }
}

/// What goes into a link.
#[derive(Clone, Copy, Debug)]
pub struct LinkParts<'a> {
    /// The public or presigned address; not looked at where [`LinkFormat::has_url`] says no.
    pub url: &'a str,
    /// Of which object.
    pub object: &'a ObjectRef,
    /// Through which connection, for partition, region and endpoint.
    pub connection: Option<&'a Connection>,
    /// The bucket's region, where known.
    pub region: Option<&'a Region>,
    /// The own text for [`LinkFormat::Template`], over `{url} {name} {key} {bucket} {s3} {arn}`. Values go in as they
    /// are; other braces stay.
    pub template: &'a str,
}

impl LinkParts<'_> {
    /// The link in a form.
    pub fn link(&self, format: LinkFormat) -> String {
        let (url, name) = (self.url, self.object.key.name());
        let is_picture = is_image(name);
        // Nobody could see, let alone click, a link without a visible text.
        let name = if is_invisible(name) { url } else { name };
        match (format, is_picture) {
            (LinkFormat::Url, _) => url.to_owned(),
            (LinkFormat::S3Uri, _) => self.object.to_string(),
            (LinkFormat::Arn, _) => self.arn(),
            (LinkFormat::AwsCli, _) => self.aws_cli(),
            (LinkFormat::Template, _) => self.own_form(),
            // Angle brackets keep a trailing dot or a bracket inside the address.
            (LinkFormat::Markdown, false) => format!("[{}](<{}>)", markdown_text(name), markdown_url(url)),
            (LinkFormat::Markdown, true) => format!("![{}](<{}>)", markdown_text(name), markdown_url(url)),
            (LinkFormat::Html, false) => format!("<a href=\"{}\">{}</a>", html_text(url), html_text(name)),
            (LinkFormat::Html, true) => format!("<img src=\"{}\" alt=\"{}\">", html_text(url), html_text(name)),
            (LinkFormat::Bbcode, false) => format!("[url={}]{}[/url]", bbcode_url(url), bbcode_text(name)),
            (LinkFormat::Bbcode, true) => format!("[img]{}[/img]", bbcode_url(url)),
        }
    }

    fn region(&self) -> Option<&Region> {
        self.region.or(self.connection.map(|connection| &connection.region))
    }

    /// With the raw key. Buckets of other services have no partition and stand under `aws`.
    fn arn(&self) -> String {
        let is_amazon = self.connection.is_none_or(|connection| connection.service == Service::AmazonS3);
        let partition = self.region().filter(|_| is_amazon).map_or("aws", |region| Partition::of(region).id);
        format!("arn:{partition}:s3:::{}/{}", self.object.bucket, self.object.key)
    }

    /// Which keys to use is for whoever runs it to say.
    fn aws_cli(&self) -> String {
        let uri = self.object.to_string();
        if uri.contains('\0') {
            // No word of a shell can hold it, and cut short it would name another object.
            return format!("# {}: no command line can carry this key", uri.escape_debug());
        }
        let mut command = match self.object.key.as_str().strip_suffix('/') {
            None => format!("aws s3 cp {} .", Shell::HERE.word(&uri)),
            // `s3 cp` takes it for a folder, and finds nothing.
            Some(folder) => {
                let name = folder.trim_end_matches('/').rsplit('/').next();
                let name = name.filter(|name| !matches!(*name, "" | "." | "..")).unwrap_or("object");
                let (bucket, key) = (self.object.bucket.as_str(), self.object.key.as_str());
                let [bucket, key, file] = [bucket, key, &format!("./{name}")].map(|text| Shell::HERE.word(text));
                format!("aws s3api get-object --bucket {bucket} --key {key} {file}")
            }
        };
        let Some(connection) = self.connection else { return command };
        if let Some(region) = self.region() {
            command.extend([" --region ", &Shell::HERE.word(region.as_str())]);
        }
        if let Some(endpoint) = connection.request_endpoint() {
            command.extend([" --endpoint-url ", &Shell::HERE.word(endpoint.as_str())]);
        }
        if connection.credentials == CredentialSource::Anonymous {
            command.push_str(" --no-sign-request");
        } else if connection.payer == Payer::Requester {
            command.push_str(" --request-payer requester");
        }
        command
    }

    /// One pass: what a value holds is not looked at again.
    fn own_form(&self) -> String {
        let mut filled = String::with_capacity(self.template.len() + self.url.len());
        let mut rest = self.template;
        while let Some((before, from)) = rest.find('{').and_then(|at| rest.split_at_checked(at)) {
            filled.push_str(before);
            let found = NAMES.into_iter().find_map(|name| Some((name, from.strip_prefix(name)?)));
            if let Some((name, after)) = found {
                filled.push_str(&self.value(name));
                rest = after;
            } else {
                filled.push('{');
                rest = from.strip_prefix('{').unwrap_or_default();
            }
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, name: &str) -> String {
        match name {
            "{url}" => self.url.to_owned(),
            "{name}" => self.object.key.name().to_owned(),
            "{key}" => self.object.key.to_string(),
            "{bucket}" => self.object.bucket.to_string(),
            "{s3}" => self.object.to_string(),
            "{arn}" => self.arn(),
            _ => String::new(),
        }
    }
}

impl LinkFormat {
    /// Whether an own form holds anything of the object; else every link would be the same text.
    pub fn fills(template: &str) -> bool {
        NAMES.iter().any(|name| template.contains(name))
    }
}

/// What an own form can hold.
const NAMES: [&str; 6] = ["{url}", "{name}", "{key}", "{bucket}", "{s3}", "{arn}"];

/// Whether there is nothing to be seen of a text.
fn is_invisible(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || turns_writing(c) || is_without_width(c))
}

fn is_without_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Whether browsers show a file of this name as a picture.
fn is_image(name: &str) -> bool {
    const EXTENSIONS: [&str; 9] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "apng"];
    name.rsplit_once('.').is_some_and(|(_, end)| EXTENSIONS.iter().any(|known| end.eq_ignore_ascii_case(known)))
}
