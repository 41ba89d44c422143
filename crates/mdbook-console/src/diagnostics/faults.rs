//! The wording of every complaint.

use std::time::Duration;

use crate::diagnostics::{Advice, Fault, Place, Related};
use crate::parse::info::{MOST_TERMINALS, OPTIONS};
use crate::parse::kind::Kind;
use crate::parse::{Span, duration};
use crate::plan::Session;

/// The lines of a command's output that a complaint shows at most.
const SHOWN_LINES: usize = 20;

impl Fault {
    pub(super) fn new(title: impl Into<String>, span: Span) -> Self {
        Self {
            title: title.into(),
            span,
            label: String::new(),
            related: Vec::new(),
            advice: Vec::new(),
        }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((Related::Here(span), label.into()));
        self
    }

    fn elsewhere(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((Related::Elsewhere(place), label.into()));
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.advice.push(Advice::Note(note.into()));
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.advice.push(Advice::Help(help.into()));
        self
    }

    /// Adds what else there is to know, if there is something.
    #[must_use]
    pub fn with_note(self, note: Option<String>) -> Self {
        match note {
            Some(note) => self.note(note),
            None => self,
        }
    }

    /// Adds what the command had printed, as lines of text.
    #[must_use]
    pub fn with_output(self, lines: &[String]) -> Self {
        let cut = lines.len().saturating_sub(SHOWN_LINES);
        let mut note = match (lines.is_empty(), cut) {
            (true, _) => return self.note("it printed nothing"),
            (false, 0) => String::from("it printed:"),
            (false, _) => format!(
                "the last {SHOWN_LINES} of the {} lines it printed:",
                lines.len()
            ),
        };
        for line in &lines[cut..] {
            note.push_str("\n  ");
            note.push_str(line);
        }
        self.note(note)
    }
}

// The fence's first line.

/// The fence runs to the end of the chapter, or of the list or quote.
pub fn unterminated(opening: Span) -> Fault {
    Fault::new("this block has no end", opening)
        .label("opened here")
        .help("end it with a line of as many backticks")
}

/// Nothing to run.
pub fn empty_block(opening: Span) -> Fault {
    Fault::new("this block is empty", opening)
        .label("nothing to run")
        .help("write a command behind its prompt: `# hostname`")
}

/// `console run`, `console, run`, `console,rum`.
pub fn not_quite_a_kind(kind: Kind, span: Span) -> Fault {
    let name = kind.name();
    let title = match kind {
        Kind::Run => "this block would be shown, not run",
        Kind::Replay | Kind::Map => "this block would be shown as it is",
    };
    Fault::new(title, span).label(format!("not `console,{name}`")).help(
        format!(
            "write `console,{name}`, or `console` alone for a block to show"
        ),
    )
}

/// `console,run,hidden`.
pub fn word_in_kind(word: &str, kind: Kind, span: Span) -> Fault {
    let name = kind.name();
    let fault = Fault::new(format!("unknown kind of block `{word}`"), span)
        .label(format!("not `console,{name}`"));
    if kind == Kind::Run && OPTIONS.contains(&word) {
        fault.help(format!("options follow a blank: `console,run {word}`"))
    } else {
        fault
            .help("a block is `console,run`, `console,replay` or `console,map`")
    }
}

/// A word that is no option.
pub fn unknown_option(word: &str, meant: Option<&str>, span: Span) -> Fault {
    let fault = Fault::new(format!("unknown option `{word}`"), span)
        .label("no block has this option");
    if let Some(meant) = meant {
        return fault.help(format!("did you mean `{meant}`?"));
    }
    let known = OPTIONS.map(|option| format!("`{option}`"));
    fault.help(format!("the options are {}", known.join(", ")))
}

/// The same option again.
pub fn option_twice(option: &str, span: Span, first: Span) -> Fault {
    Fault::new(format!("option `{option}` is given twice"), span)
        .label("again here")
        .also(first, "first here")
        .help("leave one of them out")
}

/// `id="x`.
pub fn open_quote(span: Span) -> Fault {
    Fault::new("this value has no closing quote", span)
        .label("opened here")
        .help("values with blanks stand between `\"` and `\"`")
}

/// `hidden=yes`.
pub fn takes_no_value(option: &str, span: Span) -> Fault {
    Fault::new(format!("option `{option}` takes no value"), span)
        .label("a value")
        .help(format!("write `{option}` alone"))
}

/// `id=`.
pub fn takes_a_value(option: &str, span: Span) -> Fault {
    let example = match option {
        "terminal" => "terminal=2",
        "exit" => "exit=1",
        "timeout" => "timeout=5s",
        "until" => "until=\"listening\"",
        "needs" => "needs=\"kernel 6.18, nft\"",
        "id" => "id=first",
        "after" => "after=first",
        "kinds" => "kinds=pid",
        _ => "session=walk",
    };
    Fault::new(format!("option `{option}` takes a value"), span)
        .label("no value")
        .help(format!("write it like `{example}`"))
}

/// `id="a b"`.
pub fn not_a_name(name: &str, span: Span) -> Fault {
    Fault::new(format!("`{name}` is not a name"), span)
        .label("not a name")
        .help("names are of letters, digits, `-` and `_`")
}

/// `terminal=0`.
pub fn not_a_terminal(span: Span) -> Fault {
    Fault::new("there is no such terminal", span)
        .label("not a terminal")
        .help(format!("terminals are counted from 1 to {MOST_TERMINALS}"))
}

/// `exit=256`.
pub fn not_a_status(span: Span) -> Fault {
    Fault::new("no command exits with this status", span)
        .label("not an exit status")
        .help("an exit status is a number from 0 to 255")
}

/// `timeout=soon`.
pub fn not_a_duration(text: &str, span: Span) -> Fault {
    Fault::new(format!("`{text}` is not a duration"), span)
        .label("not a duration")
        .help("write a number and a unit: `500ms`, `10s` or `2m`")
}

/// `needs="kernel"`.
pub fn not_a_need(item: &str, span: Span) -> Fault {
    Fault::new(format!("a block cannot need `{item}`"), span)
        .label("neither a kernel, nor `cgroups`, nor a program")
        .help("write it like `needs=\"kernel 6.18, nft\"`")
}

/// `fails exit=0`.
pub fn fails_with_exit_0(exit: Span, fails: Span) -> Fault {
    Fault::new("a command that fails does not exit with 0", exit)
        .label("0 is success")
        .also(fails, "but it is to fail")
        .help("leave one of them out")
}

/// `terminal=2` alone.
pub fn terminal_without_session(span: Span) -> Fault {
    Fault::new("a terminal without a session", span)
        .label("of which session?")
        .help("add `session=NAME`; a block without one has its own world")
}

// Views.

/// `console,replay after=x`.
pub fn unknown_view_option(
    word: &str,
    kind: Kind,
    meant: Option<&str>,
    known: &[&str],
    span: Span,
) -> Fault {
    let kind = kind.name();
    let fault = Fault::new(format!("unknown option `{word}`"), span)
        .label(format!("no {kind} has this option"));
    if let Some(meant) = meant {
        return fault.help(format!("did you mean `{meant}`?"));
    }
    let known: Vec<_> = known.iter().map(|o| format!("`{o}`")).collect();
    fault.help(format!("the options of a {kind}: {}", known.join(", ")))
}

/// `console,replay` and no session.
pub fn option_missing(kind: Kind, option: &str, opening: Span) -> Fault {
    let name = kind.name();
    let help = match option {
        "session" => "add `session=NAME`, the session to show",
        "after" => "add `after=ID`, the block after which to draw it",
        _ => "add `kinds=pid`, or the kinds of namespaces to draw",
    };
    Fault::new(format!("this {name} has no `{option}`"), opening)
        .label(format!("a {name} needs it"))
        .help(help)
}

/// `kinds=process`.
pub fn not_a_kind(
    kind: &str,
    meant: Option<&str>,
    known: &[&str],
    span: Span,
) -> Fault {
    Fault::new(format!("`{kind}` is no kind of namespaces"), span)
        .label("not a kind")
        .help(match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the kinds: {}", known.join(", ")),
        })
}

/// `kinds=pid,pid`.
pub fn kind_twice(kind: &str, span: Span) -> Fault {
    Fault::new(format!("kind `{kind}` is named twice"), span)
        .label("each kind is drawn once")
        .help("leave one of them out")
}

/// `links=parent`.
pub fn not_a_link(link: &str, span: Span) -> Fault {
    Fault::new(format!("`{link}` is nothing that lines can show"), span)
        .label("not a link")
        .help(
            "write `links=owner`, which shows the user namespace that owns \
             each other one; what is in which is always shown",
        )
}

/// `links=owner kinds=pid`.
pub fn no_owners(span: Span) -> Fault {
    Fault::new("no owner is drawn", span)
        .label("owners are user namespaces")
        .help("add `user` to `kinds`")
}

/// Lines in a view.
pub fn not_empty(kind: Kind, line: Span) -> Fault {
    let name = kind.name();
    Fault::new(format!("a {name} has no lines of its own"), line)
        .label("not shown")
        .help("leave the lines out; commands belong into `console,run` blocks")
}

/// `session=walc`.
pub fn unknown_session(name: &str, meant: Option<&str>, span: Span) -> Fault {
    Fault::new(format!("there is no session `{name}`"), span)
        .label("no block has this session")
        .help(match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add `session={name}` to the blocks it has"),
        })
}

/// `after=frist`.
pub fn unknown_block(
    id: &str,
    session: &str,
    owner: Option<&str>,
    meant: Option<&str>,
    span: Span,
) -> Fault {
    let title = format!("session `{session}` has no block `{id}`");
    let help = match (owner, meant) {
        (Some(owner), _) => format!("write `session={owner}`, which has it"),
        (None, Some(meant)) => format!("did you mean `{meant}`?"),
        (None, None) => {
            format!("add `id={id}` to the block after which to draw")
        }
    };
    Fault::new(title, span).label("not one of its blocks").help(help)
}

/// `since=` names a block that comes later.
pub fn not_before(id: &str, span: Span) -> Fault {
    Fault::new(format!("block `{id}` is not before the other"), span)
        .label("nothing has changed since")
        .help("name a block that is run before the one in `after=`")
}

// The lines of a block.

/// `#` and nothing behind it.
pub fn bare_prompt(span: Span) -> Fault {
    Fault::new("a prompt without a command", span)
        .label("nothing is typed here")
        .help("write a command behind the prompt, or leave the line out")
}

/// `> ` without a command above.
pub fn nothing_to_continue(span: Span) -> Fault {
    Fault::new("there is no command to continue", span)
        .label("continues the line above, which is no command")
        .help("`> ` continues a command; input is typed without a mark")
}

/// Input, and nothing runs that could read it.
pub fn nothing_runs(span: Span) -> Fault {
    Fault::new("there is no command to type this into", span)
        .label("not a command")
        .help(
            "a command stands behind its prompt, `# ` for root \
             or `$ ` for the user `reader`",
        )
}

/// A command at a terminal where another still runs.
pub fn still_running(span: Span, running: Place) -> Fault {
    Fault::new("there is no prompt at this terminal", span)
        .label("cannot be typed yet")
        .elsewhere(running, "this command has been left running")
        .help("interrupt it with a line `^C`, or use another terminal")
}

/// `until=` on a block that has no command.
pub fn until_without_command(span: Span) -> Fault {
    Fault::new("there is no command to wait for", span)
        .label("waits for the block's last command")
        .help("move `until` to the block that starts the command")
}

// Sessions.

/// The same `id` again.
pub fn id_twice(name: &str, span: Span, first: Place) -> Fault {
    Fault::new(format!("two blocks are named `{name}`"), span)
        .label("again here")
        .elsewhere(first, "first here")
        .help("the names of blocks are unique in a book")
}

/// A session that goes on in another chapter.
pub fn session_in_two_chapters(name: &str, span: Span, first: Place) -> Fault {
    Fault::new(
        format!("session `{name}` is already that of another chapter"),
        span,
    )
    .label("again here")
    .elsewhere(first, "first here")
    .help("a session stays in its chapter; choose another name")
}

// What happened.

/// A status that the block does not expect.
pub fn failed(command: &str, status: i32, span: Span) -> Fault {
    Fault::new(format!("`{command}` failed"), span)
        .label(format!("exit status {status}"))
        .help("if the failure is the point, add `fails` to the block")
}

/// A failure before the last command, where `fails` does not reach.
pub fn failed_before_last(command: &str, status: i32, span: Span) -> Fault {
    Fault::new(format!("`{command}` failed"), span)
        .label(format!("exit status {status}"))
        .help(
            "`fails` and `exit` speak of a block's last command; \
             split the block behind this one",
        )
}

/// Status 0 under `fails`.
pub fn did_not_fail(command: &str, span: Span) -> Fault {
    Fault::new(format!("`{command}` was expected to fail"), span)
        .label("exit status 0")
        .help("remove `fails`, or find out why Linux allows it")
}

/// Another status than `exit=` says.
pub fn wrong_status(
    command: &str,
    status: i32,
    expected: u8,
    span: Span,
) -> Fault {
    Fault::new(format!("`{command}` exits with another status"), span)
        .label(format!("exit status {status}, not {expected}"))
        .help(format!("write `exit={status}` if that is right"))
}

/// A program that is not there.
pub fn not_found(program: &str, span: Span) -> Fault {
    Fault::new(format!("there is no program `{program}`"), span)
        .label("not found")
        .help(format!(
            "if machines may lack it, add `needs=\"{program}\"` to the block"
        ))
}

/// Time is up.
pub fn timed_out(
    command: &str,
    waits_for_input: bool,
    until: Option<&str>,
    limit: Duration,
    span: Span,
) -> Fault {
    let limit = duration::show(limit);
    let fault = Fault::new(format!("`{command}` did not end in {limit}"), span)
        .label("still running");
    match (until, waits_for_input) {
        (Some(text), _) => fault.help(format!(
            "it has not printed `{text}`; correct `until`, \
             or allow more with `timeout`"
        )),
        (None, true) => fault.help(
            "it waits for input: type it on the lines below the command, \
             with `^D` for its end",
        ),
        (None, false) => fault.help(
            "allow more with `timeout=30s`; for a command that stays, \
             add `until=\"text\"` and a line `^C`",
        ),
    }
}

/// A shell that cannot be followed.
pub fn no_marks(command: &str, span: Span) -> Fault {
    Fault::new(
        format!("`{command}` starts a shell that does not mark its prompt"),
        span,
    )
    .label("its commands would have no end")
    .help(
        "let it read its start file: without `--norc`, and with `HOME` and \
         `ENV` as they were",
    )
}

/// More output than a page can hold.
pub fn too_much_output(command: &str, span: Span) -> Fault {
    Fault::new(format!("`{command}` printed too much"), span)
        .label("stopped here")
        .help("shorten its output, for example with `| head`")
}

/// Another prompt than the author wrote.
pub fn other_prompt(written: &str, printed: &str, span: Span) -> Fault {
    Fault::new("the shell prints another prompt here", span)
        .label(format!("the prompt is `{printed}`, not `{written}`"))
        .help("`# ` is the prompt of root, `$ ` that of everybody else")
}

/// The shell asks for more.
pub fn incomplete(command: &str, span: Span) -> Fault {
    Fault::new(format!("`{command}` is not complete"), span)
        .label("the shell asks for more")
        .help(
            "close what is open, a quote or a here-document, on further \
             lines that begin with `> `",
        )
}

/// The shell runs the command before the author has finished it.
pub fn not_continued(command: &str, taken: usize, span: Span) -> Fault {
    let lines = if taken == 1 { "line" } else { "lines" };
    Fault::new(format!("`{command}` is complete too early"), span)
        .label(format!("the shell runs it after {taken} {lines}"))
        .help("input for a command is written without `> `")
}

/// The command ended before it had read everything.
pub fn unread_input(command: &str, left: usize, span: Span) -> Fault {
    let lines = if left == 1 { "line" } else { "lines" };
    Fault::new(format!("`{command}` ended before it had read its input"), span)
        .label(format!("{left} {lines} of input left over"))
        .help("leave the lines out; commands begin with `# ` or `$ `")
}

/// A command for a shell that is gone.
pub fn terminal_ended(span: Span) -> Fault {
    Fault::new("there is no shell at this terminal any more", span)
        .label("cannot be typed")
        .help("an earlier command has ended the terminal's shell")
}

/// `exit=` cannot be checked, because the shell itself ended.
pub fn ended_with_shell(command: &str, span: Span) -> Fault {
    Fault::new(
        format!(
            "`{command}` ended the terminal's shell, so its status is not known"
        ),
        span,
    )
    .label("no prompt afterwards")
    .help("remove `fails` and `exit`, or start another shell first")
}

/// The world went away.
pub fn lost(reason: &str, span: Span) -> Fault {
    Fault::new("the session was lost", span)
        .label(reason)
        .help("run `mdbook-console doctor` for what this machine allows")
}

/// Says which blocks of the session were not run because of a fault.
pub fn with_rest(fault: Fault, session: &Session, broken: usize) -> Fault {
    match session.blocks.len() - broken - 1 {
        0 => fault,
        1 => fault.note(format!(
            "the next block of session `{}` was not run",
            session.name
        )),
        rest => fault.note(format!(
            "the {rest} further blocks of session `{}` were not run",
            session.name
        )),
    }
}
