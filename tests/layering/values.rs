//! Which values the layers below the front ends give what they tell.

use std::collections::BTreeMap;

use crate::source::{Placed, Token, tokens, without_tests};

/// The first argument of each `.with(…, …)` that is a text, or a constant that stands for one, and where it is.
pub(crate) fn given(sources: &[(String, String)]) -> BTreeMap<String, String> {
    let sources: Vec<_> = sources.iter().map(|(path, text)| (path, without_tests(&tokens(text)))).collect();
    let constants: BTreeMap<&str, &str> = sources.iter().flat_map(|(_, tokens)| constants(tokens)).collect();
    let mut found = BTreeMap::new();
    for (path, tokens) in &sources {
        for call in tokens.windows(5) {
            let [
                (_, Token::Sign('.')),
                (_, Token::Word(with)),
                (_, Token::Sign('(')),
                (line, name),
                (_, Token::Sign(',')),
            ] = call
            else {
                continue;
            };
            let name = match name {
                Token::Text(name) => Some(name.as_str()),
                Token::Word(name) => constants.get(name.as_str()).copied(),
                _ => None,
            };
            if let Some(name) = name.filter(|_| with == "with") {
                found.insert(name.to_owned(), format!("{path}:{line}"));
            }
        }
    }
    found
}

/// `const NAME: &str = "…";` as name and text.
fn constants(tokens: &[Placed]) -> impl Iterator<Item = (&str, &str)> {
    tokens.windows(7).filter_map(|window| match window {
        [
            (_, Token::Word(first)),
            (_, Token::Word(name)),
            (_, Token::Sign(':')),
            (_, Token::Sign('&')),
            (_, Token::Word(kind)),
            (_, Token::Sign('=')),
            (_, Token::Text(text)),
        ] if first == "const" && kind == "str" => Some((name.as_str(), text.as_str())),
        _ => None,
    })
}

#[test]
fn texts_and_constants_are_found() {
    let text = r#"
        const A: &str = "a-name";
        fn f() { x.with("b", 1).with(A, 2).with(name, 3); y.with(|z| 1); z.with("c"); }
        #[cfg(test)]
        mod tests { fn g() { x.with("d", 1); } }
    "#;
    let found = given(&[("p.rs".to_owned(), text.to_owned())]);
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["a-name", "b"]);
}
