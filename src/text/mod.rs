//! Text of others, such as names in a scenario, as it may be printed.
//!
//! A control character in a name could move a terminal's cursor, recolour what follows, make an SVG that is no XML, or turn a line
//! around. So every control character is written out wherever such a text is printed: [`visible`] on one line, [`visible_lines`] where
//! line breaks stay, [`visible_json`] in JSON, and [`visible_in_place`] where no offset may move.

use std::borrow::Cow;

/// Whether a character has no shape of its own, and may change how others are shown or read.
///
/// These are the control characters (C0, DEL, C1), the separators of lines and paragraphs, what embeds, overrides or isolates a
/// direction of writing, and what XML does not allow.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// A text on one line, with hidden characters written out: `\n`, `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    written_out(text, is_hidden)
}

/// A text whose line breaks and tabs stay, with all other hidden characters written out.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    written_out(text, |letter| is_hidden(letter) && !matches!(letter, '\n' | '\t'))
}

fn written_out(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if is_plain(text.as_bytes()) || !text.chars().any(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match hidden(letter) {
            true => out.extend(letter.escape_default()),
            false => out.push(letter),
        }
    }
    Cow::Owned(out)
}

/// JSON with the hidden characters of its strings written as `\u001b`: it means the same.
pub fn visible_json(json: String) -> String {
    // Line breaks and tabs stand between the values only: within strings they are escaped already.
    let hidden = |letter: char| is_hidden(letter) && !matches!(letter, '\n' | '\t');
    if !json.chars().any(hidden) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        match hidden(letter) {
            // None of them is beyond the first plane.
            true => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            false => out.push(letter),
        }
    }
    out
}

/// A text with something visible in the place of hidden characters, as many bytes long as before; line breaks and tabs stay.
pub fn visible_in_place(text: &str) -> Cow<'_, str> {
    let hidden = |letter: char| is_hidden(letter) && !matches!(letter, '\n' | '\t' | '\r');
    if is_plain(text.as_bytes()) || !text.chars().any(hidden) {
        return Cow::Borrowed(text);
    }
    let shown = |letter: char| match letter.len_utf8() {
        _ if !hidden(letter) => letter,
        1 => '?',
        2 => '·',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// A text cut to so many characters, its end marked.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(most - 1).chain(['…']).collect()),
    }
}

/// Most texts are, and this is quickly known.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that is hidden, in a name.
    const NASTY: &str = "a\u{1b}[2J\u{7}\n\r\t\0\u{7f}\u{85}\u{9b}\u{2028}\u{202e}\u{2066}\u{ffff}z";

    #[test]
    fn what_is_hidden_is_written_out_and_nothing_else() {
        assert_eq!(
            visible(NASTY),
            "a\\u{1b}[2J\\u{7}\\n\\r\\t\\u{0}\\u{7f}\\u{85}\\u{9b}\\u{2028}\\u{202e}\\u{2066}\\u{ffff}z"
        );
        assert_eq!(visible_lines("a\n\tb\u{1b}"), "a\n\tb\\u{1b}");
        for text in ["", "Web shop", "Zürich – 客服 👩‍💻 ± ×", "שלום", "\u{a0}"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
            assert!(matches!(visible_in_place(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ NASTY: [NASTY, 1] });
        for text in [value.to_string(), format!("{value:#}")] {
            let shown = visible_json(text);
            assert!(!shown.chars().any(|letter| is_hidden(letter) && letter != '\n'), "{shown}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
    }

    #[test]
    fn in_place_no_offset_moves() {
        let shown = visible_in_place(NASTY);
        assert_eq!(shown.len(), NASTY.len());
        assert!(shown.ends_with('z') && !shown.contains('\u{1b}') && shown.contains('\n'));
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened("客服客服", 3), "客服…");
        assert_eq!(shortened("客服", 3), "客服");
    }
}
