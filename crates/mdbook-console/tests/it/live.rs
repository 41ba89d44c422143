//! Blocks of all sorts, answered by the kernel itself.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::Result;
use mdbook_console::stage::Live;
use mdbook_driver::MDBook;
use sandbox::session::Session;
use sandbox::world::{User, World};

use crate::book::Book;

/// Whether this machine can make a world. Where it must, a refusal fails.
pub(crate) fn can_run() -> bool {
    let Err(refusal) = Session::start(&World::default(), &[User::Root]) else {
        return true;
    };
    assert!(env::var_os("SANDBOX_MUST_RUN").is_none(), "{refusal}");
    eprintln!("skipped: {refusal}");
    false
}

const ALL_SORTS: &str = r#"
```console,run
# hostname
# seq 3 | tac | tr '\n' ' '; echo
# cat <<EOF
> sum $((1 + 1))
>
> end
> EOF
# printf 'gone\rseen\n\033[31mred\033[0m\n```\n\377\n</pre>\n'
# sleep 0.05 & wait
# echo "one
> two" | wc -l
```

```console,run
# bash
# hostname inner
# exit
# true
```

```console,run fails
# ls /nonexistent
```

```console,run
# cat
typed
^D
```

```console,run session=two until="up"
# echo up; sleep 100
```

```console,run session=two terminal=2
# until pgrep -c sleep > /tmp/asleep; do :; done
# cat /tmp/asleep
```

```console,run session=two
^C
# echo over
```

```console,run
# :
```

```console,run
# seq -s ' ' 200
```
"#;

#[test]
fn blocks_of_all_sorts_show_what_a_terminal_would() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = Book::new(ALL_SORTS)?;
    let built = book.build(Live)?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    let main = book.main()?;
    let long: Vec<String> = (1..=200).map(|n| n.to_string()).collect();
    for lines in [
        "<kbd>hostname</kbd>\n<span class=\"line\">host</span>\n",
        "<span class=\"line\">3 2 1</span>\n",
        "<span class=\"prompt\">&gt;</span> <kbd>end</kbd>\n",
        "\">sum 2</span>\n<span class=\"line\"></span>\n<span class=\"line\">end<",
        "\">seen</span>\n<span class=\"line\"><span class=\"fg-1\">red</span></span>\n",
        "\">```</span>\n<span class=\"line\">\u{fffd}</span>\n",
        "\">&lt;/pre&gt;</span>\n",
        "<kbd>two\" | wc -l</kbd>\n<span class=\"line\">2</span>",
        "<kbd>typed</kbd></span>\n<span class=\"line\">typed</span>",
        "<span class=\"status\">exit status 2</span>",
        "<kbd>cat /tmp/asleep</kbd>\n<span class=\"line\">1</span>",
        "<kbd>^C</kbd></span>\n<span class=\"status\">exit status 130</span>",
        "<kbd>echo over</kbd>\n<span class=\"line\">over</span>",
        "<kbd>:</kbd></samp></pre>",
        &format!("\">{}</span>", long.join(" ")),
    ] {
        assert!(main.contains(lines), "no {lines} in {main}");
    }
    Ok(())
}

#[test]
fn mdbook_and_build_give_the_same_pages() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let program = env!("CARGO_BIN_EXE_mdbook-console");
    let book =
        Book::new("{{#include part.md}}\n\n| a | b |\n|--|--|\n\n\"x\"\n")?;
    book.write("src/part.md", "```console,run\n# hostname\n```\n")?;
    let config = fs::read_to_string(book.root().join("book.toml"))?;
    book.write(
        "book.toml",
        &config.replace("\"false\"", &format!("{program:?}")),
    )?;

    MDBook::load(book.root())?.build()?;
    let by_mdbook = [book.page("a.html")?, book.page("print.html")?];
    let status = Command::new(program)
        .arg("build")
        .current_dir(book.root())
        .env_remove("CARGO_TARGET_DIR")
        .stdout(Stdio::null())
        .status()?;
    assert!(status.success());
    assert_eq!(by_mdbook, [book.page("a.html")?, book.page("print.html")?]);
    assert!(by_mdbook[0].contains(">host</span>"));
    Ok(())
}

/// A namespace inside the world's, and somebody outside who sees it.
const WALK: &str = r"
```console,run session=walk id=inside
# unshare --pid --fork --mount-proc /bin/bash
# sleep 1000 &
# until pgrep sleep > /tmp/asleep; do :; done
```

```console,run session=walk terminal=2
# pgrep --list-full sleep
```

```console,map session=walk after=inside kinds=pid
```
";

#[test]
fn a_map_has_the_numbers_that_the_commands_print() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = Book::new(WALK)?;
    let built = book.build(Live)?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    let main = book.main()?;
    let (_, printed) = main.split_once(">pgrep --list-full").expect(&main);
    let (printed, _) = printed.split_once(" sleep 1000<").expect(&main);
    let (_, number) = printed.rsplit_once('>').expect(printed);
    let (_, words) = main.split_once("<details>").expect(&main);
    let line = format!("process 2, which is {number} in <samp>pid:[");
    assert!(words.contains(&line), "no {line} in {words}");
    assert!(words.contains("<samp>sleep 1000</samp>"), "{words}");
    assert_eq!(main.matches("]</text>").count(), 2, "{main}");
    Ok(())
}

/// Namespaces of all kinds, one of them with nobody inside, and a list of
/// them from outside.
const ALL_KINDS: &str = r"
```console,run session=all id=inside
# unshare --user --map-root-user --pid --fork --mount-proc \
> --net --uts --ipc --cgroup --time /bin/bash
# touch /tmp/uts
# unshare --uts=/tmp/uts true
```

```console,run session=all terminal=2
# lsns --noheadings --raw --output NS,TYPE,NPROCS
```

```console,map session=all after=inside links=owner
```
";

#[test]
fn a_map_of_all_kinds_agrees_with_lsns() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let kinds = "kinds=pid,user,mnt,uts,ipc,net,cgroup,time links";
    let book = Book::new(&ALL_KINDS.replace("links", kinds))?;
    let built = book.build(Live)?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    let main = book.main()?;
    let (page, words) = main.split_once("<details>").expect(&main);
    let rows = page.split("<span class=\"line\">").filter_map(|line| {
        let (line, _) = line.split_once("</span>")?;
        let fields: Vec<&str> = line.split(' ').collect();
        let [number, kind, members] = fields.as_slice() else { return None };
        let members: usize = members.parse().ok()?;
        Some((format!("{kind}:[{number}]"), members))
    });
    let mut seen = 0;
    for (name, members) in rows.filter(|(name, _)| !name.starts_with("pid")) {
        let entry = format!("namespace <samp>{name}</samp>");
        let (_, told) = words.split_once(&entry).expect(&name);
        let (told, _) = told.split_once("</li>").expect(told);
        let (told, _) = told.split_once("<ul>").unwrap_or((told, ""));
        let (_, told) = told.rsplit_once("process").expect(told);
        // Outside, lsns has counted itself.
        let itself = usize::from(told.contains(" 1,"));
        assert_eq!(told.split(',').count() + itself, members, "{name}: {told}");
        assert!(page.contains(&format!(">{name}</text>")), "{name} is drawn");
        seen += 1;
    }
    assert_eq!(seen, 14, "two of each kind but pid: {main}");
    assert!(words.contains(", mounted at <samp>/tmp/uts</samp>: no process"));
    Ok(())
}
