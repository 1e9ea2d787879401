//! The table of rooms at the head of `src/lib.rs` and the code say the same, both ways.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_map_and_the_code_agree() {
    let map = map_of(&fs::read_to_string("src/lib.rs").unwrap());
    let code = imports_of(Path::new("src"));
    let mut differences = Vec::new();
    for room in map.keys().filter(|room| !code.contains_key(*room)) {
        differences.push(format!("the map shows a room `{room}` that does not exist"));
    }
    for (room, imports) in &code {
        let Some(allowed) = map.get(room) else {
            differences.push(format!("the room `{room}` is not on the map"));
            continue;
        };
        for import in imports.difference(allowed) {
            differences.push(format!("`{room}` uses `{import}`, which the map does not allow"));
        }
        for import in allowed.difference(imports) {
            differences.push(format!("`{room}` may use `{import}` and does not; take it off the map"));
        }
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

#[test]
fn rooms_come_after_what_they_import() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let mut above = BTreeSet::new();
    for (room, imports) in rows_of(&lib) {
        for import in &imports {
            assert!(above.contains(import), "`{room}` imports `{import}`, which stands below it: the map has a circle");
        }
        above.insert(room);
    }
}

#[test]
fn the_readers_of_map_and_code_see_what_is_there() {
    let lib = "//! | room | what | imports |\n//! |---|---|---|\n//! | `a` | x | |\n//! | `b` | x | `a`, `c` |\n";
    assert_eq!(rows_of(lib), [("a".to_owned(), set(&[])), ("b".to_owned(), set(&["a", "c"]))]);
    let code = "//! See [`crate::docs`].\nuse crate::one::{self, X};\nuse crate::{two::Y, three};\nfn f() { crate::four::g() } // crate::five\n\
                #[cfg(test)]\nmod tests { use crate::six; }\n";
    assert_eq!(rooms_in(code), set(&["one", "two", "three", "four"]));
    assert_eq!(rooms_in("use crate::{\n    one::{A, B},\n    two,\n};\n"), set(&["one", "two"]));
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn map_of(lib: &str) -> Imports {
    rows_of(lib).into_iter().collect()
}

/// Rooms with their imports, in the order of the table.
fn rows_of(lib: &str) -> Vec<(String, BTreeSet<String>)> {
    let rows = lib.lines().filter_map(|line| line.strip_prefix("//! | `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let room = cells[0].trim().trim_end_matches('`').to_owned();
        let imports = cells[2].split(',').map(|name| name.trim().trim_matches('`').to_owned());
        (room, imports.filter(|name| !name.is_empty()).collect())
    })
    .collect()
}

fn imports_of(src: &Path) -> Imports {
    let mut rooms = Imports::new();
    for entry in fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if room == "lib" || room == "main" {
            continue;
        }
        let mut imports = BTreeSet::new();
        for file in files_of(&path) {
            imports.extend(rooms_in(&fs::read_to_string(file).unwrap()));
        }
        imports.remove(&room);
        rooms.entry(room).or_default().extend(imports);
    }
    rooms
}

/// The Rust files of a room, without those that hold nothing but tests.
fn files_of(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        let name = path.file_name().unwrap().to_str().unwrap();
        return if name.ends_with(".rs") && name != "tests.rs" { vec![path.to_owned()] } else { Vec::new() };
    }
    fs::read_dir(path).unwrap().flat_map(|entry| files_of(&entry.unwrap().path())).collect()
}

/// The rooms that a file's code names, comments and tests aside.
fn rooms_in(code: &str) -> BTreeSet<String> {
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let code: String = code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => rooms.extend(first_name(after)),
            Some(group) => {
                let mut depth = 1;
                let mut start = true;
                for (at, char) in group.char_indices() {
                    match char {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => start = true,
                        _ if start && char.is_alphabetic() => {
                            rooms.extend(first_name(&group[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    rooms
}

/// The name that a path begins with; types and macros of the crate's root are no rooms.
fn first_name(path: &str) -> Option<String> {
    let name: String = path.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
    name.starts_with(|char: char| char.is_lowercase()).then_some(name)
}
