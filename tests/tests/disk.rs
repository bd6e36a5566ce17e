//! Rings on a disk: what is read after all have gone, and what counts after another start-up of the machine, which these
//! tests make by changing the boot id that the ring has noted.

use ipc_tests::format::{RingFile, control};
use ipc_tests::{DEADLINE, Ring, check, parcel, send};

/// A ring in the file system of the target directory: on a disk, unless somebody builds in memory.
fn ring(reserved: &[&'static str]) -> Ring {
    Ring::on_disk(env!("CARGO_TARGET_TMPDIR"), reserved)
}

/// Makes the ring one from before the last start-up.
fn reboot(ring: &Ring) -> RingFile {
    let file = RingFile::open(ring.path());
    assert_ne!(file.get(control::BOOT), 0, "the boot id is noted");
    file.set(control::BOOT, 1);
    file.set(control::BOOT + 8, 1);
    file
}

#[test]
fn a_ring_on_disk_is_read_after_all_have_gone() {
    let ring = ring(&["later"]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 20"), "20");
    producer.kill();
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("consume later"), "done");
    assert_eq!(consumer.ask("recv 20"), "0..20");
}

#[test]
fn after_another_boot_only_what_was_synced_counts() {
    let ring = ring(&["a"]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 10"), "10");
    assert_eq!(producer.ask("sync"), "done");
    assert_eq!(producer.ask("send 10"), "20");
    producer.kill();
    reboot(&ring);

    let mut producer = ring.channel().open_producer().unwrap();
    assert_eq!(producer.next_sequence(), 10, "sequence numbers go on from the last synced frame");
    let consumer = ring.channel().consumer("a").unwrap();
    for sequence in 0..10 {
        let frame = consumer.recv_timeout(DEADLINE).unwrap();
        assert_eq!(frame.sequence(), sequence);
        check(&frame, ring.bytes());
    }
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()), "frame 10 was not synced");
    send(&mut producer, ring.bytes()).unwrap();
    check(&consumer.recv_timeout(DEADLINE).unwrap(), ring.bytes());
}

#[test]
fn a_producer_killed_while_it_syncs_has_noted_no_frame_that_is_not_on_disk() {
    for (stop, noted, frames) in [("BodySynced", false, 10), ("SyncedStored", true, 20)] {
        let ring = ring(&["a"]);
        let mut producer = ring.peer_that_dies_at(stop, 2);
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(producer.ask("send 10"), "10");
        assert_eq!(producer.ask("sync"), "done");
        let before = RingFile::open(ring.path()).get(control::SYNCED);
        assert_eq!(producer.ask("send 10"), "20");
        producer.tell("sync");
        producer.killed_itself();
        let file = reboot(&ring);
        assert_eq!(file.get(control::SYNCED), if noted { file.get(control::TAIL) } else { before }, "{stop}");

        let mut process = ring.peer();
        assert_eq!(process.ask("continue"), "done");
        assert_eq!(process.ask("send 1"), (frames + 1).to_string(), "{stop}");
        assert_eq!(process.ask("consume a"), "done");
        assert_eq!(process.ask(&format!("recv {}", frames + 1)), format!("0..{}", frames + 1), "{stop}");
    }
}

#[test]
fn a_sync_in_a_batch_takes_its_frames_so_far() {
    let ring = ring(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    producer.batch(|producer| {
        send(producer, ring.bytes()).unwrap();
        producer.sync().unwrap();
        check(&consumer.try_recv().unwrap(), ring.bytes());
    });
    let file = RingFile::open(ring.path());
    assert_eq!(file.get(control::SYNCED), file.get(control::slot(0)));
}

#[test]
fn a_synced_position_that_cannot_be_is_refused_after_another_boot() {
    let ring = ring(&[]);
    ring.channel().create().unwrap();
    for position in [u64::MAX, (1 << 62) + 16, 8] {
        reboot(&ring).set(control::SYNCED, position);
        let error = ring.channel().producer().map(drop).unwrap_err();
        assert!(error.to_string().contains(&format!("its synced position is {position}")), "{error}");
    }
}

#[test]
fn closing_syncs() {
    let ring = ring(&["a"]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 20"), "20");
    assert_eq!(producer.ask("close"), "done");
    drop(producer);
    reboot(&ring);
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("consume a"), "done");
    assert_eq!(consumer.ask("drain"), "closed 0..20");
}

#[test]
fn after_another_boot_a_consumer_that_was_ahead_of_the_synced_frames_goes_on_there() {
    let ring = ring(&["a"]);
    let mut process = ring.peer();
    assert_eq!(process.ask("produce"), "done");
    assert_eq!(process.ask("consume a"), "done");
    assert_eq!(process.ask("send 10"), "10");
    assert_eq!(process.ask("sync"), "done");
    assert_eq!(process.ask("send 10"), "20");
    assert_eq!(process.ask("recv 20"), "0..20");
    process.kill();
    reboot(&ring);
    let mut process = ring.peer();
    assert_eq!(process.ask("continue"), "done");
    assert_eq!(process.ask("consume a"), "done");
    assert_eq!(process.ask("send 5"), "15");
    assert_eq!(process.ask("recv 5"), "10..15");
}

#[test]
fn after_another_boot_every_end_of_a_ring_that_was_laps_ahead_begins_at_the_synced_frames() {
    let ring = ring(&[]).capacity(4096);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 10"), "10");
    assert_eq!(producer.ask("sync"), "done");
    assert_eq!(producer.ask("send 300"), "310");
    producer.kill();
    reboot(&ring);
    let consumer = ring.channel().dynamic_consumer().unwrap();
    let mut observer = ring.channel().observer().unwrap();
    assert!(observer.try_recv().is_err_and(|error| error.is_empty()));
    let mut producer = ring.channel().open_producer().unwrap();
    assert_eq!(send(&mut producer, ring.bytes()).unwrap(), 10);
    check(&consumer.recv_timeout(DEADLINE).unwrap(), ring.bytes());
    assert_eq!(observer.recv_timeout(DEADLINE).unwrap().sequence(), 10);
}

#[test]
fn another_boot_clears_wait_words_and_dynamic_slots() {
    let ring = ring(&["a"]);
    let mut producer = ring.peer();
    let mut consumer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(consumer.ask("join"), "done");
    assert_eq!(producer.ask("send 20"), "20");
    assert_eq!(consumer.ask("recv 20"), "0..20");
    consumer.tell("recv 1");
    consumer.sleeps();
    consumer.kill();
    producer.kill();
    let file = reboot(&ring);
    file.set(control::SPACE_WAIT, 1);
    assert_eq!(file.get_u32(control::DATA_WAIT), 1, "a sleeper was killed");
    assert_eq!(file.get_u32(control::slot(1) + 8), 1, "and its slot is active");

    ring.channel().create().unwrap();
    assert_eq!(file.get_u32(control::DATA_WAIT), 0);
    assert_eq!(file.get_u32(control::SPACE_WAIT), 0);
    assert_eq!(file.get_u32(control::slot(1) + 8), 0);
    // Nothing was synced, so the ring begins again, for a dynamic consumer in the same slot too.
    let mut producer = ring.channel().open_producer().unwrap();
    let consumer = ring.channel().dynamic_consumer().unwrap();
    producer.send(&parcel(0, ring.bytes())).unwrap();
    check(&consumer.recv_timeout(DEADLINE).unwrap(), ring.bytes());
}

#[test]
fn a_torn_record_before_the_synced_position_is_left_out_after_another_boot() {
    let ring = ring(&["a"]);
    let mut process = ring.peer();
    assert_eq!(process.ask("produce"), "done");
    assert_eq!(process.ask("send 10"), "10");
    assert_eq!(process.ask("sync"), "done");
    process.kill();
    let file = reboot(&ring);
    file.set_header(0, 7, 7, 7);
    let mut process = ring.peer();
    assert_eq!(process.ask("continue"), "done");
    assert_eq!(process.ask("consume a"), "done");
    assert_eq!(process.ask("send 1"), "11");
    assert_eq!(process.ask("recv 1"), "10..11");
}

#[test]
fn a_detached_slot_stays_detached_after_another_boot() {
    let ring = ring(&["a"]).capacity(4096);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    ring.channel().detach("a").unwrap();
    assert_eq!(producer.ask("close"), "done");
    reboot(&ring);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 300"), "300", "nobody holds it back");
}
