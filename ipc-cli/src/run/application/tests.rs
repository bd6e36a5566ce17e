//! The life of `tests/run/chain.json` by a clock that stands: source ─► filter ─► sink, other.

use ipc_core::control::{Command, Report};

use super::super::link::End;
use super::*;

struct Lives {
    application: Application,
    now: Instant,
    /// What was done, as `start sink`; tidings by their names.
    done: Vec<String>,
}

const SOURCE: usize = 0;
const FILTER: usize = 1;
const SINK: usize = 2;
const OTHER: usize = 3;

impl Lives {
    fn begin() -> Self {
        let topology = Topology::from_file("tests/run/chain.json").unwrap();
        let now = Instant::now();
        let application = Application::new(&topology, Duration::from_secs(5), now);
        let mut lives = Self { application, now, done: Vec::new() };
        let acts = lives.application.begin(now);
        lives.note(acts);
        lives
    }

    /// With all modules ready.
    fn running() -> Self {
        let mut lives = Self::begin();
        [SINK, OTHER, FILTER, SOURCE].into_iter().for_each(|module| lives.ready(module));
        assert_eq!(lives.application.phase, Phase::Running);
        lives.done.clear();
        lives
    }

    fn note(&mut self, acts: Acts) {
        for (module, act) in acts {
            let name = self.application.modules[module].name();
            match act {
                Act::Start => self.done.push(format!("start {name}")),
                Act::Send(Command::Quit) => self.done.push(format!("quit {name}")),
                Act::Look => self.done.push(format!("look {name}")),
                Act::Kill => self.done.push(format!("kill {name}")),
                Act::Tell(Event::Ending { why }) => self.done.push(format!("ending: {why}")),
                Act::Send(_) | Act::Terminate | Act::Tell(_) => {}
            }
        }
    }

    fn ready(&mut self, module: usize) {
        let now = self.now;
        let acts = self.application.with(module, now, |module, acts| module.said(Report::Ready, now, acts));
        self.note(acts);
    }

    fn end(&mut self, module: usize, end: End) {
        let now = self.now;
        let acts = self.application.with(module, now, |module, acts| module.ended(&end, now, acts));
        self.note(acts);
    }

    fn drained(&mut self, module: usize) {
        let now = self.now;
        let acts = self.application.with(module, now, |module, acts| module.drained(now, acts));
        self.note(acts);
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        let acts = self.application.tick(self.now);
        self.note(acts);
    }

    fn quit(&mut self) {
        let acts = self.application.quit("it was told to quit", self.now);
        self.note(acts);
    }

    /// What was done since this was asked last.
    fn done(&mut self) -> Vec<String> {
        std::mem::take(&mut self.done)
    }
}

#[test]
fn modules_start_against_the_flow_each_layer_when_the_one_before_is_ready() {
    let mut lives = Lives::begin();
    assert_eq!(lives.done(), ["start sink", "start other"]);
    lives.ready(SINK);
    assert_eq!(lives.done(), [""; 0]);
    lives.ready(OTHER);
    assert_eq!(lives.done(), ["start filter"]);
    lives.ready(FILTER);
    assert_eq!(lives.done(), ["start source"]);
    lives.ready(SOURCE);
    assert_eq!(lives.application.phase, Phase::Running);
}

#[test]
fn one_that_ends_for_good_before_it_is_ready_holds_up_nobody() {
    let mut lives = Lives::begin();
    lives.done();
    lives.ready(OTHER);
    lives.end(SINK, End::NotStarted("there is no program".into()));
    assert_eq!(lives.done(), ["start filter"]);
}

#[test]
fn modules_end_with_the_flow_each_layer_when_the_one_before_has_ended() {
    let mut lives = Lives::running();
    lives.quit();
    assert_eq!(lives.done(), ["ending: it was told to quit", "quit source"]);
    lives.end(SOURCE, End::Exit(0));
    assert_eq!(lives.done(), ["look filter"], "what is left for it comes first");
    lives.pass(Duration::from_millis(20));
    assert_eq!(lives.done(), ["look filter"]);
    lives.drained(FILTER);
    assert_eq!(lives.done(), ["quit filter"]);
    lives.end(FILTER, End::Exit(0));
    assert_eq!(lives.done(), ["look sink", "look other"]);
    lives.end(OTHER, End::Exit(0));
    lives.pass(Duration::from_secs(2));
    assert_eq!(lives.done(), ["quit sink"], "its time to take what is left is over");
    lives.pass(Duration::from_secs(2));
    assert_eq!(lives.done(), ["kill sink"], "and its time to end");
    lives.end(SINK, End::Signal(9));
    assert_eq!(lives.application.phase, Phase::Over);
    assert_eq!(lives.application.failures(), ["sink did not end within 2.0 s and was ended by force"]);
}

#[test]
fn an_application_that_is_starting_ends_without_starting_the_rest() {
    let mut lives = Lives::begin();
    lives.ready(OTHER);
    lives.done();
    lives.quit();
    assert_eq!(lives.done(), ["ending: it was told to quit", "quit sink", "look other"]);
    lives.end(SINK, End::Signal(15));
    lives.end(OTHER, End::Exit(0));
    assert_eq!((lives.application.phase, lives.application.failures()), (Phase::Over, vec![]));
}

#[test]
fn an_end_means_for_the_rest_what_the_topology_says() {
    let mut lives = Lives::running();
    lives.end(SINK, End::Exit(1));
    assert_eq!(lives.done(), [""; 0], "the rest goes on");
    lives.end(FILTER, End::Exit(0));
    assert_eq!(lives.done(), [""; 0], "it did not fail");
    lives.end(SOURCE, End::Exit(0));
    assert_eq!(lives.done(), ["ending: source has ended", "look other"]);

    let mut lives = Lives::running();
    lives.end(FILTER, End::Signal(11));
    assert_eq!(lives.done(), ["ending: filter was ended by SIGSEGV", "quit source"]);
}

#[test]
fn an_end_by_hand_means_nothing_for_the_rest() {
    let mut lives = Lives::running();
    let now = lives.now;
    let acts = lives.application.with(SOURCE, now, |module, acts| module.quit(Then::Over, now, acts));
    lives.note(acts);
    lives.end(SOURCE, End::Exit(0));
    assert_eq!((lives.done(), lives.application.phase), (vec!["quit source".into()], Phase::Running));
}

#[test]
fn an_application_of_which_all_modules_have_ended_is_over() {
    let mut lives = Lives::running();
    [SINK, OTHER, FILTER].into_iter().for_each(|module| lives.end(module, End::Exit(0)));
    assert_eq!(lives.application.phase, Phase::Running);
    let now = lives.now;
    let acts = lives.application.with(SOURCE, now, |module, acts| module.quit(Then::Over, now, acts));
    lives.note(acts);
    lives.end(SOURCE, End::Exit(0));
    assert_eq!(lives.application.phase, Phase::Over);
}

#[test]
fn who_waits_for_a_restart_is_not_started_again_when_all_end() {
    let mut lives = Lives::running();
    lives.end(OTHER, End::Signal(9));
    lives.quit();
    lives.done();
    lives.pass(Duration::from_secs(60));
    assert!(!lives.done().contains(&"start other".to_owned()));
    assert_eq!(lives.application.failures(), ["other was ended by SIGKILL"]);
}

#[test]
fn by_force_all_end_at_once() {
    let mut lives = Lives::running();
    lives.quit();
    lives.done();
    let acts = lives.application.kill("had not ended at a second Ctrl-C", lives.now);
    lives.note(acts);
    assert_eq!(lives.done(), ["kill source", "kill filter", "kill sink", "kill other"]);
    [SOURCE, FILTER, SINK, OTHER].into_iter().for_each(|module| lives.end(module, End::Signal(9)));
    assert_eq!((lives.application.phase, lives.application.failures().len()), (Phase::Over, 4));
}
