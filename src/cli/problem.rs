//! What is wrong with the arguments, by the id of its sentence.

use std::fmt;

use crate::locale::{Lang, text_with};

/// A problem of the arguments. Those that clap shows are in English, as all that it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    id: &'static str,
    values: Vec<(&'static str, Value)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Problem(Problem),
}

/// The problem with this sentence, `cli-usage-…`.
pub(super) fn problem(id: &'static str) -> Problem {
    Problem { id, values: Vec::new() }
}

impl Problem {
    /// Adds a value of the sentence.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.values.push((name, Value::Text(value.to_string())));
        self
    }

    /// Adds what is wrong, as `problem`.
    #[must_use]
    pub(super) fn because(mut self, problem: Self) -> Self {
        self.values.push(("problem", Value::Problem(problem)));
        self
    }

    /// The sentence, without capital and full stop.
    pub(super) fn words(&self, lang: Lang) -> String {
        let values: Vec<(&str, String)> = self
            .values
            .iter()
            .map(|(name, value)| match value {
                Value::Text(text) => (*name, text.clone()),
                Value::Problem(problem) => (*name, problem.words(lang)),
            })
            .collect();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        text_with(lang, self.id, &values)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_in_the_same_language() {
        let told = problem("cli-usage-upload-target-because").because(problem("cli-usage-scheme"));
        assert_eq!(told.to_string(), "the last argument has to be s3://BUCKET[/PREFIX/]: it has to start with s3://");
        assert_eq!(told.words(Lang::Ko), "마지막 인수는 s3://BUCKET[/PREFIX/]여야 합니다: s3://로 시작해야 합니다");
    }
}
