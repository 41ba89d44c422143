use sandbox::attach::attach;
use sandbox::world::World;
fn main() {
    let n: usize =
        std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let world =
        World { programs: Some("/tmp/tinyf".into()), ..World::default() };
    let mut t = Vec::new();
    let mut all: Vec<Vec<u64>> = Vec::new();
    for _ in 0..n {
        let s = std::time::Instant::now();
        assert_eq!(attach(&world, &["/demos/tiny"]).unwrap(), 0);
        t.push(s.elapsed().as_micros());
        all.push(sandbox::birth::ticks());
    }
    t.sort();
    let names = [
        "start",
        "plan,ids",
        "prep",
        "clone guard",
        "maps",
        "outer steps",
        "clone init",
        "inner maps",
        "own steps(ns)",
        "views",
        "inner steps",
        "pty",
        "-",
        "-",
        "-",
        "-",
        "exec init seen",
        "guard chroot",
        "-",
        "exec guard seen",
        "life",
        "connect done",
        "waited",
    ];
    let order: Vec<usize> =
        vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 19, 20, 21, 22];
    for w in order.windows(2) {
        let mut d: Vec<i64> =
            all.iter().map(|a| a[w[1]] as i64 - a[w[0]] as i64).collect();
        d.sort();
        eprintln!(
            "{:>8.1} {:>8.1} us  {}",
            d[d.len() / 10] as f64 / 1000.0,
            d[d.len() / 2] as f64 / 1000.0,
            names[w[1]]
        );
    }
    eprintln!("min {} p20 {} median {}", t[0], t[n / 5], t[n / 2]);
}
