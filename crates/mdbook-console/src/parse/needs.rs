//! What a block cannot do without: `needs="kernel 6.18, nft"`.

use std::fmt;

/// One thing a block needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A kernel of at least this release.
    Kernel(Release),
    /// A program, by name.
    Program(String),
    /// A world in which cgroups can be made.
    Cgroups,
}

/// The leading numbers of a kernel release, as in `6.18.44`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(Vec<u32>);

impl Release {
    /// Reads the leading numbers, and passes over what a distribution
    /// appends. `None` if there are none.
    pub fn leading(text: &str) -> Option<Self> {
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        Self::exact(text[..end].trim_end_matches('.'))
    }

    fn exact(text: &str) -> Option<Self> {
        text.split('.')
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()
            .map(Self)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel(release) => write!(f, "Linux {release}"),
            Self::Program(name) => write!(f, "`{name}`"),
            Self::Cgroups => f.write_str("cgroups"),
        }
    }
}

/// Reads one item of the list.
pub fn parse(item: &str) -> Option<Need> {
    let mut words = item.split_whitespace();
    match (words.next()?, words.next(), words.next()) {
        ("kernel", Some(release), None) => {
            Release::exact(release).map(Need::Kernel)
        }
        ("kernel", ..) => None,
        ("cgroups", None, None) => Some(Need::Cgroups),
        (program, None, None) if is_program(program) => {
            Some(Need::Program(program.to_owned()))
        }
        _ => None,
    }
}

fn is_program(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+[".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_compared_by_number() {
        let running = Release::leading("6.18.44-custom");
        assert_eq!(
            running.as_ref().map(Release::to_string).as_deref(),
            Some("6.18.44")
        );
        assert!(running >= Release::leading("6.18"));
        assert!(running >= Release::leading("6.9"));
        assert!(running < Release::leading("6.19"));
        assert_eq!(Release::leading("unknown"), None);
    }

    #[test]
    fn an_item_is_a_kernel_or_a_program() {
        assert_eq!(parse(" nft "), Some(Need::Program("nft".into())));
        assert!(matches!(parse("kernel 6.18"), Some(Need::Kernel(_))));
        assert_eq!(parse("cgroups"), Some(Need::Cgroups));
        for wrong in
            ["", "kernel", "kernel six", "kernel 6.18-rc1", "a b", "a/b"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
