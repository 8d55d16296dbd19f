//! What environment and `~/.aws` say of how requests are made, besides keys, region and endpoint: whom to trust, FIPS,
//! dual stack, addressing. The environment goes before the profile, as in Amazon's own tools.
//!
//! What cannot be understood is refused, not left out: somebody relies on it.

use std::io::ErrorKind;
use std::path::PathBuf;

use aws_config::profile::{Profile, ProfileFileLoadError, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

use super::S3Error;
use super::authorities::Authorities;
use crate::model::{AWS_SWITCH_VALUES, Addressing, ChainSays, FailureKind, Fips, IpVersions};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChainSettings {
    pub(super) says: ChainSays,
    /// A file of authorities, in the place of the system's.
    pub(super) ca_bundle: Option<CaBundle>,
}

/// A file of authorities that environment or profile name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CaBundle {
    /// By which setting.
    pub(super) setting: &'static str,
    pub(super) path: PathBuf,
}

impl CaBundle {
    /// Reads it; a failure names the setting, which is what has to be mended.
    pub(super) async fn read(&self) -> Result<Authorities, S3Error> {
        Authorities::read(&self.path).await.map_err(|error| error.with("setting", self.setting))
    }
}

/// All profiles, among them the one that is named, or that environment and default say. Files that are there and cannot be
/// read or parsed are an error: what they ask for is not known.
#[expect(deprecated, reason = "the name it has now is of a crate that is in the tree only for others")]
pub(super) async fn profiles(name: Option<&str>) -> Result<ProfileSet, ProfileFileLoadError> {
    let files = aws_config::profile::profile_file::ProfileFiles::default();
    let chosen = name.map(|name| name.to_owned().into());
    aws_config::profile::load(&Fs::real(), &Env::real(), &files, chosen).await
}

/// A file that is there and cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) path: PathBuf,
    pub(super) detail: String,
}

/// Reads both files to their ends. The SDK takes one that it may not read, or that is no text, for an empty one: what such
/// a file asks for would be left out without a word. One that is not there asks for nothing.
pub(super) async fn check_files() -> Result<(), Unread> {
    for (variable, name) in [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
        if let Some(path) = file_of(std::env::var(variable).ok(), name, std::env::home_dir()) {
            check_file(path).await?;
        }
    }
    Ok(())
}

/// Where the SDK looks for one of them.
fn file_of(named: Option<String>, name: &str, home: Option<PathBuf>) -> Option<PathBuf> {
    match named.map(PathBuf::from) {
        Some(path) => match path.strip_prefix("~") {
            Ok(below_home) => Some(home?.join(below_home)),
            Err(_elsewhere) => Some(path),
        },
        None => Some(home?.join(".aws").join(name)),
    }
}

async fn check_file(path: PathBuf) -> Result<(), Unread> {
    let detail = match Fs::real().read_to_end(&path).await {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(_text) => return Ok(()),
            Err(_odd) => "it is no text in UTF-8".to_owned(),
        },
        // Nor is there one where the home is no folder, as for users of services.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        Err(error) => error.to_string(),
    };
    Err(Unread { path, detail })
}

/// The one of them that holds; `None` if there is none.
pub(super) fn selected(profiles: &ProfileSet) -> Option<&Profile> {
    profiles.get_profile(profiles.selected_profile())
}

/// Reads the environment of this process, then the profile.
pub(super) fn of_chain(profile: Option<&Profile>) -> Result<ChainSettings, S3Error> {
    let environment = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    read(environment, |name| profile?.get(name).map(str::to_owned))
}

fn read(
    environment: impl Fn(&str) -> Option<String>,
    profile: impl Fn(&str) -> Option<String>,
) -> Result<ChainSettings, S3Error> {
    let said = |variable: &'static str, key: &'static str| {
        let found = environment(variable).map(|value| (variable, value));
        let found = found.filter(|(_, value)| !value.trim().is_empty());
        found.or_else(|| Some((key, profile(key)?))).filter(|(_, value)| !value.trim().is_empty())
    };
    let of_s3 = profile("s3").unwrap_or_default();
    let dual_stack = said("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
        .or_else(|| Some(("use_dualstack_endpoint", nested(&of_s3, "use_dualstack_endpoint")?)));
    let addressing = nested(&of_s3, "addressing_style");
    let says = ChainSays {
        fips: if is_true(said("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"))? {
            Fips::Required
        } else {
            Fips::NotAsked
        },
        ip_versions: if is_true(dual_stack)? { IpVersions::FourAndSix } else { IpVersions::Usual },
        addressing: addressing.map_or(Ok(Addressing::Auto), |style| addressing_of(&style))?,
    };
    let ca_bundle = said("AWS_CA_BUNDLE", "ca_bundle")
        .map(|(setting, path)| CaBundle { setting, path: PathBuf::from(path.trim()) });
    Ok(ChainSettings { says, ca_bundle })
}

/// The value of a key in the lines below `s3 =`.
fn nested(lines: &str, key: &str) -> Option<String> {
    let mut pairs = lines.lines().filter_map(|line| line.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(key))?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn is_true(said: Option<(&'static str, String)>) -> Result<bool, S3Error> {
    let Some((setting, value)) = said else { return Ok(false) };
    match value.trim() {
        yes if yes.eq_ignore_ascii_case("true") => Ok(true),
        no if no.eq_ignore_ascii_case("false") => Ok(false),
        odd => Err(not_understood(setting, odd, AWS_SWITCH_VALUES)),
    }
}

fn addressing_of(style: &str) -> Result<Addressing, S3Error> {
    match style {
        "auto" => Ok(Addressing::Auto),
        "path" => Ok(Addressing::Path),
        "virtual" => Ok(Addressing::VirtualHost),
        odd => Err(not_understood("addressing_style", odd, "auto, path, virtual")),
    }
}

fn not_understood(setting: &'static str, typed: &str, choices: &str) -> S3Error {
    S3Error::local("s3:ListAllMyBuckets", FailureKind::AwsSettingInvalid, format!("{setting} is none of: {choices}"))
        .with("setting", setting)
        .with("typed", typed)
        .with("option", choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs<'a> = &'a [(&'a str, &'a str)];

    fn found(environment: Pairs<'_>, profile: Pairs<'_>) -> Result<ChainSettings, S3Error> {
        let of = |pairs: Pairs<'_>, name: &str| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        read(|name| of(environment, name), |name| of(profile, name))
    }

    #[test]
    fn the_environment_goes_before_the_profile() {
        let says = |environment, profile| found(environment, profile).unwrap().says;
        let fips = [("use_fips_endpoint", "true")];
        assert_eq!(found(&[], &[]).unwrap(), ChainSettings::default());
        assert_eq!(says(&[], &fips).fips, Fips::Required);
        assert_eq!(says(&[("AWS_USE_FIPS_ENDPOINT", "False")], &fips).fips, Fips::NotAsked);
        assert_eq!(says(&[("AWS_USE_FIPS_ENDPOINT", "TRUE")], &[]).fips, Fips::Required);
        assert_eq!(says(&[("AWS_USE_FIPS_ENDPOINT", " ")], &fips).fips, Fips::Required, "empty says nothing");
        let dual = [("use_dualstack_endpoint", "true")];
        assert_eq!(says(&[], &dual).ip_versions, IpVersions::FourAndSix);
        assert_eq!(says(&[("AWS_USE_DUALSTACK_ENDPOINT", "false")], &dual).ip_versions, IpVersions::Usual);
        let bundle = |environment, profile| {
            let named = found(environment, profile).unwrap().ca_bundle.unwrap();
            (named.setting, named.path.to_str().unwrap().to_owned())
        };
        let of_profile = [("ca_bundle", " /etc/ca.pem ")];
        assert_eq!(bundle(&[], &of_profile), ("ca_bundle", "/etc/ca.pem".to_owned()));
        let of_environment = [("AWS_CA_BUNDLE", "/tmp/ca.pem")];
        assert_eq!(bundle(&of_environment, &of_profile), ("AWS_CA_BUNDLE", "/tmp/ca.pem".to_owned()));
    }

    #[test]
    fn files_are_where_the_sdk_looks_for_them() {
        let of = |named: Option<&str>| file_of(named.map(str::to_owned), "config", Some("/home/u".into()));
        assert_eq!(of(None), Some("/home/u/.aws/config".into()));
        assert_eq!(of(Some("/etc/aws")), Some("/etc/aws".into()));
        assert_eq!(of(Some("~/aws/c")), Some("/home/u/aws/c".into()));
        assert_eq!(of(Some("~u/c")), Some("~u/c".into()));
        assert_eq!(file_of(None, "config", None), None);
    }

    #[tokio::test]
    async fn what_is_there_and_is_no_text_is_not_taken_for_empty() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("config"), "[default]\nregion = eu-west-1 # 한글\n").unwrap();
        std::fs::write(at("latin-1"), b"[default]\n# \xe9\nuse_fips_endpoint = true\n").unwrap();
        assert_eq!(check_file(at("config")).await, Ok(()));
        assert_eq!(check_file(at("gone")).await, Ok(()));
        for unread in [at("latin-1"), folder.path().to_owned()] {
            assert_eq!(check_file(unread.clone()).await.unwrap_err().path, unread);
        }
    }

    #[test]
    fn the_lines_of_s3_are_read() {
        for (lines, addressing, ip_versions) in [
            ("\n  addressing_style = path", Addressing::Path, IpVersions::Usual),
            ("\naddressing_style=virtual\nmax_concurrent_requests = 20", Addressing::VirtualHost, IpVersions::Usual),
            ("\nmax_queue_size = 1\n addressing_style = auto\n", Addressing::Auto, IpVersions::Usual),
            ("\nuse_dualstack_endpoint = true", Addressing::Auto, IpVersions::FourAndSix),
            ("", Addressing::Auto, IpVersions::Usual),
        ] {
            let says = found(&[], &[("s3", lines)]).unwrap().says;
            assert_eq!((says.addressing, says.ip_versions), (addressing, ip_versions), "{lines:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (environment, profile, setting, typed) in [
            (&[("AWS_USE_FIPS_ENDPOINT", "yes")][..], &[][..], "AWS_USE_FIPS_ENDPOINT", "yes"),
            (&[], &[("use_fips_endpoint", "1")], "use_fips_endpoint", "1"),
            (&[("AWS_USE_DUALSTACK_ENDPOINT", "on")], &[], "AWS_USE_DUALSTACK_ENDPOINT", "on"),
            (&[], &[("s3", "\naddressing_style = dns")], "addressing_style", "dns"),
        ] {
            let failure = found(environment, profile).unwrap_err().to_failure();
            assert_eq!(failure.kind, FailureKind::AwsSettingInvalid);
            for pair in [("setting", setting), ("typed", typed)] {
                assert!(failure.args.contains(&(pair.0, pair.1.to_owned())), "{failure:?}");
            }
        }
    }
}
