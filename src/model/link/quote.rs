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

/// Where a command line is pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    /// sh and its kin.
    Posix,
    /// What Windows opens for a command line.
    PowerShell,
}

impl Shell {
    /// The one that this system has.
    pub(super) const HERE: Self = if cfg!(windows) { Self::PowerShell } else { Self::Posix };

    /// One word.
    pub(super) fn word(self, text: &str) -> String {
        match self {
            Self::Posix => posix_word(text),
            Self::PowerShell => powershell_word(text),
        }
    }
}

/// PowerShell takes typographic quotes for plain ones, doubles a quote inside single quotes, and knows expressions
/// inside double ones
/// (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>).
fn powershell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '+');
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let has_control = text.chars().any(is_spelled_out);
    let mut word = String::from(if has_control { '"' } else { '\'' });
    for c in text.chars() {
        match c {
            '\'' | '\u{2018}'..='\u{201b}' if !has_control => word.extend([c, c]),
            '`' | '$' | '"' | '\u{201c}'..='\u{201e}' if has_control => word.extend(['`', c]),
            c if is_spelled_out(c) => {
                word.push_str("$([char]");
                word.push_str(&u32::from(c).to_string());
                word.push(')');
            }
            c => word.push(c),
        }
    }
    word.push(if has_control { '"' } else { '\'' });
    word
}

/// What a terminal acts on, or shows in another order than it stands.
fn is_spelled_out(c: char) -> bool {
    c.is_control() || turns_writing(c)
}

/// Marks that change the order in which what follows is shown, and what some programs take for a line's end.
pub(super) fn turns_writing(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One word of a POSIX shell. Control characters and marks that turn the writing are spelled out in `$'…'` (bash, zsh, ksh, POSIX 2024): a terminal
/// acts on raw ones when they are pasted, inside quotes as well.
fn posix_word(text: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | ',');
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if !text.chars().any(is_spelled_out) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            c if is_spelled_out(c) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_has_quotes_of_its_own() {
        for (text, posix, powershell) in [
            ("a\u{202e}gpj", r"$'a\342\200\256gpj'", "\"a$([char]8238)gpj\""),
            ("us-east-1", "us-east-1", "us-east-1"),
            ("s3://b/a b", "'s3://b/a b'", "'s3://b/a b'"),
            ("s3://b/it's", r"'s3://b/it'\''s'", "'s3://b/it''s'"),
            ("s3://b/it\u{2019}s", "'s3://b/it\u{2019}s'", "'s3://b/it\u{2019}\u{2019}s'"),
            ("s3://b/$(x)`y`", "'s3://b/$(x)`y`'", "'s3://b/$(x)`y`'"),
            ("s3://b/a,@b", "s3://b/a,@b", "'s3://b/a,@b'"),
            ("\u{3}rm -rf $(x)\n", r"$'\003rm -rf $(x)\012'", "\"$([char]3)rm -rf `$(x)$([char]10)\""),
        ] {
            assert_eq!((Shell::Posix.word(text), Shell::PowerShell.word(text)), (posix.into(), powershell.into()));
        }
    }
}
