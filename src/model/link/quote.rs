//! Escaping for the languages that links are pasted into. Each function is for one place of one language.

/// Markdown, inside `[…]`: every ASCII punctuation mark may be escaped, so all that mean something are.
pub(super) fn markdown_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            escaped.push(' ');
            continue;
        }
        if c.is_ascii_punctuation() && !matches!(c, '.' | '-' | ',' | '/' | ':' | ';' | '\'' | '"' | '+' | '=' | '%') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Markdown, an address inside `<…>`. Ours hold nothing that would need it; an own domain's path or query might:
/// brackets, and what reads as a character entity.
pub(super) fn markdown_url(url: &str) -> String {
    let mut escaped = String::with_capacity(url.len());
    for (at, c) in url.char_indices() {
        match c {
            '<' => escaped.push_str("%3C"),
            '>' => escaped.push_str("%3E"),
            '\\' => escaped.push_str("%5C"),
            '&' if is_entity(url.get(at + 1..).unwrap_or_default()) => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `name;` or `#123;`, as after the `&` of a character entity.
fn is_entity(after: &str) -> bool {
    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(after.len());
    end > 0 && after.get(end..).is_some_and(|rest| rest.starts_with(';'))
}

/// HTML, text or attribute value.
pub(super) fn html_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// BBCode, text between tags. The language has no escape, so brackets become round ones.
pub(super) fn bbcode_text(text: &str) -> String {
    let plain = |c: char| match c {
        '[' => '(',
        ']' => ')',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}

/// BBCode, an address. Only hosts that are IPv6 addresses hold brackets, which no tag can carry.
pub(super) fn bbcode_url(url: &str) -> String {
    url.replace('[', "%5B").replace(']', "%5D")
}

/// One word of a POSIX shell. Control characters are spelled out in `$'…'` (bash, zsh, ksh, POSIX 2024): a terminal
/// acts on raw ones when they are pasted, inside quotes as well.
pub(super) fn shell_word(text: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | ',');
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            c if c.is_control() => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let octal = [byte >> 6, byte >> 3 & 7, byte & 7].map(|digit| char::from(b'0' + digit));
                    word.push('\\');
                    word.extend(octal);
                }
            }
            c => word.push(c),
        }
    }
    word.push('\'');
    word
}
