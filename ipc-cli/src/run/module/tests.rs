//! A module's life by a clock that stands until it is moved.

use ipc_schema::Topology;

use super::*;

/// A module, its time, and what it wanted done last.
struct Life {
    module: Module,
    now: Instant,
}

/// A module of these keys beside its command.
fn life(keys: &str) -> Life {
    let text =
        format!(r#"{{ "schemas": [], "channels": {{}}, "modules": {{ "m": {{ "command": ["m"], {keys} }} }} }}"#);
    let topology = Topology::from_text_in(&text, "test", std::path::Path::new("")).unwrap();
    let now = Instant::now();
    Life { module: Module::new(topology.modules[0].clone(), Duration::from_secs(5), now), now }
}

const SPEAKS: &str = r#""control": "stdio", "ready_within": "3 s", "quit_within": "2 s""#;

impl Life {
    /// What it wants done when this happens.
    fn when(&mut self, happens: impl FnOnce(&mut Module, Instant, &mut Vec<Act>)) -> Vec<Act> {
        let mut acts = Vec::new();
        happens(&mut self.module, self.now, &mut acts);
        acts
    }

    /// Lets time pass up to the next moment at which something is due; gives what is done then, and how long that was.
    fn wait(&mut self) -> (Duration, Vec<Act>) {
        let next = self.module.next_tick().expect("something is due");
        let passed = next.saturating_duration_since(self.now);
        self.now += passed;
        (passed, self.when(|module, now, acts| module.tick(now, acts)))
    }

    fn pass(&mut self, time: Duration) -> Vec<Act> {
        self.now += time;
        self.when(|module, now, acts| module.tick(now, acts))
    }

    fn run(&mut self) {
        assert_eq!(self.when(|module, now, acts| module.start(now, acts)), [Act::Start]);
        self.when(|module, now, acts| module.started(7, now, acts));
        self.say(Report::Ready);
        assert_eq!(self.module.state, State::Running);
    }

    fn say(&mut self, report: Report) -> Vec<Act> {
        self.when(|module, now, acts| module.said(report, now, acts))
    }

    fn end(&mut self, end: End) -> Vec<Act> {
        self.when(|module, now, acts| module.ended(&end, now, acts))
    }

    fn status(&mut self, id: u64, busy_ms: u64) -> Vec<Act> {
        self.say(Report::Status(Status { id, busy_ms, ..Default::default() }))
    }
}

fn seconds_of(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[test]
fn a_module_is_ready_when_it_says_so_and_a_silent_one_when_it_is_started() {
    let mut speaking = life(SPEAKS);
    speaking.when(|module, now, acts| module.start(now, acts));
    speaking.when(|module, now, acts| module.started(7, now, acts));
    assert!(!speaking.module.is_settled());
    speaking.say(Report::Ready);
    assert_eq!(speaking.module.state, State::Running);
    let mut silent = life(r#""comment": """#);
    silent.when(|module, now, acts| module.start(now, acts));
    let acts = silent.when(|module, now, acts| module.started(7, now, acts));
    assert_eq!(acts[1..], [Act::Tell(Event::Ready { module: "m".into() })]);
    assert_eq!(silent.module.next_tick(), None, "nobody asks it");
}

#[test]
fn one_that_is_not_ready_in_time_is_ended_by_force_and_has_failed() {
    let mut life = life(SPEAKS);
    life.when(|module, now, acts| module.start(now, acts));
    let (passed, acts) = life.wait();
    assert_eq!((passed, acts.last()), (seconds_of(3.0), Some(&Act::Kill)));
    assert_eq!(life.module.next_tick(), None, "once is enough");
    life.end(End::Signal(9));
    assert_eq!(life.module.state, State::Over { told: false });
    assert!(life.module.failure.as_ref().unwrap().starts_with("was not ready within 3.0 s"));
}

#[test]
fn a_module_that_is_to_quit_has_its_time_and_then_is_ended_by_force() {
    let mut life = life(SPEAKS);
    life.run();
    let acts = life.when(|module, now, acts| module.quit(Then::Over, now, acts));
    assert_eq!(acts, [Act::Send(Command::Quit)]);
    let (passed, acts) = life.wait();
    assert_eq!((passed, acts.last()), (seconds_of(2.0), Some(&Act::Kill)));
    life.end(End::Signal(9));
    assert_eq!(life.module.failure.as_deref(), Some("did not end within 2.0 s and was ended by force"));
    assert_eq!(life.module.state, State::Over { told: true });
}

#[test]
fn a_silent_module_ends_well_by_sigterm_and_one_that_speaks_by_its_own_exit() {
    let mut silent = life(r#""comment": """#);
    silent.when(|module, now, acts| module.start(now, acts));
    silent.when(|module, now, acts| module.started(7, now, acts));
    assert_eq!(silent.when(|module, now, acts| module.quit(Then::Over, now, acts)), [Act::Terminate]);
    silent.end(End::Signal(15));
    assert_eq!(silent.module.failure, None);
    let mut speaking = life(SPEAKS);
    speaking.run();
    speaking.when(|module, now, acts| module.quit(Then::Over, now, acts));
    speaking.end(End::Exit(3));
    assert_eq!(speaking.module.failure.as_deref(), Some("ended with exit status 3"));
}

#[test]
fn restarts_back_off_and_begin_anew_after_a_long_run() {
    let restart = r#""restart": { "when": "always", "first_delay": "100 ms", "longest_delay": "300 ms" }"#;
    let mut life = life(&format!("{SPEAKS}, {restart}"));
    life.run();
    let mut delays = Vec::new();
    for run in [0.0, 0.0, 0.3, 0.0, 0.4, 0.0] {
        life.pass(seconds_of(run));
        life.end(End::Exit(0));
        let (passed, acts) = life.wait();
        assert_eq!(acts, [Act::Start]);
        delays.push(passed.as_millis());
        life.say(Report::Ready);
    }
    assert_eq!(delays, [100, 200, 300, 300, 100, 200], "the fifth run was longer than the longest delay");
    assert_eq!(life.module.restarts, 6);
}

#[test]
fn each_policy_starts_again_after_its_ends_alone_and_so_often() {
    let restarts = |policy: &str, ends: &[End]| {
        let mut life = life(&format!(r#"{SPEAKS}, "restart": {policy}"#));
        life.run();
        for end in ends {
            life.end(end.clone());
            if !matches!(life.module.state, State::BackOff { .. }) {
                break;
            }
            life.wait();
            life.say(Report::Ready);
        }
        (life.module.restarts, life.module.is_over())
    };
    let (well, badly) = (End::Exit(0), End::Signal(11));
    assert_eq!(restarts(r#""never""#, std::slice::from_ref(&badly)), (0, true));
    assert_eq!(restarts(r#""on-failure""#, &[badly.clone(), End::Exit(1)]), (2, false));
    assert_eq!(restarts(r#""on-failure""#, &[badly.clone(), well.clone()]), (1, true));
    assert_eq!(restarts(r#""always""#, &[well.clone(), badly.clone()]), (2, false));
    assert_eq!(restarts(r#"{ "when": "always", "attempts": 2 }"#, &[well.clone(), well.clone(), well]), (2, true));
}

#[test]
fn a_module_that_ends_well_after_a_failure_has_ended_well() {
    let mut life = life(&format!(r#"{SPEAKS}, "restart": "on-failure""#));
    life.run();
    life.end(End::Exit(1));
    assert_eq!(life.module.failure.as_deref(), Some("ended with exit status 1"));
    life.wait();
    life.say(Report::Ready);
    life.end(End::Exit(0));
    assert_eq!((life.module.failure.clone(), life.module.state_text()), (None, "ended"));
}

#[test]
fn a_restart_by_hand_waits_for_no_delay_and_ends_no_row() {
    let mut life = life(&format!(r#"{SPEAKS}, "restart": "never""#));
    life.run();
    life.when(|module, now, acts| module.quit(Then::Start, now, acts));
    let acts = life.end(End::Exit(0));
    assert_eq!(acts.last(), Some(&Act::Start));
    // One that has ended for good is started too.
    life.say(Report::Ready);
    life.end(End::Exit(1));
    assert!(life.module.is_over());
    assert_eq!(life.when(|module, now, acts| module.quit(Then::Start, now, acts)), [Act::Start]);
    assert_eq!(life.module.restarts, 2);
}

#[test]
fn a_module_that_is_told_to_quit_while_it_is_to_be_restarted_ends() {
    let mut life = life(SPEAKS);
    life.run();
    life.when(|module, now, acts| module.quit(Then::Start, now, acts));
    life.when(|module, now, acts| module.quit(Then::Over, now, acts));
    life.end(End::Exit(0));
    assert_eq!(life.module.state, State::Over { told: true });
}

#[test]
fn stop_and_resume_hold_when_the_module_says_so() {
    let mut life = life(SPEAKS);
    assert_eq!(life.module.stop(&mut Vec::new()), Err("m is waiting".into()));
    life.run();
    let mut acts = Vec::new();
    life.module.stop(&mut acts).unwrap();
    assert_eq!((acts, life.module.state), (vec![Act::Send(Command::Stop)], State::Running));
    life.say(Report::Stopped);
    assert_eq!(life.module.state, State::Stopped);
    life.say(Report::Resumed);
    assert_eq!(life.module.state, State::Running);
}

#[test]
fn one_that_does_not_answer_hangs_until_it_does() {
    let mut life = life(SPEAKS);
    life.run();
    assert_eq!(life.wait().1, [Act::Send(Command::Ask { id: 1 })]);
    life.status(1, 0);
    assert_eq!(life.wait(), (seconds_of(1.0), vec![Act::Send(Command::Ask { id: 2 })]));
    let (passed, acts) = life.wait();
    let why = "it has not answered for 5.0 s".to_owned();
    assert_eq!((passed, acts), (seconds_of(5.0), vec![Act::Tell(Event::Hangs { module: "m".into(), why })]));
    assert_eq!((life.wait().1, life.module.state_text()), (vec![], "hangs"), "told once");
    assert_eq!(life.status(2, 0), [Act::Tell(Event::Recovered { module: "m".into() })]);
    assert_eq!(life.module.state_text(), "running");
}

#[test]
fn one_whose_main_loop_does_not_come_back_hangs_though_it_answers() {
    let mut life = life(SPEAKS);
    life.run();
    life.wait();
    assert_eq!(life.status(1, 4_999), []);
    life.wait();
    let why = "its main loop has not come back for 5.0 s".to_owned();
    assert_eq!(life.status(2, 5_000), [Act::Tell(Event::Hangs { module: "m".into(), why })]);
    life.wait();
    assert_eq!(life.status(3, 0), [Act::Tell(Event::Recovered { module: "m".into() })]);
}

#[test]
fn an_answer_to_an_earlier_question_is_none() {
    let mut life = life(SPEAKS);
    life.run();
    life.wait();
    life.status(7, 9_000);
    assert_eq!(life.module.status, None);
}
