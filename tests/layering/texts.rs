//! Which texts exist, and which the sources ask for.

use crate::source::{Token, tokens};
use std::collections::BTreeSet;

/// Functions whose first literal argument is a text id.
const LOOK_UPS: &[&str] = &["t", "text", "text_with", "text_count", "t_with", "t_count", "message"];

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
        let is_call = matches!(token, Token::Word(word) if LOOK_UPS.contains(&word.as_str()))
            && matches!(tokens.get(index + 1), Some((_, Token::Sign('('))));
        // `fn text(…)` is a definition; `.text(…)` is a method of something else.
        let before = index.checked_sub(1).and_then(|before| tokens.get(before)).map(|(_, token)| token);
        if !is_call || before == Some(&Token::Word("fn".into())) || before == Some(&Token::Sign('.')) {
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

#[test]
fn ids_are_found() {
    let file = ("x.ftl".to_owned(), "# a = b\nbutton-save = Save\n    .tip = x\n  more = text\n".to_owned());
    assert_eq!(ids(&[file]).into_iter().collect::<Vec<_>>(), ["button-save"]);
    assert_eq!(
        asked_for("fn x() { t(ui, \"a-b\"); text_with(lang(x), \"c-d\", &[(\"n\", \"m\")]); y.text(\"no\") }"),
        [(1, "a-b".to_owned()), (1, "c-d".to_owned())]
    );
}
