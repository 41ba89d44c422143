//! Sessions that are shown again: as a replay, and as a map.

#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use anyhow::Result;
use sandbox::error::Refusal;
use snapbox::{assert_data_eq, str};

use crate::book::Book;
use crate::stage::{Fake, says};

const WALK: &str = "```console,run session=w id=x\n# one\n# two\n```\n\n\
    ```console,run session=w terminal=2\n$ three\n```\n\n";

const VIEWS: &str = "- *before*\n\n  ```console,map session=w after=x kinds=pid\n\
    \x20 ```\n\n  *between*\n\n  ```console,replay session=w\n  ```\n\n*after*\n";

fn world() -> Fake {
    Fake::default()
        .answer("two", says("<2>\n\n"))
        .process(&[1], 0, 4_026_532_181, "init")
        .process(&[2], 1, 4_026_532_181, "bash")
        .process(&[15, 1], 2, 4_026_532_290, "sleep 1000")
}

#[test]
fn processes_are_counted_once_where_a_map_asks_for_it() -> Result<()> {
    let config = "[output.html]\n[output.markdown]\n";
    let book = Book::with_config(&format!("{WALK}{VIEWS}"), config)?;
    let stage = world();
    let built = book.build(stage.clone())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    assert_eq!(
        stage.log(),
        ["start [Root, Reader]", "0 # one", "0 # two", "census", "1 $ three"]
    );
    let page = book.page("markdown/a.md")?;
    let (_, views) = page.split_once("- *before*").expect("the views");
    assert_data_eq!(
        views,
        str![[r#"


  PID namespaces and their processes right after `two` in Terminal 1:

  - PID namespace `pid:[4026532181]`
    - process 1: `init`
      - process 2: `bash`
        - PID namespace `pid:[4026532290]`
          - process 1, which is 15 in `pid:[4026532181]`: `sleep 1000`

  *between*

  *Step 1, Terminal 1:*

  ```console
  # one
  ```

  *Step 2, Terminal 1:*

  ```console
  # two
  <2>

  ```

  *Step 3, Terminal 2:*

  ```console
  # three
  ```

*after*

"#]]
    );
    Ok(())
}

#[test]
fn a_page_shows_a_session_again() -> Result<()> {
    let book = Book::new(&format!("{VIEWS}\n{WALK}"))?;
    let built = book.build(world())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    let main = book.main()?;
    for part in [
        "<svg role=\"img\" ",
        ">pid:[4026532290]</text>",
        "<p><em>between</em></p>",
        "<li data-column=\"last\">\n<div class=\"terminal\">Terminal 2</div>",
        "<p><em>after</em></p>",
    ] {
        assert!(main.contains(part), "no {part} in {main}");
    }
    assert_eq!(main.matches("<figure").count(), 4, "{main}");
    assert_eq!(main.matches("</svg>").count(), 1, "{main}");
    assert_eq!(main.matches(" id=").count(), 0, "{main}");
    Ok(())
}

#[test]
fn views_of_what_cannot_run_show_a_notice() -> Result<()> {
    let refusal = Refusal {
        step: "make a user namespace".into(),
        errno: "EPERM".into(),
        cause: "no".into(),
        remedy: "ask".into(),
    };
    let book = Book::new(&format!("{WALK}{VIEWS}"))?;
    let built = book.build(Fake::default().refuse(refusal))?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    let main = book.main()?;
    assert_eq!(main.matches("class=\"notice\"").count(), 4, "{main}");
    Ok(())
}

#[test]
fn faults_of_views_are_those_of_the_authors_file() -> Result<()> {
    let book = Book::new("{{#include part.md}}\n")?;
    let views = VIEWS.replace("=x", "=y").replace("replay s", "replay x s");
    book.write("src/part.md", &format!("{WALK}{views}"))?;
    let built = book.build(world())?;
    assert!(built.result.is_err());
    assert_data_eq!(
        built.stderr,
        str![[r#"
error: session `w` has no block `y`
  --> src/part.md:12:28
   |
12 |   ```console,map session=w after=y kinds=pid
   |                            ^^^^^^^ not one of its blocks
   |
   = help: did you mean `x`?

error: unknown option `x`
  --> src/part.md:17:21
   |
17 |   ```console,replay x session=w
   |                     ^ no replay has this option
   |
   = help: the options of a replay: `session`, `kinds`, `links`


"#]]
    );
    Ok(())
}
