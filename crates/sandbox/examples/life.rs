use sandbox::attach::attach;
use sandbox::world::World;
fn main() {
    let n: usize =
        std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let world =
        World { programs: Some("/tmp/tinyf".into()), ..World::default() };
    let mut t = Vec::new();
    for _ in 0..n {
        let s = std::time::Instant::now();
        assert_eq!(attach(&world, &["/demos/tiny"]).unwrap(), 0);
        t.push(s.elapsed().as_micros());
    }
    t.sort();
    eprintln!("min {} p20 {} median {}", t[0], t[n / 5], t[n / 2]);
}
