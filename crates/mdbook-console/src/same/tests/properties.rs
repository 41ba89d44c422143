//! What must hold of any session.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::{Comparison, Part, compare};
use super::both_ways;
use super::made::{Bit, Step, VARYING, form, runs, sessions, things};

/// What differs between two sessions.
#[derive(Clone, Debug)]
enum Flaw {
    Nothing,
    /// One thing where there were two.
    Merged(Index, Index),
    /// A thing is another, at one place.
    Replaced(Index, u32),
    /// A line is missing.
    Lost(Index),
    /// A line is there twice.
    Doubled(Index),
    /// Two neighbours have changed places.
    Swapped(Index),
    /// A line is another.
    Rewritten(Index),
    /// A namespace has not ended.
    Survived(Index),
}

fn flaws() -> impl Strategy<Value = Flaw> {
    let at = any::<Index>;
    prop_oneof![
        Just(Flaw::Nothing),
        (at(), at()).prop_map(|(a, b)| Flaw::Merged(a, b)),
        (at(), 0_u32..30).prop_map(|(a, b)| Flaw::Replaced(a, b)),
        at().prop_map(Flaw::Lost),
        at().prop_map(Flaw::Doubled),
        at().prop_map(Flaw::Swapped),
        at().prop_map(Flaw::Rewritten),
        at().prop_map(Flaw::Survived),
    ]
}

/// Lines of steps that are not sorted by the tool.
fn ordered(steps: &[Step]) -> Vec<(usize, usize)> {
    let lines = |(at, step): (usize, &Step)| {
        (0..step.lines.len() - step.sorted).map(move |line| (at, line))
    };
    steps.iter().enumerate().flat_map(lines).collect()
}

fn all_lines(steps: &[Step]) -> Vec<(usize, usize)> {
    let lines = |(at, step): (usize, &Step)| {
        (0..step.lines.len()).map(move |line| (at, line))
    };
    steps.iter().enumerate().flat_map(lines).collect()
}

fn flawed(steps: &[Step], flaw: &Flaw) -> Vec<Step> {
    let mut steps = steps.to_vec();
    let named = things(&steps);
    let lines = all_lines(&steps);
    match flaw {
        Flaw::Merged(a, b) if !named.is_empty() => {
            let (kind, a) = named[a.index(named.len())];
            let of_kind: Vec<_> =
                named.iter().filter(|it| it.0 == kind).collect();
            let b = of_kind[b.index(of_kind.len())].1;
            for bit in steps.iter_mut().flat_map(|it| &mut it.lines).flatten() {
                if *bit == Bit::Thing(kind, b) {
                    *bit = Bit::Thing(kind, a);
                }
            }
        }
        Flaw::Replaced(at, with) if !named.is_empty() => {
            let at = at.index(named.len());
            let mut bits: Vec<_> = steps
                .iter_mut()
                .flat_map(|it| it.lines.iter_mut().flatten())
                .filter(|bit| matches!(bit, Bit::Thing(..)))
                .collect();
            if let Bit::Thing(_, thing) = &mut *bits[at] {
                *thing = *with;
            }
        }
        Flaw::Lost(at) => {
            let (step, line) = lines[at.index(lines.len())];
            let step = &mut steps[step];
            let ordered = step.lines.len() - step.sorted;
            step.sorted -= usize::from(line >= ordered);
            step.lines.remove(line);
        }
        Flaw::Doubled(at) => {
            let (step, line) = lines[at.index(lines.len())];
            let step = &mut steps[step];
            let ordered = step.lines.len() - step.sorted;
            step.sorted += usize::from(line >= ordered);
            let again = step.lines[line].clone();
            step.lines.insert(line, again);
        }
        Flaw::Swapped(at) => {
            let places = ordered(&steps);
            if !places.is_empty() {
                let (step, line) = places[at.index(places.len())];
                let last = steps[step].lines.len() - steps[step].sorted - 1;
                steps[step].lines.swap(line, last);
            }
        }
        Flaw::Rewritten(at) => {
            let (step, line) = lines[at.index(lines.len())];
            let step = &mut steps[step];
            let ordered = step.lines.len() - step.sorted;
            if line < ordered {
                step.lines[line] = form("something else {n1} {n2}");
            }
        }
        Flaw::Survived(at) => {
            let at = at.index(steps.len());
            steps[at].gone.clear();
        }
        // There may be nothing to do it to.
        Flaw::Nothing | Flaw::Merged(..) | Flaw::Replaced(..) => {}
    }
    steps
}

fn renamed(comparison: &Comparison) -> Vec<Part> {
    let parts = comparison.renamed.iter().zip(&comparison.gone);
    parts
        .map(|(lines, gone)| Part { lines: lines.clone(), gone: gone.clone() })
        .collect()
}

/// Both sides, and the new in the terms of the old.
fn told(old: &[Part], new: &[Part], comparison: &Comparison) -> String {
    let mut told = String::new();
    for (side, parts) in
        [("old", old), ("new", new), ("renamed", &renamed(comparison))]
    {
        for (at, part) in parts.iter().enumerate() {
            let _ = writeln!(told, "{side} {at}, gone {:?}", part.gone);
            told += &part.lines.join("\n");
            told += "\n";
        }
    }
    told
}

fn lines(parts: &[Part]) -> Vec<&[String]> {
    parts.iter().map(|part| &*part.lines).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn it_is_reflexive(steps in sessions(), run in runs()) {
        let parts = run.print(&steps);
        let comparison = compare(&parts, &parts);
        prop_assert!(comparison.is_same());
        prop_assert_eq!(renamed(&comparison), parts);
    }

    #[test]
    fn every_run_of_a_session_is_the_same(
        steps in sessions(), one in runs(), other in runs(),
    ) {
        let (old, new) = (one.print(&steps), other.print(&steps));
        let comparison = both_ways(&old, &new);
        prop_assert!(comparison.is_same(), "{old:#?}\n{new:#?}");
        prop_assert_eq!(&comparison.renamed[..], lines(&old));
    }

    #[test]
    fn it_is_symmetric(
        steps in sessions(), flaw in flaws(), one in runs(), other in runs(),
    ) {
        both_ways(&one.print(&steps), &other.print(&flawed(&steps, &flaw)));
    }

    #[test]
    fn it_is_transitive(
        steps in sessions(),
        flaws in [flaws(), flaws()],
        runs in [runs(), runs(), runs()],
    ) {
        let [one, two, three] = runs;
        let a = one.print(&steps);
        let b = two.print(&flawed(&steps, &flaws[0]));
        let c = three.print(&flawed(&steps, &flaws[1]));
        let [ab, bc, ac] = [(&a, &b), (&b, &c), (&a, &c)]
            .map(|(old, new)| compare(old, new).is_same());
        prop_assert!(usize::from(ab) + usize::from(bc) + usize::from(ac) != 2);
    }

    #[test]
    fn two_things_are_not_one(
        mut steps in sessions(),
        a in any::<Index>(), b in any::<Index>(),
        one in runs(), other in runs(),
    ) {
        // What is named after its end would be another thing.
        for step in &mut steps {
            step.gone.clear();
        }
        let merged = flawed(&steps, &Flaw::Merged(a, b));
        prop_assume!(merged != steps);
        let (old, new) = (one.print(&steps), other.print(&merged));
        prop_assert!(!both_ways(&old, &new).is_same());
    }

    #[test]
    fn one_thing_is_not_two(
        steps in sessions(), at in any::<Index>(),
        one in runs(), other in runs(),
    ) {
        let named = things(&steps);
        prop_assume!(!named.is_empty());
        let split = named[at.index(named.len())];
        prop_assume!(named.iter().filter(|it| **it == split).count() > 1);
        let split = flawed(&steps, &Flaw::Replaced(at, 99));
        let (old, new) = (one.print(&steps), other.print(&split));
        prop_assert!(!both_ways(&old, &new).is_same());
    }

    #[test]
    fn no_line_is_lost_or_added(
        steps in sessions(), at in any::<Index>(), double in any::<bool>(),
        one in runs(), other in runs(),
    ) {
        let flaw = if double { Flaw::Doubled(at) } else { Flaw::Lost(at) };
        let old = one.print(&steps);
        let new = other.print(&flawed(&steps, &flaw));
        prop_assert!(!both_ways(&old, &new).is_same());
    }

    #[test]
    fn no_other_character_changes(
        steps in sessions(), at in any::<Index>(), put in "[a-zA-Z0-9.:]",
        one in runs(), other in runs(),
    ) {
        let old = one.print(&steps);
        let (mut printed, gone) = other.print_bits(&steps);
        let texts = printed.iter_mut().flatten().flatten();
        let mut texts: Vec<_> =
            texts.filter(|bit| !bit.1).map(|bit| &mut bit.0).collect();
        let places: Vec<_> = texts
            .iter()
            .enumerate()
            .flat_map(|(text, it)| it.char_indices().map(move |c| (text, c)))
            .filter(|(_, (_, c))| *c != ' ' && !put.contains(*c))
            .collect();
        prop_assume!(!places.is_empty());
        let (text, (at, c)) = places[at.index(places.len())];
        texts[text].replace_range(at..at + c.len_utf8(), &put);
        let new: Vec<_> = printed
            .into_iter()
            .zip(gone)
            .map(|(lines, gone)| {
                let line = |line: Vec<(String, bool)>| -> String {
                    line.into_iter().map(|bit| bit.0).collect()
                };
                Part { lines: lines.into_iter().map(line).collect(), gone }
            })
            .collect();
        let comparison = both_ways(&old, &new);
        prop_assert!(!comparison.is_same(), "{new:#?}");
    }

    #[test]
    fn a_blank_counts_where_no_width_varies(
        steps in sessions(), at in any::<Index>(), run in runs(),
    ) {
        let old = run.print(&steps);
        let mut new = old.clone();
        let places: Vec<_> = all_lines(&steps)
            .into_iter()
            .filter(|(step, _)| !varies(&steps[*step]))
            .collect();
        prop_assume!(!places.is_empty());
        let (step, line) = places[at.index(places.len())];
        let text = &mut new[step].lines[line];
        let at = text.find(' ').unwrap_or(0);
        text.insert(at, ' ');
        prop_assert!(!both_ways(&old, &new).is_same());
    }

    #[test]
    fn what_is_renamed_says_what_the_new_side_says(
        steps in sessions(), flaw in flaws(), one in runs(), other in runs(),
    ) {
        let old = one.print(&steps);
        let new = other.print(&flawed(&steps, &flaw));
        let comparison = compare(&old, &new);
        let renamed = renamed(&comparison);
        prop_assert!(both_ways(&renamed, &new).is_same(), "{comparison:#?}");
        for (at, same) in comparison.same.iter().enumerate() {
            if *same {
                prop_assert_eq!(&renamed[at].lines, &old[at].lines);
            }
        }
    }

    #[test]
    fn a_lost_line_is_all_that_shows(
        steps in sessions(), at in any::<Index>(),
        one in runs(), other in runs(),
    ) {
        let places: Vec<_> = ordered(&steps)
            .into_iter()
            .filter(|(step, line)| stands_out(&steps[*step], *line))
            .collect();
        prop_assume!(!places.is_empty());
        let (step, line) = places[at.index(places.len())];
        let mut fewer = steps.clone();
        fewer[step].lines.remove(line);
        let mut old = one.print(&steps);
        let new = other.print(&fewer);
        let comparison = both_ways(&old, &new);
        for (at, same) in comparison.same.iter().enumerate() {
            prop_assert_eq!(*same, at != step, "{}", told(&old, &new, &comparison));
        }
        let told = told(&old, &new, &comparison);
        old[step].lines.remove(line);
        let renamed = &comparison.renamed[step];
        prop_assert_eq!(renamed, &old[step].lines, "{}", told);
    }
}

/// Whether a line can be missed: no other of the step looks like it. Without
/// its header, a table is another.
fn stands_out(step: &Step, line: usize) -> bool {
    let form = |it: &[Bit]| it.iter().map(unnamed).collect::<Vec<_>>();
    let lost = form(&step.lines[line]);
    let alike = step.lines.iter().filter(|it| form(it) == lost).count();
    line > 0 && alike == 1 && !lost.contains(&Bit::Tab)
}

fn unnamed(bit: &Bit) -> Bit {
    match bit {
        Bit::Thing(kind, _) => Bit::Thing(*kind, 0),
        bit => bit.clone(),
    }
}

/// Whether columns may move.
fn varies(step: &Step) -> bool {
    step.lines.iter().flatten().any(|bit| match bit {
        Bit::Thing(kind, _) | Bit::Measure(kind) => VARYING.contains(*kind),
        _ => false,
    }) || step.lines[0].contains(&Bit::Tab)
}
