//! Random policies, opened and taken back, judged by an evaluator that shares nothing with the code under test.

use super::*;
use crate::model::{BucketName, Prefix};
use serde_json::{Value, json};

struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.next(from.len())]
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.next(times) == 0
    }

    /// One of them, or a list of some.
    fn one_or_some(&mut self, from: &[&str]) -> Value {
        match self.next(3) {
            0 => json!(self.pick(from)),
            count => (0..=count).map(|_| json!(self.pick(from))).collect(),
        }
    }
}

const PREFIXES: [&str; 9] =
    ["", "photos/", "photos/2026/", "a b/", "사진/", "we*ird/", "what?/", "cost$/", "${aws:username}/"];
const ACCOUNTS: [&str; 2] = ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:user/kim"];
const ACTIONS: [&str; 9] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectAcl",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:GetObjectTagging",
];
const RESOURCES: [&str; 18] = [
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/x",
    "arn:aws:s3:::bucket/photos/x",
    "arn:aws:s3:::bucket/photos/",
    "arn:aws:s3:::bucket/photos",
    "arn:aws:s3:::bucket/photos2/x",
    "arn:aws:s3:::bucket/photos/2026/x/y.png",
    "arn:aws:s3:::bucket/photos/2026",
    "arn:aws:s3:::bucket/a b/x",
    "arn:aws:s3:::bucket/사진/한글.png",
    "arn:aws:s3:::bucket/we*ird/x",
    "arn:aws:s3:::bucket/weXird/x",
    "arn:aws:s3:::bucket/what?/x",
    "arn:aws:s3:::bucket/whatX/x",
    "arn:aws:s3:::bucket/cost$/x",
    "arn:aws:s3:::bucket/${aws:username}/x",
    "arn:aws:s3:::bucket/kim/x",
    "arn:aws:s3:::bucket2/photos/x",
];

fn random_policy(chance: &mut Chance) -> Value {
    let count = chance.next(5) + 1;
    let mut statements: Vec<Value> = (0..count).map(|number| random_statement(chance, number)).collect();
    let mut policy = serde_json::Map::new();
    match chance.next(4) {
        0 => {}
        1 => {
            policy.insert("Version".to_owned(), json!("2008-10-17"));
        }
        _ => {
            policy.insert("Version".to_owned(), json!("2012-10-17"));
        }
    }
    if chance.one_in(3) {
        policy.insert("Id".to_owned(), json!("Policy1415115909152"));
    }
    let is_bare = count == 1 && chance.one_in(2);
    let statement = if is_bare { statements.remove(0) } else { Value::Array(statements) };
    policy.insert("Statement".to_owned(), statement);
    Value::Object(policy)
}

fn random_statement(chance: &mut Chance, number: usize) -> Value {
    let mut statement = serde_json::Map::new();
    if !chance.one_in(3) {
        statement.insert("Sid".to_owned(), json!(format!("Sid{number}")));
    }
    statement.insert("Effect".to_owned(), json!(chance.pick(&["Allow", "Allow", "Deny"])));
    let who = match chance.next(5) {
        0 => json!("*"),
        1 => json!({"AWS": "*"}),
        2 => json!({"AWS": ["*", ACCOUNTS[0]]}),
        3 => json!({"AWS": chance.one_or_some(&ACCOUNTS)}),
        _ => json!({"Service": "cloudfront.amazonaws.com", "AWS": ACCOUNTS[1]}),
    };
    statement.insert(chance.pick(&["Principal", "Principal", "Principal", "NotPrincipal"]).to_string(), who);
    let actions = ["s3:GetObject", "s3:*", "s3:Get*", "*", "s3:PutObject", "S3:getobject", "s3:List*", "s3:GetObject?"];
    let action = chance.one_or_some(&actions);
    statement.insert(chance.pick(&["Action", "Action", "Action", "NotAction"]).to_string(), action);
    let resources = [
        "*",
        "arn:aws:s3:::bucket/*",
        "arn:aws:s3:::bucket",
        "arn:aws:s3:::bucket/photos/*",
        "arn:aws:s3:::bucket/photos/202?/*",
        "arn:aws:s3:::bucket/p*/x",
        "arn:aws:s3:::bucket/${aws:username}/*",
        "arn:aws:s3:::bucket/*.png",
        "arn:aws:s3:::bucket/we${*}ird/*",
    ];
    let resource = chance.one_or_some(&resources);
    statement.insert(chance.pick(&["Resource", "Resource", "Resource", "NotResource"]).to_string(), resource);
    if chance.one_in(3) {
        statement.insert(
            "Condition".to_owned(),
            json!({
                "IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]},
                "NumericLessThan": {"s3:max-keys": 10, "s3:signatureAge": "600000"},
                "Bool": {"aws:SecureTransport": true}
            }),
        );
    }
    Value::Object(statement)
}

/// Who asks: nobody, or an account named `kim`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Anyone,
    Account(&'static str),
}

/// Whether `${…}` stands for something, as of version 2012-10-17.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Variables {
    Replaced,
    Literal,
}

/// Whether what statements ask for besides is so.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Conditions {
    Hold,
    Fail,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Decision {
    Nothing,
    Allowed,
    Denied,
}

fn glob(pattern: &[char], text: &[char], variables: Variables) -> bool {
    if variables == Variables::Replaced && pattern.starts_with(&['$', '{']) {
        let end = pattern.iter().position(|c| *c == '}').unwrap();
        let name: String = pattern[2..end].iter().collect();
        let value = if name.chars().count() == 1 { name } else { "kim".to_owned() };
        let value: Vec<char> = value.chars().collect();
        return text.starts_with(&value) && glob(&pattern[end + 1..], &text[value.len()..], variables);
    }
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some('*'), _) => {
            glob(&pattern[1..], text, variables) || (!text.is_empty() && glob(pattern, &text[1..], variables))
        }
        (Some('?'), Some(_)) => glob(&pattern[1..], &text[1..], variables),
        (Some(a), Some(b)) if a == b => glob(&pattern[1..], &text[1..], variables),
        _ => false,
    }
}

fn any_matches(patterns: &Value, text: &str, variables: Variables) -> bool {
    let text: Vec<char> = text.chars().collect();
    let glob_of = |pattern: &Value| glob(&pattern.as_str().unwrap().chars().collect::<Vec<_>>(), &text, variables);
    list(patterns).iter().any(glob_of)
}

/// The elements of a list, or the one that stands for it.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn is_named(principal: &Value, who: Who) -> bool {
    list(principal.get("AWS").unwrap_or(principal)).iter().any(|name| match who {
        Who::Anyone => name == "*",
        Who::Account(account) => name == "*" || name == account,
    })
}

fn applies(statement: &Value, who: Who, action: &str, resource: &str, variables: Variables) -> bool {
    let principal = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => is_named(principal, who),
        (_, Some(spared)) => !is_named(spared, who),
        _ => false,
    };
    if !principal {
        return false;
    }
    let is_action = |named: &Value| {
        let chars = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
        list(named).iter().any(|named| glob(&chars(named.as_str().unwrap()), &chars(action), Variables::Literal))
    };
    let acts = match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), _) => is_action(actions),
        (_, Some(spared)) => !is_action(spared),
        _ => false,
    };
    let at = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resources), _) => any_matches(resources, resource, variables),
        (_, Some(spared)) => !any_matches(spared, resource, variables),
        _ => false,
    };
    acts && at
}

/// In a world where all conditions hold, or none does.
fn decide(policy: &Value, who: Who, action: &str, resource: &str, conditions: Conditions) -> Decision {
    let is_new = policy.get("Version") == Some(&json!("2012-10-17"));
    let variables = if is_new { Variables::Replaced } else { Variables::Literal };
    let mut decision = Decision::Nothing;
    for statement in list(&policy["Statement"]) {
        let counts = conditions == Conditions::Hold || statement.get("Condition").is_none();
        if counts && applies(statement, who, action, resource, variables) {
            if statement["Effect"] == "Deny" {
                return Decision::Denied;
            }
            decision = Decision::Allowed;
        }
    }
    decision
}

fn wanted(prefix: &str) -> PublicPrefix {
    PublicPrefix {
        arn_start: "arn:aws:s3:::".to_owned(),
        bucket: BucketName::new("bucket").unwrap(),
        prefix: Prefix::new(prefix),
    }
}

/// Compares everybody's rights before and after; gives how many were gained.
fn compare(before: &Value, after: &Value, prefix: &str) -> usize {
    let mut gained = 0;
    for who in [Who::Anyone, Who::Account(ACCOUNTS[0]), Who::Account(ACCOUNTS[1])] {
        for action in ACTIONS {
            for resource in RESOURCES {
                for conditions in [Conditions::Fail, Conditions::Hold] {
                    let was = decide(before, who, action, resource, conditions);
                    let is = decide(after, who, action, resource, conditions);
                    let is_meant =
                        action == "s3:GetObject" && resource.starts_with(&format!("arn:aws:s3:::bucket/{prefix}"));
                    let right = match was {
                        Decision::Nothing if is_meant => Decision::Allowed,
                        unchanged => unchanged,
                    };
                    assert_eq!(is, right, "{who:?} {action} {resource}\n{before:#}\n{after:#}");
                    gained += usize::from(is != was);
                }
            }
        }
    }
    gained
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn two_hundred_policies_open_one_prefix_and_come_back() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut opened, mut open_before, mut unnameable, mut gained) = (0, 0, 0, 0);
    while opened < 200 {
        let before = random_policy(&mut chance);
        let prefix = *chance.pick(&PREFIXES);
        let text = if chance.one_in(2) { before.to_string() } else { format!("{before:#}") };
        let edit = match open(Some(&text), &wanted(prefix)) {
            Ok(Opening::Add(edit)) => edit,
            Ok(Opening::AlreadyOpen) => {
                open_before += 1;
                for resource in RESOURCES.iter().filter(|r| r.starts_with(&format!("arn:aws:s3:::bucket/{prefix}"))) {
                    assert_ne!(
                        decide(&before, Who::Anyone, "s3:GetObject", resource, Conditions::Fail),
                        Decision::Nothing
                    );
                }
                continue;
            }
            Err(problem) => {
                assert_eq!(problem, PolicyProblem::CannotName, "{before:#}");
                assert!(prefix.contains(['*', '?']) && before.get("Version") != Some(&json!("2012-10-17")));
                unnameable += 1;
                continue;
            }
        };
        opened += 1;
        assert!(means_the_same(Some(&edit.to_send), Some(&edit.after)));
        gained += compare(&before, &parse(&edit.to_send), prefix);
        let Ok(Closing::Put(closed)) = close(Some(&edit.to_send), &edit.statement, Some(&text), &edit.after) else {
            panic!("nothing to take back: {}", edit.after)
        };
        assert_eq!(closed, text);
        // As a server gives it back: members in another order, lists of one as their element.
        let shuffled = Policy::parse(&edit.to_send).unwrap().document.canonical().compact();
        let closed = close(Some(&shuffled), &edit.statement, Some(&text), &edit.after).unwrap();
        assert_eq!(closed, Closing::Put(text.clone()));
        others_changes_stay(&mut chance, &before, &text, &edit);
    }
    assert!(open_before > 10 && unnameable > 3 && gained > 1000, "{open_before} {unnameable} {gained}");
}

/// Somebody adds, removes or edits another statement between the opening and the taking back.
fn others_changes_stay(chance: &mut Chance, before: &Value, text: &str, edit: &Opened) {
    let altered = |policy: &Value, extra: &Value, which: usize| {
        let mut policy = policy.clone();
        let mut statements = list(&policy["Statement"]).to_vec();
        match which {
            0 => statements.push(extra.clone()),
            1 => statements.insert(0, extra.clone()),
            2 => statements[0]["Effect"] = json!("Deny"),
            _ => policy["Id"] = json!("changed"),
        }
        policy["Statement"] = Value::Array(statements);
        policy
    };
    let extra = json!({"Sid": "New", "Effect": "Allow", "Principal": {"AWS": ACCOUNTS[0]}, "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::bucket/inbox/*"});
    let which = chance.next(4);
    let theirs = altered(&parse(&edit.to_send), &extra, which).to_string();
    let right = altered(before, &extra, which).to_string();
    match close(Some(&theirs), &edit.statement, Some(text), &edit.after).unwrap() {
        Closing::Put(closed) => assert!(means_the_same(Some(&closed), Some(&right)), "{closed}\n{right}"),
        other => panic!("{other:?}"),
    }
}

fn added(current: Option<&str>, prefix: &str) -> Opened {
    match open(current, &wanted(prefix)).unwrap() {
        Opening::Add(edit) => *edit,
        Opening::AlreadyOpen => panic!("is open"),
    }
}

#[test]
fn without_a_policy_there_is_one_afterwards_and_none_again() {
    let edit = added(None, "photos/");
    let made = parse(&edit.to_send);
    assert_eq!(made["Version"], "2012-10-17");
    assert_eq!(made["Statement"][0]["Resource"], "arn:aws:s3:::bucket/photos/*");
    assert_eq!(close(Some(&edit.to_send), &edit.statement, None, &edit.after), Ok(Closing::Delete));
    assert_eq!(close(None, &edit.statement, None, &edit.after), Ok(Closing::AlreadyGone));
    assert_eq!(open(Some(&edit.to_send), &wanted("photos/")), Ok(Opening::AlreadyOpen));
    assert_eq!(open(Some(&edit.to_send), &wanted("photos/2026/")), Ok(Opening::AlreadyOpen));
    assert!(is_open(&edit.to_send, &wanted("photos/")) && !is_open(&edit.to_send, &wanted("")));
    let second = added(Some(&edit.to_send), "music/");
    let closed = close(Some(&second.to_send), &edit.statement, None, &edit.after).unwrap();
    let Closing::Put(closed) = closed else { panic!("{closed:?}") };
    assert!(is_open(&closed, &wanted("music/")) && !is_open(&closed, &wanted("photos/")));
}

#[test]
fn what_others_did_to_our_statement_is_told_apart() {
    let edit = added(None, "photos/");
    let close_now = |policy: &Value| close(Some(&policy.to_string()), &edit.statement, None, &edit.after);
    let mut more = parse(&edit.to_send);
    more["Statement"][0]["Resource"] = json!(["arn:aws:s3:::bucket/photos/*", "arn:aws:s3:::bucket/music/*"]);
    let Ok(Closing::Put(left)) = close_now(&more) else { panic!() };
    assert_eq!(parse(&left)["Statement"][0]["Resource"], json!(["arn:aws:s3:::bucket/music/*"]));
    let mut other = parse(&edit.to_send);
    other["Statement"][0]["Resource"] = json!("arn:aws:s3:::bucket/music/*");
    assert_eq!(close_now(&other), Ok(Closing::AlreadyGone));
    let mut narrowed = parse(&edit.to_send);
    narrowed["Statement"][0]["Condition"] = json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}});
    assert!(matches!(close_now(&narrowed), Err(PolicyProblem::ChangedByOthers { .. })));
    // Narrowed, it opens nothing to everybody: opening again needs a Sid of its own.
    let again = added(Some(&narrowed.to_string()), "photos/");
    assert!(parse(&again.statement)["Sid"].as_str().unwrap().ends_with("x2"));
}

#[test]
fn odd_policies_are_refused_and_said_why() {
    for text in [
        "",
        "no json",
        "[]",
        "{}",
        r#"{"Statement": "x"}"#,
        r#"{"Statement": [1]}"#,
        r#"{"statement": []}"#,
        r#"{"Version": 1, "Statement": []}"#,
        r#"{"Statement": [], "Statement": []}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}"#,
        "<html></html>",
    ] {
        let problem = open(Some(text), &wanted("a/")).unwrap_err();
        assert_eq!(problem.to_failure().kind, FailureKind::PolicyUnreadable, "{text}");
        assert!(!problem.to_failure().detail.is_empty());
        assert_eq!(indented(text), text);
        assert!(means_the_same(Some(text), Some(text)) && !means_the_same(Some(text), None));
    }
    let future = r#"{"Version":"2030-01-01","Statement":[]}"#;
    assert_eq!(open(Some(future), &wanted("a*/")), Err(PolicyProblem::CannotName));
    assert!(open(Some(future), &wanted("a/")).is_ok());
}

#[test]
fn a_policy_that_would_be_too_long_is_said_before() {
    let statement = |number: usize| {
        json!({"Sid": format!("s{number}"), "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::bucket/{}/*", "x".repeat(300))})
    };
    let policy =
        |count: usize| json!({"Version": "2012-10-17", "Statement": (0..count).map(statement).collect::<Vec<_>>()});
    assert!(open(Some(&policy(40).to_string()), &wanted("a/")).is_ok());
    let full = policy(48).to_string();
    assert!(full.len() < MAX_POLICY_BYTES, "{}", full.len());
    let long = "p".repeat(900);
    let problem = open(Some(&full), &wanted(&long)).unwrap_err();
    assert!(matches!(problem, PolicyProblem::TooLong { bytes } if bytes > MAX_POLICY_BYTES));
}

#[test]
fn layout_unknown_members_and_denials_are_kept() {
    let text = r#"{
  "Future": {"b": 1, "a": [true, null]},
  "Version": "2012-10-17",
  "Statement": {"Zeta": 0, "Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
    "NotAction": "s3:Put*", "Resource": "arn:aws:s3:::bucket/photos/private/*"}
}"#;
    let edit = added(Some(text), "photos/");
    assert!(edit.to_send.starts_with("{\n  \"Future\": {\n    \"b\": 1,\n    \"a\""), "{}", edit.to_send);
    assert!(denies_strangers(text, &wanted("photos/")) && !denies_strangers(text, &wanted("music/")));
    assert!(!is_open(&edit.to_send, &wanted("photos/")));
    let edit = added(Some(&parse(text).to_string()), "music/");
    assert!(!edit.to_send.contains('\n') && is_open(&edit.to_send, &wanted("music/")));
}

#[test]
fn a_denial_under_conditions_is_one() {
    let deny = |condition: serde_json::Value| {
        json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition},
        ]})
        .to_string()
    };
    for (condition, denies) in [
        (json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), true),
        (json!({"StringNotLike": {"aws:Referer": "https://example.com/*"}}), true),
        (json!({"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}}), true),
        (json!("nonsense"), true),
        // Links are asked for over TLS, and strangers have no account.
        (json!({"Bool": {"aws:SecureTransport": "false"}}), false),
        (json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}), false),
    ] {
        let policy = deny(condition);
        let wanted = wanted("photos/");
        assert_eq!((denies_strangers(&policy, &wanted), is_open(&policy, &wanted)), (denies, !denies), "{policy}");
    }
}

#[test]
fn partitions_have_their_names() {
    for (region, start) in [
        ("eu-west-1", "arn:aws:s3:::"),
        ("cn-north-1", "arn:aws-cn:s3:::"),
        ("us-gov-west-1", "arn:aws-us-gov:s3:::"),
        ("us-isob-east-1", "arn:aws-iso-b:s3:::"),
        ("eusc-de-east-1", "arn:aws-eusc:s3:::"),
        ("auto", "arn:aws:s3:::"),
    ] {
        assert_eq!(arn_start(&Region::new(region).unwrap()), start);
    }
}
