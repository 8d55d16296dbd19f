//! Taking a statement of ours back, three ways: what the policy was, what it became by us, what it is now.

use super::json::Json;
use super::{Policy, PolicyProblem, means_the_same};

/// What taking back comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The statement is not there any more.
    AlreadyGone,
    /// This is the policy without it.
    Put(String),
    /// Nothing is left of the policy.
    Delete,
}

/// Removes a statement that [`super::open`] has added. `before` is the policy as it was then, if there was one, and
/// `after` what it became; what others have changed since stays.
pub fn close(
    current: Option<&str>,
    statement: &str,
    before: Option<&str>,
    after: &str,
) -> Result<Closing, PolicyProblem> {
    let Some(current) = current else { return Ok(Closing::AlreadyGone) };
    let policy = Policy::parse(current)?;
    if means_the_same(Some(current), Some(after)) {
        return Ok(before.map_or(Closing::Delete, |before| Closing::Put(before.to_owned())));
    }
    let ours: Json = serde_json::from_str(statement).map_err(|error| PolicyProblem::NotJson(error.to_string()))?;
    let sid = ours.get("Sid").cloned();
    let (mut kept, mut has_changed) = (Vec::new(), false);
    for theirs in policy.statements() {
        if theirs.get("Sid") != sid.as_ref() {
            kept.push(theirs.clone());
            continue;
        }
        match without(theirs, &ours)? {
            Rest::Nothing => has_changed = true,
            Rest::Some(rest) => {
                has_changed = true;
                kept.push(rest);
            }
            Rest::AllOfIt => kept.push(theirs.clone()),
        }
    }
    if !has_changed {
        return Ok(Closing::AlreadyGone);
    }
    if kept.is_empty() {
        return Ok(Closing::Delete);
    }
    Ok(Closing::Put(policy.with_statements(kept).to_send(Some(current))))
}

/// What is left of a statement without ours.
enum Rest {
    Nothing,
    Some(Json),
    /// Ours is not in it.
    AllOfIt,
}

/// What others have added to our statement stays: further resources, or further actions. Anything else that differs
/// may be an intention that this program cannot know.
fn without(theirs: &Json, ours: &Json) -> Result<Rest, PolicyProblem> {
    let (is, was) = (theirs.canonical(), ours.canonical());
    if is == was {
        return Ok(Rest::Nothing);
    }
    let (Json::Members(is), Json::Members(was)) = (&is, &was) else { return Ok(Rest::AllOfIt) };
    let differing: Vec<&str> = is
        .iter()
        .chain(was)
        .filter(|(name, _)| find(is, name) != find(was, name))
        .map(|(name, _)| name.as_str())
        .collect();
    let changed = || {
        let sid = ours.get("Sid").and_then(Json::as_text).unwrap_or_default().to_owned();
        PolicyProblem::ChangedByOthers { sid }
    };
    let Some(name) = differing.first().copied().filter(|first| differing.iter().all(|other| other == first)) else {
        return Err(changed());
    };
    let (Some(now), Some(Json::Text(added))) = (theirs.get(name), ours.get(name)) else { return Err(changed()) };
    if name != "Resource" && name != "Action" {
        return Err(changed());
    }
    let is_ours = |value: &Json| value.as_text() == Some(added.as_str());
    if !now.elements().iter().any(is_ours) {
        return Ok(Rest::AllOfIt);
    }
    let rest: Vec<Json> = now.elements().iter().filter(|value| !is_ours(value)).cloned().collect();
    if rest.is_empty() {
        return Ok(Rest::Nothing);
    }
    let Json::Members(mut members) = theirs.clone() else { return Err(changed()) };
    for (known, value) in &mut members {
        if known == name {
            *value = Json::List(rest.clone());
        }
    }
    Ok(Rest::Some(Json::Members(members)))
}

fn find<'a>(members: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    members.iter().find_map(|(known, value)| (known == name).then_some(value))
}
