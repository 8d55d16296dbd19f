//! The file as people and programs leave it.

use std::fs;

use super::*;
use crate::model::SaidBy;
use crate::model::{
    Addressing, BandwidthHours, BandwidthPlan, Column, ConflictPolicy, ConnectionId, CopyFallback, CopyWhenDone,
    CredentialSource, DisplayChoice, Endpoint, FailureKind, KeepAwake, KeyCommand, Language, LinkDomain, LinkFormat,
    LinkTemplate, NotifyWhenDone, Payer, Place, Prefix, Region, RendererChoice, ResumeAtStart, Scope, Service,
    SizeUnits, ThemeChoice,
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(text: &str) -> Self {
        let folder = Self::new();
        fs::write(folder.path(), text).unwrap();
        make_private(&folder.path());
        folder
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("settings.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn load(&self) -> (SettingsFile, Loaded) {
        SettingsFile::load(self.path())
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_path: &Path) {}

fn bucket(name: &str) -> crate::model::BucketName {
    crate::model::BucketName::new(name).unwrap()
}

fn all_changed() -> Settings {
    Settings {
        language: Language::Korean,
        theme: ThemeChoice::Dark,
        size_units: SizeUnits::Binary,
        display: DisplayChoice::Wayland,
        renderer: RendererChoice::Wgpu,
        copy_when_done: CopyWhenDone::Nothing,
        copy_fallback: CopyFallback::SignedLink,
        link_format: LinkFormat::Markdown,
        link_template: "{name}: {url}".to_owned(),
        presign_secs: 600,
        on_conflict: ConflictPolicy::OverwriteIfNewer,
        parallel_files: 3,
        resume_at_start: ResumeAtStart::Ask,
        bandwidth: BandwidthPlan {
            limit: Some(2_000_000),
            hours: Some(BandwidthHours { from_minute: 540, to_minute: 1050, limit: Some(0) }),
        },
        keep_awake: KeepAwake::Never,
        notify_when_done: NotifyWhenDone::Always,
        verify: crate::model::VerifyWish::ReadBack,
        single_put_bytes: 12 * 1024 * 1024,
        system_files: vec![".DS_Store".to_owned(), "*.tmp".to_owned()],
        places: vec![place("사진", "photos", "2026/가을/"), place("root", "photos", "")],
        hidden_columns: vec![Column::Class, Column::Access],
        column_widths: vec![(Column::Size, 90), (Column::Modified, 150)],
    }
}

fn place(name: &str, in_bucket: &str, prefix: &str) -> Place {
    let location = crate::model::Location {
        connection: ConnectionId::new("7d3e"),
        bucket: bucket(in_bucket),
        prefix: Prefix::new(prefix),
    };
    Place { name: name.to_owned(), location }
}

fn plain(id: &str) -> Connection {
    Connection {
        name: format!("Connection {id}"),
        region: Region::new("ap-northeast-2").unwrap(),
        credentials: CredentialSource::Keychain { access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned() },
        ..Connection::plain(ConnectionId::new(id), Service::AmazonS3)
    }
}

fn domain(named: Option<&str>, prefix: &str, pattern: &str, drop_prefix: &str) -> LinkDomain {
    LinkDomain {
        bucket: named.map(bucket),
        prefix: Prefix::new(prefix),
        pattern: LinkTemplate::parse(pattern).unwrap(),
        drop_prefix: Prefix::new(drop_prefix),
    }
}

#[test]
fn link_domains_of_earlier_versions_are_read_and_fields_that_are_not_known_stay() {
    let text = r#"[[connections]]
id = "c"
service = "aws"
credentials = "anonymous"
link_domains = [
    { base = "https://cdn.example.com/media", owner = "web team" },
    { bucket = "one", base = "https://img.example.com" },
    { bucket = "one", pattern = "https://cdn.example.com/{nonsense}", why = "later version" },
]
"#;
    let mut document: toml_edit::DocumentMut = text.parse().unwrap();
    let mut warnings = Vec::new();
    let mut read = connections::read(&document, &mut warnings);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let old =
        [domain(None, "", "https://cdn.example.com/media", ""), domain(Some("one"), "", "https://img.example.com", "")];
    assert_eq!(read[0].link_domains, old);

    read[0].link_domains[0].pattern = LinkTemplate::parse("https://cdn.example.com/{bucket}/{key}").unwrap();
    read[0].link_domains.remove(1);
    read[0].link_domains.push(domain(Some("two"), "p/", "https://two.example.com", "p/"));
    connections::write(&mut document, &[], &read);
    let written = document.to_string();
    for kept in
        ["owner = \"web team\"", "pattern = \"https://cdn.example.com/{bucket}/{key}\"", "why = \"later version\""]
    {
        assert!(written.contains(kept), "{kept} in {written}");
    }
    assert!(!written.contains("base = \"https://cdn") && !written.contains("img.example.com"), "{written}");
    assert_eq!(connections::read(&document, &mut Vec::new()), read);
}

fn connections() -> Vec<Connection> {
    let everything = Connection {
        service: Service::Other,
        endpoint: Some(Endpoint::parse("http://127.0.0.1:9000").unwrap()),
        region: Region::of_any_service("RegionOne").unwrap(),
        addressing: Addressing::Path,
        ca_file: Some("/etc/minio/ca.pem".to_owned()),
        credentials: CredentialSource::ThisRunOnly { access_key_id: "minio".to_owned() },
        scopes: vec![Scope::parse("one").unwrap(), Scope::parse("two/in/here/").unwrap()],
        link_domains: vec![
            domain(None, "", "https://cdn.example.com/media", ""),
            domain(Some("one"), "", "https://img.example.com", ""),
            domain(Some("one"), "static/", "https://{bucket}.cdn.example.com:8443/x/{key}", "static/"),
            domain(None, "logs/", "{scheme}://{host}/{bucket}/{key}", ""),
        ],
        ..plain("b")
    };
    let profile =
        CredentialSource::AwsChain { profile: Some("work".to_owned()), region: SaidBy::User, endpoint: SaidBy::Chain };
    // Its endpoint stands in its profile.
    let elsewhere = CredentialSource::aws_chain(Some("minio".to_owned()));
    vec![
        plain("a"),
        everything,
        Connection { credentials: profile, key_command: KeyCommand::Allowed, ..plain("c") },
        Connection { credentials: CredentialSource::aws_chain(None), region: Region::us_east_1(), ..plain("d") },
        Connection { credentials: CredentialSource::Anonymous, addressing: Addressing::VirtualHost, ..plain("e") },
        Connection { addressing: Addressing::DualStack, payer: Payer::Requester, ..plain("g") },
        Connection { service: Service::Other, credentials: elsewhere, region: Region::us_east_1(), ..plain("f") },
    ]
}

#[test]
fn everything_comes_back() {
    let folder = Folder::new();
    let (mut file, loaded) = folder.load();
    assert_eq!(loaded, Loaded::default());
    file.save_settings(&all_changed()).unwrap();
    file.save_connections(&connections()).unwrap();
    file.save_local_port(41234).unwrap();
    let (_, loaded) = folder.load();
    let expected =
        Loaded { settings: all_changed(), connections: connections(), local_port: Some(41234), ..Loaded::default() };
    assert_eq!(loaded, expected, "{}", folder.text());
    assert!(folder.text().starts_with("# Settings of Bucketdrop."), "{}", folder.text());
    file.save_settings(&Settings::default()).unwrap();
    file.save_connections(&[]).unwrap();
    let (_, loaded) = folder.load();
    assert_eq!((loaded.settings, loaded.connections), (Settings::default(), Vec::new()), "{}", folder.text());
    assert_eq!(folder.names(), ["settings.toml"]);
}

#[test]
fn saving_what_is_there_writes_nothing() {
    let folder = Folder::with("theme = 1 # odd\n[window]\ntheme='dark'\n");
    let before = fs::metadata(folder.path()).unwrap().modified().unwrap();
    let (mut file, loaded) = folder.load();
    file.save_settings(&loaded.settings).unwrap();
    file.save_connections(&loaded.connections).unwrap();
    assert_eq!(fs::metadata(folder.path()).unwrap().modified().unwrap(), before);
}

#[test]
fn comments_and_unknown_keys_survive() {
    let text = "\
# my settings
future = true

[window]
# bright days
theme = \"light\"   # not dark
zoom = 1.5

[future_section]
x = [1, 2]

# the work account
[[connections]]
id = \"a\" # do not touch
name = \"Work\"
service = \"aws\"
credentials = \"keychain\"
access_key_id = \"AKIA1\"
color = \"red\"
";
    let folder = Folder::with(text);
    let (mut file, loaded) = folder.load();
    assert_eq!(loaded.warnings, [""; 0]);
    let mut settings = loaded.settings;
    settings.theme = ThemeChoice::Dark;
    file.save_settings(&settings).unwrap();
    let mut work = loaded.connections;
    work[0].name = "Work 2".to_owned();
    work.push(plain("b"));
    file.save_connections(&work).unwrap();
    let saved = folder.text();
    let expected = text.replace("\"light\"", "\"dark\"").replace("\"Work\"", "\"Work 2\"");
    assert!(saved.starts_with(&expected), "{saved}");
    assert_eq!(folder.load().1.connections, work);
}

#[test]
fn bad_entries_are_warned_about_with_their_place_and_stay() {
    let text = "\
local_port = 99999
window = { theme = \"mauve\", language = \"ko\", hidden_columns = [\"size\", 4, \"smell\"] }
[links]
presign_secs = 99999999
format = 3
[transfers]
parallel_files = 65
keep_awake = 7
bandwidth_limit = -5
bandwidth_hours = \"nine to five\"
system_files = \"none\"
[[connections]]
id = \"good\"
service = \"aws\"
credentials = \"anonymous\"
[[connections]]
id = \"bad\"
service = \"moon\"
credentials = \"keychain\"
# nothing of this may vanish
access_key_id = \"AKIA2\"
[[connections]]
id = \"good\"
service = \"aws\"
credentials = \"anonymous\"
[[connections]]
id = \"evil/../x\"
service = \"aws\"
credentials = \"anonymous\"
[[connections]]
id = \"r\"
service = \"aws\"
region = \"evil.example.com\"
credentials = \"anonymous\"
[[places]]
name = \"lost\"
";
    let folder = Folder::with(text);
    let (mut file, loaded) = folder.load();
    for place in [
        "local_port",
        "window.theme",
        "window.hidden_columns[1]",
        "window.hidden_columns",
        "links.presign_secs",
        "links.format",
        "transfers.parallel_files",
        "transfers.keep_awake",
        "transfers.bandwidth_limit",
        "transfers.bandwidth_hours",
        "transfers.system_files",
        "connections[1].service",
        "connections[2].id",
        "connections[3].id",
        "connections[4].region",
        "places[0].bucket",
    ] {
        let found = loaded.warnings.iter().any(|w| w.strip_prefix(place).is_some_and(|rest| rest.starts_with(": ")));
        assert!(found, "{place} in {:#?}", loaded.warnings);
    }
    assert_eq!(loaded.warnings.len(), 16, "{:#?}", loaded.warnings);
    assert_eq!(loaded.settings.language, Language::Korean);
    assert_eq!(loaded.settings.hidden_columns, [Column::Size]);
    assert_eq!(loaded.connections.len(), 1);
    assert_eq!(loaded.local_port, None);

    file.save_connections(&[]).unwrap();
    let mut settings = loaded.settings;
    settings.places.push(place("new", "photos", ""));
    settings.theme = ThemeChoice::Dark;
    file.save_settings(&settings).unwrap();
    let saved = folder.text();
    assert!(saved.contains("moon") && saved.contains("# nothing of this may vanish"), "{saved}");
    assert!(saved.contains("\"lost\"") && saved.contains("evil/../x"), "{saved}");
    let (_, again) = folder.load();
    assert_eq!(again.settings, settings, "{saved}");
    // The second "good" was skipped before; with the first gone it is a connection again, not ours to remove.
    assert_eq!(again.connections.len(), 1, "{saved}");
}

#[test]
fn what_stands_in_the_way_is_set_aside() {
    let folder =
        Folder::with("window = 5\nconnections = \"none\"\nplaces = [{name=\"p\", connection=\"a\", bucket=\"bbb\"}]\n");
    let (mut file, loaded) = folder.load();
    assert_eq!(loaded.warnings.len(), 2, "{:#?}", loaded.warnings);
    assert_eq!(loaded.settings.places.len(), 1);
    let mut settings = all_changed();
    settings.places.splice(0..0, loaded.settings.places);
    file.save_settings(&settings).unwrap();
    file.save_connections(&connections()).unwrap();
    let (_, again) = folder.load();
    assert_eq!((again.settings, again.connections), (settings, connections()), "{}", folder.text());
    assert!(folder.text().contains("= 5") && folder.text().contains("\"none\""), "{}", folder.text());
}

#[test]
fn a_broken_file_is_copied_aside_before_the_first_save() {
    for broken in [&b"[window\ntheme = "[..], b"\xff\xfe\x00", b"a = 1\na = 2\n"] {
        let folder = Folder::new();
        fs::write(folder.path(), broken).unwrap();
        let (mut file, loaded) = folder.load();
        assert_eq!(loaded.settings, Settings::default());
        let failure = loaded.broken.unwrap();
        assert_eq!(failure.kind, FailureKind::SettingsUnreadable);
        assert!(failure.args.contains(&("path", folder.path().display().to_string())), "{failure:?}");
        assert_eq!(fs::read(folder.path()).unwrap(), broken, "reading changes nothing");
        file.save_settings(&all_changed()).unwrap();
        let names = folder.names();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names[1].starts_with("settings.toml.broken-"), "{names:?}");
        assert_eq!(fs::read(folder.0.path().join(&names[1])).unwrap(), broken);
        assert_eq!(folder.load().1.settings, all_changed());
    }
}

#[test]
fn what_an_editor_wrote_meanwhile_is_kept() {
    let folder = Folder::new();
    let (mut file, _) = folder.load();
    file.save_connections(&[plain("a")]).unwrap();
    let other = plain("from-elsewhere");
    SettingsFile::load(folder.path()).0.save_connections(&[plain("a"), other.clone()]).unwrap();
    file.save_connections(&[plain("b")]).unwrap();
    assert_eq!(folder.load().1.connections, [other, plain("b")], "{}", folder.text());
}

#[test]
fn what_a_hand_changed_meanwhile_is_not_undone() {
    let folder =
        Folder::with("[window]\ntheme = \"dark\"\n\n[transfers]\nparallel_files = 4\nsystem_files = [\"a\", \"b\"]\n");
    let (mut file, mut loaded) = folder.load();
    // By hand: one field changed, one added, one unknown to this version, an entry taken out and one added.
    fs::write(
        folder.path(),
        "[window]\ntheme = \"light\"\nfuture = 1\n\n[transfers]\nparallel_files = 9 # mine\n\
         keep_awake = \"never\"\nsystem_files = [\"b\", \"theirs\"]\n",
    )
    .unwrap();
    loaded.settings.presign_secs = 60;
    loaded.settings.system_files.push("ours".into());
    file.save_settings(&loaded.settings).unwrap();
    let text = folder.text();
    for kept in ["theme = \"light\"", "future = 1", "parallel_files = 9 # mine", "keep_awake = \"never\""] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    let (_, now) = folder.load();
    assert_eq!((now.settings.presign_secs, now.settings.parallel_files), (60, 9));
    assert_eq!(now.settings.system_files, ["b", "ours", "theirs"]);

    // And so at the next save. What both have changed is ours.
    loaded.settings.theme = ThemeChoice::System;
    file.save_settings(&loaded.settings).unwrap();
    let now = folder.load().1.settings;
    assert_eq!((now.theme, now.parallel_files, now.presign_secs), (ThemeChoice::System, 9, 60));
    assert_eq!(now.system_files, ["b", "ours", "theirs"]);
}

#[test]
fn connections_that_a_hand_changed_or_took_out_meanwhile_stay_so() {
    let folder = Folder::new();
    let (mut file, _) = folder.load();
    let (changed, gone, ours) = (plain("changed"), plain("gone"), plain("ours"));
    file.save_connections(&[changed.clone(), gone.clone(), ours.clone()]).unwrap();
    let theirs = Connection { payer: Payer::Requester, ..changed.clone() };
    SettingsFile::load(folder.path()).0.save_connections(&[theirs.clone(), ours.clone()]).unwrap();
    let renamed = Connection { name: "renamed".into(), ..changed.clone() };
    file.save_connections(&[renamed.clone(), gone.clone(), ours.clone(), plain("new")]).unwrap();
    let both = Connection { name: "renamed".into(), ..theirs };
    assert_eq!(folder.load().1.connections, [both.clone(), ours.clone(), plain("new")], "{}", folder.text());
    // Changed here after all: it is somebody's work, so it comes back.
    let gone = Connection { name: "still wanted".into(), ..gone };
    file.save_connections(&[renamed, gone.clone(), ours.clone(), plain("new")]).unwrap();
    assert_eq!(folder.load().1.connections, [both, ours, plain("new"), gone], "{}", folder.text());
}

#[test]
fn a_file_that_was_removed_meanwhile_is_written_whole() {
    let folder = Folder::new();
    let (mut file, _) = folder.load();
    file.save_settings(&all_changed()).unwrap();
    fs::remove_file(folder.path()).unwrap();
    let wanted = Settings { presign_secs: 61, ..all_changed() };
    file.save_settings(&wanted).unwrap();
    assert_eq!(folder.load().1.settings, wanted);
}

#[test]
fn a_secret_in_the_file_is_warned_about_and_not_repeated() {
    let folder = Folder::with(
        "[[connections]]\nid='a'\nservice='aws'\ncredentials='keychain'\naccess_key_id='AKIA'\nsecret_access_key='wJalr'\n",
    );
    let (_, loaded) = folder.load();
    assert_eq!(loaded.connections.len(), 1);
    assert!(loaded.warnings[0].starts_with("connections[0].secret_access_key: "), "{:?}", loaded.warnings);
    assert!(!format!("{loaded:?}").contains("wJalr"));
    let user_info = Folder::with(
        "[[connections]]\nid='a'\nservice='other'\ncredentials='anonymous'\nendpoint='https://u:wJalr@h'\n",
    );
    let (_, loaded) = user_info.load();
    assert!(loaded.connections.is_empty() && !format!("{loaded:?}").contains("wJalr"), "{loaded:?}");
}

#[cfg(unix)]
#[test]
fn modes() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with("");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o666)).unwrap();
    let (mut file, loaded) = folder.load();
    assert!(loaded.is_open_to_others);
    assert_eq!(loaded.warnings, [""; 0], "all of its entries can be used");
    file.save_settings(&all_changed()).unwrap();
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!folder.load().1.is_open_to_others);
}

#[test]
fn a_failed_save_tells_the_path_and_loses_nothing() {
    // A folder where the file should be: nothing can be saved, for root neither.
    let folder = Folder::new();
    fs::create_dir(folder.path()).unwrap();
    fs::write(folder.path().join("inner"), "kept").unwrap();
    let (mut file, loaded) = folder.load();
    assert_eq!(loaded.broken.map(|failure| failure.kind), Some(FailureKind::SettingsUnreadable));
    let failure = file.save_settings(&all_changed()).unwrap_err().to_failure();
    assert_eq!(failure.kind, FailureKind::SettingsUnwritable);
    assert!(failure.args.iter().any(|(name, value)| *name == "path" && value.ends_with("settings.toml")));
    assert_eq!(fs::read(folder.path().join("inner")).unwrap(), b"kept");
}

/// The kernel's own full disk: every write to `/dev/full` fails with `ENOSPC`.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_as_such() {
    use std::io::Write as _;
    let error = fs::OpenOptions::new().write(true).open("/dev/full").unwrap().write_all(b"x").unwrap_err();
    let told = PlatformError::SettingsUnwritable { path: "settings.toml".into(), source: error }.to_failure();
    assert_eq!(told.kind, FailureKind::DiskFull);
}
