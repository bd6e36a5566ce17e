//! Making and opening rings: one ring for all who come at once, none by halves, nobody else's, and only for ends that agree.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ipc_core::{Access, Channel, Error, Fence};
use ipc_tests::format::{RingFile, control};
use ipc_tests::{Parcel, Peer, Ring, Tick, swapped};

/// How a process maps a ring's file: the permissions at each offset.
fn mappings(process: &Peer, ring: &Ring) -> Vec<(u64, String)> {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", process.id())).unwrap();
    let of_ring = maps.lines().filter(|line| line.ends_with(ring.path().to_str().unwrap()));
    of_ring
        .map(|line| {
            let columns: Vec<&str> = line.split_ascii_whitespace().collect();
            (u64::from_str_radix(columns[2], 16).unwrap(), columns[1].to_owned())
        })
        .collect()
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn many_who_create_at_once_agree_on_one_ring() {
    for _ in 0..20 {
        let ring = Ring::new(&["a"]);
        let mut processes: Vec<Peer> = (0..4).map(|_| ring.peer()).collect();
        processes.iter_mut().for_each(|process| process.tell("produce"));
        let answers: Vec<String> = processes.iter_mut().map(|process| process.answer().unwrap()).collect();
        assert_eq!(answers.iter().filter(|answer| *answer == "done").count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.starts_with("ProducerTaken: ")).count(), 3, "{answers:?}");
        // The one producer's ring is the one that has the name: a consumer that opens it now gets what it sends.
        let winner = answers.iter().position(|answer| answer == "done").unwrap();
        let mut consumer = ring.peer();
        assert_eq!(consumer.ask("consume a"), "done");
        assert_eq!(processes[winner].ask("send 3"), "3");
        assert_eq!(consumer.ask("recv 3"), "0..3");
        assert_eq!(std::fs::read_dir(ring.directory()).unwrap().count(), 1, "and nothing else is there");
    }
}

#[test]
fn a_creator_killed_at_a_random_moment_leaves_a_whole_ring_or_none() {
    for _ in 0..40 {
        let ring = Ring::new(&["a"]);
        let mut creator = ring.peer();
        creator.tell("create");
        creator.kill();
        let files = std::fs::read_dir(ring.directory()).unwrap().count();
        assert!(files <= 1);
        if files == 1 {
            ring.channel().open_producer().expect("what has the name is whole");
        }
    }
}

#[test]
fn the_space_of_a_ring_is_really_there() {
    for ring in [Ring::new(&[]), Ring::on_disk(env!("CARGO_TARGET_TMPDIR"), &[])] {
        ring.channel().create().unwrap();
        let found = std::fs::metadata(ring.path()).unwrap();
        assert!(found.blocks() * 512 >= found.size(), "{} of {} bytes", found.blocks() * 512, found.size());
    }
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    // More than any memory holds.
    let ring = Ring::new(&["a"]).capacity(1 << 40);
    let mut process = ring.peer();
    let answer = process.ask("produce");
    assert!(answer.starts_with("Os: ") && answer.contains("No space left on device"), "{answer}");
    assert!(answer.contains(ring.path().to_str().unwrap()), "{answer}");
    assert_eq!(std::fs::read_dir(ring.directory()).unwrap().count(), 0);
}

#[test]
fn a_ring_is_its_users_alone_unless_its_group_is_let_in() {
    let ring = Ring::new(&[]);
    ring.channel().create().unwrap();
    assert_eq!(mode(ring.path()), 0o600);
    ring.channel().remove().unwrap();
    ring.channel().access(Access::Group).create().unwrap();
    assert_eq!(mode(ring.path()), 0o660);
}

#[test]
fn a_name_without_a_path_stands_in_ipc_dir_which_is_its_users_alone() {
    let ring = Ring::new(&["a"]);
    let ipc_dir = ring.directory().join("rings");
    let mut producer = ring.peer_in(&ipc_dir, "camera");
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(mode(&ipc_dir), 0o700);
    assert_eq!(mode(&ipc_dir.join("camera.ring")), 0o600);
    let mut consumer = ring.peer_in(&ipc_dir, "camera");
    assert_eq!(consumer.ask("consume a"), "done");
    assert_eq!(producer.ask("send 1"), "1");
    assert_eq!(consumer.ask("recv 1"), "0..1");
}

#[test]
fn a_directory_that_others_may_write_is_refused() {
    let ring = Ring::new(&["a"]);
    let ipc_dir = ring.directory().join("rings");
    std::fs::create_dir(&ipc_dir).unwrap();
    std::fs::set_permissions(&ipc_dir, PermissionsExt::from_mode(0o777)).unwrap();
    for command in ["produce", "continue", "consume a", "create"] {
        let answer = ring.peer_in(&ipc_dir, "camera").ask(command);
        assert!(answer.starts_with("Os: ") && answer.contains("rings"), "{answer}");
    }
    assert_eq!(std::fs::read_dir(&ipc_dir).unwrap().count(), 0);
}

#[test]
fn a_name_that_cannot_be_one_is_refused() {
    for name in ["", ".hidden", "a b", "ä", "a\nb"] {
        let error = Channel::<Parcel>::new(name).producer().map(drop).unwrap_err();
        assert!(matches!(error, Error::Channel { .. }), "{error:?}");
    }
}

#[test]
fn another_users_ring_is_refused() {
    if !rustix::process::geteuid().is_root() {
        println!("only root can give a file to another user: the test shows nothing here");
        return;
    }
    let ring = Ring::new(&["a"]);
    ring.channel().create().unwrap();
    std::os::unix::fs::chown(ring.path(), Some(12_345), None).unwrap();
    let refused = |channel: Channel<Parcel>| {
        for error in [channel.producer().map(drop), channel.consumer("a").map(drop), channel.remove()] {
            let error = error.unwrap_err();
            assert!(matches!(error, Error::Os { .. }) && error.to_string().contains("user 12345"), "{error}");
        }
    };
    refused(ring.channel());
    for mode in [0o660, 0o666] {
        std::fs::set_permissions(ring.path(), PermissionsExt::from_mode(mode)).unwrap();
        refused(ring.channel());
    }
    refused(ring.channel().access(Access::Group));
    std::fs::set_permissions(ring.path(), PermissionsExt::from_mode(0o660)).unwrap();
    ring.channel().access(Access::Group).producer().unwrap();
}

#[test]
fn consumers_and_observers_map_the_body_read_only() {
    let ring = Ring::new(&["a"]);
    ring.channel().create().unwrap();
    let file = RingFile::open(ring.path());
    for (command, permissions) in [("produce", "rw-s"), ("consume a", "r--s"), ("join", "r--s"), ("observe", "r--s")] {
        let mut process = ring.peer();
        assert_eq!(process.ask(command), "done");
        let mappings = mappings(&process, &ring);
        assert_eq!(mappings.len(), 2, "control and body: {mappings:?}");
        assert!(mappings.contains(&(file.control, "rw-s".to_owned())), "{command}: {mappings:?}");
        assert!(mappings.contains(&(file.body, permissions.to_owned())), "{command}: {mappings:?}");
    }
}

#[test]
fn a_program_that_an_end_starts_inherits_nothing_of_the_ring() {
    let ring = Ring::new(&["a"]);
    let mut process = ring.peer();
    assert_eq!(process.ask("produce"), "done");
    let directory = format!("/proc/{}/fd", process.id());
    let mut found = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let number = entry.unwrap().file_name().into_string().unwrap();
        let link = std::fs::read_link(format!("/proc/{}/fd/{number}", process.id())).unwrap();
        if link == ring.path() {
            let info = std::fs::read_to_string(format!("/proc/{}/fdinfo/{number}", process.id())).unwrap();
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
            assert_ne!(u32::from_str_radix(flags, 8).unwrap() & libc::O_CLOEXEC as u32, 0, "{info}");
            found += 1;
        }
    }
    assert!(found > 0);
}

#[test]
fn structs_of_equal_size_with_swapped_members_are_told_apart_across_processes() {
    assert_eq!(size_of::<Tick>(), size_of::<swapped::Tick>());
    let ring = Ring::new(&["a"]);
    assert_eq!(ring.peer().ask("create-tick"), "done");
    let channel = ring.channel_of::<swapped::Tick>();
    for error in [channel.producer().map(drop), channel.consumer("a").map(drop), channel.observer().map(drop)] {
        let error = error.unwrap_err();
        assert!(error.is_mismatch(), "{error:?}");
        let text = error.to_string();
        for says in
            ["Tick.level", "Tick.count", "expected at offset 4, found at offset 0", ring.path().to_str().unwrap()]
        {
            assert!(text.contains(says), "no {says} in: {text}");
        }
    }
    ring.channel_of::<Tick>().open_producer().expect("the right class is let in");
}

#[test]
fn another_class_altogether_is_refused() {
    let ring = Ring::new(&["a"]);
    assert_eq!(ring.peer().ask("produce"), "done");
    let error = ring.channel_of::<Tick>().consumer("a").map(drop).unwrap_err();
    assert!(error.is_mismatch(), "{error:?}");
    assert!(error.to_string().contains("Parcel") && error.to_string().contains("Tick"), "{error}");
}

#[test]
fn ends_that_state_other_sizes_are_refused_with_what_differs() {
    let ring = Ring::new(&["a", "b"]);
    assert_eq!(ring.peer().ask("create"), "done");
    let refused = |channel: Channel<'_, Parcel>, says: &[&str]| {
        for error in [channel.producer().map(drop), channel.dynamic_consumer().map(drop), channel.create()] {
            let error = error.unwrap_err();
            assert!(error.is_mismatch(), "{error:?}");
            says.iter().for_each(|says| assert!(error.to_string().contains(says), "no {says} in: {error}"));
        }
    };
    refused(ring.channel().capacity(32 << 10), &["capacity", "32768", "16384"]);
    refused(ring.channel().reserve(&["a", "c"]), &["reserved", "\"b\"", "\"c\""]);
    refused(ring.channel().reserve(&["a"]), &["reserved", "\"b\""]);
    refused(ring.channel().dynamic_slots(9), &["9 dynamic slots", "found 4"]);
    refused(ring.channel().fence(Fence::Symmetric), &["Symmetric", "Asymmetric"]);
    let silent = Channel::<Parcel>::new(ring.path().to_str().unwrap());
    silent.open_producer().expect("what is not stated accepts what is there");
}

#[test]
fn a_reserved_name_that_is_not_there_names_those_that_are() {
    let ring = Ring::new(&["left", "right"]);
    ring.channel().create().unwrap();
    let answer = ring.peer().ask("consume middle");
    assert!(answer.starts_with("NoSuchSlot: "), "{answer}");
    for name in ["middle", "left", "right"] {
        assert!(answer.contains(name), "{answer}");
    }
}

#[test]
fn a_place_that_is_taken_is_refused_across_processes() {
    let ring = Ring::new(&["a"]).dynamic_slots(1);
    let mut first = ring.peer();
    let mut second = ring.peer();
    for command in ["produce", "consume a"] {
        assert_eq!(first.ask(command), "done");
    }
    let answer = second.ask("produce");
    assert!(answer.starts_with("ProducerTaken: "), "{answer}");
    let answer = second.ask("consume a");
    assert!(answer.starts_with("SlotTaken: ") && answer.contains(&format!("process {}", first.id())), "{answer}");
    let mut third = ring.peer();
    assert_eq!(third.ask("join"), "done");
    let answer = second.ask("join");
    assert!(answer.starts_with("NoFreeSlot: ") && answer.contains("all 1 dynamic slots"), "{answer}");
    // A place is free as soon as its holder is dead.
    first.kill();
    third.kill();
    for command in ["produce", "consume a", "join"] {
        assert_eq!(second.ask(command), "done");
    }
}

#[test]
fn a_place_that_was_left_is_free_at_once_though_other_threads_start_programs() {
    let ring = Ring::new(&["a"]);
    ring.channel().create().unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                std::process::Command::new("true").status().unwrap();
            }
        });
        let opened = (0..3000).try_for_each(|_| ring.channel().producer().map(drop));
        done.store(true, Ordering::Relaxed);
        opened.unwrap();
    });
}

#[test]
fn who_may_not_make_the_ring_says_that_it_is_not_there() {
    let ring = Ring::new(&["a"]);
    let error = ring.channel().open_producer().map(drop).unwrap_err();
    assert!(error.is_not_there() && error.to_string().contains("is not there"), "{error}");
    let limit = Duration::from_millis(5);
    let error = ring.channel().wait_for_ring(limit).consumer("a").map(drop).unwrap_err();
    assert!(error.is_not_there() && error.to_string().contains("after 5ms"), "{error}");
    assert!(!ring.path().exists());
}

#[test]
fn every_opener_of_a_ring_from_before_the_last_boot_prepares_it_once() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 10"), "10");
    assert_eq!(producer.ask("sync"), "done");
    producer.kill();
    let boot = RingFile::open(ring.path()).get(control::BOOT);
    RingFile::open(ring.path()).set(control::BOOT, !boot);
    let mut processes: Vec<Peer> = (0..6).map(|_| ring.peer()).collect();
    processes.iter_mut().for_each(|process| process.tell("create"));
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("consume a"), "done");
    assert_eq!(consumer.ask("recv 10"), "0..10");
    processes.iter_mut().for_each(|process| assert_eq!(process.answer().unwrap(), "done"));
    assert_eq!(RingFile::open(ring.path()).get(control::BOOT), boot);
}

#[test]
fn who_cannot_use_membarrier_makes_symmetric_rings_and_is_refused_asymmetric_ones() {
    let ring = Ring::new(&[]).fence(Fence::Asymmetric);
    let mut process = ring.peer();
    assert_eq!(process.ask("refuse-membarrier"), "done");
    let refused = |answer: String| assert!(answer.contains("make the ring with symmetric ones"), "{answer}");
    refused(process.ask("produce"));
    assert!(!ring.path().exists(), "nothing is left of a ring that its maker cannot use");
    assert_eq!(process.ask("create-with-defaults"), "done");
    let with = |fence| Channel::<Tick>::new(ring.path().to_str().unwrap()).fence(fence).create();
    with(Fence::Symmetric).unwrap();
    assert!(with(Fence::Asymmetric).is_err_and(|error| error.is_mismatch()));

    std::fs::remove_file(ring.path()).unwrap();
    ring.channel().create().unwrap();
    for open in ["produce", "continue", "join", "observe"] {
        refused(process.ask(open));
    }
}
