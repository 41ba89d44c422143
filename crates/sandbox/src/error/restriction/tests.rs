//! Every restriction, from its step, its errno and the machine's own files.

use super::*;

fn machine(change: impl FnOnce(&mut Machine)) -> Machine {
    let mut machine = Machine::default();
    change(&mut machine);
    machine
}

fn recognised(
    act: Act,
    errno: Errno,
    change: impl FnOnce(&mut Machine),
) -> Restriction {
    Restriction::recognise(act, errno, &machine(change))
}

const ACTS: [Act; 7] = [
    Act::Begin,
    Act::Make(Kind::NETWORK),
    Act::MapIds,
    Act::MountView,
    Act::Mount,
    Act::ChangeRoot,
    Act::Other,
];

#[test]
fn a_machine_that_says_nothing_has_no_cause() {
    for act in ACTS {
        for errno in [Errno::EPERM, Errno::EACCES, Errno::EIO] {
            assert_eq!(recognised(act, errno, |_| {}), Restriction::Unknown);
        }
    }
}

#[test]
fn dockers_filter_is_told_by_any_refusal_of_a_call() {
    let in_docker = |machine: &mut Machine| {
        machine.filtered = true;
        machine.runtime = Runtime::Docker;
    };
    for act in [Act::Begin, Act::Make(Kind::MOUNT), Act::Mount] {
        let filter = recognised(act, Errno::EPERM, in_docker);
        assert_eq!(filter, Restriction::Filter(Runtime::Docker));
        assert!(filter.cause().starts_with("Docker's seccomp filter"));
        assert!(filter.remedy().contains("seccomp=unconfined"));
    }
    // clone3(2), or anything that the filter's author did not know.
    assert_eq!(
        recognised(Act::Other, Errno::ENOSYS, in_docker),
        Restriction::Filter(Runtime::Docker)
    );
    let filter = recognised(Act::Begin, Errno::EPERM, |machine| {
        machine.filtered = true;
        machine.runtime = Runtime::Podman;
    });
    assert!(filter.remedy().contains("podman run"));
}

#[test]
fn covered_parts_of_proc_are_told_when_proc_is_mounted() {
    for filtered in [false, true] {
        let masked = |machine: &mut Machine| {
            machine.masked_proc = true;
            machine.filtered = filtered;
        };
        let told = recognised(Act::MountView, Errno::EPERM, masked);
        assert_eq!(told, Restriction::MaskedProc);
        assert!(told.remedy().contains("systempaths=unconfined"));
        assert!(told.remedy().contains("unmask=ALL"));
    }
    let elsewhere = |machine: &mut Machine| machine.masked_proc = true;
    let told = recognised(Act::Mount, Errno::EPERM, elsewhere);
    assert_eq!(told, Restriction::Unknown);
}

#[test]
fn security_modules_are_told_by_the_name_of_the_profile() {
    let told = recognised(Act::Mount, Errno::EACCES, |machine| {
        machine.profile = Some("docker-default (enforce)".into());
        machine.runtime = Runtime::Docker;
        machine.filtered = true;
    });
    assert!(told.cause().contains("`docker-default (enforce)`"));
    assert!(told.remedy().contains("apparmor=unconfined"));
    let told = recognised(Act::MapIds, Errno::EACCES, |machine| {
        machine.profile = Some("container_t".into());
    });
    assert!(told.remedy().contains("in that profile"));
}

#[test]
fn ubuntus_switch_is_told_after_the_namespace_is_made() {
    let restricts = |machine: &mut Machine| machine.apparmor_restricts = true;
    for act in [Act::MapIds, Act::Make(Kind::MOUNT), Act::Mount, Act::Other] {
        for errno in [Errno::EPERM, Errno::EACCES] {
            let told = recognised(act, errno, restricts);
            assert_eq!(told, Restriction::AppArmor);
            assert!(told.remedy().contains("sysctl -w"));
        }
    }
    // In a container it is the container's filter that comes first.
    let told = recognised(Act::Begin, Errno::EPERM, |machine| {
        machine.apparmor_restricts = true;
        machine.filtered = true;
    });
    assert_eq!(told, Restriction::Filter(Runtime::Unknown));
}

#[test]
fn a_limit_of_zero_is_named() {
    for kind in Kind::ALL {
        let zero = |machine: &mut Machine| machine.none_allowed = vec![kind];
        let act = if [Kind::USER, Kind::PID].contains(&kind) {
            Act::Begin
        } else {
            Act::Make(kind)
        };
        let told = recognised(act, Errno::ENOSPC, zero);
        assert_eq!(told, Restriction::NoneAllowed(kind));
        assert!(told.cause().contains(kind.limit));
        assert!(told.remedy().contains(kind.limit));
        let full = recognised(act, Errno::ENOSPC, |_| {});
        assert_eq!(full, Restriction::TooMany);
        // A disk that is full is another matter.
        let disk = recognised(Act::Mount, Errno::ENOSPC, zero);
        assert_eq!(disk, Restriction::Unknown);
    }
}

#[test]
fn what_forbids_the_first_namespace_is_told_apart() {
    type Change = fn(&mut Machine);
    let cases: [(Change, Restriction); 4] = [
        (|m| m.userns_clone_off = true, Restriction::SwitchedOff),
        (|m| m.chrooted = true, Restriction::Chroot),
        (|m| m.unmapped = true, Restriction::Unmapped),
        (|m| m.filtered = true, Restriction::Filter(Runtime::Unknown)),
    ];
    for (change, restriction) in cases {
        let told = recognised(Act::Begin, Errno::EPERM, change);
        assert_eq!(told, restriction);
    }
    // The kernel's own certain refusals come before a filter that may be on.
    let told = recognised(Act::Begin, Errno::EPERM, |machine| {
        machine.chrooted = true;
        machine.filtered = true;
    });
    assert_eq!(told, Restriction::Chroot);
}

#[test]
fn landlock_is_told_by_what_it_forbids_everywhere() {
    let landlock = |machine: &mut Machine| machine.writes_refused = true;
    for (act, errno) in
        [(Act::MapIds, Errno::EACCES), (Act::Mount, Errno::EPERM)]
    {
        assert_eq!(recognised(act, errno, landlock), Restriction::Landlock);
    }
}

#[test]
fn too_many_processes_are_told_with_the_limit() {
    let limit = |machine: &mut Machine| machine.most_processes = Some(7);
    let told = recognised(Act::Begin, Errno::EAGAIN, limit);
    assert!(told.cause().ends_with("allows, 7"));
    assert!(told.remedy().contains("ulimit -u"));
    let told = recognised(Act::Begin, Errno::EAGAIN, |_| {});
    assert!(told.cause().contains("pids.max"));
}

#[test]
fn kernels_that_lack_something_are_told() {
    let no_time = |machine: &mut Machine| machine.missing = vec![Kind::TIME];
    let told = recognised(Act::Make(Kind::TIME), Errno::EINVAL, no_time);
    assert_eq!(told, Restriction::NoKind(Kind::TIME));
    assert!(told.remedy().contains("none needed"));
    let no_user = |machine: &mut Machine| machine.missing = vec![Kind::USER];
    let told = recognised(Act::Begin, Errno::EINVAL, no_user);
    assert_eq!(told, Restriction::NoKind(Kind::USER));
    let told = recognised(Act::Begin, Errno::EINVAL, |machine| {
        machine.wsl1 = true;
        machine.missing = vec![Kind::USER];
    });
    assert!(told.remedy().contains("WSL 2"));
    let told = recognised(Act::ChangeRoot, Errno::EINVAL, |_| {});
    assert_eq!(told, Restriction::Ramdisk);
    let told = recognised(Act::Begin, Errno::ENOSYS, |_| {});
    assert_eq!(told, Restriction::OldKernel);
    let told = recognised(Act::Begin, Errno::EPERM, |machine| {
        machine.imitated = true;
    });
    assert!(told.cause().contains("gVisor"));
}

/// Machines that differ from an unrestricted one in one fact.
fn restricted_machines() -> Vec<Machine> {
    let runtimes = [Runtime::Docker, Runtime::Podman, Runtime::Unknown];
    let mut machines = vec![
        machine(|m| m.userns_clone_off = true),
        machine(|m| m.apparmor_restricts = true),
        machine(|m| m.none_allowed = vec![Kind::USER]),
        machine(|m| m.most_processes = Some(1000)),
        machine(|m| m.masked_proc = true),
        machine(|m| m.chrooted = true),
        machine(|m| m.unmapped = true),
        machine(|m| m.writes_refused = true),
        machine(|m| m.missing = vec![Kind::USER]),
        machine(|m| m.missing = vec![Kind::TIME]),
        machine(|m| m.wsl1 = true),
        machine(|m| m.imitated = true),
        machine(|_| {}),
    ];
    for runtime in runtimes {
        machines.push(machine(|m| {
            m.filtered = true;
            m.runtime = runtime;
        }));
        machines.push(machine(|m| {
            m.profile = Some("a".into());
            m.runtime = runtime;
        }));
    }
    machines
}

#[test]
fn the_list_has_what_can_be_recognised_and_nothing_else() {
    let errnos = [
        Errno::EPERM,
        Errno::EACCES,
        Errno::ENOSPC,
        Errno::EAGAIN,
        Errno::EINVAL,
        Errno::ENOSYS,
        Errno::ENODEV,
    ];
    let acts = ACTS.into_iter().chain([Act::Make(Kind::TIME)]);
    let mut reached = Vec::new();
    for (act, errno) in acts.flat_map(|act| errnos.map(|errno| (act, errno))) {
        for machine in restricted_machines() {
            let told = Restriction::recognise(act, errno, &machine);
            reached.push((told.remedy(), errno));
        }
    }
    let listed = Restriction::all();
    let unknown = Restriction::Unknown.remedy();
    for (remedy, errno) in &reached {
        assert!(
            *remedy == unknown
                || listed.iter().any(|one| one.remedy() == *remedy),
            "{errno}: {remedy} is not listed"
        );
    }
    for one in listed {
        for errno in one.errnos() {
            let it = (one.remedy(), *errno);
            assert!(reached.contains(&it), "{one:?} never comes of {errno}");
        }
    }
}

#[test]
fn this_machine_is_not_taken_for_another() {
    let here = Machine::look();
    assert!(!here.chrooted && !here.unmapped && !here.imitated);
    assert!(!here.wsl1 && !here.writes_refused);
    assert_eq!(here.none_allowed, []);
}
