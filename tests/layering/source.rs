//! Just enough of Rust's grammar to see which paths a file names: words, `::`, braces, and what is test code.

#![expect(clippy::indexing_slicing, reason = "every index comes from a search in the same slice")]

/// One token that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// An identifier or keyword.
    Word(String),
    /// The content of a string literal, escapes not resolved.
    Text(String),
    /// `::`
    PathSeparator,
    /// Any other single character that is no white space.
    Sign(char),
}

/// A token and its line, counted from 1.
pub(crate) type Placed = (usize, Token);

/// Cuts a source into tokens. Comments are dropped; literals become [`Token::Text`].
pub(crate) fn tokens(source: &str) -> Vec<Placed> {
    let chars: Vec<char> = source.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let (mut found, mut index, mut line) = (Vec::new(), 0, 1);
    while index < chars.len() {
        let start = index;
        match at(index) {
            '/' if at(index + 1) == '/' => index = skip_while(&chars, index, |c| c != '\n'),
            '/' if at(index + 1) == '*' => index = block_comment_end(&chars, index),
            '"' => {
                index = string_end(&chars, index + 1);
                found.push((line, Token::Text(chars[start + 1..index - 1].iter().collect())));
            }
            'r' if is_raw_string(&chars, index) => {
                let hashes = skip_while(&chars, index + 1, |c| c == '#') - index - 1;
                index = raw_string_end(&chars, index, hashes);
                found.push((line, Token::Text(chars[start + hashes + 2..index - hashes - 1].iter().collect())));
            }
            '\'' => index = quote_end(&chars, index),
            ':' if at(index + 1) == ':' => {
                found.push((line, Token::PathSeparator));
                index += 2;
            }
            c if c.is_alphanumeric() || c == '_' => {
                index = skip_while(&chars, index, |c| c.is_alphanumeric() || c == '_');
                found.push((line, Token::Word(chars[start..index].iter().collect())));
            }
            c => {
                if !c.is_whitespace() {
                    found.push((line, Token::Sign(c)));
                }
                index += 1;
            }
        }
        line += chars[start..index.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    found
}

fn skip_while(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    from + chars[from..].iter().take_while(|c| wanted(**c)).count()
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut depth, mut index) = (0, from);
    while index < chars.len() {
        match (chars[index], chars.get(index + 1)) {
            ('/', Some('*')) => (depth, index) = (depth + 1, index + 2),
            ('*', Some('/')) => (depth, index) = (depth - 1, index + 2),
            _ => index += 1,
        }
        if depth == 0 {
            break;
        }
    }
    index
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut index = from;
    while index < chars.len() && chars[index] != '"' {
        index += if chars[index] == '\\' { 2 } else { 1 };
    }
    index + 1
}

fn is_raw_string(chars: &[char], at: usize) -> bool {
    let after = skip_while(chars, at + 1, |c| c == '#');
    chars.get(after) == Some(&'"') && (after == at + 1 || chars.get(at + 1) == Some(&'#'))
}

fn raw_string_end(chars: &[char], at: usize, hashes: usize) -> usize {
    let mut index = at + hashes + 2;
    while index < chars.len() {
        let closes =
            chars[index] == '"' && chars[index + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        index += 1;
        if closes {
            return index + hashes;
        }
    }
    index
}

/// A character literal, or the `'` of a lifetime.
fn quote_end(chars: &[char], at: usize) -> usize {
    if chars.get(at + 1) == Some(&'\\') {
        return skip_while(chars, at + 3, |c| c != '\'') + 1;
    }
    if chars.get(at + 2) == Some(&'\'') { at + 3 } else { at + 1 }
}

/// The tokens without modules and functions under `#[cfg(test)]` or `#[test]`.
pub(crate) fn without_tests(tokens: &[Placed]) -> Vec<Placed> {
    let word = |index: usize, wanted: &str| matches!(tokens.get(index), Some((_, Token::Word(w))) if w == wanted);
    let sign = |index: usize, wanted: char| matches!(tokens.get(index), Some((_, Token::Sign(c))) if *c == wanted);
    let (mut kept, mut index) = (Vec::new(), 0);
    while index < tokens.len() {
        let is_cfg_test = sign(index, '#') && sign(index + 1, '[') && word(index + 2, "cfg") && word(index + 4, "test");
        if !is_cfg_test {
            kept.push(tokens[index].clone());
            index += 1;
            continue;
        }
        let mut depth = 0;
        while index < tokens.len() {
            match tokens[index].1 {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => depth -= 1,
                _ => {}
            }
            let ends = depth == 0 && (sign(index, '}') || sign(index, ';'));
            index += 1;
            if ends {
                break;
            }
        }
    }
    kept
}

/// Every path the tokens name, groups of `use` spelled out: `a::{b, c::d}` gives `a::b` and `a::c::d`.
pub(crate) fn paths(tokens: &[Placed]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        if matches!(tokens[index].1, Token::Word(_)) {
            index = path(tokens, index, &[], &mut found);
        } else {
            index += 1;
        }
    }
    found
}

/// Reads one path from `from` on; returns where it ends.
fn path(tokens: &[Placed], from: usize, before: &[String], found: &mut Vec<(usize, Vec<String>)>) -> usize {
    let (mut whole, mut index) = (before.to_vec(), from);
    let line = tokens[from].0;
    loop {
        match tokens.get(index) {
            Some((_, Token::Word(word))) => whole.push(word.clone()),
            Some((_, Token::Sign('{'))) if index > from => return group(tokens, index + 1, &whole, found),
            _ => break,
        }
        index += 1;
        if !matches!(tokens.get(index), Some((_, Token::PathSeparator))) {
            break;
        }
        index += 1;
    }
    found.push((line, whole));
    index.max(from + 1)
}

/// Reads the inside of a `{…}` of a path.
fn group(tokens: &[Placed], from: usize, before: &[String], found: &mut Vec<(usize, Vec<String>)>) -> usize {
    let mut index = from;
    while let Some((_, token)) = tokens.get(index) {
        match token {
            Token::Sign('}') => return index + 1,
            Token::Word(_) => index = path(tokens, index, before, found),
            _ => index += 1,
        }
    }
    index
}

#[test]
fn comments_and_literals_are_no_paths() {
    let text = "// use egui::Ui;\n/* a /* b */ egui:: */ let x = \"egui::Ui\"; let c = '\"'; let l: &'a str = r#\"a\"b\"#; x::y()";
    let found = paths(&tokens(text));
    assert!(found.iter().all(|(_, path)| path.first().is_some_and(|first| first != "egui")), "{found:?}");
    assert!(found.contains(&(2, vec!["x".into(), "y".into()])), "{found:?}");
}

#[test]
fn groups_are_spelled_out() {
    let found = paths(&tokens("use crate::{model::{A, B as C}, ui::D};"));
    let shown: Vec<String> = found.iter().map(|(_, path)| path.join("::")).collect();
    assert!(shown.contains(&"crate::model::B".to_owned()) && shown.contains(&"crate::ui::D".to_owned()), "{shown:?}");
}

#[test]
fn test_modules_are_left_out() {
    let text = "fn a() { b::c() }\n#[cfg(test)]\nmod tests { fn x() { std::fs::read() } }\nfn z() { y::q() }";
    let found = paths(&without_tests(&tokens(text)));
    assert!(!found.iter().any(|(_, path)| path.contains(&"fs".to_owned())), "{found:?}");
    assert!(found.contains(&(4, vec!["y".into(), "q".into()])), "{found:?}");
}
