//! Doorbells: consumers in event loops get every frame, sleep meanwhile, and hear of who dies.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::PathBuf;
use std::time::Duration;

use ipc_core::{Access, Fence};
use ipc_tests::{Isolated, Peer, Ring, eventually, send};

/// The doorbells beside a ring.
fn bells(ring: &Ring) -> Vec<PathBuf> {
    let entries = fs::read_dir(ring.directory()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "bell")).collect()
}

/// No doorbell.
const NONE: [PathBuf; 0] = [];

/// The only one.
#[track_caller]
fn bell(ring: &Ring) -> PathBuf {
    let bells = bells(ring);
    assert_eq!(bells.len(), 1, "{bells:?}");
    bells[0].clone()
}

/// A ring with a producer, and a consumer that has a doorbell.
fn ends(ring: &Ring) -> (Peer, Peer) {
    let (mut producer, mut consumer) = (ring.peer(), ring.peer());
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(consumer.ask("consume reader"), "done");
    assert_eq!(consumer.ask("bell"), "done");
    (producer, consumer)
}

/// Times that a process was scheduled in since it began.
fn switches(peer: &Peer) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/status", peer.id())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    line.trim().parse().unwrap()
}

#[test]
fn consumers_in_event_loops_get_every_frame_of_a_producer_that_pauses() {
    for fence in [Fence::Symmetric, Fence::Asymmetric] {
        let ring = Ring::new(&["reader", "sleeper"]).fence(fence);
        let (mut producer, mut consumer) = ends(&ring);
        let (mut sleeper, mut dynamic) = (ring.peer(), ring.peer());
        assert_eq!(sleeper.ask("consume sleeper"), "done");
        assert_eq!(dynamic.ask("join"), "done");
        consumer.tell("bell-drain");
        dynamic.tell("bell-drain");
        sleeper.tell("drain");
        assert_eq!(producer.ask("send-pausing 10000 7"), "10000");
        assert_eq!(producer.ask("close"), "done");
        for consumer in [&mut consumer, &mut dynamic, &mut sleeper] {
            assert_eq!(consumer.answer().unwrap(), "closed 0..10000", "{fence:?}");
        }
    }
}

#[test]
fn frames_that_were_there_before_the_doorbell_ring_it() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut consumer) = (ring.peer(), ring.peer());
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 5"), "5");
    assert_eq!(consumer.ask("consume reader"), "done");
    assert_eq!(consumer.ask("bell-recv 5"), "0..5");
}

#[test]
fn who_waits_for_a_doorbell_sleeps_until_it_rings() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut consumer) = ends(&ring);
    consumer.tell("bell-drain");
    let mut sent = 0;
    eventually("it sleeps", || {
        // A frame that it waits for has the producer open the doorbell, and nothing is left that rings by itself.
        consumer.watches();
        sent += 1;
        assert_eq!(producer.ask("send 1"), sent.to_string());
        consumer.watches();
        let before = switches(&consumer);
        std::thread::sleep(Duration::from_millis(600));
        switches(&consumer) == before
    });
    assert_eq!(producer.ask("close"), "done");
    assert_eq!(consumer.answer().unwrap(), format!("closed 0..{sent}"));
}

#[test]
fn a_producer_that_is_killed_rings_the_doorbell() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut consumer) = ends(&ring);
    assert_eq!(producer.ask("send 1"), "1");
    assert_eq!(consumer.ask("bell-recv 1"), "0..1");
    consumer.tell("bell-until-gone");
    consumer.watches();
    producer.kill();
    consumer.answer().unwrap().parse::<u64>().expect("it is told that the producer is gone");

    // Its successor rings too, and what it sends arrives.
    consumer.tell("bell-drain");
    consumer.watches();
    let mut successor = ring.peer();
    assert_eq!(successor.ask("produce"), "done");
    assert_eq!(successor.ask("send 2"), "3");
    assert_eq!(successor.ask("close"), "done");
    assert_eq!(consumer.answer().unwrap(), "closed 1..3");
}

#[test]
fn a_producer_that_was_killed_before_it_has_rung_is_noticed_as_well() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut consumer) = ends(&ring);
    consumer.tell("bell-until-gone");
    consumer.watches();
    producer.kill();
    consumer.answer().unwrap().parse::<u64>().expect("it is told that the producer is gone");
}

#[test]
fn a_frame_whose_producer_dies_before_it_rings_arrives() {
    for (stop, count) in [("BeforeWake", 1), ("FlagCleared", 1), ("BeforeWake", 2), ("FlagCleared", 2)] {
        let ring = Ring::new(&["reader"]);
        let (mut producer, mut consumer) = (ring.peer_that_dies_at(stop, count), ring.peer());
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(consumer.ask("consume reader"), "done");
        for sequence in 0..count {
            consumer.tell("bell-recv 1");
            consumer.watches();
            producer.tell("send 1");
            assert_eq!(consumer.answer().unwrap(), format!("{sequence}..{}", sequence + 1), "{stop} {count}");
            if sequence + 1 < count {
                producer.answer().expect("it lives");
            }
        }
        producer.killed_itself();
    }
}

#[test]
fn a_doorbell_goes_with_its_consumer() {
    let ring = Ring::new(&["reader"]);
    let (_producer, mut consumer) = ends(&ring);
    let metadata = fs::symlink_metadata(bell(&ring)).unwrap();
    assert!(metadata.file_type().is_fifo());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(consumer.ask("drop"), "done");
    assert_eq!(bells(&ring), NONE);
}

#[test]
fn the_group_that_shares_a_ring_can_ring_its_doorbells() {
    let ring = Ring::new(&["reader"]);
    let channel = ring.channel().access(Access::Group);
    let mut producer = channel.producer().unwrap();
    if rustix::process::geteuid().is_root() {
        // As in a directory whose files belong to its group, while its processes are of other ones.
        chown(ring.path(), None, Some(12_345)).unwrap();
    }
    let consumer = channel.consumer("reader").unwrap();
    consumer.doorbell().unwrap();
    let (bell, file) = (fs::metadata(bell(&ring)).unwrap(), fs::metadata(ring.path()).unwrap());
    assert_eq!((bell.mode() & 0o777, bell.gid()), (0o660, file.gid()));
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
    send(&mut producer, ring.bytes()).unwrap();
    assert_eq!(consumer.try_recv().unwrap().sequence(), 0);
}

#[test]
fn a_killed_consumer_leaves_no_doorbell_once_its_slot_is_free() {
    // A dynamic one's goes when the producer needs its slot's space, or opens the ring.
    let ring = Ring::new(&[]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("join"), "done");
    assert_eq!(consumer.ask("bell"), "done");
    consumer.tell("bell-recv 1");
    consumer.watches();
    consumer.kill();
    bell(&ring);
    assert_eq!(producer.ask("send 500"), "500");
    assert_eq!(bells(&ring), NONE);

    // That of a reserved one, when a successor comes, when the slot is detached, or the ring removed.
    for end in ["successor", "detach", "remove"] {
        let ring = Ring::new(&["reader"]);
        let (mut producer, mut consumer) = ends(&ring);
        consumer.kill();
        bell(&ring);
        match end {
            "successor" => assert_eq!(ring.peer().ask("consume reader"), "done"),
            "detach" => ring.channel().detach("reader").unwrap(),
            _ => ring.channel().remove().unwrap(),
        }
        assert_eq!(bells(&ring), NONE, "{end}");
        producer.kill();
    }
}

#[test]
fn a_removed_ring_rings_its_doorbells() {
    let ring = Ring::new(&["reader"]);
    let (_producer, mut consumer) = ends(&ring);
    consumer.tell("bell-drain");
    consumer.watches();
    ring.channel().remove().unwrap();
    assert!(consumer.answer().unwrap().starts_with("Replaced: "));
}

#[test]
fn a_consumer_of_a_removed_ring_leaves_the_doorbell_of_the_new_one() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut consumer) = ends(&ring);
    ring.channel().remove().unwrap();
    producer.kill();
    let (mut producer, mut newer) = ends(&ring);
    assert_eq!(consumer.ask("drop"), "done");
    bell(&ring);
    newer.tell("bell-recv 1");
    assert_eq!(producer.ask("send 1"), "1");
    assert_eq!(newer.answer().unwrap(), "0..1");
}

#[test]
fn what_is_put_in_a_doorbells_place_harms_nobody() {
    for what in ["nothing", "file", "link to a file", "link to a device", "directory", "socket", "full"] {
        for has_rung in [false, true] {
            let ring = Ring::new(&["reader"]);
            let (mut producer, mut consumer) = ends(&ring);
            if has_rung {
                assert_eq!(producer.ask("send 1"), "1");
                assert_eq!(consumer.ask("bell-recv 1"), "0..1");
            }
            let (path, other) = (bell(&ring), ring.directory().join("other"));
            fs::write(&other, "as it was").unwrap();
            if what == "full" {
                fill(&path);
            } else {
                fs::remove_file(&path).unwrap();
            }
            match what {
                "file" => fs::write(&path, "").unwrap(),
                "link to a file" => symlink(&other, &path).unwrap(),
                "link to a device" => symlink("/dev/tty", &path).unwrap(),
                "directory" => fs::create_dir(&path).unwrap(),
                "socket" => drop(std::os::unix::net::UnixListener::bind(&path).unwrap()),
                _ => {}
            }
            consumer.tell("bell-recv 3");
            let next = u64::from(has_rung);
            for sequence in next..next + 3 {
                assert_eq!(producer.ask("send 1"), (sequence + 1).to_string(), "{what}");
            }
            assert_eq!(consumer.answer().unwrap(), format!("{next}..{}", next + 3), "{what}");
            assert_eq!(fs::read_to_string(&other).unwrap(), "as it was", "{what}");
            if what == "file" {
                assert_eq!(fs::read_to_string(&path).unwrap(), "");
            }
        }
    }
}

/// Fills a FIFO that somebody has open for reading.
fn fill(path: &std::path::Path) {
    use rustix::fs::{Mode, OFlags, open};
    let fifo = open(path, OFlags::RDWR | OFlags::NONBLOCK, Mode::empty()).unwrap();
    while rustix::io::write(&fifo, &[0; 4096]).is_ok() {}
}

#[test]
fn a_doorbell_whose_consumer_is_gone_is_no_signal_for_the_producer() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut consumer) = ends(&ring);
    assert_eq!(producer.ask("send 1"), "1");
    assert_eq!(consumer.ask("bell-recv 1"), "0..1");
    consumer.tell("bell-recv 1");
    consumer.watches();
    consumer.kill();
    // With the signal's default action, which a program in C has, unlike one in Rust.
    assert_eq!(producer.ask("heed-sigpipe"), "done");
    assert_eq!(producer.ask("send 3"), "4");
}

#[test]
fn a_forked_child_of_the_producer_does_not_hide_its_death() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut consumer) = ends(&ring);
    assert_eq!(producer.ask("send 1"), "1");
    assert_eq!(consumer.ask("bell-recv 1"), "0..1");
    assert_eq!(producer.ask("fork"), "forked");
    consumer.tell("bell-until-gone");
    consumer.watches();
    producer.kill_without_children();
    consumer.answer().unwrap().parse::<u64>().expect("it is told that the producer is gone");
    producer.end();
}

#[test]
fn an_isolated_ring_says_what_to_do_in_place_of_a_doorbell() {
    let ring = Isolated::new(&["reader"]);
    let mut consumer = ring.reader();
    assert_eq!(consumer.ask("consume reader"), "done");
    let answer = consumer.ask("bell");
    assert!(
        answer.starts_with("Channel: channel \"parcels\": an isolated ring has no place for doorbells"),
        "{answer}"
    );
}
