//! What a world costs, next to the least it could cost and to other tools.
//!
//! ```text
//! cargo bench --package sandbox [-- ROUNDS]
//! ```
//!
//! All contenders run in turn, in one run, so that whatever else the machine
//! does hits all of them. Ratios of medians come first: absolute times are
//! those of one machine on one day.

mod floor;
mod tiny;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::attach::attach;
use sandbox::session::{Command as Typed, End, Session};
use sandbox::world::{User, World};

use floor::Floor;

/// One way to run a program, and how long it took each time.
struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut() -> bool + 'a>,
    times: Vec<Duration>,
}

impl<'a> Contender<'a> {
    fn new(name: &str, run: impl FnMut() -> bool + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run), times: Vec::new() }
    }

    fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

fn main() {
    // `cargo test --benches` only asks whether this compiles and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let rounds = rounds.unwrap_or(100);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let tiny = folder.path().join("tiny");
    tiny::write(&tiny).expect("it can be written");
    let world =
        World { programs: Some(folder.path().to_owned()), ..World::default() };
    if let Err(refusal) = attach(&world, &["/demos/tiny"]) {
        eprintln!("{refusal}\n{}", refusal.remedy);
        return;
    }
    compare(&world, &tiny, rounds);
    compare_parents(&world, &tiny, rounds);
    sessions(rounds.min(20));
    many(&world, rounds * 10);
}

fn compare(world: &World, tiny: &Path, rounds: usize) {
    let mut floor = Floor::new(tiny);
    let mut contenders = vec![
        Contender::new("clone3, eight kinds, maps", || floor.run().is_ok()),
        Contender::new("a world", || lives(world)),
    ];
    for (name, words) in others(tiny) {
        let Some((program, arguments)) = words.split_first() else { continue };
        if runs(program, arguments) {
            contenders.push(Contender::new(&name, move || {
                runs(program_of(&words), &words[1..])
            }));
        } else {
            println!("        –  {name}: not installed, or refused");
        }
    }
    take_turns(&mut contenders, rounds);
    print("a program's life, start to reaped", &contenders);
}

fn program_of(words: &[String]) -> &str {
    words.first().map_or("", |word| word)
}

/// A program's life in a world.
fn lives(world: &World) -> bool {
    attach(world, &["/demos/tiny"]) == Ok(0)
}

/// Other tools, as near to a world as they come.
fn others(tiny: &Path) -> Vec<(String, Vec<String>)> {
    let tiny = tiny.to_string_lossy().into_owned();
    let words = |line: &str| -> Vec<String> {
        line.split_whitespace()
            .map(str::to_owned)
            .chain([tiny.clone()])
            .collect()
    };
    let user = "unshare --user --map-root-user --pid --fork --mount \
                --mount-proc --net --uts --ipc --cgroup --time";
    let usual = "bwrap --unshare-all --hostname host --clearenv --ro-bind /usr \
                 /usr --symlink usr/lib64 /lib64 --proc /proc --dev /dev \
                 --tmpfs /tmp --ro-bind";
    let mut usual = words(usual);
    usual.extend(["/tiny".into(), "/tiny".into()]);
    vec![
        ("unshare, all kinds, /proc".into(), words(user)),
        ("bwrap --unshare-all, /usr".into(), usual),
        (
            "bwrap --unshare-all, /".into(),
            words("bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev"),
        ),
    ]
}

/// Starts a tool from this process and waits for it.
fn runs(program: &str, arguments: &[String]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Everybody once a round; what fails has no time.
fn take_turns(contenders: &mut [Contender<'_>], rounds: usize) {
    for round in 0..rounds + 3 {
        for contender in &mut *contenders {
            let start = Instant::now();
            let works = (contender.run)();
            let time = start.elapsed();
            // The first rounds warm up.
            if works && round >= 3 {
                contender.times.push(time);
            }
        }
    }
}

fn print(title: &str, contenders: &[Contender<'_>]) {
    let base = contenders.first().map_or(Duration::ZERO, Contender::median);
    println!("\n{title}");
    for contender in contenders {
        let time = contender.median();
        let ratio = time.as_secs_f64() / base.as_secs_f64();
        let count = contender.times.len();
        println!(
            "{ratio:>8.2} × {:>9.0} µs  {} ({count} times)",
            time.as_secs_f64() * 1e6,
            contender.name
        );
    }
}

/// The same from a process that has a lot of memory.
fn compare_parents(world: &World, tiny: &Path, rounds: usize) {
    let mut small = Contender::new("a world, small parent", || lives(world));
    take_turns(std::slice::from_mut(&mut small), rounds);
    let weight = vec![1_u8; 1 << 30];
    let mut large = Contender::new("a world, parent of 1 GiB", || lives(world));
    take_turns(std::slice::from_mut(&mut large), rounds);
    let mut floor = Floor::new(tiny);
    let mut least =
        Contender::new("clone3, parent of 1 GiB", || floor.run().is_ok());
    take_turns(std::slice::from_mut(&mut least), rounds);
    assert_eq!(weight.iter().step_by(4096).max(), Some(&1));
    print("a large parent", &[small, large, least]);
}

fn typed(line: &str) -> Typed {
    Typed {
        prompt: "#".into(),
        lines: vec![line.into()],
        input: Vec::new(),
        until: None,
        timeout: Duration::from_mins(1),
    }
}

/// The cost of a session with a shell, piece by piece.
fn sessions(rounds: usize) {
    let names = ["start", "first prompt, and `true`", "`true`", "`id`", "end"];
    let mut pieces: Vec<Contender<'_>> =
        names.iter().map(|name| Contender::new(name, || true)).collect();
    for _ in 0..rounds {
        let mut start = Instant::now();
        let mut lap = |index: usize| {
            let piece: &mut Contender<'_> = &mut pieces[index];
            piece.times.push(start.elapsed());
            start = Instant::now();
        };
        let session = Session::start(&World::default(), &[User::Root]);
        let mut session = session.expect("one could be made before");
        lap(0);
        for (index, line) in [(1, "true"), (2, "true"), (3, "id")] {
            let step = session.run(0, &typed(line)).expect("it ends");
            assert!(matches!(step.end, End::Prompt { status: 0 }));
            lap(index);
        }
        drop(session);
        lap(4);
    }
    print("a session with a shell, piece by piece", &pieces);
}

/// Many in a row, and two at a time; and whether anything grows.
fn many(world: &World, count: usize) {
    println!("\n{count} worlds");
    let each = |time: Duration| {
        time.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap_or(1))
    };
    let start = Instant::now();
    for _ in 0..count {
        assert!(lives(world));
    }
    let alone = start.elapsed();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..count / 2 {
                    assert!(lives(world));
                }
            });
        }
    });
    let both = start.elapsed();
    let ratio = alone.as_secs_f64() / both.as_secs_f64();
    println!("{:>8.2} × {:>9.0} µs  one at a time", 1.0, each(alone));
    println!("{ratio:>8.2} × {:>9.0} µs  two at a time", each(both));
}
