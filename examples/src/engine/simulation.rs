//! [`simulate`]: a ball falls, bounces, and is dropped again.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{Ball, Level, Log};

/// How far each step goes.
const STEP: Duration = Duration::from_millis(10);

/// How many steps there are from one line of the log to the next.
const STEPS_A_LINE: u32 = 25;

/// A bounce below this fraction of the height is the last.
const LOWEST_BOUNCE: f64 = 0.01;

/// A ball in the air.
#[derive(Debug)]
struct World {
    ball: Ball,
    /// Of the ball, in m.
    height: f64,
    /// Upwards, in m/s.
    speed: f64,
}

/// Simulates balls in their own time, until nobody can send another.
pub fn simulate(ball: Ball, balls: &Receiver<Ball>, log: &Log) {
    let mut world = World::new(ball);
    let mut due = Instant::now();
    for step in 0_u32.. {
        if step.is_multiple_of(STEPS_A_LINE) {
            log.say(Level::INFO, format!("height {:.2} m, speed {:.2} m/s", world.height, world.speed));
        }
        due += STEP;
        match balls.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(ball) => world = World::new(ball),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        world.step(STEP.as_secs_f64());
    }
}

impl World {
    fn new(ball: Ball) -> Self {
        Self { height: ball.height, speed: 0.0, ball }
    }

    fn step(&mut self, seconds: f64) {
        self.speed -= self.ball.gravity * seconds;
        self.height += self.speed * seconds;
        if self.height > 0.0 {
            return;
        }
        (self.height, self.speed) = (0.0, -self.speed * self.ball.bounce);
        let highest = self.speed * self.speed / (2.0 * self.ball.gravity);
        if highest < LOWEST_BOUNCE * self.ball.height {
            *self = Self::new(self.ball);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ball_falls_bounces_as_high_as_its_class_says_and_is_dropped_again() {
        let mut world = World::new(Ball { height: 2.0, gravity: 10.0, bounce: 0.5 });
        let mut tops = Vec::new();
        while tops.len() < 6 {
            let rose = world.speed > 0.0;
            world.step(0.0001);
            if rose && world.speed <= 0.0 {
                tops.push(world.height);
            }
        }
        // A quarter each time, and from two metres again when it would be under two centimetres.
        for (top, expected) in tops.iter().zip([0.5, 0.125, 0.03125, 0.5, 0.125, 0.03125]) {
            assert!((top - expected).abs() < 0.01, "{tops:?}");
        }
    }
}
