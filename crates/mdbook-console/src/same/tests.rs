use super::*;

#[test]
fn a_number_may_change_but_not_become_two() {
    let part = |text: &str| Part {
        lines: text.lines().map(str::to_owned).collect(),
        gone: Vec::new(),
    };
    let old = [part("uts:[4026532184]\nuts:[4026532184]")];
    let new = [part("uts:[4026532190]\nuts:[4026532190]")];
    let comparison = compare(&old, &new);
    assert!(comparison.is_same());
    assert_eq!(comparison.renamed[0], old[0].lines);
    let new = [part("uts:[4026532190]\nuts:[4026532191]")];
    assert_eq!(
        compare(&old, &new).renamed[0],
        ["uts:[4026532184]", "uts:[4026532191]"]
    );
}
