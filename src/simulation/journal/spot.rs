//! Where in a line of JSON a value stands, so that an error can mark it.

use std::ops::Range;

/// The bytes of the value that a path of keys leads to, or of the last value on the way that is there; `text` is JSON.
pub(super) fn spot(text: &str, path: &[&str]) -> Range<usize> {
    let mut found = Scanner { bytes: text.as_bytes(), at: 0 }.value_range();
    for key in path {
        match member(text, &found, key) {
            Some(value) => found = value,
            None => break,
        }
    }
    found
}

/// The value of an object's member; of several with that name the last, as it is read.
fn member(text: &str, object: &Range<usize>, key: &str) -> Option<Range<usize>> {
    let mut scanner = Scanner { bytes: &text.as_bytes()[..object.end], at: object.start };
    if scanner.peek() != Some(b'{') {
        return None;
    }
    scanner.at += 1;
    let mut found = None;
    while scanner.skip_to(|byte| byte == b'"' || byte == b'}') == Some(b'"') {
        let name = scanner.value_range();
        scanner.skip_to(|byte| byte == b':');
        scanner.at += 1;
        let value = scanner.value_range();
        if serde_json::from_str::<String>(&text[name]).is_ok_and(|name| name == key) {
            found = Some(value);
        }
    }
    found
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_to(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if wanted(byte) {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Goes past the value that comes next, however deep it is.
    fn value_range(&mut self) -> Range<usize> {
        self.skip_to(|byte| !byte.is_ascii_whitespace());
        let start = self.at;
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' if depth == 0 => break,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ if depth == 0 && byte.is_ascii_whitespace() => break,
                _ => self.at += 1,
            }
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                break;
            }
        }
        start..self.at
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, path: &[&str], expected: &str) {
        serde_json::from_str::<serde_json::Value>(text).expect("it is JSON");
        assert_eq!(&text[spot(text, path)], expected);
    }

    #[test]
    fn a_path_leads_to_the_value_of_its_last_key_or_as_near_as_there_is_one() {
        let line = r#" {"at": 5 , "do" : {"reply": {"user":"z\"o{e", "ticket": "1"}}} "#;
        check(line, &[], line.trim());
        check(line, &["at"], "5");
        check(line, &["do", "reply", "user"], r#""z\"o{e""#);
        check(line, &["do", "reply", "ticket"], r#""1""#);
        check(line, &["do", "reply", "by"], r#"{"user":"z\"o{e", "ticket": "1"}"#);
        check(line, &["do", "close"], r#"{"reply": {"user":"z\"o{e", "ticket": "1"}}"#);
        check(line, &["at", "no"], "5");
        check(r#"{"a":[1,{"b":2}],"b":{"\u0063":true},"b":{"c":[]}}"#, &["b", "c"], "[]");
        check(r#"{"a":[1,{"b":2}],"\u0062":{"c":-1e3}}"#, &["b", "c"], "-1e3");
        check("[1]", &["a"], "[1]");
        check("{}", &["a"], "{}");
        check("\"x\"", &["a"], "\"x\"");
    }
}
