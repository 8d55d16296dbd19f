//! The names of the profiles in `~/.aws`; nothing else of those files is looked at.

use std::path::{Path, PathBuf};

use super::source::read_text;
use crate::model::{Failure, FailureKind};

/// Names of all profiles, config file first, in file order. Missing files are no failure. Blocks on the disk.
pub(super) fn read() -> Result<Vec<String>, Failure> {
    let config = file("AWS_CONFIG_FILE", "config");
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let mut names = Vec::new();
    for (path, sections) in [(config, Sections::Prefixed), (credentials, Sections::Plain)] {
        let Some(path) = path else { continue };
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(&path, &error)),
        };
        for name in section_names(&text, sections) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

fn file(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(std::env::home_dir()?.join(".aws").join(name)))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::CredentialsUnreadable).with("path", path.display()).detail(error)
}

/// How a file names its profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sections {
    /// `[profile work]`, save for `[default]`, as in `config`.
    Prefixed,
    /// `[work]`, as in `credentials`.
    Plain,
}

fn section_names(text: &str, sections: Sections) -> Vec<String> {
    let headers = text.lines().filter_map(|line| {
        let (name, _comment) = line.trim().strip_prefix('[')?.split_once(']')?;
        Some(name.trim())
    });
    let names = headers.filter_map(|name| match sections {
        Sections::Plain => Some(name),
        Sections::Prefixed if name == "default" => Some(name),
        Sections::Prefixed => name.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t'])).map(str::trim),
    });
    names.map(|name| name.trim_matches('"').to_owned()).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_profiles_are_named() {
        let config = "[default]\nregion=x\n[profile work] ; at the office\n [profile \"two words\"]\n[sso-session s]\n#[profile no]\n";
        assert_eq!(section_names(config, Sections::Prefixed), ["default", "work", "two words"]);
        assert_eq!(section_names("[a]\naws_secret_access_key = x[y]\n[b]", Sections::Plain), ["a", "b"]);
    }
}
