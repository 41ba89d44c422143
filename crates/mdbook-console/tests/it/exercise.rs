//! The command `exercise`, with a program that only repeats what it is asked
//! for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::live::can_run;

/// Says what it was started with, and where it is.
const TUTOR: &str = "#!/bin/sh\n\
    echo $(id -u) on $(hostname): $#: \"$@\"\n\
    [ \"$2\" != 5 ] || exit 5\n";

/// A folder with a book in it, and a program among its demos.
fn book(keys: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file");
    };
    write(
        "book.toml",
        &format!(
            "[book]\n[preprocessor.console]\nafter = [\"links\"]\n{keys}\n"
        ),
    );
    fs::create_dir(folder.path().join("programs")).expect("a folder");
    write("programs/tutor", TUTOR);
    let everybody = |mode| fs::Permissions::from_mode(mode);
    for name in ["", "programs", "programs/tutor"] {
        fs::set_permissions(folder.path().join(name), everybody(0o755))
            .expect("our own file");
    }
    folder
}

fn exercise(book: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mdbook-console"))
        .arg("exercise")
        .args(arguments)
        .current_dir(book)
        .output()
        .expect("it is built")
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

const KEYS: &str = "demos = { folder = \"programs\" }\nexercises = \"tutor\"";

#[test]
fn the_program_is_told_what_to_do_as_root_of_a_world() {
    if !can_run() {
        return;
    }
    let book = book(KEYS);
    let told = |arguments: &[&str]| said(&exercise(book.path(), arguments));
    assert_eq!(told(&[]), "0 on host: 1: list\n");
    assert_eq!(told(&["a b"]), "0 on host: 2: open a b\n");
    assert_eq!(told(&["3", "--solution"]), "0 on host: 2: solution 3\n");
    assert_eq!(told(&["3", "--prove"]), "0 on host: 2: prove 3\n");
}

#[test]
fn the_exit_status_is_the_programs() {
    if !can_run() {
        return;
    }
    let book = book(KEYS);
    assert_eq!(exercise(book.path(), &["4"]).status.code(), Some(0));
    assert_eq!(exercise(book.path(), &["5"]).status.code(), Some(5));
}

#[test]
fn a_book_without_exercises_says_how_it_would_have_some() {
    let book = book("demos = { folder = \"programs\" }");
    let output = exercise(book.path(), &[]);
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains("this book has no exercises"), "{said}");
    assert!(said.contains("`exercises` in [preprocessor.console]"), "{said}");
}

#[test]
fn a_program_that_is_not_there_is_named_with_the_one_meant() {
    let keys = KEYS.replace("\"tutor\"", "\"tutors\"");
    let book = book(&keys);
    let output = exercise(book.path(), &["1"]);
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains("there is no program `tutors`"), "{said}");
    assert!(said.contains("did you mean `tutor`?"), "{said}");
}

#[test]
fn solution_and_prove_want_a_name_and_not_each_other() {
    let book = book(KEYS);
    for arguments in [
        ["--solution"].as_slice(),
        &["--prove"],
        &["3", "--prove", "--solution"],
    ] {
        let output = exercise(book.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
