//! The exercises: what prepares each of them, what solves it, and what looks
//! as if it did. The tasks are in the book.

use anyhow::Result;

use crate::examine::Report;
use crate::solutions;
use crate::{
    cgroups, host, ipc, joining, kinds, lives, looking, mounts, networks, pids,
};

/// Looks at the kernel, and reports what holds.
pub(crate) type Check = Box<dyn FnMut(&mut Report) -> Result<()>>;

/// One exercise.
pub(crate) struct Exercise {
    /// Names it, in the order of the book.
    pub(crate) number: u32,
    /// Who can tell whether it is solved.
    pub(crate) judge: Judge,
    /// What starts the reader's shell; nothing unless set.
    pub(crate) shell: &'static [&'static str],
    /// A solution, as typed at that shell.
    pub(crate) solution: &'static str,
    /// The program that the solution needs, if it needs one.
    pub(crate) program: Option<Program>,
    /// What is no solution, and has to be refused.
    pub(crate) misses: &'static [&'static str],
}

/// A program, by its source and by what it does.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) source: &'static str,
    pub(crate) main: fn() -> Result<()>,
}

/// Who can tell whether an exercise is solved.
#[derive(Clone, Copy)]
pub(crate) enum Judge {
    /// The kernel, which is asked by this.
    Check(fn(&mut Report) -> Result<()>),
    /// The kernel, once this has prepared the scene.
    Scene(fn() -> Result<Check>),
}

impl Exercise {
    const fn new(number: u32, judge: Judge, solution: &'static str) -> Self {
        let (program, shell, misses) = (None, &[], &[]);
        Self { number, judge, shell, solution, program, misses }
    }

    const fn scene(
        number: u32,
        scene: fn() -> Result<Check>,
        solution: &'static str,
    ) -> Self {
        Self::new(number, Judge::Scene(scene), solution)
    }

    const fn check(
        number: u32,
        check: fn(&mut Report) -> Result<()>,
        solution: &'static str,
    ) -> Self {
        Self::new(number, Judge::Check(check), solution)
    }

    const fn shell(self, shell: &'static [&'static str]) -> Self {
        Self { shell, ..self }
    }

    const fn program(
        self,
        source: &'static str,
        main: fn() -> Result<()>,
    ) -> Self {
        Self { program: Some(Program { source, main }), ..self }
    }

    const fn misses(self, misses: &'static [&'static str]) -> Self {
        Self { misses, ..self }
    }
}

/// The exercise of that number.
pub(crate) fn find(number: u32) -> Option<&'static Exercise> {
    ALL.iter().find(|exercise| exercise.number == number)
}

/// An ordinary user's shell.
const ORDINARY: &[&str] =
    &["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"];

/// A shell with `unshare --pid` and without `--fork`, whose first child has
/// come and gone.
const CHILDLESS: &[&str] = &[
    "unshare",
    "--pid",
    "sh",
    "-c",
    "echo $$ > shell; /bin/true; exec \"$@\"",
    "sh",
];

/// A solution with its name in this folder.
macro_rules! text {
    ($name:literal) => {
        include_str!(concat!("solutions/", $name))
    };
}

static ALL: [Exercise; 36] = [
    Exercise::scene(1, looking::who_moved, text!("01.sh"))
        .misses(&["echo init > answer"]),
    Exercise::check(2, looking::which_links, text!("02.sh"))
        .misses(&["echo user > answer", "echo user net pid > answer"]),
    Exercise::check(3, looking::own_unshare, "")
        .program(text!("03.rs"), solutions::own_unshare::main)
        .misses(&[
            "printf '#!/bin/sh\nexec \"$@\"\n' > answer; chmod +x answer",
        ]),
    Exercise::check(4, looking::two_threads, text!("04.sh"))
        .program(text!("04.rs"), solutions::two_threads::main)
        .misses(&["unshare --uts sleep 1000 &"]),
    Exercise::check(5, kinds::which_name, text!("05.sh"))
        .misses(&["echo uname proc variable > answer", "echo uname > answer"]),
    Exercise::check(6, kinds::not_root, text!("06.sh"))
        .misses(&["unshare --user --map-root-user sleep 1000 &"]),
    Exercise::scene(7, kinds::setgroups, text!("07.sh")).misses(&[
        "unshare --user --map-root-user sleep 1000 &",
        "unshare --user sleep 1000 &",
    ]),
    Exercise::scene(8, kinds::secret, text!("08.sh")).misses(&[
        "echo '0 1000 1' > /proc/$(cat visitor)/uid_map",
        "chmod 644 secret",
    ]),
    Exercise::check(9, kinds::deepest, text!("09.sh"))
        .misses(&["echo 32 EPERM > answer", "echo 33 ENOSPC > answer"]),
    Exercise::check(10, pids::five_numbers, text!("10.sh")).misses(&[
        "unshare -pf unshare -pf unshare -pf sleep 1000 &",
        "unshare -pf unshare -pf unshare -pf unshare -pf unshare -pf \
         sleep 1000 &",
    ]),
    Exercise::check(11, pids::own_init, "")
        .program(text!("11.rs"), solutions::own_init::main)
        .misses(&[
            "printf '#!/bin/bash\n\"$@\"\n' > answer; chmod +x answer",
            "printf '#!/bin/bash\nexec \"$@\"\n' > answer; chmod +x answer",
        ]),
    Exercise::scene(12, pids::fourth_sleep, text!("12.sh"))
        .misses(&["sleep 1000 &", "unshare --pid --fork sleep 1000 &"]),
    Exercise::scene(13, pids::without_root, text!("13.sh"))
        .shell(ORDINARY)
        .misses(&["unshare --user --map-root-user --pid --fork sleep 1000 &"]),
    Exercise::scene(14, pids::who_looks, text!("14.sh"))
        .misses(&["echo 5 4 > answer", "echo 4 4 > answer"]),
    Exercise::check(15, pids::number_4242, text!("15.sh"))
        .program(text!("15.rs"), solutions::number_4242::main)
        .misses(&["answer &"]),
    Exercise::check(16, pids::end_from_inside, "")
        .program(text!("16.rs"), solutions::end_from_inside::main)
        .misses(&[
            "printf '#!/bin/sh\nkill -KILL 1\n' > answer; chmod +x answer",
        ]),
    Exercise::check(17, pids::undo, text!("17.sh"))
        .shell(CHILDLESS)
        .misses(&["exec unshare --pid bash"]),
    Exercise::check(18, mounts::one_way, text!("18.sh")).misses(&[
        "mount -t tmpfs none /mnt; mount --make-shared /mnt\n\
         unshare --mount --propagation shared sleep 1000 &",
        "mount -t tmpfs none /mnt; mount --make-shared /mnt\n\
         unshare --mount --propagation private sleep 1000 &",
    ]),
    Exercise::scene(19, mounts::hidden, text!("19.sh")).misses(&[
        "unshare --user --map-root-user --mount \
         sh -c 'mount --bind /dev/null plan; exec sleep 1000' &",
        "echo nothing > plan",
        "unshare --mount sleep 1000 &",
    ]),
    Exercise::scene(20, mounts::jail, "")
        .program(text!("20.rs"), solutions::jail::main)
        .misses(&[
            "printf '#!/bin/sh\ncat /root/secret\n' > answer; chmod +x answer",
        ]),
    Exercise::scene(21, mounts::two_owners, text!("21.sh"))
        .program(text!("21.rs"), solutions::two_owners::main)
        .misses(&[
            "mount --bind house /mnt",
            "mount -t tmpfs none /mnt; touch /mnt/door; chown 2000 /mnt/door",
        ]),
    Exercise::check(22, networks::three_in_a_row, text!("22.sh"))
        .misses(&[text!("22-miss.sh")]),
    Exercise::check(23, networks::port_80, text!("23.sh"))
        .program(text!("23.rs"), solutions::port_80::main)
        .misses(&["answer &"]),
    Exercise::check(24, networks::remembers, text!("24.sh"))
        .misses(&["unshare --net sleep 1000 &"]),
    Exercise::check(25, ipc::memory_in_common, text!("25.sh"))
        .program(text!("25.rs"), solutions::memory_in_common::main)
        .misses(&["unshare --ipc sleep 1000 &"]),
    Exercise::scene(26, cgroups::in_and_out, text!("26.sh"))
        .misses(&[text!("26-miss.sh"), "unshare --cgroup sleep 1000 &"]),
    Exercise::check(27, lives::ten_years, text!("27.sh"))
        .misses(&["unshare --time --boottime 86400 sleep 1000 &"]),
    Exercise::scene(28, lives::three_ways, text!("28.sh"))
        .program(text!("28.rs"), solutions::three_ways::main)
        .misses(&[text!("28-miss.sh")]),
    Exercise::scene(29, lives::same_number, text!("29.sh")).misses(&[
        "nsenter --target $(cat member) --uts sleep 1000 & kill $(cat member)",
    ]),
    Exercise::scene(30, joining::only_net, text!("30.sh"))
        .shell(ORDINARY)
        .misses(&[
            "nsenter --target $(cat container) --user --preserve-credentials \
             --net --uts sleep 1000 &",
        ]),
    Exercise::scene(31, joining::tree, text!("31.sh"))
        .misses(&["printf 'ash -\nbirch -\ncedar -\nelm -\n' > answer"]),
    Exercise::check(32, joining::ten_errors, text!("32.sh"))
        .misses(&["yes EPERM | head -n 10 | cat -n > answer"]),
    Exercise::scene(33, joining::cable, text!("33.sh"))
        .misses(&["ip link add here type veth peer name there"]),
    Exercise::check(34, joining::other_time, text!("34.sh")).misses(&[
        "unshare --pid --fork --mount --uts sleep 1000 &",
        "unshare --time --boottime 864000 sleep 1000 &",
    ]),
    Exercise::scene(35, mounts::distribution, text!("35.sh")).misses(&[
        "mount -t proc none crater/proc; unshare --mount --pid --fork \
         chroot crater sleep 1000 &",
        // The old root stays.
        concat!("umount() { :; }; export -f umount\n", text!("35.sh")),
    ]),
    Exercise::check(36, host::facts, text!("36.sh")).misses(&[
        "printf '%s\n' /proc/version /proc/cpuinfo /proc/meminfo > answer",
        "printf '%s\n' /proc/net/dev /proc/cpuinfo /proc/meminfo > answer",
        "printf '%s\n' /sys/class/net/lo/mtu /proc/cpuinfo /proc/meminfo \
         > answer",
        "printf '%s\n' /proc/uptime /proc/cpuinfo /proc/meminfo > answer",
        "echo a > a; printf '%s\n' /root/a /proc/cpuinfo /proc/meminfo \
         > answer",
    ]),
];

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::tasks;

    #[test]
    fn every_exercise_has_a_task_in_the_book_and_every_task_an_exercise() {
        let ours: Vec<u32> = ALL.iter().map(|e| e.number).collect();
        let told: Vec<u32> = tasks::all().iter().map(|t| t.number).collect();
        assert_eq!(ours, told);
    }
}
