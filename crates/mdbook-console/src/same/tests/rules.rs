//! The rules, by example.

use std::fmt::Write as _;

use super::super::{Part, compare};
use super::{differ, same, session};

#[test]
fn a_number_may_change_throughout() {
    same(
        "uts:[4026532184]\nuts:[4026532184]\nuts:[4026532185]",
        "uts:[4026532190]\nuts:[4026532190]\nuts:[4026532184]",
    );
}

#[test]
fn a_namespace_that_is_no_longer_shared_shows() {
    let told = differ(
        "uts:[4026532184]\n----\nuts:[4026532184]",
        "uts:[4026532190]\n----\nuts:[4026532191]",
    );
    assert_eq!(told, "-uts:[4026532184]\n+uts:[4026532191]\n");
}

#[test]
fn a_namespace_that_is_shared_now_shows() {
    let told = differ(
        "uts:[4026532184]\n----\nuts:[4026532185]",
        "uts:[4026532190]\n----\nuts:[4026532190]",
    );
    assert_eq!(told, "-uts:[4026532185]\n+uts:[4026532184]\n");
}

#[test]
fn what_is_new_never_looks_like_what_was() {
    // By chance, the number of the new one is that of the old one.
    let told = differ(
        "uts:[4026532184]\n----\nuts:[4026532184]",
        "uts:[4026532185]\n----\nuts:[4026532184]",
    );
    assert_eq!(told, "-uts:[4026532184]\n+uts:[4026532186]\n");
}

#[test]
fn the_majority_says_who_is_who() {
    let told = differ(
        "a uts:[4026532184]\nb uts:[4026532184]\nc uts:[4026532184]",
        "a uts:[4026532190]\nb uts:[4026532191]\nc uts:[4026532191]",
    );
    assert_eq!(told, "-a uts:[4026532184]\n+a uts:[4026532190]\n");
}

#[test]
fn kinds_are_renamed_apart() {
    same(
        "36 35 0:36 / /mnt rw shared:36 - tmpfs none rw",
        "7 9 0:8 / /mnt rw shared:5 - tmpfs none rw",
    );
    differ(
        "36 35 0:36 / /mnt rw shared:1 - tmpfs none rw\n\
         35 36 0:36 / /opt rw shared:2 - tmpfs none rw",
        "36 35 0:36 / /mnt rw shared:1 - tmpfs none rw\n\
         35 34 0:36 / /opt rw shared:2 - tmpfs none rw",
    );
}

#[test]
fn a_number_that_was_free_in_between_is_anothers() {
    let reused = "uts:[4026532184]\ngone 4026532184\n\
                  ----\nuts:[4026532184]";
    let other = "uts:[4026532184]\ngone 4026532184\n\
                 ----\nuts:[4026532185]";
    let kept = "uts:[4026532184]\n----\nuts:[4026532184]";
    same(reused, other);
    assert_eq!(differ(other, kept), "-uts:[4026532185]\n+uts:[4026532184]\n");
    differ(reused, kept);
}

#[test]
fn the_dead_may_be_named_in_every_later_part() {
    let all = "uts:[4026532184]\ngone 4026532184\n\
               ----\nuts:[4026532184]\n----\nuts:[4026532184]";
    differ(all, &all.replace("----", "gone 4026532184\n----"));
    let again = "uts:[4026532184]\ngone 4026532184\n\
                 ----\nhello\ngone 4026532184\n----\nuts:[4026532184]";
    same(again, &again.replace("hello\ngone 4026532184", "hello"));
}

#[test]
fn rows_of_lsns_are_a_set() {
    same(
        "        NS TYPE NPROCS PID USER COMMAND\n\
         4026532186 pid       7   1 root init\n\
         4026532211 pid       4  19 root /bin/bash\n\
         uts:[4026532211]",
        "        NS TYPE NPROCS PID USER COMMAND\n\
         4026532100 pid       4  19 root /bin/bash\n\
         4026532186 pid       7   1 root init\n\
         uts:[4026532100]",
    );
    differ(
        "NS TYPE\n4026532186 pid\n4026532211 uts\nuts:[4026532211]",
        "NS TYPE\n4026532186 pid\n4026532211 uts\nuts:[4026532186]",
    );
    same(
        "TYPE NS\npid 4026532186\nuts 4026532211",
        "TYPE NS\nuts 4026532186\npid 4026532211",
    );
}

#[test]
fn other_rows_are_in_order() {
    differ("a 4026532186\nb 4026532187", "b 4026532186\na 4026532187");
    differ(
        "NS TYPE\n4026532186 pid\n└─4026532187 pid a\n└─4026532188 pid b",
        "NS TYPE\n4026532186 pid\n└─4026532187 pid b\n└─4026532188 pid a",
    );
}

#[test]
fn rows_of_a_demo_are_sets_kind_by_kind() {
    same(
        "    lsns | pid:[4026532210]      3  init\n\
         \x20   lsns | uts:[4026532211]      2  init\n\
         \x20   lsns | uts:[4026532212]      1  bash",
        "    lsns | pid:[4026532210]      3  init\n\
         \x20   lsns | uts:[4026532208]      1  bash\n\
         \x20   lsns | uts:[4026532209]      2  init",
    );
    differ(
        "    lsns | pid:[4026532210]      3  init\n\
         \x20   lsns | uts:[4026532211]      2  init",
        "    lsns | uts:[4026532211]      2  init\n\
         \x20   lsns | pid:[4026532210]      3  init",
    );
}

#[test]
fn a_row_that_changed_shows_only_what_changed() {
    let told = differ(
        "        NS TYPE NPROCS PID USER COMMAND\n\
         4026532186 pid       7   1 root init\n\
         4026532211 pid       4  19 root /bin/bash\n\
         4026532212 uts       4  19 root /bin/bash",
        "        NS TYPE NPROCS PID USER COMMAND\n\
         4026532100 pid       5  19 root /bin/bash\n\
         4026532101 uts       4  19 root /bin/bash\n\
         4026532186 pid       7   1 root init",
    );
    assert_eq!(
        told,
        "-4026532211 pid       4  19 root /bin/bash\n\
         +4026532211 pid       5  19 root /bin/bash\n"
    );
}

#[test]
fn a_step_more_leaves_the_others_quiet() {
    let old = session("# a\nuts:[4026532184]\n----\n# b\nuts:[4026532185]");
    let new = session(
        "# a\nuts:[4026532194]\n----\n# new\nuts:[4026532196]\n\
         ----\n# b\nuts:[4026532195]",
    );
    let comparison = compare(&old, &new);
    assert_eq!(comparison.same, [true, false, false]);
    assert_eq!(comparison.renamed[1], ["# new", "uts:[4026532196]"]);
    assert_eq!(comparison.renamed[2], old[1].lines);
    let fewer = compare(&new, &old);
    assert_eq!(fewer.same, [true, false, false]);
    assert_eq!(fewer.renamed, [&*new[0].lines, &*new[2].lines]);
}

#[test]
fn blanks_follow_the_width_of_what_varies() {
    same(
        "ID PARENT TARGET\n 9      1 /\n10      9 /proc",
        " ID PARENT TARGET\n 99      1 /\n100     99 /proc",
    );
    // Nothing here has a width that varies.
    differ("uts:[4026532184]  a", "uts:[4026532184] a");
    differ(" a", "a");
    differ("a ", "a");
}

#[test]
fn a_changed_line_keeps_the_old_measurements() {
    let told = differ(
        "  PID TTY          TIME CMD\n   12 pts/0    00:00:01 bash",
        "  PID TTY          TIME CMD\n   13 pts/0    00:00:02 bash",
    );
    assert_eq!(
        told,
        "-   12 pts/0    00:00:01 bash\n+   13 pts/0    00:00:01 bash\n"
    );
}

#[test]
fn lines_do_not_move_between_parts() {
    differ("a\nb\n----\nc", "a\n----\nb\nc");
    differ("a\n----\nb", "a");
    differ("a", "a\nb");
}

#[test]
fn nothing_equals_nothing() {
    assert!(compare(&[], &[]).is_same());
    let empty = Part { lines: Vec::new(), gone: Vec::new() };
    assert!(!compare(&[], std::slice::from_ref(&empty)).is_same());
}

/// A table of lsns with many rows that look alike.
fn crowd(rows: std::ops::Range<u32>, owners: u32) -> String {
    let mut text = String::from("NS ONS TYPE");
    for row in rows {
        let owner = 4_026_540_000 + row % owners;
        let _ = write!(text, "\n{} {owner} uts", 4_026_532_000 + row);
    }
    text
}

#[test]
fn a_hundred_rows_all_alike_are_the_same_or_not() {
    let old = crowd(0..100, 5);
    same(&old, &crowd(300..400, 5));
    let other = crowd(300..400, 5).replacen("4026540004", "4026540003", 1);
    differ(&old, &other);
    let rings = |sizes: [u32; 2]| {
        let mut text = String::from("NS PNS TYPE");
        let mut first = 4_026_532_000;
        for size in sizes {
            for row in 0..size {
                let next = first + (row + 1) % size;
                let _ = write!(text, "\n{} {next} uts", first + row);
            }
            first += size;
        }
        text
    };
    same(&rings([3, 7]), &rings([7, 3]));
    // No colour tells these apart: everyone has one before and one behind.
    differ(&rings([3, 7]), &rings([4, 6]));
    differ(&rings([40, 60]), &rings([50, 50]));
    same(&rings([50, 50]), &rings([50, 50]));
}

/// A table of lsns with a row for each pair, things named by `name`.
fn table(pairs: &[(u32, u32)], name: impl Fn(u32) -> u32) -> String {
    let mut rows: Vec<_> = pairs
        .iter()
        .map(|&(one, two)| (4_026_532_000 + name(one), name(two)))
        .collect();
    rows.sort_unstable();
    let mut text = String::from("NS PNS TYPE");
    for (one, two) in rows {
        let _ = write!(text, "\n{one} {} uts", 4_026_532_000 + two);
    }
    text
}

#[test]
fn a_family_is_recognised() {
    let tree: Vec<_> = (1..60).map(|child| (child, (child - 1) / 2)).collect();
    let old = table(&tree, |it| it);
    same(&old, &table(&tree, |it| (it * 17) % 61));
    let mut other = tree.clone();
    other[58].1 = 14;
    differ(&old, &table(&other, |it| (it * 17) % 61));
}

#[test]
fn a_wrong_guess_is_taken_back() {
    // Everyone has three friends, and yet not all are in the same position.
    let both = |edges: &[(u32, u32)]| -> Vec<(u32, u32)> {
        edges.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect()
    };
    let ring = (0..8).map(|it| (it, (it + 1) % 8));
    let chords = [(0, 2), (1, 5), (3, 6), (4, 7)];
    let friends = both(&ring.clone().chain(chords).collect::<Vec<_>>());
    let old = table(&friends, |it| it);
    for turn in 0..8 {
        same(&old, &table(&friends, |it| (it + turn) % 8));
    }
    let across = [(0, 4), (1, 5), (2, 6), (3, 7)];
    let others = both(&ring.chain(across).collect::<Vec<_>>());
    differ(&old, &table(&others, |it| it));
}

#[test]
fn nobody_gets_a_name_that_another_still_has() {
    let old = session(
        "a uts:[4026532184]\ngone 4026532184\n----\nb uts:[4026532184]\n\
         ----\nc uts:[4026532185]",
    );
    let new = session(
        "a uts:[4026532190]\n----\nb uts:[4026532191]\n\
         ----\nc uts:[4026532190]",
    );
    let comparison = compare(&old, &new);
    assert_eq!(
        comparison.renamed.concat(),
        ["a uts:[4026532184]", "b uts:[4026532191]", "c uts:[4026532184]"]
    );
    assert_eq!(comparison.same, [true, false, false]);
}

#[test]
fn a_name_of_the_old_side_is_not_given_to_a_stranger() {
    let told = differ(
        "a uts:[4026532184]\nb uts:[4026532185]",
        "a uts:[4026532190]\nnew: uts:[4026532185] and uts:[4026532186]",
    );
    assert_eq!(
        told,
        "-b uts:[4026532185]\n+new: uts:[4026532187] and uts:[4026532186]\n"
    );
}

#[test]
fn who_ends_together_is_the_same() {
    let told = differ(
        "first\n----\nNS TYPE\n4026532113 uts\n4026532114 uts\n\
         4026532115 uts\ngone 4026532114\n----\nuts:[4026532114]",
        "other\n----\nNS TYPE\n4026532119 uts\n4026532121 uts\n\
         4026532124 uts\ngone 4026532124\n----\nuts:[4026532122]",
    );
    assert_eq!(told, "-first\n+other\n");
}
