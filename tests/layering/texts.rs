//! Which texts exist, and which the sources ask for.

use crate::source::{Token, tokens};
use std::collections::BTreeSet;

/// Functions whose first literal argument is a text id.
const LOOK_UPS: &[&str] = &["t", "text", "text_with", "text_count", "t_with", "t_count", "message", "problem"];
/// The same as methods.
const METHODS: &[&str] = &["words", "words_count"];

/// Ids of the messages in these Fluent files.
pub(crate) fn ids(files: &[(String, String)]) -> BTreeSet<String> {
    files.iter().flat_map(|(_, text)| text.lines().filter_map(id)).collect()
}

/// The id of a line such as `button-save = Save`.
fn id(line: &str) -> Option<String> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end();
    let is_id = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    is_id.then(|| name.to_owned())
}

/// Ids that stand as a literal in a call of a look-up function, with their line.
pub(crate) fn asked_for(source: &str) -> Vec<(usize, String)> {
    let tokens = crate::source::without_tests(&tokens(source));
    let mut found = Vec::new();
    for (index, (_, token)) in tokens.iter().enumerate() {
        let is_call = matches!(tokens.get(index + 1), Some((_, Token::Sign('('))));
        // `fn text(…)` is a definition; `.text(…)` is a method of something else.
        let before = index.checked_sub(1).and_then(|before| tokens.get(before)).map(|(_, token)| token);
        let names = if before == Some(&Token::Sign('.')) { METHODS } else { LOOK_UPS };
        let is_look_up = matches!(token, Token::Word(word) if names.contains(&word.as_str()));
        if !is_call || !is_look_up || before == Some(&Token::Word("fn".into())) {
            continue;
        }
        // The id is the first argument, or the one after the language or the ui.
        let mut depth = 0;
        for (line, token) in tokens.iter().skip(index + 1) {
            match token {
                Token::Sign('(') => depth += 1,
                Token::Sign(')') => depth -= 1,
                Token::Text(id) if depth == 1 => {
                    found.push((*line, id.clone()));
                    break;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

/// Literals that read as sentences: two words or more that follow each other. Attributes and logs speak to nobody, and
/// neither do tests; comments of clap become its help, which is in English.
pub(crate) fn sentences(source: &str) -> Vec<(usize, String)> {
    let tokens = crate::source::without_tests(&tokens(source));
    let (mut found, mut index) = (Vec::new(), 0);
    while let Some((line, token)) = tokens.get(index) {
        let next = |ahead: usize| tokens.get(index + ahead).map(|(_, token)| token);
        let is_attribute = *token == Token::Sign('#') && matches!(next(1), Some(Token::Sign('[' | '!')));
        let is_log = *token == Token::Word("tracing".into()) && next(1) == Some(&Token::PathSeparator);
        if is_attribute || is_log {
            index = group_end(&tokens, index);
            continue;
        }
        if let Token::Text(text) = token
            && reads_as_sentence(text)
        {
            found.push((*line, text.clone()));
        }
        index += 1;
    }
    found
}

/// Behind the bracket that closes the first one from here on.
fn group_end(tokens: &[crate::source::Placed], from: usize) -> usize {
    let mut depth = 0;
    for (index, (_, token)) in tokens.iter().enumerate().skip(from) {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            Token::Sign(';') if depth == 0 => return index + 1,
            _ => continue,
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

fn reads_as_sentence(text: &str) -> bool {
    let is_word = |part: &str| {
        let part = part.trim_end_matches(['.', ',', ':', ';', '!', '?']);
        part.chars().count() >= 2 && part.chars().all(char::is_alphabetic)
    };
    let parts: Vec<&str> = text.split([' ', '\\']).collect();
    parts.iter().zip(parts.iter().skip(1)).any(|(one, other)| is_word(one) && is_word(other))
}

#[test]
fn sentences_are_found() {
    let source = "#[arg(value_name = \"not this one\")]\nfn x() { tracing::warn!(a, \"nor this one\");\n say(\"This one.\"); \
                  say(\"{bucket}: {x} of {y}\"); say(\"cli-id\"); say(&format!(\"{n} waiting: it is tried again\")) }\n\
                  #[cfg(test)]\nmod tests { fn y() { say(\"nor that one\") } }";
    let found: Vec<_> = sentences(source).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, ["This one.", "{n} waiting: it is tried again"]);
}

#[test]
fn ids_are_found() {
    let file = ("x.ftl".to_owned(), "# a = b\nbutton-save = Save\n    .tip = x\n  more = text\n".to_owned());
    assert_eq!(ids(&[file]).into_iter().collect::<Vec<_>>(), ["button-save"]);
    assert_eq!(
        asked_for(
            "fn x() { t(ui, \"a-b\"); text_with(lang(x), \"c-d\", &[(\"n\", \"m\")]); y.text(\"no\"); z.words(\"e-f\") }"
        ),
        [(1, "a-b".to_owned()), (1, "c-d".to_owned()), (1, "e-f".to_owned())]
    );
}
