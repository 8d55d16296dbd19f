//! The arguments of `bucketdrop-cli`, as clap reads them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::problem::{Problem, problem};
use super::sizes::{parse_duration, parse_rate};
use super::uri::{ObjectUri, PrefixUri};
use crate::model::{ConflictPolicy, LinkFormat, MAX_PRESIGN_SECS, Region, VerifyWish};

/// Gets files into S3 and hands out their links, without a window.
#[derive(Debug, Parser)]
#[command(name = "bucketdrop-cli", version, max_term_width = 110)]
pub struct Cli {
    /// Which connection, and how results are shown.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

impl Cli {
    /// Whether the command works on the queue of uploads that the journal keeps.
    pub fn works_on_queue(&self) -> bool {
        match &self.action {
            Action::Upload(args) => !args.dry_run,
            Action::Resume(_) => true,
            _ => false,
        }
    }
}

/// Options that every command takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection and output")]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a command line")]
pub struct GlobalArgs {
    /// A saved connection by name, `local` for the storage on this computer, or `aws` for the standard AWS chain:
    /// environment, profiles, AWS_ENDPOINT_URL. That one without; a receipt knows its own
    #[arg(long, global = true, value_name = "NAME")]
    pub connection: Option<String>,
    /// Profile of ~/.aws to take keys and region from
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Region to sign for
    #[arg(long, global = true, value_name = "R", value_parser = parse_region)]
    pub region: Option<Region>,
    /// Address of a service that is not Amazon's
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Put the bucket into the path of the address, not into the host name
    #[arg(long, global = true)]
    pub path_style: bool,
    /// Sign nothing: for buckets that anyone may read
    #[arg(long, global = true, conflicts_with = "profile")]
    pub anonymous: bool,
    /// Pay for requests to buckets whose owners do not (requester pays); a saved connection has a switch of its own
    #[arg(long, global = true, conflicts_with = "anonymous")]
    pub requester_pays: bool,
    /// Let the profile run its command (credential_process) to give the keys
    #[arg(long, global = true, conflicts_with = "anonymous")]
    pub credential_process: bool,
    /// One JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but results and failures
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more about failures
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

impl GlobalArgs {
    /// Which connection is meant.
    pub(super) fn connection_name(&self) -> &str {
        self.connection.as_deref().unwrap_or("aws")
    }

    /// Whether any option says which connection is meant.
    pub(super) fn names_connection(&self) -> bool {
        self.connection.is_some() || self.shapes_chain()
    }

    /// Whether options shape the standard AWS chain.
    pub(super) fn shapes_chain(&self) -> bool {
        self.profile.is_some()
            || self.region.is_some()
            || self.endpoint_url.is_some()
            || self.path_style
            || self.anonymous
            || self.requester_pays
            || self.credential_process
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Upload files and folders; prints one link a file
    #[command(override_usage = "bucketdrop-cli upload [OPTIONS] PATH... s3://BUCKET[/PREFIX/]")]
    Upload(Box<UploadArgs>),
    /// Go on with uploads that were interrupted, by Ctrl-C or however their program ended
    Resume(ResumeArgs),
    /// List buckets, or what is in one
    List(ListArgs),
    /// Print the links of objects, and say whether they open
    Link(LinkArgs),
    /// Download objects into a folder
    #[command(override_usage = "bucketdrop-cli download [OPTIONS] s3://BUCKET/KEY... DIR")]
    Download(DownloadArgs),
    /// Hold a receipt of `upload --receipt` against the bucket: is every object still what was stored?
    VerifyReceipt(VerifyReceiptArgs),
    /// Delete objects, and whole folders
    Remove(RemoveArgs),
    /// Test the connection, or say layer by layer who can open an object, and what to do
    Doctor(DoctorArgs),
    /// Run the storage on this computer until Ctrl-C; prints its endpoint and keys
    Serve(ServeArgs),
}

/// What `upload` takes.
#[derive(Debug, Args)]
pub struct UploadArgs {
    /// Files and folders, then where they go: s3://BUCKET[/PREFIX/]
    // Not two at least: that would count for each row of them, and options may stand between.
    #[arg(required = true, num_args = 1.., value_names = ["PATH", "TARGET"])]
    pub paths_and_target: Vec<OsString>,
    /// When the name is taken; nothing is overwritten unless this says so
    #[arg(long, value_enum, default_value = "skip", value_name = "RULE")]
    pub on_conflict: OnConflict,
    /// Content type for every file; by its extension otherwise
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// Cache-Control header
    #[arg(long, value_name = "VALUE")]
    pub cache_control: Option<String>,
    /// User metadata; can be repeated
    #[arg(long, value_name = "K=V", value_parser = parse_pair)]
    pub metadata: Vec<(String, String)>,
    /// Object tag; can be repeated
    #[arg(long, value_name = "K=V", value_parser = parse_pair)]
    pub tag: Vec<(String, String)>,
    /// Storage class, as S3 spells it
    #[arg(long, value_name = "CLASS")]
    pub storage_class: Option<String>,
    /// Canned ACL such as public-read; a bucket that takes none gets the files without it, and that is said
    #[arg(long, value_name = "ACL")]
    pub acl: Option<String>,
    /// Let anyone read what is uploaded, by whichever way the bucket allows; what it refuses is said, and fails no upload
    #[arg(long, conflicts_with = "acl")]
    pub public: bool,
    /// Encryption on the server: AES256, aws:kms or aws:kms:KEY
    #[arg(long, value_name = "SSE")]
    pub sse: Option<String>,
    /// How stored objects are held against what was read; as the settings say without it
    #[arg(long, value_enum, value_name = "HOW")]
    pub verify: Option<Verify>,
    /// Write down what was stored, for `verify-receipt`: JSON if the name ends in .json, else CSV. Of files that are
    /// there only an older receipt is replaced
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Files at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: Option<u32>,
    /// Bytes a second at most, 1k at least: 500k, 2M, 1.5MiB
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub bandwidth: Option<u64>,
    /// Leave out paths of folders that match; can be repeated
    #[arg(long, value_name = "GLOB", value_parser = parse_glob)]
    pub exclude: Vec<String>,
    /// Ask for each link without credentials, and say whether it opens
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,
    /// Only say what would be uploaded; the server is not asked
    #[arg(long)]
    pub dry_run: bool,
}

/// What `resume` takes.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Files at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: Option<u32>,
    /// Bytes a second at most, 1k at least: 500k, 2M, 1.5MiB
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub bandwidth: Option<u64>,
    /// Go on with nothing: give up what has failed, and remove its unfinished parts from the server; counts them, and
    /// needs --yes
    #[arg(long, conflicts_with_all = ["jobs", "bandwidth", "receipt"])]
    pub forget_failed: bool,
    /// Write down what was stored, before and now, as `upload --receipt` does; of each further upload that goes on beside
    /// it, as r-2.csv beside r.csv
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Really give it up
    #[arg(long, short = 'y', requires = "forget_failed")]
    pub yes: bool,
}

/// What `list` takes.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// A bucket or a folder of it; all buckets without
    #[arg(value_name = "s3://BUCKET[/PREFIX]")]
    pub at: Option<PrefixUri>,
    /// Everything below, not folder by folder
    #[arg(long, short, requires = "at")]
    pub recursive: bool,
}

/// What `link` takes.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// Objects
    #[arg(required = true, value_name = "s3://BUCKET/KEY")]
    pub objects: Vec<ObjectUri>,
    /// Form of the link: url, markdown, html, bbcode, s3, arn, aws-cli, or template=TEXT with {url} {name} {key}
    /// {bucket} {s3} {arn}
    #[arg(long, default_value = "url", value_name = "F")]
    pub format: Format,
    /// Sign the link, so that it opens for anyone for so long: 30m, 12h, 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_expiry)]
    pub expires: Option<Duration>,
    /// Do not ask whether the link opens; without this it is asked for as somebody without keys would
    #[arg(long)]
    pub no_check: bool,
}

/// What `download` takes.
#[derive(Debug, Args)]
pub struct DownloadArgs {
    /// Objects as s3://BUCKET/KEY (folders end in `/`), then the local folder
    // As for `upload`.
    #[arg(required = true, num_args = 1.., value_names = ["OBJECT", "DIR"])]
    pub objects_and_folder: Vec<OsString>,
}

/// What `verify-receipt` takes.
#[derive(Debug, Args)]
pub struct VerifyReceiptArgs {
    /// The receipt, CSV or JSON
    #[arg(value_name = "FILE")]
    pub receipt: PathBuf,
    /// Ask for size, checksum and version, or fetch and hash every object
    #[arg(long, value_enum, default_value = "proof", value_name = "HOW")]
    pub verify: Verify,
}

/// `--verify`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Verify {
    /// By the server's answer where that is proof, else by one more question
    Proof,
    /// By fetching every object again and hashing it
    ReadBack,
}

impl From<Verify> for VerifyWish {
    fn from(verify: Verify) -> Self {
        match verify {
            Verify::Proof => Self::Proof,
            Verify::ReadBack => Self::ReadBack,
        }
    }
}

/// What `remove` takes.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Objects; a URI that ends in `/` stands for everything below it
    #[arg(required = true, value_name = "s3://BUCKET/KEY")]
    pub objects: Vec<ObjectUri>,
    /// Really delete; without it the objects are only counted
    #[arg(long, short)]
    pub yes: bool,
}

/// What `doctor` takes.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The object to explain; the connection is tested without
    #[arg(value_name = "s3://BUCKET/KEY")]
    pub object: Option<ObjectUri>,
}

/// What `serve` takes.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Port on 127.0.0.1; the one used before, or a free one, without
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

/// `--on-conflict`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum OnConflict {
    /// Leave what is there
    Skip,
    /// Replace it
    Overwrite,
    /// Upload as `name (2).ext`
    Rename,
    /// Replace it if the file changed later
    Newer,
}

impl From<OnConflict> for ConflictPolicy {
    fn from(rule: OnConflict) -> Self {
        match rule {
            OnConflict::Skip => Self::Skip,
            OnConflict::Overwrite => Self::Overwrite,
            OnConflict::Rename => Self::Rename,
            OnConflict::Newer => Self::OverwriteIfNewer,
        }
    }
}

/// `--format`: the form, and the text of one's own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// The form.
    pub form: LinkFormat,
    /// For `template=TEXT`; without a text the one of the settings is taken.
    pub template: Option<String>,
}

impl FromStr for Format {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        if let Some(own) = text.strip_prefix("template=") {
            if !LinkFormat::fills(own) {
                return Err(problem("cli-usage-template"));
            }
            return Ok(Self { form: LinkFormat::Template, template: Some(own.to_owned()) });
        }
        let form = LinkFormat::from_code(text).ok_or_else(|| {
            let known: Vec<&str> = LinkFormat::ALL.iter().map(|format| format.code()).collect();
            problem("cli-usage-format").with("known", known.join(", "))
        })?;
        Ok(Self { form, template: None })
    }
}

/// Splits `PATH... s3://…` and makes the paths absolute. The error is a usage message.
pub(super) fn split_upload(arguments: &[OsString]) -> Result<(Vec<PathBuf>, PrefixUri), Problem> {
    let Some((target, paths)) = arguments.split_last() else { return Err(problem("cli-usage-nothing-to-upload")) };
    let target = target.to_str().ok_or_else(|| problem("cli-usage-upload-target"))?;
    let target = target.parse().map_err(|why| problem("cli-usage-upload-target-because").because(why))?;
    if paths.is_empty() {
        return Err(problem("cli-usage-nothing-to-upload"));
    }
    let paths = paths.iter().map(absolute).collect::<Result<Vec<_>, _>>()?;
    Ok((paths, target))
}

/// Splits `s3://… DIR`. The error is a usage message.
pub(super) fn split_download(arguments: &[OsString]) -> Result<(Vec<ObjectUri>, PathBuf), Problem> {
    let Some((folder, objects)) = arguments.split_last() else { return Err(problem("cli-usage-nothing-to-download")) };
    if folder.to_str().is_some_and(|folder| folder.starts_with("s3://")) {
        return Err(problem("cli-usage-download-folder"));
    }
    if objects.is_empty() {
        return Err(problem("cli-usage-nothing-to-download"));
    }
    let parse = |uri: &OsString| -> Result<ObjectUri, Problem> {
        let uri = uri.to_str().ok_or_else(|| problem("cli-usage-not-utf-8"))?;
        uri.parse().map_err(|why| about(uri, why))
    };
    Ok((objects.iter().map(parse).collect::<Result<Vec<_>, _>>()?, absolute(folder)?))
}

fn about(thing: &str, why: Problem) -> Problem {
    problem("cli-usage-about").with("thing", thing).because(why)
}

fn absolute(path: &OsString) -> Result<PathBuf, Problem> {
    let about = |error| problem("cli-usage-about").with("thing", path.to_string_lossy()).with("problem", error);
    std::path::absolute(path).map_err(about)
}

fn parse_region(text: &str) -> Result<Region, Problem> {
    // Whether it is one of the service is known with the endpoint, which a profile may have.
    Region::of_any_service(text).ok_or_else(|| problem("cli-usage-region"))
}

fn parse_pair(text: &str) -> Result<(String, String), Problem> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(problem("cli-usage-pair")),
    }
}

fn parse_glob(text: &str) -> Result<String, String> {
    globset::Glob::new(text).map(|glob| glob.glob().to_owned()).map_err(|error| error.to_string())
}

fn parse_expiry(text: &str) -> Result<Duration, Problem> {
    let duration = parse_duration(text)?;
    if duration.is_zero() || duration > Duration::from_secs(MAX_PRESIGN_SECS) {
        return Err(problem("cli-usage-expiry"));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(line: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("bucketdrop-cli").chain(line.iter().copied()))
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn uploads_need_a_path_and_a_target() {
        assert!(parse(&["upload"]).is_err() && parse(&["download"]).is_err());
        let words = |split: Result<(), Problem>| split.unwrap_err().to_string();
        let upload = |given: &[&str]| split_upload(&given.iter().map(OsString::from).collect::<Vec<_>>());
        let download = |given: &[&str]| split_download(&given.iter().map(OsString::from).collect::<Vec<_>>());
        assert!(words(upload(&["a.txt"]).map(drop)).starts_with("the last argument has to be s3://"));
        assert_eq!(words(upload(&["s3://b/"]).map(drop)), "nothing to upload");
        assert_eq!(
            words(download(&["s3://b/k"]).map(drop)),
            "the last argument has to be the local folder to download into"
        );
        assert_eq!(words(download(&["here"]).map(drop)), "nothing to download");
        let cli = parse(&["upload", "a", "b", "s3://bucket/p", "--metadata", "k=v=w", "--tag", "x="]).unwrap();
        let Action::Upload(args) = cli.action else { panic!("not an upload") };
        assert_eq!(args.metadata, [("k".to_owned(), "v=w".to_owned())]);
        assert_eq!(args.tag, [("x".to_owned(), String::new())]);
        let (paths, target) = split_upload(&args.paths_and_target).unwrap();
        assert!(paths.len() == 2 && paths.iter().all(|path| path.is_absolute()));
        assert_eq!((target.bucket.to_string().as_str(), target.prefix.as_str()), ("bucket", "p/"));
        assert!(split_upload(&["a".into(), "b".into()]).is_err());
    }

    #[test]
    fn options_may_stand_between_paths_and_target() {
        let cli = parse(&["upload", "a", "--cache-control", "no-cache", "b", "--json", "s3://bucket/p/"]).unwrap();
        let Action::Upload(args) = cli.action else { panic!("not an upload") };
        assert!(cli.global.json && args.cache_control.as_deref() == Some("no-cache"));
        assert_eq!(args.paths_and_target, ["a", "b", "s3://bucket/p/"]);
        let cli = parse(&["download", "s3://b/k", "--json", "here"]).unwrap();
        let Action::Download(args) = cli.action else { panic!("not a download") };
        assert_eq!(args.objects_and_folder, ["s3://b/k", "here"]);
    }

    #[test]
    fn wrong_values_are_refused() {
        for line in [
            &["link", "s3://bucket/key", "--expires", "8d"][..],
            &["link", "s3://bucket/key", "--expires", "0s"],
            &["link", "s3://bucket"],
            &["link", "https://bucket/key"],
            &["link", "s3://bucket/key", "--format", "rtf"],
            &["upload", "a", "s3://b", "--on-conflict", "ask"],
            &["upload", "a", "s3://b", "--metadata", "novalue"],
            &["upload", "a", "s3://b", "--exclude", "[a"],
            &["upload", "a", "s3://b", "--jobs", "0"],
            &["--region", "evil.example/", "list"],
            &["--anonymous", "--profile", "x", "list"],
            &["list", "--recursive"],
            &["serve", "--port", "70000"],
        ] {
            assert_eq!(parse(line).map(|_| ()).map_err(|error| error.exit_code()), Err(2), "{line:?}");
        }
    }

    #[test]
    fn links_are_checked_by_choice() {
        let Action::Link(args) = parse(&["link", "s3://b/k"]).unwrap().action else { panic!("not a link") };
        assert!(!args.no_check);
        assert!(
            parse(&["link", "s3://b/k", "--no-check"]).is_ok() && parse(&["upload", "a", "s3://b", "--check"]).is_ok()
        );
        assert!(parse(&["upload", "a", "s3://b", "--check", "--dry-run"]).is_err());
        assert!(
            parse(&["doctor"]).is_ok()
                && parse(&["doctor", "s3://b/k"]).is_ok()
                && parse(&["doctor", "s3://b"]).is_err()
        );
    }

    #[test]
    fn global_options_go_before_and_after() {
        assert!(parse(&["list", "--json", "--connection", "work"]).unwrap().global.json);
        let named = |line: &[&str]| parse(line).unwrap().global.connection_name().to_owned();
        assert_eq!(named(&["--connection", "work", "list"]), "work");
        assert_eq!(named(&["list"]), "aws");
    }
}
