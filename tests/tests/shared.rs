//! Shared state, by real processes: no change is lost, no value is torn, and who dies with the lock leaves the last complete
//! value and a mark.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use ipc_core::raw::{Patience, RawClass, RawShared};
use ipc_core::{Class, Error, PlainClass, Shared};
use ipc_schema::Fingerprint;
use ipc_tests::agree::Random;
use ipc_tests::tally::{State, count, tally};
use ipc_tests::{DEADLINE, Parcel, Peer, Tally};

ipc_core::schema! {
    [{ "className": "Dial", "members": [
        { "name": "level", "type": "double", "min": 0, "max": 1 },
        { "name": "on", "type": "bool" } ] }]
}

/// The same class to its name and size.
mod swapped {
    ipc_core::schema! {
        [{ "className": "Dial", "members": [
            { "name": "on", "type": "bool" },
            { "name": "level", "type": "double", "min": 0, "max": 1 } ] }]
    }
}

/// Places in the file, written down a second time on purpose: a change of the layout that nobody meant fails here.
mod place {
    pub(super) const FILE_BYTES: u64 = 16;
    pub(super) const STATE_OFFSET: u64 = 40;
    pub(super) const BOOT_ID: u64 = 56;
    pub(super) const CHECKSUM: u64 = 88;
    pub(super) const PREAMBLE_BYTES: usize = 104;
    /// In the state region.
    pub(super) const LOCK: u64 = 0;
    pub(super) const TURN: u64 = 4;
    pub(super) const VERSION: u64 = 16;
    pub(super) const CLAIM: u64 = 24;
}

/// A process that has the state open.
fn peer(state: &State) -> Peer {
    opened(state.peer())
}

fn opened(mut peer: Peer) -> Peer {
    assert_eq!(peer.answer().as_deref(), Some("open"));
    peer
}

fn open<T: PlainClass>(path: &Path) -> Result<Shared<T>, Error> {
    Shared::open(path.to_str().unwrap())
}

#[test]
fn four_processes_that_add_a_million_times_each_lose_no_change() {
    const TIMES: u64 = 1_000_000;
    let state = State::new();
    let mut peers: Vec<_> = (0..4).map(|_| peer(&state)).collect();
    peers.iter_mut().for_each(|peer| peer.tell(&format!("add {TIMES}")));
    // Each may take longer than the deadline of one answer: what counts is that they get on.
    let mut shared = state.create();
    while count(shared.wait_changed_timeout(DEADLINE).expect("somebody adds")) < 4 * TIMES {}
    peers.iter_mut().for_each(|peer| assert_eq!(peer.answer().as_deref(), Some("done")));
    assert_eq!((count(shared.read().unwrap()), shared.version()), (4 * TIMES, 4 * TIMES));
}

#[test]
fn a_reader_beside_writers_that_never_rest_sees_whole_values_alone_each_of_its_version() {
    let state = State::new();
    let mut readers = [peer(&state), peer(&state)];
    readers.iter_mut().for_each(|reader| reader.tell("watch 100000"));
    let mut writers = [peer(&state), peer(&state)];
    writers.iter_mut().for_each(|writer| writer.tell("hammer"));
    for mut reader in readers {
        let answer = reader.answer().expect("no value was torn");
        let changes: u64 = answer.strip_prefix("saw ").unwrap().parse().unwrap();
        assert!(changes > 1, "it read while the value changed");
    }
    writers.iter_mut().for_each(|writer| drop(writer.kill()));
}

#[test]
fn a_holder_killed_200_times_leaves_the_last_complete_value_and_the_next_one_repairs() {
    let state = State::new();
    let mut shared = state.create();
    let mut watcher = peer(&state);
    watcher.tell("watch 1000000000");
    let mut random = Random::new(7);
    let mut marks = 0;
    for _ in 0..200 {
        let mut holder = peer(&state);
        holder.tell("hammer");
        let target = shared.version() + 1 + random.below(500) as u64;
        while shared.version() < target {
            shared.wait_changed_timeout(DEADLINE).expect("it adds");
        }
        holder.kill();
        let last = count(shared.read().unwrap());
        assert_eq!(last, shared.version());
        let mut value = shared.lock().unwrap();
        assert_eq!(count(&value), last, "the last complete value");
        marks += u64::from(value.unfinished().is_some());
        *value = tally(last + 1);
        value.publish().unwrap();
        assert!(shared.lock().unwrap().unfinished().is_none(), "what was repaired is no longer marked");
    }
    assert!(marks > 0, "some of 200 holders were killed with the lock");
    assert!(watcher.lives(), "no value was torn");
}

/// Where a holder dies that adds, how many changes are complete when it dies in its third, and what it leaves of it: the count
/// of an unfinished value.
const STEPS: [(&str, u64, Option<u64>); 5] = [
    ("LockTaken", 2, None),
    // The copy that it was to write still has the value before the last.
    ("CopyClaimed", 2, Some(1)),
    ("ValueChanged", 2, Some(3)),
    ("CopyFlipped", 3, None),
    ("LockGivenBack", 3, None),
];

#[test]
fn a_holder_killed_at_any_step_is_found_by_who_waits_and_leaves_what_it_had_done() {
    for (stop, complete, unfinished) in STEPS {
        let state = State::new();
        let mut reader = state.create();
        let mut holder = opened(state.peer_that_dies_at(stop, 3));
        holder.tell("add 10");
        holder.killed_itself();
        assert_eq!(count(reader.read().unwrap()), complete, "{stop}");
        let mut waiter = peer(&state);
        assert_eq!(waiter.ask("lock"), "done", "{stop}");
        let found = unfinished.map_or("none".to_owned(), |count| format!("({count}, {count})"));
        assert_eq!(waiter.ask("unfinished"), found, "{stop}");
        assert_eq!(waiter.ask("publish"), "done", "{stop}");
        assert_eq!(count(reader.read().unwrap()), complete, "{stop}");
    }
}

#[test]
fn there_is_a_test_for_each_step_at_which_a_holder_can_die() {
    let source = include_str!("../../ipc-core/src/ring/stop.rs");
    let named: BTreeSet<_> = source
        .split("/// Shared state: ")
        .skip(1)
        .filter_map(|rest| rest.lines().nth(1)?.trim().strip_suffix(','))
        .collect();
    assert_eq!(named, STEPS.map(|step| step.0).into());
}

#[test]
fn who_sleeps_for_the_lock_gets_it_when_its_holder_is_killed_and_learns_what_that_had_written() {
    let state = State::new();
    let (mut holder, mut waiter) = (peer(&state), peer(&state));
    for command in ["lock", "set 7", "publish", "lock", "set-half 8"] {
        assert_eq!(holder.ask(command), "done");
    }
    waiter.tell("lock");
    waiter.sleeps();
    assert_eq!(count(state.create().read().unwrap()), 7, "who reads does not wait");
    holder.kill();
    assert_eq!(waiter.answer().as_deref(), Some("done"));
    assert_eq!(waiter.ask("unfinished"), "(7, 8)");
    assert_eq!(waiter.ask("discard"), "done");
    assert_eq!(waiter.ask("try-lock"), "done");
    assert_eq!(waiter.ask("unfinished"), "(7, 8)", "the mark stays until somebody publishes");
    assert_eq!(waiter.ask("publish"), "done");
    assert_eq!(waiter.ask("lock"), "done");
    assert_eq!(waiter.ask("unfinished"), "none");
}

#[test]
fn a_newcomer_in_a_dead_holders_place_is_not_taken_for_it() {
    let state = State::new();
    let mut other = state.create();
    let mut holder = peer(&state);
    assert_eq!(holder.ask("lock"), "done");
    assert_eq!(holder.ask("set 3"), "done");
    holder.kill();
    // Lives as long as this test, under the dead one's number.
    let newcomer = state.create();
    let mut value = other.try_lock().expect("nobody who lives has it");
    assert_eq!(value.unfinished().map(count), Some(3));
    *value = tally(4);
    value.publish().unwrap();
    drop(newcomer);
    assert_eq!(count(other.read().unwrap()), 4);
}

#[test]
fn a_lock_that_is_not_free_in_time_says_who_has_it() {
    let state = State::new();
    let mut shared = state.create();
    let mut holder = peer(&state);
    assert_eq!(holder.ask("lock"), "done");
    let text = format!("the shared state {} of class Tally is locked by process {}", state.name(), holder.id());
    let error = shared.try_lock().unwrap_err();
    assert!(error.is_locked() && !error.is_timed_out());
    assert_eq!(error.to_string(), text);
    let error = shared.lock_timeout(Duration::from_millis(20)).unwrap_err();
    assert!(error.is_locked() && error.is_timed_out());
    assert_eq!(error.to_string(), format!("{text}, and was so for 20ms"));
    assert_eq!(holder.ask("publish"), "done");
    drop(shared.try_lock().unwrap());
}

#[test]
fn the_lock_goes_around_among_those_who_never_rest() {
    let state = State::new();
    let mut greedy = [peer(&state), peer(&state)];
    greedy.iter_mut().for_each(|peer| peer.tell("hammer"));
    let mut shared = state.create();
    // Without turns, who gives the lock back and takes it at once could keep it for ever; each wait here has a deadline.
    for _ in 0..500 {
        let mut value = shared.lock_timeout(DEADLINE).expect("its turn comes");
        let next = count(&value) + 1;
        *value = tally(next);
        value.publish().unwrap();
    }
    greedy.iter_mut().for_each(|peer| drop(peer.kill()));
}

#[test]
fn who_waits_for_a_change_sleeps_until_it_comes_and_gets_the_newest_value() {
    let state = State::new();
    let mut shared = state.create();
    let mut sleepers = [peer(&state), peer(&state)];
    for sleeper in &mut sleepers {
        assert_eq!(sleeper.ask("wait"), "0", "the first time there is no value that it has seen");
        assert!(sleeper.ask("wait-within 20").ends_with("of class Tally: no change within 20ms"));
        sleeper.tell("wait");
    }
    for sleeper in &mut sleepers {
        sleeper.sleeps();
    }
    // What is given up is no change.
    drop(shared.lock().unwrap());
    for sleeper in &mut sleepers {
        sleeper.sleeps();
    }
    let mut value = shared.lock().unwrap();
    *value = tally(5);
    value.publish().unwrap();
    for sleeper in &mut sleepers {
        assert_eq!(sleeper.answer().as_deref(), Some("5"));
    }
    let error = shared.wait_changed_timeout(Duration::ZERO).unwrap_err();
    assert!(error.is_timed_out(), "one's own change is none to wait for");
}

#[test]
fn no_change_is_missed_by_who_waits_for_each() {
    let state = State::new();
    let mut shared = state.create();
    let mut writer = peer(&state);
    shared.read().unwrap();
    for expected in 1..=2000 {
        // The writer waits for nobody, and this handle for each change: a lost wake shows as one that does not come in time.
        writer.tell("add 1");
        assert_eq!(count(shared.wait_changed_timeout(DEADLINE).unwrap()), expected);
        assert_eq!(writer.answer().as_deref(), Some("done"));
    }
}

#[test]
fn what_is_not_published_is_forgotten_and_so_is_what_a_panic_left() {
    let state = State::new();
    let mut shared = state.create();
    *shared.lock().unwrap() = tally(1);
    assert_eq!(count(shared.read().unwrap()), 0);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut value = shared.lock().unwrap();
        value.count = 2;
        panic!("in the middle of a change");
    }));
    assert!(panicked.is_err());
    let value = shared.try_lock().expect("the lock was given back");
    assert_eq!((count(&value), value.unfinished().is_none()), (0, true));
    drop(value);
    assert_eq!(shared.version(), 0);
}

#[test]
fn a_value_outside_its_bounds_is_refused_and_not_published() {
    let state = State::new();
    let mut dial = Shared::create(state.name(), &Dial { level: 0.5, ..Dial::default() }).unwrap();
    let mut value = dial.lock().unwrap();
    value.level = 2.0;
    let error = value.publish().unwrap_err();
    assert!(matches!(error, Error::Frame(_)), "{error}");
    assert!(error.to_string().contains("member level"), "{error}");
    assert_eq!(dial.read().unwrap().level, 0.5);
    drop(dial.try_lock().expect("the lock was given back"));
    assert!(Shared::create(state.name(), &Dial { level: -1.0, ..Dial::default() }).is_err());
}

#[test]
fn shared_state_of_another_class_is_refused_with_the_members_that_differ() {
    let state = State::new();
    let _dial = Shared::create(state.name(), &Dial::default()).unwrap();
    let error = open::<swapped::Dial>(state.path()).unwrap_err();
    assert!(error.is_mismatch());
    let text = error.to_string();
    let begins =
        format!("the shared state {} is for another class than this program's:\n  expected Dial (", state.name());
    assert!(text.starts_with(&begins), "{text}");
    let members: Vec<_> = text.lines().filter(|line| line.contains("level") || line.contains("on ")).collect();
    assert!(!members.is_empty(), "{text}");
    assert!(text.ends_with("or remove the shared state if it is from an older one"), "{text}");
}

#[test]
fn a_class_is_read_from_the_state_and_one_of_no_constant_size_is_refused() {
    let state = State::new();
    let _tally = state.create();
    assert_eq!(RawShared::class(state.name()).unwrap(), RawClass::of(Tally::DESC));
    let error = RawShared::open(state.name(), &RawClass::of(Parcel::DESC)).unwrap_err();
    assert!(error.to_string().contains("class Parcel is variable: expected one of constant size"), "{error}");
}

#[test]
fn a_handle_that_has_the_lock_does_not_take_it_twice_and_publishes_it_once() {
    let state = State::new();
    let first = tally(0).to_bytes().unwrap();
    let mut raw = RawShared::create(state.name(), &RawClass::of(Tally::DESC), &first).unwrap();
    let text = raw.publish().unwrap_err().to_string();
    assert!(text.ends_with("this handle has not locked it: lock, change the value, then publish once"), "{text}");
    raw.lock(Patience::Endless).unwrap();
    for error in [raw.lock(Patience::Endless).unwrap_err(), raw.wait_changed(Patience::Endless).unwrap_err()] {
        assert!(error.is_locked());
        assert!(error.to_string().ends_with("this one; whoever has the lock publishes or discards first"), "{error}");
    }
    raw.publish().unwrap();
    assert!(raw.value().is_none() && raw.publish().is_err());
    raw.lock(Patience::Endless).unwrap();
    drop(raw);
    drop(state.create().try_lock().expect("a handle that goes gives the lock back"));
}

#[test]
fn a_guard_that_was_forgotten_locks_nobody_out_for_ever() {
    let state = State::new();
    let mut shared = state.create();
    std::mem::forget(shared.lock().unwrap());
    drop(shared);
    drop(state.create().try_lock().expect("its handle is gone"));
}

#[test]
fn removing_tells_all_who_have_it_open_and_frees_its_name() {
    let state = State::new();
    let (mut sleeper, mut waiter, mut holder) = (peer(&state), peer(&state), peer(&state));
    assert_eq!(holder.ask("lock"), "done");
    assert_eq!(sleeper.ask("wait"), "0");
    sleeper.tell("wait");
    waiter.tell("lock");
    for peer in [&sleeper, &waiter] {
        peer.sleeps();
    }
    Shared::<Dial>::remove(state.name()).unwrap();
    let removed = format!(
        "the shared state {} of class Tally was removed: open its name again to get the one that now has it",
        state.name()
    );
    assert_eq!(sleeper.answer(), Some(removed.clone()));
    assert_eq!(waiter.answer(), Some(removed.clone()));
    assert_eq!(holder.ask("publish"), removed);
    assert_eq!(holder.ask("read"), removed);
    let error = state.open().unwrap_err();
    assert!(error.is_not_there());
    assert!(error.to_string().ends_with("start a program that makes it, or check the name and IPC_DIR"), "{error}");
    let _new = Shared::create(state.name(), &Dial::default()).unwrap();
}

#[test]
fn a_forked_childs_handle_is_poisoned_and_its_parents_lock_is_the_parents() {
    let state = State::new();
    let mut parent = peer(&state);
    parent.tell("fork");
    let mut printed = Vec::new();
    while !(printed.iter().any(|line| line == "child lives") && printed.iter().any(|line| line == "= forked")) {
        printed.push(parent.line().expect("it lives"));
    }
    let poisoned: Vec<_> = printed.iter().filter(|line| line.starts_with("child: ")).collect();
    assert_eq!(poisoned.len(), 2, "{printed:?}");
    assert!(poisoned.iter().all(|line| line.contains("belongs to the process that forked")), "{printed:?}");
    let mut shared = state.create();
    assert!(shared.try_lock().unwrap_err().is_locked(), "the child gave nothing back");
    // The child lives on, and keeps no lock of its parent's alive.
    parent.kill_without_children();
    drop(shared.lock_timeout(DEADLINE).expect("its holder is dead"));
}

#[test]
fn many_who_create_at_once_agree_on_one_state() {
    let state = State::new();
    let mut peers: Vec<_> = (0..8).map(|_| state.peer()).collect();
    for peer in &mut peers {
        assert_eq!(peer.answer().as_deref(), Some("open"));
        peer.tell("add 100");
    }
    peers.iter_mut().for_each(|peer| assert_eq!(peer.answer().as_deref(), Some("done")));
    assert_eq!(count(state.create().read().unwrap()), 800);
}

#[test]
fn it_is_its_users_alone_and_its_name_leads_beside_the_rings() {
    let state = State::new();
    let _shared = state.create();
    assert_eq!(std::fs::metadata(state.path()).unwrap().permissions().mode() & 0o7777, 0o600);
    for name in ["", "a b", ".hidden"] {
        let error = Shared::create(name, &Dial::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("shared state {name:?}: {name:?} cannot name shared state")), "{error}");
    }
    // The same name as a ring's is another file.
    let directory = state.path().parent().unwrap().join("dir");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_holder"));
    command.arg("tally").env("IPC_DIR", &directory).stdin(std::process::Stdio::null());
    assert!(command.output().unwrap().status.success());
    assert!(directory.join("tally.shared").is_file());
}

#[test]
fn who_cannot_use_membarrier_makes_symmetric_state_and_is_refused_asymmetric_one() {
    let state = State::new();
    let mut old = opened(state.peer_without_membarrier());
    let mut shared = state.create();
    assert_eq!(old.ask("wait"), "0");
    for round in 1..100 {
        old.tell("wait");
        if round % 10 == 0 {
            old.sleeps();
        }
        let mut value = shared.lock().unwrap();
        *value = tally(round);
        value.publish().unwrap();
        assert_eq!(old.answer(), Some(round.to_string()));
    }
    let state = State::new();
    let _asymmetric = state.create();
    let refused = state.peer_without_membarrier().answer().expect("it says why");
    let begins = format!("{}: cannot use asymmetric fences (membarrier): remove it", state.name());
    assert!(refused.starts_with(&begins), "{refused}");
}

#[test]
fn state_from_before_the_last_start_up_is_made_anew() {
    let state = State::new();
    let mut shared = state.create();
    let mut value = shared.lock().unwrap();
    *value = tally(9);
    value.publish().unwrap();
    let file = File::options().read(true).write(true).open(state.path()).unwrap();
    let mut preamble = [0; place::PREAMBLE_BYTES];
    file.read_exact_at(&mut preamble, 0).unwrap();
    preamble[place::BOOT_ID as usize] ^= 1;
    preamble[place::CHECKSUM as usize..].fill(0);
    let checksum = Fingerprint::of_bytes(&preamble).0;
    preamble[place::CHECKSUM as usize..].copy_from_slice(&checksum);
    file.write_all_at(&preamble, 0).unwrap();
    assert_eq!(count(state.create().read().unwrap()), 0);
    assert!(matches!(shared.read(), Err(Error::Replaced(_))));
}

#[test]
fn a_file_that_is_no_whole_shared_state_is_refused() {
    let state = State::new();
    let _shared = state.create();
    let bytes = std::fs::read(state.path()).unwrap();
    let refused = |bytes: &[u8], says: &str| {
        std::fs::write(state.path(), bytes).unwrap();
        let error = state.open().unwrap_err();
        assert!(matches!(error, Error::NotARing { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("is no usable shared state") && text.contains(says), "{text}");
    };
    refused(&bytes[..50], "the file ends in its first 104 bytes");
    refused(&bytes[..bytes.len() - 1], "and its preamble says");
    refused(b"", "the file ends");
    let mut damaged = bytes.clone();
    damaged[place::FILE_BYTES as usize] ^= 1;
    refused(&damaged, "its preamble was overwritten");
    let mut damaged = bytes.clone();
    damaged[64 << 10 | 30] ^= 1;
    refused(&damaged, "its schema");
    refused(&vec![b'x'; bytes.len()], "it does not begin as shared state does");
}

#[test]
fn nothing_in_the_lock_line_is_believed_unchecked() {
    let state = State::new();
    let mut shared = state.create();
    let file = File::options().read(true).write(true).open(state.path()).unwrap();
    let mut offset = [0; 8];
    file.read_exact_at(&mut offset, place::STATE_OFFSET).unwrap();
    let line = u64::from_le_bytes(offset);
    let mut random = Random::new(3);
    for _ in 0..2000 {
        for (at, bytes) in [(place::LOCK, 4), (place::TURN, 4), (place::VERSION, 8), (place::CLAIM, 8)] {
            if random.below(2) == 0 {
                let few = random.below(5) as u64;
                let value = [few, u64::MAX - few, random.bits(), 1 << (random.below(64))][random.below(4)];
                file.write_all_at(&value.to_le_bytes()[..bytes], line + at).unwrap();
            }
        }
        // No holder lives, whatever the line says, so nothing here waits.
        for error in [shared.read().err(), shared.lock().map(drop).err()].into_iter().flatten() {
            assert!(matches!(error, Error::Damaged { .. }), "{error}");
            let (claimed, last) = ("is claimed: expected the same or the next one", "which has no next one");
            assert!([claimed, last].iter().any(|what| error.to_string().contains(what)), "{error}");
        }
    }
    for (at, value) in [(place::LOCK, 0), (place::VERSION, 4), (place::CLAIM, 4)] {
        file.write_all_at(&[value, 0, 0, 0], line + at).unwrap();
        file.write_all_at(&[0; 4], line + at + 4).unwrap();
    }
    shared.lock().unwrap().publish().expect("it is whole again");
}
