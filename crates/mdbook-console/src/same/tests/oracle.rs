//! The relation as it is defined, for sessions so small that all renamings
//! and all orders can be tried.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{Part, compare};

/// Two namespaces, and a word.
type Row = (u32, u32, &'static str);

/// Rows of lsns, or lines in order.
#[derive(Clone, Debug)]
struct Table {
    sorted: bool,
    rows: Vec<Row>,
}

fn tables() -> impl Strategy<Value = Vec<Table>> {
    let word = prop::sample::select(vec!["uts", "pid"]);
    let row = (0_u32..4, 0_u32..4, word);
    let rows = prop::collection::vec(row, 1..5);
    let table = (any::<bool>(), rows);
    let table = table.prop_map(|(sorted, rows)| Table { sorted, rows });
    prop::collection::vec(table, 1..3)
}

/// A session and one that is nearly the same.
fn pairs() -> impl Strategy<Value = (Vec<Table>, Vec<Table>)> {
    let order = Just([0, 1, 2, 3]).prop_shuffle();
    let flaw = prop::option::of((any::<prop::sample::Index>(), 0_u32..4));
    let pair = (tables(), order, flaw, any::<prop::sample::Index>());
    pair.prop_map(|(old, order, flaw, turn)| {
        let mut new = old.clone();
        for table in &mut new {
            for row in &mut table.rows {
                row.0 = order[row.0 as usize];
                row.1 = order[row.1 as usize];
            }
            if table.sorted {
                let turn = turn.index(table.rows.len());
                table.rows.rotate_left(turn);
            }
        }
        if let Some((at, thing)) = flaw {
            let mut rows: Vec<_> =
                new.iter_mut().flat_map(|table| &mut table.rows).collect();
            let at = at.index(rows.len());
            rows[at].1 = thing;
        }
        (old, new)
    })
}

fn print(tables: &[Table]) -> Vec<Part> {
    let number = |thing: u32| 4_026_532_100 + thing;
    let part = |table: &Table| {
        let head = if table.sorted { "NS ONS TYPE" } else { "read" };
        let mut lines = vec![head.to_owned()];
        let rows = table.rows.iter().map(|(it, owner, word)| {
            format!("{} {} {word}", number(*it), number(*owner))
        });
        lines.extend(rows);
        Part { lines, gone: Vec::new() }
    };
    tables.iter().map(part).collect()
}

/// By definition: there is a one-to-one renaming and an order of the sorted
/// rows that make one of the other.
fn same(old: &[Table], new: &[Table]) -> bool {
    let form = |tables: &[Table], names: &dyn Fn(u32) -> Option<u32>| {
        let table = |table: &Table| {
            let row = |row: &Row| Some((names(row.0)?, names(row.1)?, row.2));
            let mut rows: Vec<_> = table.rows.iter().map(row).collect();
            if table.sorted {
                rows.sort_unstable();
            }
            (table.sorted, rows)
        };
        tables.iter().map(table).collect::<Vec<_>>()
    };
    let named = form(new, &Some);
    let mut orders = vec![vec![]];
    for _ in 0..4 {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<u32>| {
                let rest = (0..4).filter(|it| !order.contains(it));
                rest.map(|it| [&order[..], &[it]].concat())
            })
            .collect();
    }
    assert_eq!(orders.len(), 24);
    let maps = orders
        .into_iter()
        .map(|order| order.into_iter().enumerate().collect::<BTreeMap<_, _>>());
    maps.into_iter()
        .any(|map| form(old, &|it| map.get(&(it as usize)).copied()) == named)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn it_is_the_relation_as_defined((old, new) in pairs()) {
        let comparison = compare(&print(&old), &print(&new));
        prop_assert_eq!(comparison.is_same(), same(&old, &new));
    }
}
