//! The patterns of policies: `*`, `?`, and the policy variables by which the two can be meant literally.

use super::VERSION_WITH_VARIABLES;

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// `?`
    One,
    /// `*`, or a variable whose value nobody knows here.
    Any,
}

/// Whether `${…}` means something: in policies of version 2012-10-17 only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Variables {
    /// It does.
    Known,
    /// It stands for itself.
    Literal,
}

impl Variables {
    /// In a policy of this version; a missing one is the old one.
    pub(in crate::model) fn of_version(version: Option<&str>) -> Self {
        if version == Some(VERSION_WITH_VARIABLES) { Self::Known } else { Self::Literal }
    }
}

/// A pattern of resources or actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::model) struct Pattern {
    pieces: Vec<Piece>,
    /// It has a variable that stands for something else than a character.
    is_vague: bool,
}

impl Pattern {
    pub(in crate::model) fn new(text: &str, variables: Variables) -> Self {
        let (mut pieces, mut is_vague, mut rest) = (Vec::new(), false, text.chars());
        while let Some(c) = rest.next() {
            let inside = rest.as_str().strip_prefix('{').and_then(|after| after.split_once('}'));
            match (c, inside) {
                ('$', Some((name, after))) if variables == Variables::Known => {
                    pieces.push(match name {
                        "*" => Piece::Char('*'),
                        "?" => Piece::Char('?'),
                        "$" => Piece::Char('$'),
                        _ => {
                            is_vague = true;
                            Piece::Any
                        }
                    });
                    rest = after.chars();
                }
                ('*', _) => pieces.push(Piece::Any),
                ('?', _) => pieces.push(Piece::One),
                _ => pieces.push(Piece::Char(c)),
            }
        }
        Self { pieces, is_vague }
    }

    /// Whether it holds a variable whose value nobody knows here.
    pub(in crate::model) fn is_vague(&self) -> bool {
        self.is_vague
    }

    /// Whether every text that begins like this matches, for sure.
    pub(super) fn covers_all_below(&self, start: &str) -> bool {
        !self.is_vague && self.pieces.last() == Some(&Piece::Any) && self.matches(start)
    }

    /// Whether some text that begins like this may match.
    pub(super) fn meets_some_below(&self, start: &str) -> bool {
        !self.reached(start).is_empty()
    }

    /// Whether a text matches; for vague patterns, whether it may.
    pub(in crate::model) fn matches(&self, text: &str) -> bool {
        self.reached(text).contains(&self.pieces.len())
    }

    /// Where in the pattern one may be after a text.
    fn reached(&self, text: &str) -> Vec<usize> {
        let mut places = self.with_skips(vec![0]);
        for c in text.chars() {
            let mut next = Vec::new();
            for place in places {
                match self.pieces.get(place) {
                    Some(Piece::Any) => next.push(place),
                    Some(Piece::One) => next.push(place + 1),
                    Some(Piece::Char(wanted)) if *wanted == c => next.push(place + 1),
                    _ => {}
                }
            }
            places = self.with_skips(next);
        }
        places
    }

    /// A `*` may also stand for nothing.
    fn with_skips(&self, mut places: Vec<usize>) -> Vec<usize> {
        let mut at = 0;
        while let Some(place) = places.get(at).copied() {
            if self.pieces.get(place) == Some(&Piece::Any) && !places.contains(&(place + 1)) {
                places.push(place + 1);
            }
            at += 1;
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// A text that is to be meant literally, as it stands in a pattern; `None` where that cannot be written.
pub(super) fn literal(text: &str, variables: Variables) -> Option<String> {
    if variables == Variables::Literal {
        return (!text.contains(['*', '?'])).then(|| text.to_owned());
    }
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => written.extend(['$', '{', c, '}']),
            _ => written.push(c),
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Pattern {
        Pattern::new(text, Variables::Known)
    }

    #[test]
    fn patterns_match_as_amazon_says() {
        for (pattern, text, does) in [
            ("*", "", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a${*}c", "a*c", true),
            ("a${*}c", "abc", false),
            ("${$}{x}", "${x}", true),
            ("a$b", "a$b", true),
            ("한*", "한글", true),
        ] {
            assert_eq!(known(pattern).matches(text), does, "{pattern} {text}");
        }
        assert!(Pattern::new("a${*}c", Variables::Literal).matches("a${bb}c"));
    }

    #[test]
    fn what_is_written_literally_is_meant_literally() {
        let text = "a*b?c$d${e}/";
        let written = literal(text, Variables::Known).unwrap();
        assert_eq!(written, "a${*}b${?}c${$}d${$}{e}/");
        assert!(known(&written).matches(text) && !known(&written).matches("aXb?c$d${e}/"));
        assert_eq!(literal("a*", Variables::Literal), None);
        assert_eq!(literal("a$b${c}", Variables::Literal).as_deref(), Some("a$b${c}"));
    }

    #[test]
    fn covering_and_meeting_are_told_apart() {
        for (pattern, covers, meets) in [
            ("*", true, true),
            ("b/p*", true, true),
            ("b/p/*", true, true),
            ("b/p/q/*", false, true),
            ("b/p/?*", false, true),
            ("b/*/*", true, true),
            ("b/*.png", false, true),
            ("b/x*", false, false),
            ("b/${aws:username}*", false, true),
            ("b/p/", false, true),
        ] {
            let pattern_ = known(pattern);
            assert_eq!(
                (pattern_.covers_all_below("b/p/"), pattern_.meets_some_below("b/p/")),
                (covers, meets),
                "{pattern}"
            );
        }
    }
}
