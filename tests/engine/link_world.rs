//! Buckets and objects in every state that decides about strangers, each with the verdict that is right for it.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectCannedAcl, ObjectOwnership, OwnershipControls, OwnershipControlsRule, Payer,
    PublicAccessBlockConfiguration, RequestPaymentConfiguration, ServerSideEncryption, StorageClass,
    VersioningConfiguration,
};
use bucketdrop::local_storage::Rights;
use bucketdrop::local_storage::faults::{Action, Fault, Signed};
use bucketdrop::model::{
    BucketName, ConnectionDraft, ConnectionId, LinkCheck, LinkDomainDraft, NoAddress, NotFoundBecause as N, ObjectKey,
    ObjectRef, OnlyHere, PrivateBecause as P, SecretPlace, UnknownBecause as U, Verdict,
};

use crate::support::{Server, TestEngine};

/// An object, and what is right to say of its link.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) object: ObjectRef,
    pub(crate) expected: Verdict,
}

/// The cases of one server.
pub(crate) struct World<'a> {
    pub(crate) server: &'a Server,
    engine: &'a TestEngine,
    s3: Client,
    connection: ConnectionId,
    pub(crate) cases: Vec<Case>,
}

/// Keys that have to survive on their way into an address.
const KEYS: [&str; 8] = ["plain.txt", "a b", "a+b", "100%", "한글 사진.png", "q?x=1#y&z", "deep//er/", "(1)'.\""];

impl<'a> World<'a> {
    pub(crate) fn new(server: &'a Server, engine: &'a TestEngine) -> Self {
        let connection = engine.save(TestEngine::draft(server), SecretPlace::Keychain).unwrap().id;
        Self { server, engine, s3: server.client(), connection, cases: Vec::new() }
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.server.runtime.block_on(future)
    }

    pub(crate) fn bucket(&self, name: &str) {
        self.run(self.s3.create_bucket().bucket(name).send()).unwrap();
    }

    fn put(&self, bucket: &str, key: &str, how: impl FnOnce(PutObjectFluentBuilder) -> PutObjectFluentBuilder) {
        let body = ByteStream::from(format!("bytes of {key}").into_bytes());
        self.run(how(self.s3.put_object().bucket(bucket).key(key).body(body)).send()).unwrap();
    }

    fn put_plain(&self, bucket: &str, key: &str) {
        self.put(bucket, key, |put| put);
    }

    /// Lets anyone read what is below a prefix; `more` goes into the statement.
    pub(crate) fn open(&self, bucket: &str, prefix: &str, more: &str) {
        let allow = statement("Allow", bucket, prefix, more);
        self.policy(bucket, &[allow]);
    }

    fn policy(&self, bucket: &str, statements: &[String]) {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        self.run(self.s3.put_bucket_policy().bucket(bucket).policy(policy).send()).unwrap();
    }

    fn block(&self, bucket: &str, set: impl FnOnce(Block) -> Block) {
        let switches = set(PublicAccessBlockConfiguration::builder()).build();
        self.run(self.s3.put_public_access_block().bucket(bucket).public_access_block_configuration(switches).send())
            .unwrap();
    }

    fn enforce_owner(&self, bucket: &str) {
        let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced);
        let controls = OwnershipControls::builder().rules(rule.build().unwrap()).build().unwrap();
        self.run(self.s3.put_bucket_ownership_controls().bucket(bucket).ownership_controls(controls).send()).unwrap();
    }

    fn expect(&mut self, bucket: &str, key: &str, expected: Verdict) {
        let connection = self.connection.clone();
        self.expect_by(&connection, bucket, key, expected);
    }

    fn expect_by(&mut self, connection: &ConnectionId, bucket: &str, key: &str, expected: Verdict) {
        let object = ObjectRef {
            connection: connection.clone(),
            bucket: BucketName::new(bucket).unwrap(),
            key: ObjectKey::new(key),
        };
        self.cases.push(Case { name: format!("{bucket}/{key}"), object, expected });
    }

    fn fault(&self, bucket: &str, key: &str, action: Action) {
        self.server.plan.add(Fault::anywhere(action).bucket(bucket).key(key).signed(Signed::No));
    }

    /// Everything that needs no other surroundings.
    pub(crate) fn fill(&mut self) {
        self.opened_and_closed();
        self.switches();
        self.objects_that_cannot_be_public();
        self.versions_and_missing();
        self.odd_answers();
        self.keys_that_may_not_look();
        self.domains();
    }

    fn opened_and_closed(&mut self) {
        self.bucket("open");
        self.open("open", "", "");
        for key in KEYS {
            self.put_plain("open", key);
            self.expect("open", key, Verdict::Public);
        }
        let empty = self.s3.put_object().bucket("open").key("empty").body(ByteStream::from_static(b""));
        self.run(empty.send()).unwrap();
        self.expect("open", "empty", Verdict::Public);
        for key in ["a/./b", "a/../b", ".."] {
            self.expect("open", key, Verdict::NoAddress(NoAddress::DotSegment));
        }
        self.bucket("my.dotted.bucket");
        self.open("my.dotted.bucket", "pub/", "");
        for (key, verdict) in [("pub/a", Verdict::Public), ("pub/b", Verdict::Public), ("c", closed())] {
            self.put_plain("my.dotted.bucket", key);
            self.expect("my.dotted.bucket", key, verdict);
        }
        self.bucket("lists");
        for key in KEYS.iter().take(4) {
            self.put("lists", key, |put| put.acl(ObjectCannedAcl::PublicRead));
            self.expect("lists", key, Verdict::Public);
        }
        for key in ["closed-1", "closed-2", "closed 3"] {
            self.put_plain("lists", key);
            self.expect("lists", key, closed());
        }
        self.bucket("enforced");
        self.enforce_owner("enforced");
        self.open("enforced", "pub/", "");
        for key in ["pub/1", "pub/2", "1", "2", "3"] {
            self.put_plain("enforced", key);
            self.expect("enforced", key, if key.starts_with("pub/") { Verdict::Public } else { closed() });
        }
        self.bucket("denied");
        let denial = statement("Deny", "denied", "secret/", "");
        self.policy("denied", &[statement("Allow", "denied", "", ""), denial]);
        for key in ["1", "secret/1", "secret/2"] {
            self.put_plain("denied", key);
            let denied = Verdict::Private(P::PolicyDenies);
            self.expect("denied", key, if key == "1" { Verdict::Public } else { denied });
        }
    }

    /// Each of the four switches alone, and all of them, over what a policy opens, what a list opens, and the rest.
    fn switches(&mut self) {
        type Set = fn(Block) -> Block;
        let blocked = || Verdict::Private(P::PublicAccessBlocked);
        let switches: [(&str, Set, Verdict, Verdict, Verdict); 5] = [
            ("no-new-lists", |block| block.block_public_acls(true), Verdict::Public, Verdict::Public, closed()),
            ("lists-ignored", |block| block.ignore_public_acls(true), Verdict::Public, blocked(), closed()),
            ("no-new-policy", |block| block.block_public_policy(true), Verdict::Public, Verdict::Public, closed()),
            ("restricted", |block| block.restrict_public_buckets(true), blocked(), Verdict::Public, closed()),
            ("all-four", all_four, blocked(), blocked(), blocked()),
        ];
        for (bucket, set, by_policy, by_list, rest) in switches {
            self.bucket(bucket);
            self.open(bucket, "pub/", "");
            self.put_plain(bucket, "pub/a");
            self.put(bucket, "list", |put| put.acl(ObjectCannedAcl::PublicRead));
            self.put_plain(bucket, "rest");
            self.block(bucket, set);
            self.expect(bucket, "pub/a", by_policy);
            self.expect(bucket, "list", by_list);
            self.expect(bucket, "rest", rest);
        }
    }

    fn objects_that_cannot_be_public(&mut self) {
        self.bucket("special");
        self.open("special", "", "");
        for key in ["kms-1", "kms-2", "kms 3"] {
            self.put("special", key, |put| put.server_side_encryption(ServerSideEncryption::AwsKms));
            self.expect("special", key, Verdict::Private(P::Encrypted));
        }
        self.put("special", "sse-s3", |put| put.server_side_encryption(ServerSideEncryption::Aes256));
        self.expect("special", "sse-s3", Verdict::Public);
        for (key, class) in [("g-1", StorageClass::Glacier), ("d-1", StorageClass::DeepArchive)] {
            self.put("special", key, |put| put.storage_class(class));
            self.expect("special", key, Verdict::Private(P::Archived));
        }
        self.put("special", "ia", |put| put.storage_class(StorageClass::StandardIa));
        self.expect("special", "ia", Verdict::Public);
        self.bucket("paid");
        self.open("paid", "", "");
        let paying = RequestPaymentConfiguration::builder().payer(Payer::Requester).build().unwrap();
        self.run(self.s3.put_bucket_request_payment().bucket("paid").request_payment_configuration(paying).send())
            .unwrap();
        for key in ["1", "2"] {
            self.put_plain("paid", key);
            self.expect("paid", key, Verdict::Private(P::RequesterPays));
        }
    }

    fn versions_and_missing(&mut self) {
        self.bucket("versions");
        self.open("versions", "", "");
        let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        self.run(self.s3.put_bucket_versioning().bucket("versions").versioning_configuration(on).send()).unwrap();
        for key in ["gone-1", "gone 2", "kept"] {
            self.put_plain("versions", key);
            self.put_plain("versions", key);
            if key != "kept" {
                self.run(self.s3.delete_object().bucket("versions").key(key).send()).unwrap();
            }
            let deleted = Verdict::NotFound(N::Deleted);
            self.expect("versions", key, if key == "kept" { Verdict::Public } else { deleted });
        }
        for (bucket, key) in [("open", "none"), ("open", "없음"), ("lists", "none"), ("enforced", "none")] {
            self.expect(bucket, key, Verdict::NotFound(N::Missing));
        }
        self.expect("no-such-bucket", "a", Verdict::NotFound(N::NoSuchBucket));
    }

    /// What caches, gateways and strangers' servers say in the place of the object.
    fn odd_answers(&mut self) {
        self.bucket("odd");
        self.open("odd", "", "");
        let old = || Action::old_copy("0123456789abcdef0123456789abcdef", "an older one");
        let elsewhere = || Action::redirect(302, "https://login.example.com/?next=x");
        let leads = || Verdict::RedirectsTo { host: "login.example.com".to_owned() };
        let plans: [(&str, Action, Verdict); 12] = [
            ("old-1", old(), Verdict::OtherContent),
            ("old-2", old(), Verdict::OtherContent),
            ("page-1", Action::html_page(), Verdict::OtherContent),
            ("page-2", Action::html_page(), Verdict::OtherContent),
            ("login-1", elsewhere(), leads()),
            ("region", Action::other_region("eu-west-1"), Verdict::NotFound(N::NoSuchBucket)),
            ("busy", Action::error(503, "SlowDown"), Verdict::Unknown(U::ServerError)),
            ("many", Action::error(429, "TooManyRequests"), Verdict::Unknown(U::ServerError)),
            ("gateway", Action::gateway_error(502), Verdict::Unknown(U::ServerError)),
            ("closed", Action::CloseBefore, Verdict::Unknown(U::Unreachable)),
            ("silent-1", Action::StallBefore, Verdict::Unknown(U::Timeout)),
            ("silent-2", Action::StallBefore, Verdict::Unknown(U::Timeout)),
        ];
        for (key, action, verdict) in plans {
            self.put_plain("odd", key);
            self.fault("odd", key, action);
            self.expect("odd", key, verdict);
        }
    }

    fn connect_as(&self, name: &str, rights: Rights) -> ConnectionId {
        let keys = self.server.plan.add_key(rights);
        let draft = ConnectionDraft {
            name: name.to_owned(),
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            ..TestEngine::draft(self.server)
        };
        self.engine.save(draft, SecretPlace::ThisRunOnly).unwrap().id
    }

    /// What may not be read is not known, and nobody says private of it without a refusal.
    fn keys_that_may_not_look(&mut self) {
        let settings = ["s3:GetBucket*", "s3:GetObjectAcl", "s3:GetBucketPublicAccessBlock"];
        let blind = self.connect_as("blind", Rights::everything().except(&settings));
        let writer = self.connect_as("writer", Rights::only(&["s3:PutObject"]));
        let lister = self.connect_as("lister", Rights::only(&["s3:ListBucket"]));
        let unclear = || Verdict::Private(P::PrivateOrMissing);
        let unexplained = || Verdict::Private(P::Unexplained);
        self.expect_by(&blind, "lists", "closed-1", unexplained());
        self.expect_by(&blind, "lists", "plain.txt", Verdict::Public);
        self.expect_by(&blind, "open", "a b", Verdict::Public);
        self.expect_by(&blind, "special", "kms-1", Verdict::Private(P::Encrypted));
        self.expect_by(&writer, "lists", "closed-1", unclear());
        self.expect_by(&writer, "lists", "none", unclear());
        self.expect_by(&writer, "open", "a b", Verdict::Public);
        // The policy lets these keys in as well.
        self.expect_by(&writer, "odd", "page-1", Verdict::OtherContent);
        self.put_plain("lists", "page");
        self.fault("lists", "page", Action::html_page());
        self.expect_by(&writer, "lists", "page", Verdict::Unknown(U::OddAnswer));
        self.expect_by(&lister, "open", "a b", Verdict::Public);
        self.expect_by(&lister, "lists", "closed-1", unexplained());
        self.expect_by(&lister, "lists", "none", Verdict::NotFound(N::Missing));
        self.expect_by(&lister, "odd", "old-1", Verdict::OtherContent);
    }

    /// Own domains in front: right, wrong, dead, and one that still says no.
    fn domains(&mut self) {
        let near = self.server.endpoint.replace("127.0.0.1", "localhost");
        let with = |name: &str, domains: &[(&str, String)]| {
            let rows = domains.iter().map(|(bucket, pattern)| LinkDomainDraft {
                place: (*bucket).to_owned(),
                pattern: pattern.clone(),
                drop_prefix: String::new(),
            });
            let link_domains = rows.collect();
            let draft = ConnectionDraft { name: name.into(), link_domains, ..TestEngine::draft(self.server) };
            self.engine.save(draft, SecretPlace::Keychain).unwrap().id
        };
        let right = with("right", &[("open", format!("{near}/open")), ("lists", format!("{near}/lists"))]);
        let wrong = with("wrong", &[("open", format!("{near}/open/elsewhere")), ("lists", format!("{near}/nowhere"))]);
        let dead = with("dead", &[("open", "http://127.0.0.1:1".to_owned())]);
        let refusing = with("refusing", &[("open", format!("{near}/lists"))]);
        self.expect_by(&right, "open", "plain.txt", Verdict::Public);
        self.expect_by(&right, "open", "a+b", Verdict::Public);
        self.expect_by(&right, "lists", "closed-1", closed());
        self.expect_by(&right, "open", "none", Verdict::NotFound(N::Missing));
        // Strangers who may not list are refused what is not there; it is the domain that is wrong all the same.
        self.expect_by(&wrong, "open", "plain.txt", Verdict::OnlyAtOrigin);
        self.expect_by(&wrong, "open", "한글 사진.png", Verdict::OnlyAtOrigin);
        self.expect_by(&wrong, "lists", "a b", Verdict::NotFound(N::NoSuchBucket));
        self.expect_by(&dead, "open", "plain.txt", Verdict::Unknown(U::Unreachable));
        // Another bucket stands behind the domain; there strangers are refused what is not there.
        self.expect_by(&refusing, "open", "empty", Verdict::OnlyAtOrigin);
        self.expect_by(&refusing, "open", "plain.txt", Verdict::Public);
    }

    /// What a policy opens for some addresses only. Which of them asks, the plan says.
    pub(crate) fn networks(&mut self, expected: &Verdict) {
        self.bucket("office");
        self.enforce_owner("office");
        self.open("office", "", r#","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#);
        for key in ["1", "2"] {
            self.put_plain("office", key);
            self.expect("office", key, expected.clone());
        }
        // Beside a statement for anyone, by which the service calls the whole policy public.
        self.bucket("mixed");
        let for_some = r#","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
        let statements =
            [statement("Allow", "mixed", "assets/", ""), statement("Allow", "mixed", "internal/", for_some)];
        self.policy("mixed", &statements);
        self.put_plain("mixed", "assets/1");
        self.put_plain("mixed", "internal/1");
        self.put("mixed", "internal/list", |put| put.acl(ObjectCannedAcl::PublicRead));
        self.expect("mixed", "assets/1", Verdict::Public);
        self.expect("mixed", "internal/1", expected.clone());
        self.expect("mixed", "internal/list", Verdict::Public);
        let unasking = self.connect_as("unasking", Rights::everything().except(&["s3:GetBucketPolicyStatus"]));
        self.expect_by(&unasking, "mixed", "internal/1", expected.clone());
    }

    /// What the account blocks, and the bucket does not.
    pub(crate) fn account(&mut self) {
        self.bucket("account");
        self.open("account", "pub/", "");
        self.put_plain("account", "pub/a");
        self.put("account", "list", |put| put.acl(ObjectCannedAcl::PublicRead));
        self.put_plain("account", "rest");
        self.expect("account", "pub/a", Verdict::Private(P::PerhapsBlocked));
        self.expect("account", "list", Verdict::Private(P::PerhapsBlocked));
        self.expect("account", "rest", closed());
    }
}

type Block = aws_sdk_s3::types::builders::PublicAccessBlockConfigurationBuilder;

fn all_four(block: Block) -> Block {
    block.block_public_acls(true).ignore_public_acls(true).block_public_policy(true).restrict_public_buckets(true)
}

fn closed() -> Verdict {
    Verdict::Private(P::NothingOpensIt)
}

fn statement(effect: &str, bucket: &str, prefix: &str, more: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/{prefix}*"{more}}}"#
    )
}

/// Where a policy lets this network in, and no other.
pub(crate) fn only_from_here() -> Verdict {
    Verdict::OnlyFromHere(OnlyHere::PolicyNotPublic)
}

/// Cases that were judged wrongly, one line each.
pub(crate) fn wrong(cases: &[Case], checks: &[LinkCheck]) -> Vec<String> {
    let found = |case: &Case| checks.iter().find(|check| check.object == case.object).map(|check| &check.verdict);
    let judged = cases.iter().map(|case| (case, found(case)));
    judged
        .filter(|(case, verdict)| *verdict != Some(&case.expected))
        .map(|(case, verdict)| format!("{}: {verdict:?}, not {:?}", case.name, case.expected))
        .collect()
}
