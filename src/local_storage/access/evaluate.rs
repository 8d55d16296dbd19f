//! What a bucket policy says about one request.

use super::caller::{Caller, OTHER_ID, OWN_ID, Opinion, matches_action};
use super::condition::{Context, Holds, all_hold, glob};
use super::policy::{Effect, Policy, Principal, Statement};

/// One question to a policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub caller: &'a Caller,
    /// E.g. `s3:GetObject`.
    pub action: &'a str,
    /// E.g. `arn:aws:s3:::bucket/key`.
    pub resource: &'a str,
    pub context: &'a Context,
}

impl Policy {
    /// An explicit refusal wins over every permission; nothing said is `Silent`.
    pub(super) fn opinion(&self, ask: Ask<'_>) -> Opinion {
        let speaking = |effect| {
            let mut of_effect = self.statements.iter().filter(move |statement| statement.effect == effect);
            of_effect.any(|statement| self.applies(statement, ask))
        };
        if speaking(Effect::Deny) {
            Opinion::Deny
        } else if speaking(Effect::Allow) {
            Opinion::Allow
        } else {
            Opinion::Silent
        }
    }

    fn applies(&self, statement: &Statement, ask: Ask<'_>) -> bool {
        let resource = |pattern: &String| {
            let filled = ask.context.fill(self.version, pattern);
            filled.is_some_and(|pattern| glob(&pattern, ask.resource))
        };
        let conditions = || all_hold(&statement.conditions, self.version, ask.context);
        statement.principals.includes(|principal| matches_principal(principal, statement.effect, ask.caller))
            && statement.actions.includes(|pattern| matches_action(pattern, ask.action))
            && statement.resources.includes(resource)
            && match statement.effect {
                Effect::Allow => conditions() == Holds::Yes,
                Effect::Deny => conditions() != Holds::No,
            }
    }
}

/// Naming an account means its root, and leaves it to that account which of its users may; so it gives a user of the
/// bucket's own account nothing, and takes everything from all of them.
fn matches_principal(principal: &Principal, effect: Effect, caller: &Caller) -> bool {
    let is_user_of_own = matches!(caller, Caller::Holder { .. }) && caller.is_of_own_account();
    let account_counts = effect == Effect::Deny || !is_user_of_own;
    match principal {
        Principal::Anyone => true,
        Principal::Aws(name) => {
            let of_account = caller
                .account()
                .is_some_and(|account| account == name || account_of_root(name).is_some_and(|named| named == account));
            (of_account && account_counts) || caller.arn().is_some_and(|arn| arn == *name)
        }
        Principal::Canonical(id) => account_counts && caller.canonical_id() == Some(id.as_str()),
        Principal::Service(_) | Principal::Federated(_) => false,
    }
}

fn account_of_root(arn: &str) -> Option<&str> {
    let mut fields = arn.strip_suffix(":root")?.splitn(5, ':');
    fields.nth(4)
}

/// Whether a canonical id is one of an account that exists here.
pub(super) fn is_canonical_id(id: &str) -> bool {
    id == OWN_ID || id == OTHER_ID || (id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::super::caller::Rights;
    use super::*;

    const OBJECT: &str = "arn:aws:s3:::b/pub/a.txt";

    fn holder(rights: Rights) -> Caller {
        Caller::Holder { name: "AKIAHOLDER".into(), rights }
    }

    /// Opinion of a policy of some statements about a stranger's `GetObject` of [`OBJECT`].
    fn asked(statements: &str, caller: &Caller) -> Opinion {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policy = Policy::parse(&text).unwrap_or_else(|error| panic!("{statements}: {error:?}"));
        let mut context = Context::default();
        context.set("aws:SourceIp", "127.0.0.1");
        context.set("aws:SecureTransport", "false");
        policy.opinion(Ask { caller, action: "s3:GetObject", resource: OBJECT, context: &context })
    }

    const ALLOW: &str =
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/pub/*"}"#;

    /// The same statement with one thing changed.
    fn with(from: &str, to: &str) -> String {
        assert!(ALLOW.contains(from));
        ALLOW.replace(from, to)
    }

    #[test]
    fn a_stranger_gets_what_the_statements_say() {
        use Opinion::{Allow, Deny, Silent};
        let deny = |more: &str| format!(r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"{more}}}"#);
        let condition = |text: &str| with("}", &format!(r#","Condition":{text}}}"#));
        let cases = [
            (ALLOW.to_owned(), Allow),
            (with(r#""*""#, r#"{"AWS":"*"}"#), Allow),
            (with("s3:GetObject", "s3:Get*"), Allow),
            (with("s3:GetObject", "s3:*"), Allow),
            (with("s3:GetObject", "*"), Allow),
            (with("s3:GetObject", "S3:getobject"), Allow),
            (with("s3:GetObject", "s3:GetObjectVersion"), Silent),
            (with("s3:GetObject", "s3:PutObject"), Silent),
            (with("b/pub/*", "b/*"), Allow),
            (with("b/pub/*", "b/pub/?.txt"), Allow),
            (with("b/pub/*", "b/*.txt"), Allow),
            (with("b/pub/*", "b/private/*"), Silent),
            (with("b/pub/*", "b"), Silent),
            (with("b/pub/*", "b/PUB/*"), Silent),
            (with(r#""Action":"s3:GetObject""#, r#""NotAction":"s3:PutObject""#), Allow),
            (with(r#""Action":"s3:GetObject""#, r#""NotAction":["s3:Put*","s3:Get*"]"#), Silent),
            (with(r#""Resource":"arn:aws:s3:::b/pub/*""#, r#""NotResource":"arn:aws:s3:::b/private/*""#), Allow),
            (with(r#""Resource":"arn:aws:s3:::b/pub/*""#, r#""NotResource":"arn:aws:s3:::b/pub/*""#), Silent),
            (with(r#""*""#, r#"{"AWS":"arn:aws:iam::444455556666:root"}"#), Silent),
            (with(r#""*""#, r#"{"Service":"cloudfront.amazonaws.com"}"#), Silent),
            (with(r#""Principal":"*""#, r#""NotPrincipal":{"AWS":"444455556666"}"#), Allow),
            (format!("{ALLOW},{}", deny("")), Deny),
            (format!("{},{ALLOW}", deny("")), Deny),
            (format!("{ALLOW},{}", deny(r#","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#)), Deny),
            (format!("{ALLOW},{}", deny(r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#)), Allow),
            (format!("{ALLOW},{}", deny(r#","Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#)), Allow),
            (format!("{ALLOW},{}", deny(r#","Condition":{"Unheard":{"aws:SourceIp":"127.0.0.0/8"}}"#)), Deny),
            (condition(r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","127.0.0.1"]}}"#), Allow),
            (condition(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#), Silent),
            (condition(r#"{"Unheard":{"aws:SourceIp":"127.0.0.1"}}"#), Silent),
            (condition(r#"{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:Referer":"x"}}"#), Silent),
            (deny(""), Deny),
        ];
        for (statements, expected) in cases {
            assert_eq!(asked(&statements, &Caller::Stranger), expected, "{statements}");
        }
    }

    #[test]
    fn accounts_and_users_are_told_apart() {
        use Opinion::{Allow, Deny, Silent};
        let own = holder(Rights::everything());
        let other = holder(Rights::everything().of_another_account());
        let by = |principal: &str| with(r#""*""#, principal);
        let deny = |principal: &str| by(principal).replace("Allow", "Deny");
        let root = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
        let user = r#"{"AWS":"arn:aws:iam::111122223333:user/AKIAHOLDER"}"#;
        let canonical = r#"{"CanonicalUser":"another-account"}"#;
        let cases = [
            (by(root), &Caller::Owner, Allow),
            (by(root), &own, Silent),
            (by(user), &own, Allow),
            (by(user), &Caller::Owner, Silent),
            (deny(root), &own, Deny),
            (by(r#"{"AWS":"444455556666"}"#), &other, Allow),
            (by(canonical), &other, Allow),
            (by(canonical), &Caller::Owner, Silent),
            (by(root), &Caller::Stranger, Silent),
        ];
        for (statements, caller, expected) in cases {
            assert_eq!(asked(&statements, caller), expected, "{statements} {caller:?}");
        }
    }
}
