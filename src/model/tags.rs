//! What object tags may be, by Amazon's rule.

/// What is wrong with the tags of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagProblem<'a> {
    /// More than [`MAX_TAGS`].
    TooMany,
    /// This name is empty or too long.
    NameLength(&'a str),
    /// The value of this name is too long.
    ValueLength(&'a str),
    /// The tag of this name holds a character that no tag may have.
    Character {
        /// The name.
        name: &'a str,
        /// What it or its value may not have.
        character: char,
    },
    /// This name begins with `aws:`, which Amazon keeps to itself.
    Reserved(&'a str),
    /// Two tags have this name.
    Twice(&'a str),
}

/// Tags that an object may have.
pub const MAX_TAGS: usize = 10;

const LONGEST_NAME: usize = 128;
const LONGEST_VALUE: usize = 256;

/// The first thing that is wrong with these tags (name and value); `None` if nothing is.
pub fn tag_problem(tags: &[(String, String)]) -> Option<TagProblem<'_>> {
    if tags.len() > MAX_TAGS {
        return Some(TagProblem::TooMany);
    }
    let twice = |at: usize, name: &str| tags.iter().skip(at + 1).any(|(other, _)| other == name);
    tags.iter().enumerate().find_map(|(at, (name, value))| {
        one_problem(name, value).or_else(|| twice(at, name).then_some(TagProblem::Twice(name)))
    })
}

fn one_problem<'a>(name: &'a str, value: &str) -> Option<TagProblem<'a>> {
    // Amazon counts what its own UTF-16 takes.
    let length = |text: &str| text.encode_utf16().count();
    if !(1..=LONGEST_NAME).contains(&length(name)) {
        return Some(TagProblem::NameLength(name));
    }
    if length(value) > LONGEST_VALUE {
        return Some(TagProblem::ValueLength(name));
    }
    if let Some(character) = name.chars().chain(value.chars()).find(|character| !is_allowed(*character)) {
        return Some(TagProblem::Character { name, character });
    }
    let is_reserved = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    is_reserved.then_some(TagProblem::Reserved(name))
}

/// Letters and digits of any script, spaces that are no control characters, and a few signs.
fn is_allowed(character: char) -> bool {
    let is_space = character.is_whitespace() && !character.is_control();
    character.is_alphanumeric() || is_space || "+-=._:/@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn letters_digits_spaces_and_eight_signs() {
        let fine = tags(&[
            ("team", "blue"),
            ("한 글", "사진\u{3000}2"),
            ("a+b-c=d._:/@", ""),
            ("Été", "٣"),
            ("my aws:x", "y"),
        ]);
        assert_eq!(tag_problem(&fine), None);
        for wrong in ["a&b", "a,b", "a\tb", "a\nb", "(a)", "50%", "a*", "☂", "#1"] {
            let character = wrong.chars().find(|c| !c.is_ascii_alphanumeric()).unwrap();
            let (as_name, as_value) = (tags(&[(wrong, "")]), tags(&[("name", wrong)]));
            assert_eq!(tag_problem(&as_name), Some(TagProblem::Character { name: wrong, character }));
            assert_eq!(tag_problem(&as_value), Some(TagProblem::Character { name: "name", character }));
        }
    }

    #[test]
    fn lengths_numbers_and_amazons_own_names() {
        let (longest, value) = ("한".repeat(128), "x".repeat(256));
        assert_eq!(tag_problem(&tags(&[(&longest, &value)])), None);
        assert!(matches!(tag_problem(&tags(&[("", "x")])), Some(TagProblem::NameLength(""))));
        assert!(matches!(tag_problem(&tags(&[(&format!("{longest}x"), "")])), Some(TagProblem::NameLength(_))));
        assert!(matches!(tag_problem(&tags(&[("n", &format!("{value}x"))])), Some(TagProblem::ValueLength("n"))));
        for name in ["aws:x", "AWS:", "aWs:cloudformation:stack"] {
            assert_eq!(tag_problem(&tags(&[(name, "")])), Some(TagProblem::Reserved(name)));
        }
        assert_eq!(tag_problem(&tags(&[("n", "1"), ("m", ""), ("n", "2")])), Some(TagProblem::Twice("n")));
        let many: Vec<_> = (0..11).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!((tag_problem(&many[..10]), tag_problem(&many)), (None, Some(TagProblem::TooMany)));
    }
}
