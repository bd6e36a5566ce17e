//! Producer and consumers killed 200 times at random moments while frames flow.

use ipc_tests::{Peer, Ring};

const KILLS: u64 = 200;

/// A role that is played by one process after another.
struct Role {
    /// What a process is told to do.
    orders: [&'static str; 2],
    peer: Peer,
    /// The sequence numbers that each of its processes reported.
    lives: Vec<Vec<u64>>,
}

impl Role {
    fn start(ring: &Ring, orders: [&'static str; 2]) -> Self {
        Self { orders, peer: Self::process(ring, orders), lives: vec![Vec::new()] }
    }

    fn process(ring: &Ring, orders: [&'static str; 2]) -> Peer {
        let mut peer = ring.peer();
        assert_eq!(peer.ask(orders[0]), "done");
        peer.tell(orders[1]);
        peer
    }

    /// Kills the process after it has reported so many frames more, and starts the next.
    fn kill_after(&mut self, ring: &Ring, reports: u64) {
        for _ in 0..reports {
            let line = self.peer.line().expect("only the test kills");
            self.note(&line);
        }
        // Not at the report: at any instruction after it.
        self.peer.kill().iter().for_each(|line| self.note(line));
        self.peer = Self::process(ring, self.orders);
        self.lives.push(Vec::new());
    }

    fn note(&mut self, line: &str) {
        let sequence = line.split_once(' ').and_then(|(_, number)| number.parse().ok());
        let life = self.lives.last_mut().unwrap();
        life.push(sequence.unwrap_or_else(|| panic!("{:?} answered {line}", self.orders)));
    }

    /// Reads all reports up to the answer.
    fn finish(&mut self) -> String {
        loop {
            let line = self.peer.line().expect("nobody kills it any more");
            match line.strip_prefix("= ") {
                Some(answer) => return answer.to_owned(),
                None => self.note(&line),
            }
        }
    }
}

#[test]
fn two_hundred_kills_at_random_lose_nothing_tear_nothing_and_hang_nobody() {
    let ring = Ring::new(&["a", "b", "survivor"]).capacity(8192);
    let mut producer = Role::start(&ring, ["produce", "send 1000000000"]);
    let mut consumers = [["consume a", "log"], ["consume b", "log"]].map(|orders| Role::start(&ring, orders));
    let mut dynamic = Role::start(&ring, ["join", "log"]);
    let mut survivor = Role::start(&ring, ["consume survivor", "drain"]);
    let mut observer = Role::start(&ring, ["observe", "observe-all"]);

    let mut random = 20_260_725_u64;
    for _ in 0..KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let reports = (random >> 33) % 200;
        match (random >> 50) % 16 {
            0..7 => producer.kill_after(&ring, reports),
            7..11 => consumers[0].kill_after(&ring, reports),
            11..15 => consumers[1].kill_after(&ring, reports),
            _ => dynamic.kill_after(&ring, reports),
        }
    }
    producer.peer.kill().iter().for_each(|line| producer.note(line));
    let mut last = ring.peer();
    assert_eq!(last.ask("continue"), "done");
    let frames: u64 = last.ask("send 100").parse().unwrap();
    let saw = observer.peer.line().unwrap();
    assert!(saw.starts_with("saw "), "now that the producer rests, if not before: {saw}");
    assert_eq!(last.ask("close"), "done");

    // Exactly once for who lives through it, every byte checked there.
    assert_eq!(survivor.finish(), format!("closed 0..{frames}"));
    assert!(observer.finish().starts_with("seen "));
    for consumer in &mut consumers {
        assert_eq!(consumer.finish(), "closed");
        // At least once over a crash: a successor begins with the frame that was reported last, or with the next.
        let mut next = 0;
        for life in consumer.lives.iter().filter(|life| !life.is_empty()) {
            assert!(life[0] == next || life[0] + 1 == next, "{} after {next}", life[0]);
            assert!(life.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a gap within a life");
            next = life[life.len() - 1] + 1;
        }
        assert_eq!(next, frames);
    }
    assert_eq!(dynamic.finish(), "closed");
    assert!(dynamic.lives.iter().any(|life| !life.is_empty()), "no dynamic consumer got a frame");
    for life in dynamic.lives {
        assert!(life.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a gap within a dynamic consumer's life");
    }
    // What a producer reported was committed: sequence numbers never repeat, and miss at most the one frame of a life
    // that was committed and not reported.
    let sent: Vec<u64> = producer.lives.concat();
    assert!(sent.windows(2).all(|pair| (1..=2).contains(&(pair[1] - pair[0]))), "sequence numbers repeat or jump");
}
