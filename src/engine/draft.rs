//! What people are told of a draft that cannot be saved. What is wrong with it is found by [`crate::model`], by the
//! same rules that the editor shows while typing.

use crate::model::{DraftProblem, Failure, FailureKind};

/// What people are told; the field is named by `field`, a list's line by `line`.
pub(crate) fn to_failure(problems: &[DraftProblem]) -> Failure {
    let mut failure = Failure::new(FailureKind::DraftInvalid).detail(format!("{problems:?}"));
    if let Some(problem) = problems.first() {
        failure = failure.with("field", field(problem));
        if let DraftProblem::Scope(line) | DraftProblem::LinkDomain(line, _) = problem {
            failure = failure.with("line", line);
        }
    }
    failure
}

fn field(problem: &DraftProblem) -> &'static str {
    match problem {
        DraftProblem::Name => "name",
        DraftProblem::Endpoint(_) | DraftProblem::EndpointHoldsBucket => "endpoint",
        DraftProblem::Region => "region",
        DraftProblem::AccessKeyId => "access-key-id",
        DraftProblem::Secret => "secret",
        DraftProblem::Scope(_) => "scope",
        DraftProblem::CaFile => "ca-file",
        DraftProblem::LinkDomain(..) => "link-domain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkDomainProblem;

    #[test]
    fn the_first_field_in_the_way_is_named() {
        let failure = to_failure(&[DraftProblem::Scope(2), DraftProblem::LinkDomain(1, LinkDomainProblem::Place)]);
        assert_eq!(failure.kind, FailureKind::DraftInvalid);
        assert!(
            failure.args.contains(&("field", "scope".to_owned())) && failure.args.contains(&("line", "2".to_owned()))
        );
    }
}
