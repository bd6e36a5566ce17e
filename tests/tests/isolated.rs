//! Isolated rings: what holds for rings in files holds for them, nobody has them who was not given them, readers cannot write
//! the body, and whatever a module does to their memory, no other dies of it.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

use ipc_tests::{Isolated, Peer, Ring, eventually};
use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags, fallocate, fcntl_add_seals, fcntl_get_seals, memfd_create};
use rustix::io::Errno;

/// The descriptors of a process that lead to the ring's memory: whether it is the body, and the flags with which it was opened.
fn descriptors(process: &Peer) -> Vec<(bool, u32)> {
    let listed = std::fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap();
    let found = listed.filter_map(|entry| {
        let entry = entry.unwrap();
        let link = std::fs::read_link(entry.path()).ok()?;
        let is_body = match link.to_str()? {
            "/memfd:parcels (deleted)" => false,
            "/memfd:parcels.body (deleted)" => true,
            _ => return None,
        };
        let number = entry.file_name().into_string().unwrap();
        let info = std::fs::read_to_string(format!("/proc/{}/fdinfo/{number}", process.id())).unwrap();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
        Some((is_body, u32::from_str_radix(flags, 8).unwrap()))
    });
    found.collect()
}

fn done(mut process: Peer, command: &str) -> Peer {
    assert_eq!(process.ask(command), "done", "{command}");
    process
}

/// A memfd of that many bytes, with these seals.
fn memory(bytes: u64, seals: SealFlags) -> OwnedFd {
    let memory = memfd_create("other", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
    rustix::fs::ftruncate(&memory, bytes).unwrap();
    fcntl_add_seals(&memory, seals).unwrap();
    memory
}

const SIZE_SEALED: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::SEAL);

#[test]
fn every_kind_of_end_gets_every_frame_in_order() {
    let ring = Isolated::new(&["a"]);
    let mut readers = [done(ring.reader(), "consume a"), done(ring.reader(), "join")];
    let mut observer = done(ring.reader(), "observe");
    observer.tell("observe-all");
    readers.iter_mut().for_each(|reader| reader.tell("drain"));
    let mut producer = done(ring.producer(), "produce");
    assert_eq!(producer.ask("send 3000"), "3000");
    assert_eq!(producer.ask("close"), "done");
    for reader in &mut readers {
        assert_eq!(reader.answer().unwrap(), "closed 0..3000");
    }
    assert_eq!(observer.line().unwrap().split_once(' ').unwrap().0, "saw");
    let told = observer.answer().unwrap();
    let (seen, skipped) = told.strip_prefix("seen ").unwrap().split_once(" skipped ").unwrap();
    let (seen, skipped): (u64, u64) = (seen.parse().unwrap(), skipped.parse().unwrap());
    assert!(seen > 0 && seen + skipped <= 3000, "{told}");
}

#[test]
fn what_was_killed_goes_on_where_it_was_once_its_successor_is_given_the_ring() {
    let ring = Isolated::new(&["a"]);
    let (mut sent, mut got) = (0, 0);
    for _ in 0..10 {
        let mut producer = done(ring.producer(), "produce");
        assert_eq!(producer.ask("send 7"), (sent + 7).to_string());
        producer.kill();
        sent += 7;
        let mut consumer = done(ring.reader(), "consume a");
        assert_eq!(consumer.ask("recv 6"), format!("{got}..{}", got + 6));
        consumer.kill();
        got += 6;
    }
}

#[test]
fn a_place_that_is_taken_is_refused() {
    let ring = Isolated::new(&["a"]);
    let _held = [done(ring.producer(), "produce"), done(ring.reader(), "consume a")];
    let producer = ring.producer().ask("produce");
    assert!(producer.starts_with("ProducerTaken: the ring memfd:parcels of class"), "{producer}");
    let consumer = ring.reader().ask("consume a");
    assert!(consumer.starts_with("SlotTaken: the ring memfd:parcels"), "{consumer}");
}

#[test]
fn a_lock_is_free_at_once_when_its_holder_dies_though_its_parent_has_the_descriptors() {
    let ring = Isolated::new(&["a"]);
    for _ in 0..5 {
        // This process has the ring too, and hands each module the same body or another description of the control part.
        let mut killed = [done(ring.producer(), "produce"), done(ring.reader(), "consume a")];
        killed.iter_mut().for_each(|process| drop(process.kill()));
    }
    assert_eq!(ring.producer().ask("produce"), "done");
}

#[test]
fn a_producer_goes_on_when_the_dynamic_consumer_that_it_waits_for_dies() {
    let ring = Isolated::new(&[]);
    let mut consumer = done(ring.reader(), "join");
    let mut producer = done(ring.producer(), "produce");
    producer.tell("send 3000");
    producer.sleeps();
    consumer.kill();
    eventually("the producer has sent all", || producer.answer().as_deref() == Some("3000"));
}

#[test]
fn modules_of_other_users_use_it_and_cannot_write_the_body_even_so() {
    if !rustix::process::geteuid().is_root() {
        println!("only root can be another user: the test shows nothing here");
        return;
    }
    let ring = Isolated::new(&["a"]);
    let mut producer = done(done(ring.producer(), "become 12345"), "produce");
    let mut consumer = done(done(ring.reader(), "become 12346"), "consume a");
    assert_eq!(producer.ask("send 20"), "20");
    assert_eq!(consumer.ask("recv 20"), "0..20");
}

#[test]
fn a_reader_cannot_write_the_body() {
    let ring = Isolated::new(&["a"]);
    let [_, body] = ring.memory().for_reader().unwrap().into_descriptors().map(File::from);
    assert_eq!(body.write_at(b"x", 0).unwrap_err().raw_os_error(), Some(libc::EBADF));
    let refused = memmap2::MmapOptions::new().len(4096).map_raw(&body).unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(libc::EACCES));

    let mapped = memmap2::MmapOptions::new().len(4096).map_raw_read_only(&body).unwrap();
    // SAFETY: nobody has a reference into the mapping.
    let refused = unsafe { libc::mprotect(mapped.as_mut_ptr().cast(), 4096, libc::PROT_READ | libc::PROT_WRITE) };
    assert_eq!((refused, Errno::from_io_error(&std::io::Error::last_os_error())), (-1, Some(Errno::ACCESS)));
}

#[test]
fn not_even_its_owner_can_open_the_body_anew_for_writing() {
    // Root may open anything, so this is somebody else, for what it makes and for what it opens.
    let as_somebody = || {
        // SAFETY: sets this thread's identity for files, and touches no memory.
        unsafe { libc::setfsuid(12_345) };
        let ring = Isolated::new(&["a"]);
        for body in [ring.memory().for_reader(), ring.memory().for_producer()] {
            let [control, body] = body.unwrap().into_descriptors();
            let open_anew = |descriptor: &OwnedFd| {
                File::options().read(true).write(true).open(format!("/proc/self/fd/{}", descriptor.as_raw_fd()))
            };
            assert_eq!(open_anew(&body).unwrap_err().raw_os_error(), Some(libc::EACCES));
            open_anew(&control).unwrap();
        }
    };
    std::thread::spawn(as_somebody).join().unwrap();
}

#[test]
fn a_reader_that_is_to_produce_is_told_so() {
    let ring = Isolated::new(&["a"]);
    let answer = ring.reader().ask("produce");
    assert_eq!(
        answer,
        "Channel: channel \"parcels\": its body was handed over for reading alone: its producer is another module"
    );
}

#[test]
fn its_size_and_its_seals_stay() {
    let ring = Isolated::new(&["a"]);
    for file in ring.memory().for_producer().unwrap().into_descriptors().map(File::from) {
        let bytes = file.metadata().unwrap().len();
        for wrong in [0, bytes - 1, bytes + 1] {
            assert_eq!(file.set_len(wrong).unwrap_err().raw_os_error(), Some(libc::EPERM), "{wrong} of {bytes}");
        }
        assert!(fcntl_get_seals(&file).unwrap().contains(SIZE_SEALED));
        assert_eq!(fcntl_add_seals(&file, SealFlags::WRITE), Err(Errno::PERM));
    }
}

#[test]
fn it_cannot_be_executed_where_the_kernel_can_keep_it_from_that() {
    // What a kernel does not know it refuses.
    let known = memfd_create("asks", MemfdFlags::CLOEXEC | MemfdFlags::NOEXEC_SEAL).is_ok();
    let ring = Isolated::new(&[]);
    for file in ring.memory().for_producer().unwrap().into_descriptors() {
        assert_eq!(fcntl_get_seals(&file).unwrap().contains(SealFlags::EXEC), known);
    }
}

#[test]
fn what_a_module_starts_inherits_nothing_of_it() {
    let ring = Isolated::new(&["a"]);
    for (process, command, write) in [(ring.producer(), "produce", true), (ring.reader(), "consume a", false)] {
        let process = done(process, command);
        let found = descriptors(&process);
        assert!(found.iter().any(|(is_body, _)| *is_body) && found.iter().any(|(is_body, _)| !is_body));
        for (is_body, flags) in found {
            assert_ne!(flags & libc::O_CLOEXEC as u32, 0, "{command}");
            let access = if is_body && !write { libc::O_RDONLY } else { libc::O_RDWR };
            assert_eq!(flags & libc::O_ACCMODE as u32, access as u32, "{command}");
        }
    }
}

#[test]
fn whoever_was_not_given_it_is_told_how_modules_get_it() {
    let ring = Isolated::new(&["a"]);
    for variable in ["", "others=3:4"] {
        let answer = ring.told(variable, Vec::new()).ask("consume a");
        assert!(
            answer.starts_with("Channel: channel \"parcels\": it is isolated, and IPC_ISOLATED does not"),
            "{answer}"
        );
        assert!(answer.ends_with("so start this program as one of them, by `ipc run`"), "{answer}");
    }
    let answer = ring.told("parcels=3", Vec::new()).ask("produce");
    assert!(answer.contains("IPC_ISOLATED has \"parcels=3\": expected descriptors as in `frames=7:8`"), "{answer}");
}

#[test]
fn descriptors_that_are_no_sealed_memory_are_refused() {
    let ring = Isolated::new(&["a"]);
    let file = Ring::new(&[]);
    file.channel().create().unwrap();
    let (pipe, _other_end) = std::io::pipe().unwrap();
    let bytes = 1 << 16;
    let hostile: [(OwnedFd, &str); 7] = [
        (File::open("/dev/null").unwrap().into(), "found /dev/null"),
        (File::options().read(true).write(true).open(file.path()).unwrap().into(), " with the seals SEAL"),
        (pipe.into(), "found pipe:["),
        (memory(bytes, SealFlags::empty()), "found /memfd:other (deleted) with no seals"),
        (memory(bytes, SealFlags::SHRINK | SealFlags::SEAL), " with the seals SEAL SHRINK"),
        (memory(bytes, SealFlags::GROW | SealFlags::SHRINK), " with the seals SHRINK GROW"),
        (huge_memory(), " outside of tmpfs with"),
    ];
    for (descriptor, says) in hostile {
        let [control, body] = ring.memory().for_producer().unwrap().into_descriptors();
        for pair in [[descriptor.try_clone().unwrap(), body], [control, descriptor.try_clone().unwrap()]] {
            let answer = ring.given(pair).ask("produce");
            assert!(answer.starts_with("Channel: channel \"parcels\": the descriptor "), "{answer}");
            assert!(answer.contains("that IPC_ISOLATED names for it: expected a memfd with the seals"), "{answer}");
            assert!(answer.contains(says), "no {says} in {answer}");
        }
    }
}

/// Sealed memory in huge pages, which may lack when they are touched.
fn huge_memory() -> OwnedFd {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING | MemfdFlags::HUGETLB;
    let memory = memfd_create("huge", flags).unwrap();
    fcntl_add_seals(&memory, SIZE_SEALED).unwrap();
    memory
}

#[test]
fn a_descriptor_that_is_not_open_is_named() {
    let ring = Isolated::new(&["a"]);
    let answer = ring.told("parcels=77:78", Vec::new()).ask("produce");
    assert!(answer.contains("the descriptor 77 that IPC_ISOLATED names for it: Bad file descriptor"), "{answer}");
    assert!(answer.contains("a program that starts the module's own must pass it on"), "{answer}");
}

#[test]
fn sealed_memory_that_is_no_ring_or_not_its_own_is_refused() {
    let ring = Isolated::new(&["a"]);
    let given = || ring.memory().for_producer().unwrap().into_descriptors();
    let swapped = |[control, body]: [OwnedFd; 2]| [body, control];
    let with_body = |bytes| {
        let [control, _] = given();
        [control, memory(bytes, SIZE_SEALED)]
    };
    let [_, body] = given();
    let cases: [([OwnedFd; 2], &str); 6] = [
        (swapped(given()), "it does not begin as a ring does"),
        (with_body(4096), "its body has 4096 bytes: expected 65536"),
        (with_body(0), "its body has 0 bytes: expected 65536"),
        (with_body(1 << 17), "its body has 131072 bytes: expected 65536"),
        ([memory(0, SIZE_SEALED), body.try_clone().unwrap()], "the file ends in its first 112 bytes"),
        ([memory(1 << 20, SIZE_SEALED), body], "it does not begin as a ring does"),
    ];
    for (pair, says) in cases {
        let answer = ring.given(pair).ask("produce");
        assert!(
            answer.starts_with("Channel: channel \"parcels\": the memory that was handed over is no usable"),
            "{answer}"
        );
        assert!(answer.contains(says), "no {says} in {answer}");
    }
}

#[test]
fn its_maker_removes_it_and_all_learn_that() {
    let ring = Isolated::new(&["a"]);
    let mut consumer = done(ring.reader(), "consume a");
    consumer.tell("recv 1");
    consumer.sleeps();
    ring.channel().remove().unwrap();
    let says = "Replaced: the ring memfd:parcels of class ";
    let answer = consumer.answer().unwrap();
    assert!(answer.starts_with(says) && answer.ends_with("the controller that made it has ended the application"));
    for answer in [ring.producer().ask("produce"), ring.reader().ask("join"), ring.reader().ask("observe")] {
        assert!(answer.starts_with(says), "{answer}");
    }
}

#[test]
fn no_module_keeps_its_maker_from_removing_it() {
    let ring = Isolated::new(&["a"]);
    let [hostile, _] = ring.memory().for_reader().unwrap().into_descriptors();
    // SAFETY: a `flock` of zeros is one of all bytes.
    let mut every_byte: libc::flock = unsafe { std::mem::zeroed() };
    every_byte.l_type = libc::F_WRLCK as libc::c_short;
    // SAFETY: the descriptor is open, and the lock lives through the call.
    let refused = unsafe { libc::fcntl(hostile.as_raw_fd(), libc::F_OFD_SETLK, &raw mut every_byte) };
    assert_eq!(refused, 0, "{}", std::io::Error::last_os_error());
    ring.channel().remove().unwrap();
    assert!(ring.reader().ask("join").starts_with("Replaced: "));
}

#[test]
fn a_module_cannot_remove_it() {
    let ring = Isolated::new(&["a"]);
    let answer = ring.producer().ask("remove");
    assert_eq!(answer, "Channel: channel \"parcels\": an isolated ring is removed by who made it");
    assert_eq!(ring.producer().ask("produce"), "done");
}

#[test]
fn its_maker_frees_the_place_of_a_consumer_that_does_not_come_back() {
    let ring = Isolated::new(&["a"]);
    let mut producer = done(ring.producer(), "produce");
    producer.tell("send 3000");
    producer.sleeps();
    ring.channel().detach("a").unwrap();
    eventually("the producer has sent all", || producer.answer().as_deref() == Some("3000"));
}

#[test]
fn whatever_a_module_does_to_the_memory_no_other_dies_or_hangs() {
    let mut random = 20_261_122_u64;
    let mut below = |limit: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    for round in 0..12 {
        let ring = Isolated::new(&["a"]);
        let hostile = ring.memory().for_producer().unwrap().into_descriptors().map(File::from);
        let bytes = hostile.each_ref().map(|file| file.metadata().unwrap().len());
        let modules =
            [(ring.producer(), "produce"), (ring.reader(), "a"), (ring.reader(), "join"), (ring.reader(), "observe")];
        let mut modules = modules.map(|(mut module, end)| {
            module.tell(&format!("churn {end} 300"));
            module
        });
        let mut harm = || {
            let part = below(2) as usize;
            let (file, page) = (&hostile[part], below(bytes[part]) & !4095);
            match below(8) {
                0 => assert!(file.set_len(below(bytes[part])).is_err()),
                1 => fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, page, 4096).unwrap(),
                _ => file.write_all_at(&below(u64::MAX).to_le_bytes(), below(bytes[part] - 8)).unwrap(),
            }
        };
        for module in &mut modules {
            let mut answer = None;
            eventually("the module has used its end 300 times", || {
                harm();
                answer = module.printed().pop();
                assert!(answer.is_some() || module.lives(), "a module died in round {round}");
                answer.is_some()
            });
            assert!(answer.is_some_and(|answer| answer.starts_with("= fine ")));
        }
    }
}

#[test]
fn a_module_that_forks_keeps_no_place_in_the_child() {
    let ring = Isolated::new(&["a"]);
    let mut forked = done(ring.reader(), "consume a");
    forked.tell("fork");
    while forked.line().expect("it lives") != "child lives" {}
    forked.kill_without_children();
    let mut successor = ring.reader();
    eventually("the place is free", || successor.ask("consume a") == "done");
}
